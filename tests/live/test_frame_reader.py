"""The short way of reading frames hears exactly what the general one hears, in whatever pieces they come."""

import asyncio
import itertools
import os
from collections.abc import Sequence
from typing import Any

import pytest
from autobahn.twisted.websocket import WebSocketServerFactory, WebSocketServerProtocol
from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.internet.testing import StringTransport

from worksbridge.live.daphne import Connection
from worksbridge.live.frame_reader import FrameReader

SHAKE = (
    b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
TEXT, CONTINUED, BINARY, PING = 0x81, 0x80, 0x82, 0x89


class Wire(StringTransport):
    """The other side's end of it."""

    def unregisterProducer(self) -> None:  # noqa: N802  (Twisted's name)
        """Twisted's own transports allow it at any time."""


class Listener(WebSocketServerProtocol):
    """A connection that keeps what it hears."""

    def onConnect(self, request: Any) -> None:  # noqa: N802  (Autobahn's name)
        self.heard: list[tuple[bytes, bool]] = []
        # Where Daphne puts what is heard.
        self.application_queue: asyncio.Queue[bytes] = asyncio.Queue()

    def onMessage(self, payload: bytes, isBinary: bool) -> None:  # noqa: N802, N803
        self.heard.append((bytes(payload), isBinary))


def connected(*, quickly: bool) -> Listener:
    factory = WebSocketServerFactory()
    factory.protocol = Listener
    listener: Listener = factory.buildProtocol(None)
    listener.makeConnection(Wire())
    listener.dataReceived(SHAKE)
    assert listener.state == listener.STATE_OPEN
    if quickly:
        FrameReader(Connection(listener))
    listener.transport.clear()
    return listener


def framed(first: int, payload: bytes, *, masked: bool = True) -> bytes:
    mark, size = 0x80 * masked, len(payload)
    if size < 126:
        length = bytes((mark | size,))
    elif size < 65536:
        length = bytes((mark | 126,)) + size.to_bytes(2, "big")
    else:
        length = bytes((mark | 127,)) + size.to_bytes(8, "big")
    mask = os.urandom(4)
    return (
        bytes((first,))
        + length
        + (mask + bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload)) if masked else payload)
    )


def outcome(pieces: Sequence[bytes], *, quickly: bool) -> tuple[list[tuple[bytes, bool]], bytes, int]:
    """What is heard, what is answered, and in which state the connection is, after these pieces."""
    listener = connected(quickly=quickly)
    for piece in pieces:
        listener.dataReceived(piece)
    return listener.heard, listener.transport.value(), listener.state


texts = st.text(max_size=300).map(lambda text: framed(TEXT, text.encode()))
others = st.one_of(
    st.binary(max_size=20).map(lambda payload: framed(TEXT, payload)),
    st.binary(max_size=20).map(lambda payload: framed(BINARY, payload)),
    st.binary(max_size=20).map(lambda payload: framed(PING, payload)),
    st.just(framed(0x01, b"in two ") + framed(PING, b"?") + framed(CONTINUED, b"parts")),
    st.just(framed(0x01, b"never ended")),
    st.just(framed(TEXT, b"unmasked", masked=False)),
    st.just(bytes((TEXT, 0x80 | 126, 0, 3)) + bytes(4) + b"abc"),
    st.just(framed(0xC1, b"compressed, they say")),
    st.just(framed(0x88, (1000).to_bytes(2, "big"))),
    st.binary(max_size=20),
)


@settings(deadline=None)
@given(st.lists(st.one_of(texts, texts, others), max_size=8), st.lists(st.integers(0, 2000), max_size=8))
def test_the_short_way_hears_and_answers_what_the_general_one_does(frames: list[bytes], cuts: list[int]) -> None:
    stream = b"".join(frames)
    places = sorted({cut for cut in cuts if cut < len(stream)} | {0, len(stream)})
    pieces = [stream[start:end] for start, end in itertools.pairwise(places)]
    assert outcome(pieces, quickly=True) == outcome(pieces, quickly=False)


@pytest.mark.parametrize("text", ["", "a", "안녕하세요", "x" * 125, "x" * 126, "가" * 20_000, "x" * 70_000])
def test_texts_of_any_length_arrive(text: str) -> None:
    heard, _answer, _state = outcome([framed(TEXT, text.encode())], quickly=True)
    assert heard == [(text.encode(), False)]


def test_a_whole_text_takes_the_short_way_and_anything_else_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    general: list[bytes] = []
    listener = connected(quickly=True)
    monkeypatch.setattr(listener, "_dataReceived", general.append)
    listener.dataReceived(framed(TEXT, b"one") + framed(TEXT, b"two"))
    assert listener.heard == [(b"one", False), (b"two", False)]
    assert general == []
    ping = framed(PING, b"?")
    listener.dataReceived(framed(TEXT, b"three") + ping)
    assert (listener.heard[2:], general) == ([(b"three", False)], [ping])
