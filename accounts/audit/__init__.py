"""What keeps the audit log true, and what puts it into words."""
