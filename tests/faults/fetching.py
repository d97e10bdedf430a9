"""What static/js/lib/http.js does: pages ask the server, all of them in one event loop."""

import asyncio
from email.message import Message
from email.parser import Parser
from urllib.parse import urlsplit

WITHIN = 20


class BadAnswer(OSError):
    """The server answered something else than 200, or nothing in time."""


async def ask(origin: str, path: str, session: str, *, within: float = WITHIN) -> tuple[Message, str]:
    """The headers and the text of an answer. Raises BadAnswer, or another OSError."""
    head = f"GET {path} HTTP/1.0\r\nHost: {urlsplit(origin).netloc}\r\nCookie: sessionid={session}\r\n\r\n"
    return await exchange(origin, head.encode(), within)


async def exchange(origin: str, request: bytes, within: float = WITHIN) -> tuple[Message, str]:
    """Send a whole HTTP/1.0 request on a connection of its own. Raises as `ask`."""
    try:
        async with asyncio.timeout(within):
            whole = await _exchange(urlsplit(origin), request)
    except TimeoutError as error:
        raise BadAnswer("no answer in time") from error
    head, _, body = whole.partition(b"\r\n\r\n")
    status, _, fields = head.decode("latin-1").partition("\r\n")
    if status.split()[1:2] != ["200"]:
        raise BadAnswer(status or "no answer")
    headers = Parser().parsestr(fields)
    if len(body) != int(headers.get("Content-Length", len(body))):
        raise BadAnswer("the answer was cut off")
    return headers, body.decode()


async def _exchange(address: object, request: bytes) -> bytes:
    secure = True if address.scheme == "https" else None  # type: ignore[attr-defined]
    reader, writer = await asyncio.open_connection(address.hostname, address.port, ssl=secure)  # type: ignore[attr-defined]
    try:
        writer.write(request)
        return await reader.read()
    finally:
        writer.transport.abort()
