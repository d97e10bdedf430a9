"""What pages and their parts need to show, as the member who looks may see it. Nothing here changes anything."""
