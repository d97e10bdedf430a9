"""The fixed table of frames a page may send, each with its handler and its limit."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from worksbridge.errors import Code, WorksBridgeError
from worksbridge.live.page import Page
from worksbridge.live.rate_limits import Rate
from worksbridge.live.transport import FRAME_LIMIT

Handler = Callable[[Page, dict[str, Any]], Awaitable[None]]


class BadFrame(WorksBridgeError):
    """A frame that no page of ours sends."""

    code = Code.BAD_FRAME
    text = _("The server did not understand that.")


@dataclass(frozen=True)
class Entry:
    """How one type of frame is handled, and how often a member may send it."""

    handler: Handler
    rate: Rate


table: dict[str, Entry] = {}


def handles(kind: str, rate: Rate) -> Callable[[Handler], Handler]:
    """Register the decorated coroutine for frames of type `kind`."""

    def register(handler: Handler) -> Handler:
        table[kind] = Entry(handler, rate)
        return handler

    return register


def parse(text: str | None) -> dict[str, Any]:
    """The frame in `text`. Raises BadFrame unless it is an object whose type is in the table."""
    if text is None or len(text) > FRAME_LIMIT:
        raise BadFrame(code=Code.TOO_LARGE if text else Code.BAD_FRAME)
    try:
        frame = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadFrame from error
    if not isinstance(frame, dict) or not isinstance(frame.get("type"), str) or frame["type"] not in table:
        raise BadFrame
    return frame


def number(frame: dict[str, Any], name: str) -> int:
    """The whole number `name` of a frame, between 0 and 2**63 - 1. Raises BadFrame."""
    value = frame.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**63:
        raise BadFrame
    return value
