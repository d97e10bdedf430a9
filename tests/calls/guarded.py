"""Calls that somebody tries to get into without asking."""

from dataclasses import dataclass
from uuid import uuid4

from calls.actions.starting import start_call
from calls.device import Device
from calls.models import Call
from messaging.actions.groups import create_group_room
from messaging.actions.rooms import open_direct_room
from messaging.models import Room
from tests.cast import Cast


@dataclass
class Guarded:
    """Rooms with calls: one that rings, and one with a single person in it."""

    cast: Cast
    direct: Room
    group: Room
    call: Call
    gathering: Call


def make_guarded(cast: Cast) -> Guarded:
    direct = open_direct_room(member=cast.kim, other=cast.sato)
    group = create_group_room(creator=cast.lee, members=[cast.kim, cast.sato, cast.ito], name="Room")
    call = start_call(member=cast.kim, room_id=direct.pk, kind="voice", device=Device(uuid4()))
    gathering = start_call(member=cast.lee, room_id=group.pk, kind="voice", device=Device(uuid4()))
    return Guarded(cast, direct, group, call, gathering)
