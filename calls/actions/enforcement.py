"""Ending calls for those whose right to be in them has ended, in the transaction that ends it.

The caller has locked the rooms. Their system messages are written after that transaction, which writes the rooms'
revisions itself.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from accounts.models import User
from calls.actions.changes import LIVE, Change
from calls.models import Call, Participant
from calls.pushes import push_ringing
from federation.impact import Impact
from messaging.models import Membership, Room
from worksbridge.live.push import push
from worksbridge.transactions import retried

State = Participant.State
Outcome = Call.Outcome


def drop_memberships(memberships: Iterable[Membership], impact: Impact) -> None:
    """Remove members whose membership has ended from the calls of these rooms."""
    by_room: defaultdict[int, list[int]] = defaultdict(list)
    for row in memberships:
        by_room[row.room_id].append(row.member_id)
    for call in _live_in(by_room):
        change = Change(call)
        for member_id in by_room[call.room_id]:
            if (one := change.of(member_id)) is not None:
                if one.state in LIVE:
                    impact.end_call(call.pk, [member_id])
                change.bar(one)
        change.settle()
        change.finish_after_commit()


def end_in_rooms(rooms: Sequence[Room], impact: Impact) -> None:
    """End the calls in rooms that have become read-only."""
    for call in _live_in([room.pk for room in rooms]):
        change = Change(call)
        impact.end_call(call.pk, [one.member_id for one in change.people if one.state in LIVE])
        change.end(Outcome.NOT_ALLOWED, "not_allowed")
        change.finish_after_commit()


@retried
def end_between(*, member: User, person: User) -> None:
    """`member` has blocked `person`: calls between them no longer ring for `member`, and a live one ends.

    A call from `person` keeps ringing for `person` alone, as if unanswered.
    """
    low, high = sorted((member.pk, person.pk))
    rooms = Room.objects.locked().filter(low=low, high=high)
    for room in rooms:
        for call in _live_in([room.pk]):
            call.room = room
            change = Change(call)
            if _silenced(change, member):
                continue
            change.end(Outcome.CANCELLED if call.answered_at is None else Outcome.ENDED)
            change.finish_after_commit()


def _silenced(change: Change, member: User) -> bool:
    """Silence a call that rings for `member`; returns whether it did. The caller sees no difference."""
    mine = change.of(member.pk)
    if mine is None or mine.state != State.RINGING:
        return False
    Participant.objects.filter(pk=mine.pk).update(withheld=True)
    push([member.pk], {"type": "call_gone", "call": change.call.pk, "device": None, "reason": "over"})
    push_ringing([member.pk])
    return True


@retried
def drop_members(member_ids: Sequence[int]) -> None:
    """Remove deactivated members from every call, internal ones included."""
    inside = Participant.objects.filter(member__in=member_ids, state__in=[State.RINGING, State.JOINED])
    found = Call.objects.live().filter(pk__in=inside.values("call"))
    held = [room.pk for room in Room.objects.locked().filter(pk__in=found.values("room"))]
    for call in _live_in(held):
        change = Change(call)
        for one in change.people:
            if one.member_id in member_ids:
                change.bar(one)
        change.settle()
        change.finish_after_commit()


def _live_in(room_ids: Iterable[int]) -> list[Call]:
    """The live calls of locked rooms, locked in the order of their ids."""
    live = Call.objects.live().filter(room__in=list(room_ids)).select_related("room", "started_by__company")
    return list(live.select_for_update(of=("self",), no_key=True).order_by("pk"))
