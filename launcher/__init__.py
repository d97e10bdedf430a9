"""Starts what one machine needs: Postgres, Valkey, the web server and a test browser. Knows nothing of Django."""
