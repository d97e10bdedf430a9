"""The contexts of pages and their parts, as the viewer may see them. Nothing here changes data."""
