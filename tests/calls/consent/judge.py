"""Compares the calls with what should be left of them: the rows, what is pushed, and which signals pass."""

from typing import Any

from calls.models import Call
from calls.snapshots import snapshot
from messaging.models import Membership
from tests.calls.consent.going import Going, names_in, room_key
from tests.calls.consent.model import After
from tests.calls.signals import passes
from tests.heard import Heard, ids
from tests.messaging.rights import World


def check(world: World, calls: list[Going], now: list[After]) -> None:
    """Who is in which call, by the rows and by the snapshot."""
    for going, left in zip(calls, now, strict=True):
        call = Call.objects.select_related("room").get(pk=going.call.pk)
        assert names_in(world, going, "joined", "ringing") == left.staying, going.key
        assert (call.ended_at is not None) == left.ended, going.key
        said = snapshot(call)
        assert (said["state"] == "ended") == left.ended
        live = {one["member"] for one in said["people"] if one["state"] in ("joined", "ringing")}
        assert live == {world.people[name].pk for name in left.staying}, going.key
        if left.ended and "-" in room_key(world, going) and room_key(world, going) != "kim-lee":
            # Answered or not, it was no hanging up.
            assert call.outcome in ("not_allowed", "ended", "cancelled", "no_answer")


def check_pushes(world: World, heard: Heard, calls: list[Going], now: list[After]) -> None:
    """Who was in it and is out closes all media; who stays gets the call without them; nobody else hears of it."""
    gone, pushed = heard.by_member("call_gone"), heard.by_member("call")
    for going, left in zip(calls, now, strict=True):
        pk, key = going.call.pk, going.key
        told = {world.name_of(member) for member, frames in gone.items() if any(one["call"] == pk for one in frames)}
        snapshots = {
            world.name_of(member): [one["call"] for one in frames if one["call"]["id"] == pk]
            for member, frames in pushed.items()
        }
        heard_of_it = {name for name, found in snapshots.items() if found}
        assert told <= left.out, key
        ended = {name for name, found in snapshots.items() if found and found[-1]["state"] == "ended"}
        # By one of the two, everyone who was in it knows to close.
        assert left.out & set(going.joined) <= told | ended, key
        excluded = left.out - {world.name_of(pk) for pk in members_now(going)}
        assert excluded & set(going.joined) <= told, key
        if left.out:
            assert left.staying & set(going.joined) <= heard_of_it, key
        else:
            assert not told, key
        assert told | heard_of_it <= {*going.joined, *going.ringing}, key
        # Who is out of the room learns nothing of who stays in its call.
        assert not heard_of_it & excluded, key
        for name in set(going.ringing) & left.out:
            assert world.people[name].pk in heard.reloading("ringing"), key
        for name in heard_of_it & left.staying:
            shown = {one["member"] for one in snapshots[name][-1]["people"] if one["state"] in ("joined", "ringing")}
            assert shown == ids(*(world.people[other] for other in left.staying)), key
        assert all(one["reason"] in ("excluded", "not_allowed") for one in frames_about(gone, pk)), key


def members_now(going: Going) -> set[int]:
    live = Membership.objects.filter(room=going.call.room_id, ended_at=None)
    return set(live.values_list("member_id", flat=True))


def frames_about(by_member: dict[int, list[dict[str, Any]]], pk: int) -> list[dict[str, Any]]:
    return [one for frames in by_member.values() for one in frames if one["call"] == pk]


def check_signals(world: World, calls: list[Going], now: list[After]) -> None:
    """Not one more signal passes to or from those who are out, and those who stay go on talking."""
    for going, left in zip(calls, now, strict=True):
        for one in sorted({*going.joined, *going.ringing}):
            for other in sorted({*going.joined, *going.ringing} - {one}):
                both_stay = {one, other} <= left.staying & set(going.joined)
                assert passes(going.call, world.people[one], world.people[other]) == both_stay, (going.key, one, other)
