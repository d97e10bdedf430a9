"""Message search: words, the index, and who may find what."""
