"""Keeps the audit log tamper-evident, and puts it into words."""
