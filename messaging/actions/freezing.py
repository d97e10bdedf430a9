"""Freezing external 1:1 rooms: both people keep the messages, read-only."""

from collections import defaultdict
from collections.abc import Sequence

from django.utils import timezone

from accounts.actions.audit import audit_each
from accounts.models import User
from messaging.access_end import AccessEnd
from messaging.actions.change import RoomChange
from messaging.message.system import SystemMessage
from messaging.models import Room
from messaging.signals import room_frozen


def freeze_direct_rooms(rooms: Sequence[Room], right: AccessEnd) -> None:
    """Freeze these locked 1:1 rooms, with a system message in each, and tell both sides."""
    if not rooms:
        return
    frozen = Room.objects.filter(pk__in=[room.pk for room in rooms])
    frozen.update(frozen_at=timezone.now(), frozen_reason=right.reason, closing=right.closing)
    right.impact.frozen += [(room.low_id or 0, room.high_id or 0) for room in rooms]
    room_frozen.send(sender=Room, rooms=rooms, reason=right.reason, impact=right.impact)
    _audit_frozen(rooms, right)
    change = RoomChange(rooms)
    for room in rooms:
        change.system(room.pk, SystemMessage("room.frozen"))
    change.save()


def _audit_frozen(rooms: Sequence[Room], right: AccessEnd) -> None:
    pairs = [(person, room.pk) for room in rooms for person in (room.low_id, room.high_id) if person]
    people = User.objects.filter(pk__in=[person for person, _room_id in pairs])
    companies = dict(people.values_list("pk", "company_id"))
    frozen: defaultdict[int, list[int]] = defaultdict(list)
    own: defaultdict[int, set[int]] = defaultdict(set)
    for person, room_id in pairs:
        frozen[companies[person]].append(room_id)
        own[companies[person]].add(person)
    entries = {
        pk: {"rooms": ids, "members": sorted(own[pk]), "reason": str(right.reason)} for pk, ids in frozen.items()
    }
    audit_each(entries, right.actor, "room.frozen")
