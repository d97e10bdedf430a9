"""The product's application, but one push in ten is lost: none of its pages hears of it."""

import random
from typing import Any

from worksbridge.asgi import application
from worksbridge.live.hub import hub

__all__ = ["application"]
ONE_IN = 10
_hand_out = hub._hand_out_one


async def _lose_some(push: dict[str, Any]) -> None:
    if random.randrange(ONE_IN):
        await _hand_out(push)


hub._hand_out_one = _lose_some  # type: ignore[method-assign]
