"""Finding messages by words: what the words are, how they come into the index, and who finds what."""
