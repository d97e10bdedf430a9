"""What only the server's own connection object can tell or do, with a plain fallback for other servers.

Daphne hands the application a `send` bound to its protocol object; Twisted keeps what the other side has not
read yet in the transport's buffer, without limit. Measuring it is the only way to cut a page that does not read.
"""

from typing import Any

# More than a page that reads ever has waiting: some hundred messages.
WAITING_LIMIT = 1024 * 1024
# The longest frame a page may send: 10,000 characters, each escaped as two \uXXXX, and the wrapping.
FRAME_LIMIT = 128 * 1024
# Close codes from here on are for applications.
OWN_CODES = 3000


class Transport:
    """The connection under one socket."""

    def __init__(self, send: Any) -> None:
        protocol = next(iter(getattr(send, "args", ())), None)
        self._protocol = protocol if hasattr(protocol, "sendMessage") else None
        if self._protocol is not None:
            # Beyond this the server ends the connection by itself (code 1009) before keeping the frame in memory.
            self._protocol.maxMessagePayloadSize = FRAME_LIMIT * 8
            self._protocol.maxFramePayloadSize = FRAME_LIMIT * 8

    def waiting(self) -> int:
        """How many bytes the other side has not taken yet; 0 where the server does not tell."""
        transport = getattr(self._protocol, "transport", None)
        buffer = getattr(transport, "dataBuffer", None)
        if transport is None or buffer is None:
            return 0
        return len(buffer) - transport.offset + transport._tempDataLen  # noqa: SLF001  (Twisted has no public way to ask)

    def close(self, code: int) -> bool:
        """Send a close frame with a code below 3000, which the server's own interface does not let through.

        Whether that was done; other codes are the server's to send.
        """
        if code >= OWN_CODES or self._protocol is None:
            return False
        self._protocol.sendCloseFrame(code=code)
        return True

    def abort(self) -> None:
        """End the connection at once, without waiting for the other side."""
        transport = getattr(self._protocol, "transport", None)
        if transport is not None:
            transport.abortConnection()
