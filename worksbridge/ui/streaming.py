"""Answers that are made while they are sent, piece by piece, so that their length does not matter."""

from collections.abc import AsyncIterator, Iterator
from functools import partial

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, StreamingHttpResponse


def streamed(request: HttpRequest, pieces: Iterator[str], *, content_type: str, name: str) -> StreamingHttpResponse:
    """A download called `name`. `pieces` may use the database; it is asked for the next piece when one is sent."""
    # Django would read a plain iterator completely before sending it asynchronously.
    body = _asynchronous(pieces) if isinstance(request, ASGIRequest) else pieces
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    return StreamingHttpResponse(body, content_type=content_type, headers=headers)


async def _asynchronous(pieces: Iterator[str]) -> AsyncIterator[str]:
    following = sync_to_async(partial(next, pieces, None), thread_sensitive=True)
    while (piece := await following()) is not None:
        yield piece
