"""Logs: one line for each event, with request, socket, member and company, and never what was written."""
