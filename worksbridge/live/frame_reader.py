"""The usual frame of a page, read without the general reader of WebSocket frames.

Autobahn reads frames of every kind in pieces of any size. For a short text that arrives whole, as nearly all do, its
bookkeeping costs more than all that is done with the frame in the loop. Whatever is anything else goes to Autobahn as
it came.
"""

from worksbridge.live.daphne import Connection

# RFC 6455, 5.2: a whole text message in one frame; the mark of a masked payload; a length of two bytes follows.
_TEXT, _MASKED, _MIDDLE = 0x81, 0x80, 126
# Frames of one page that may wait for the one before them; a page that is not made to harm never has so many. Whoever
# sends more is not read any further: it waits on their own side, not in this process's memory.
WAITING = 200


class FrameReader:
    """What comes over a connection: the short way where it can."""

    __slots__ = ("_connection", "_general", "_paused")

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._paused = False
        self._general = connection.take_over_reading(self._received)

    def go_on(self) -> None:
        """A frame has been carried out: read on, if few of them wait."""
        if self._paused and self._connection.queued <= WAITING // 2:
            self._paused = False
            self._connection.resume_reading()

    def _received(self, data: bytes) -> None:
        self._take(data)
        if not self._paused and self._connection.queued > WAITING:
            self._paused = True
            self._connection.pause_reading()

    def _take(self, data: bytes) -> None:
        start = 0
        while self._connection.is_between_messages and (found := _whole_text(data, start)) is not None:
            payload, start = found
            self._connection.deliver(payload)
            if start == len(data):
                return
        self._general(data[start:] if start else data)


def _whole_text(data: bytes, start: int) -> tuple[bytes, int] | None:
    """The payload of the short text message that begins at `start`, and where it ends; None for anything else."""
    if len(data) < start + 6 or data[start] != _TEXT or not data[start + 1] & _MASKED:
        return None
    size, mask = data[start + 1] & ~_MASKED, start + 2
    if size == _MIDDLE:
        size, mask = int.from_bytes(data[start + 2 : start + 4], "big"), start + 4
        if size < _MIDDLE:
            return None
    elif size > _MIDDLE:
        return None
    first, end = mask + 4, mask + 4 + size
    if len(data) < end:
        return None
    payload = _unmasked(data[first:end], data[mask:first])
    try:
        payload.decode()
    except UnicodeDecodeError:
        return None
    return payload, end


def _unmasked(payload: bytes, mask: bytes) -> bytes:
    """RFC 6455, 5.3: each byte with the byte of the mask whose turn it is; done as one long number."""
    size = len(payload)
    key = (mask * (size // 4 + 1))[:size]
    return (int.from_bytes(payload, "little") ^ int.from_bytes(key, "little")).to_bytes(size, "little")
