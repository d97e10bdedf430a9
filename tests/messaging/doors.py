"""Every address of a room, and what it answers to somebody who is not in it."""

import re
from dataclasses import dataclass

from django.http import HttpResponseBase
from django.test import Client
from django.urls import reverse

from accounts.models import User
from messaging.models import Room
from messaging.urls import urlpatterns
from tests.cast import signed_in
from tests.messaging.rights import COMPANY_OF, Expected, World
from tests.messaging.rights_judge import everything

MISSING = 987_654_321
PARTS = [pattern for pattern in urlpatterns if "pk" in pattern.pattern.converters]
# Enough for every form of a room to be valid.
FORM = {"seq": "1", "after": "0", "body": "let me in", "name": "Mine", "newcomers": "all", "pinned": "1", "do": "ok"}
Answer = tuple[int, str, str, str]


def answer_of(response: HttpResponseBase, path: str) -> Answer:
    """Status, where it leads, what it allows, and the page, without what differs by nature."""
    body = b"".join(response) if response.streaming else response.content
    text = re.sub(r'(csrfmiddlewaretoken" value=|csrf-token" content=)"[^"]*"', "", body.decode(errors="replace"))
    where, allow = response.headers.get("Location", ""), response.headers.get("Allow", "")
    return response.status_code, where.replace(path, "…"), allow, text.replace(path, "…")


@dataclass
class Door:
    """One address of a room, asked in one way."""

    name: str
    method: str
    has_member: bool

    def path(self, room_id: int, member_id: int) -> str:
        values = {"pk": room_id} | ({"member": member_id} if self.has_member else {})
        return reverse(f"messaging:{self.name}", kwargs=values)

    def answer(self, client: Client, room_id: int, member_id: int) -> Answer:
        path = self.path(room_id, member_id)
        return answer_of(getattr(client, self.method)(path, FORM | {"people": member_id}), path)


DOORS = [
    Door(str(pattern.name), method, "member" in pattern.pattern.converters)
    for pattern in PARTS
    for method in ("get", "post")
]


def check_the_excluded_at_the_doors(world: World, expected: Expected, doors: list[Door]) -> None:
    """One excluded member of each company at a room's own addresses, one of them at all the addresses in `doors`."""
    out = [(key, name) for key, names in expected.out.items() for name in sorted(names) if expected.staying(key)]
    # Another one in each case, so that all kinds of rooms and people have their turn.
    chosen = out[len(str(expected)) % len(out)]
    for key, name in {*{COMPANY_OF[name]: (key, name) for key, name in out}.values(), chosen}:
        client, room = signed_in(world.people[name]), world.rooms[key]
        status = 302 if name in expected.inactive else 404
        for part in ("room", "timeline", "changes"):
            assert client.get(reverse(f"messaging:{part}", args=[room.pk]), FORM).status_code == status
        if (key, name) == chosen:
            check_doors(client, room, world.people[expected.staying(key)[0]], status, doors)


def check_doors(client: Client, room: Room, staying: User, status: int, doors: list[Door]) -> None:
    """Every address answers as it answers for a room that does not exist, and nothing happens."""
    before = everything()
    closed = set()
    for door in doors:
        seen = door.answer(client, room.pk, staying.pk)
        assert seen == door.answer(client, MISSING, staying.pk), door
        assert seen[0] in (status, 405), door
        if seen[0] == status:
            closed.add(door.name)
    if doors == DOORS:
        assert closed == {door.name for door in DOORS}
    assert everything() == before
