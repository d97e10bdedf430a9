"""The three addresses that machines ask."""

from typing import Any

from worksbridge.live.hub import hub
from worksbridge.probes import readiness, scraping

NOT_FOUND = 404
OK, UNAVAILABLE = 200, 503
PLAIN = "text/plain; charset=utf-8"


async def probe(scope: dict[str, Any], send: Any) -> bool:
    """Answer a machine's question. Whether it was one."""
    match scope["path"]:
        case "/healthz":
            await _answer(send, OK, b"ok\n")
        case "/readyz":
            await _readyz(send)
        case "/metrics":
            await _metrics(scope, send)
        case _:
            return False
    return True


async def _readyz(send: Any) -> None:
    """200 when this process can do its work, else 503 with the names of what keeps it from that."""
    # A ready process receives what others push.
    hub.start()
    failing = await readiness.failing()
    text = f"not ready: {', '.join(failing)}\n" if failing else "ready\n"
    await _answer(send, UNAVAILABLE if failing else OK, text.encode())


async def _metrics(scope: dict[str, Any], send: Any) -> None:
    if not scraping.may_scrape(scope):
        await _answer(send, NOT_FOUND, b"")
        return
    await readiness.failing()
    await _answer(send, OK, scraping.figures(), scraping.CONTENT_TYPE)


async def _answer(send: Any, status: int, body: bytes, content_type: str = PLAIN) -> None:
    headers = [
        (b"content-type", content_type.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
