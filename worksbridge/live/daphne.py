"""All that is used of Daphne's connection object beyond its interface, each behind a name of ours.

None of this is public API of Daphne, Autobahn or Twisted. `tests/live/test_daphne.py` builds the real object and tries
each; their versions are bounded. Where something is missing, sockets go through Daphne's own interface.
"""

import logging
from collections.abc import Callable
from typing import Any, Self

from worksbridge import metrics

logger = logging.getLogger(__name__)
# What has to be there when a connection begins. The rest comes with the handshake, before the first frame.
PROTOCOL = (
    *("application_queue", "autoPingTimeoutCall", "data", "dataReceived", "onMessage", "send_queue", "sendCloseFrame"),
    *("sendMessage", "state", "STATE_OPEN", "transport"),
)
HANDSHAKE = ("_perMessageCompress", "current_frame", "inside_message")
TRANSPORT = ("connected", "dataBuffer", "disconnecting", "offset", "socket", "_tempDataBuffer", "_tempDataLen")


class Connection:
    """The connection under one socket: an Autobahn protocol on a transport of Twisted's."""

    __slots__ = ("_protocol",)

    def __init__(self, protocol: Any) -> None:
        self._protocol = protocol

    @classmethod
    def of(cls, send: Any) -> Self | None:
        """The connection that an application's `send` is bound to; None when it is not as we know it.

        That is counted, and logged the first time.
        """
        protocol = next(iter(getattr(send, "args", ())), None)
        if not getattr(getattr(protocol, "transport", None), "connected", True):
            return None  # it has closed already, and Twisted has taken its parts away
        missing = [name for name in PROTOCOL if not hasattr(protocol, name)]
        missing += [name for name in TRANSPORT if not hasattr(getattr(protocol, "transport", None), name)]
        if not missing:
            return cls(protocol)
        metrics.connections_unknown.inc()
        if missing not in _logged:
            _logged.append(missing)
            logger.warning("sockets go the slow way: the server's connection lacks %s", ", ".join(missing))
        return None

    @property
    def is_open(self) -> bool:
        """Whether texts can be sent."""
        return bool(self._protocol.state == self._protocol.STATE_OPEN)

    @property
    def is_between_messages(self) -> bool:
        """Whether it is open, and what comes next is the beginning of a message.

        While the answer to a ping is outstanding, any frame counts as the answer: that is noted by the general reader.
        """
        protocol = self._protocol
        begun = protocol.data or protocol.current_frame is not None or protocol.inside_message
        return self.is_open and not begun and protocol.autoPingTimeoutCall is None

    @property
    def takes_frames(self) -> bool:
        """Whether a frame may go past Autobahn: nothing of its own waits, and nothing is compressed."""
        return not self._protocol.send_queue and self._protocol._perMessageCompress is None  # noqa: SLF001

    @property
    def queued(self) -> int:
        """How many messages the application has not taken yet."""
        return int(self._protocol.application_queue.qsize())

    @property
    def unsent(self) -> int:
        """How many bytes the other side has not taken yet. Twisted keeps them without limit."""
        transport = self._protocol.transport
        if transport is None:
            return 0
        return int(len(transport.dataBuffer) - transport.offset + transport._tempDataLen)  # noqa: SLF001

    def take_over_reading(self, received: Callable[[bytes], None]) -> Callable[[bytes], None]:
        """Call `received` with all that comes. Returns what takes it the general way."""
        general: Callable[[bytes], None] = self._protocol.dataReceived
        self._protocol.dataReceived = received
        return general

    def deliver(self, payload: bytes) -> None:
        """Hand a text to the application, as if it had come the general way."""
        self._protocol.onMessage(payload, isBinary=False)

    def pause_reading(self) -> None:
        """Leave what comes on the other side."""
        self._protocol.transport.pauseProducing()

    def resume_reading(self) -> None:
        """Take it again."""
        self._protocol.transport.resumeProducing()

    def send(self, payload: bytes) -> None:
        """Send a text the general way."""
        self._protocol.sendMessage(payload)

    def write(self, wire: bytes) -> None:
        """Send a frame: straight to the operating system as long as nothing waits before it, without the reactor."""
        transport = self._protocol.transport
        idle = transport.dataBuffer == b"" and not transport._tempDataBuffer  # noqa: SLF001
        if idle and transport.connected and not transport.disconnecting:
            try:
                sent = transport.socket.send(wire)
            except (BlockingIOError, InterruptedError):
                sent = 0
            except OSError:
                return  # the other side is gone; Twisted finds out when it reads
            if sent == len(wire):
                return
            wire = wire[sent:]
        transport.write(wire)

    def close(self, code: int) -> None:
        """Send a close frame with any code; the server's interface lets only those of applications through."""
        self._protocol.sendCloseFrame(code=code)

    def abort(self) -> None:
        """End the connection immediately, without waiting for the other side."""
        if self._protocol.transport is not None:
            self._protocol.transport.abortConnection()


_logged: list[list[str]] = []


def limit_messages(send: Any, size: int) -> None:
    """End the connection (code 1009) at a message of more bytes, before it is kept in memory; also on the slow way."""
    for protocol in getattr(send, "args", ())[:1]:
        protocol.maxMessagePayloadSize = protocol.maxFramePayloadSize = size
