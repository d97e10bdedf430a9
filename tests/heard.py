"""Records pushes and their recipients."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from accounts.models import User

Capture = Callable[..., AbstractContextManager[Any]]


class Heard:
    """What goes out to the open pages: who gets which frames."""

    def __init__(self, monkeypatch: Any, capture: Capture) -> None:
        self.sent: list[dict[str, Any]] = []
        self._capture = capture
        monkeypatch.setattr("worksbridge.live.push.publish", self.sent.append)

    @contextmanager
    def listening(self) -> Iterator[None]:
        """What is pushed by the work inside, and nothing from before."""
        self.sent.clear()
        with self._capture(execute=True):
            yield

    def frames(self, kind: str) -> list[tuple[set[int], dict[str, Any]]]:
        """The frames of one type, each with its recipients."""
        found = [(set(one["to"]), json.loads(one["frame"])) for one in self.sent if one["type"] == "deliver"]
        return [(to, frame) for to, frame in found if frame["type"] == kind]

    def by_member(self, kind: str) -> dict[int, list[dict[str, Any]]]:
        """The frames of one type, by who gets them."""
        found: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)
        for to, frame in self.frames(kind):
            for member in to:
                found[member].append(frame)
        return found

    def told(self, kind: str) -> set[int]:
        """Who gets a frame of this type."""
        return set(self.by_member(kind))

    def reloading(self, part: str) -> set[int]:
        """The members whose pages reload this part."""
        return {member for to, frame in self.frames("reload") if part in frame["parts"] for member in to}


def ids(*people: User) -> set[int]:
    """The ids of these people."""
    return {person.pk for person in people}
