"""Pushes about changes of a call."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.template.loader import render_to_string

from calls.models import Call, Participant
from calls.snapshots import snapshot
from contacts.models import Block
from messaging.models import Membership, Room
from worksbridge.live.push import push

State = Participant.State


@dataclass
class Told:
    """Collected while a call changes.

    `before` holds the states of those who may know of it, `out` those who are removed.
    """

    before: dict[int, str]
    out: list[tuple[int, str | None, str]] = field(default_factory=list)

    def gone(self, member_id: int, device: str | None, reason: str) -> None:
        """The member's page `device` (None: all their pages) is out of the call."""
        self.out.append((member_id, device, reason))


def push_change(call: Call, people: Sequence[Participant], told: Told) -> None:
    """Push the call to the pages that show it, and tell other pages to reload. Call it inside the transaction."""
    knowing = {one.member_id: one for one in people if not one.withheld}
    for member_id, device, reason in told.out:
        push([member_id], {"type": "call_gone", "call": call.pk, "device": device, "reason": reason})
    live = {State.RINGING, State.JOINED}
    # Members excluded from the room are told so, and hear nothing more about the others.
    barred = {member_id for member_id, _device, reason in told.out if reason == "excluded"}
    hearing = [pk for pk, one in knowing.items() if one.state in live or told.before.get(pk) in live]
    hearing = [pk for pk in hearing if pk not in barred]
    push(hearing, {"type": "call", "call": snapshot(call, people)})
    push(_ring_changed(knowing, told), {"type": "reload", "parts": ["ringing"]})
    if call.ended_at is not None:
        # Some may have left the room in the meantime.
        inside = set(_inside(call.room_id))
        push(inside & set(knowing), {"type": "reload", "parts": ["calls"]})
    if call.room.kind == Room.Kind.GROUP and _joined_changed(people, told):
        push_room_call(call.room_id)


def push_room_call(room_id: int) -> None:
    """Make the open pages of a room show its live call, or that there is none."""
    push(_inside(room_id), {"type": "reload", "parts": ["room-call"], "room": room_id})


def push_started(call: Call, room_name: str) -> None:
    """Tell the others in a group room that a call has begun; not those who have blocked the caller."""
    inside = set(_inside(call.room_id))
    blockers = Block.objects.blockers_of([call.started_by_id])[call.started_by_id]
    context = {"call": call, "caller": call.started_by, "room_name": room_name}
    html = render_to_string("calls/_started.html", context)
    frame = {"type": "call_started", "call": call.pk, "room": call.room_id, "html": html}
    push(inside - blockers - {call.started_by_id}, frame)


def push_ringing(member_ids: Sequence[int]) -> None:
    """Ask these members' pages to fetch what rings for them."""
    push(member_ids, {"type": "reload", "parts": ["ringing"]})


def _inside(room_id: int) -> list[int]:
    return Membership.objects.live().filter(room=room_id).member_ids()


def _ring_changed(knowing: dict[int, Participant], told: Told) -> list[int]:
    return [pk for pk, one in knowing.items() if (one.state == State.RINGING) != (told.before.get(pk) == State.RINGING)]


def _joined_changed(people: Sequence[Participant], told: Told) -> bool:
    """Whether someone joined or left; other changes are visible only inside the call."""
    before = {member for member, state in told.before.items() if state == State.JOINED}
    return before != {one.member_id for one in people if one.state == State.JOINED}
