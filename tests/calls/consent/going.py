"""Calls that go on in the rooms of `tests/messaging/rights.py`."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import uuid4

from calls.actions.joining import join_call
from calls.actions.starting import start_call
from calls.device import Device
from calls.models import Call, Participant
from tests.messaging.rights import COMPANY_OF, GROUPS, STAFF, World, inside


@dataclass
class Going:
    """A call that goes on: in which room, who is in it and for whom it rings."""

    key: str
    call: Call
    joined: list[str]
    ringing: list[str] = field(default_factory=list)


# Calls that can go on at the same time, because nobody is in two of them. First who calls, then who answers.
RINGS = (("kim-sato", "tran-sato", "han-abe", "dora-sato"), ("sato-kim", "lee-kim"), ("tran-kim", "abe-han"))
TALKS = (("kim-sato", "tran-dora", "han-abe"), ("kim-tran", "sato-dora"), ("sato-tran", "kim-dora"), ("kim-lee",))
GATHERINGS = tuple((key,) for key in GROUPS)
SCENES = [*((scene, False) for scene in RINGS), *((scene, True) for scene in (*TALKS, *GATHERINGS))]


def four_of(key: str) -> list[str]:
    """As many as can be in a call without Janus: the first of each company, then more of the hosting one."""
    people = inside(key)
    first = [name for name in people if name == STAFF[COMPANY_OF[name]][0]]
    return [*first, *(name for name in people if name not in first)][:4]


def begin(world: World, scene: Iterable[str], *, answered: bool) -> list[Going]:
    """The calls of a scene."""
    found = []
    for key in scene:
        people = key.split("-") if "-" in key else four_of(key)
        room = world.rooms.get(key) or world.rooms["-".join(reversed(people))]
        caller, *others = (world.people[name] for name in people)
        call = start_call(member=caller, room_id=room.pk, kind="video", device=Device(uuid4()))
        if "-" in key and not answered:
            found.append(Going(key, call, people[:1], people[1:]))
            continue
        for other in others:
            join_call(member=other, call_id=call.pk, device=Device(uuid4()))
        found.append(Going(key, call, people))
    return found


def room_key(world: World, going: Going) -> str:
    return world.key_of(going.call.room_id)


def states_of(going: Going) -> dict[int, str]:
    return dict(Participant.objects.filter(call=going.call).values_list("member", "state"))


def names_in(world: World, going: Going, *states: str) -> set[str]:
    return {world.name_of(member) for member, state in states_of(going).items() if state in states}
