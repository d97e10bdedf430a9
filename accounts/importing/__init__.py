"""Members from a CSV file: reading it, and checking each row before anything is written."""
