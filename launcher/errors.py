"""What stops the launcher, in words for the person at the terminal."""


class LocalError(Exception):
    """Something the launcher needs cannot be had; the text says what and what to do."""


class Busy(LocalError):
    """Another process is using this folder."""
