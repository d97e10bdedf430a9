"""What stops the launcher, in words for the person at the terminal."""


class LocalError(Exception):
    """Something the launcher needs cannot be had; the text says what and what to do."""


class Busy(LocalError):  # noqa: N818 (a state, and no mistake)
    """Another process is using this folder."""
