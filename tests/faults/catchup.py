"""What static/js/timeline/catchup.js does: a push is applied only when it fits on; else the page asks what changed."""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Iterable
from email.message import Message
from typing import Any

CLIENT = re.compile(r'data-client="([0-9a-f-]{36})"')
PART = re.compile(r"(?=<(?:article|p)[^>]*\bdata-seq=)")
# How long a push that is ahead waits for the one before it, in seconds.
OVERTAKEN = 0.12
SEQ = re.compile(r'<[^>]*\bdata-seq="(\d+)"')
Ask = Callable[[str], Awaitable[tuple[Message, str]]]


class Room:
    """One open room on a page: what is shown (the client id behind each number), and up to which revision."""

    def __init__(self, pk: int, ask: Ask, ask_again_after: float) -> None:
        self.pk = pk
        self.rev = 0
        self.shown: dict[int, str] = {}
        self.fetches = 0
        self._ask = ask
        self._ask_again_after = ask_again_after
        self._task: asyncio.Task[None] | None = None
        self._again = False
        self._ahead: dict[int, dict[str, Any]] = {}
        self._patience: asyncio.TimerHandle | None = None

    def push(self, frame: dict[str, Any]) -> None:
        """A pushed change of this room."""
        if frame["rev"] <= self.rev:
            return
        if frame["after"] > self.rev:
            self._keep(frame)
        elif frame["after"] < self.rev:
            self.fetch()
        else:
            self._fits(frame)

    def _keep(self, frame: dict[str, Any]) -> None:
        self._ahead[frame["after"]] = frame
        if self._patience is None:
            self._patience = asyncio.get_running_loop().call_later(OVERTAKEN, self._missed)

    def _fits(self, frame: dict[str, Any] | None) -> None:
        while frame is not None:
            self.rev = frame["rev"]
            self.apply(frame["items"])
            frame = self._ahead.pop(self.rev, None)

    def _missed(self) -> None:
        self._patience = None
        waits = any(frame["rev"] > self.rev for frame in self._ahead.values())
        self._ahead.clear()
        if waits:
            self.fetch()

    def head(self, rev: int) -> None:
        """The server says that the room is at `rev`."""
        if rev != self.rev:
            self.fetch()

    def apply(self, items: Iterable[dict[str, Any]]) -> None:
        """Show messages."""
        for item in items:
            self.shown[item["seq"]] = item["client_id"] or ""

    def fetch(self) -> None:
        """Ask what changed. While one question is open, any number of further wishes become one."""
        self._again = True
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._fetch())

    async def stop(self) -> None:
        """Stop asking."""
        if self._patience:
            self._patience.cancel()
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _fetch(self) -> None:
        while self._again:
            self._again = False
            try:
                await self._changes()
            except (OSError, ValueError):
                self._again = True
                await asyncio.sleep(self._ask_again_after)

    async def _changes(self) -> None:
        self.fetches += 1
        answer = json.loads((await self._ask(f"/messages/{self.pk}/changes?after={self.rev}"))[1])
        if answer["reload"]:
            await self._reload()
            return
        self.apply(answer["items"])
        self.rev = max(self.rev, answer["rev"])

    async def _reload(self) -> None:
        """Too much was missed: reload the whole timeline, so that it can be compared."""
        headers, html = await self._ask(f"/messages/{self.pk}/timeline")
        found = articles(html)
        while found and min(found) > 1:
            oldest = min(found)
            found |= articles((await self._ask(f"/messages/{self.pk}/timeline?before={oldest}"))[1])
            if min(found) == oldest:
                break
        # What was pushed meanwhile is kept.
        newer = {seq: client for seq, client in self.shown.items() if seq > max(found, default=0)}
        self.shown = {}
        for seq, part in found.items():
            client = CLIENT.search(part)
            self.shown[seq] = client[1] if client else ""
        self.shown |= newer
        self.rev = max(self.rev, int(headers["X-Room-Rev"]))


def articles(html: str) -> dict[int, str]:
    """The messages of a rendered timeline by their number."""
    return {int(found[1]): part for part in PART.split(html) if (found := SEQ.match(part))}
