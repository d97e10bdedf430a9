"""A block in mid-call: whose call ends, who is told what, and who goes on."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.models import Notification
from calls.actions.joining import join_call
from calls.actions.starting import start_call
from calls.actions.timeouts import end_overdue
from calls.device import Device
from calls.models import Call
from calls.snapshots import snapshot
from contacts.actions.block import block_external_user
from tests.calls.consent.going import begin, names_in
from tests.calls.consent.judge import check_signals
from tests.calls.consent.model import After
from tests.calls.ring import lines_of
from tests.heard import Heard
from tests.messaging.rights import GROUPS, World
from worksbridge.errors import WorksBridgeError

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_media_servers")]


@pytest.mark.parametrize(("blocker", "blocked"), [("kim", "sato"), ("sato", "kim")])
def test_i15_a_block_ends_the_call_of_two_as_if_they_had_hung_up(
    world: World, heard: Heard, blocker: str, blocked: str
) -> None:
    going = begin(world, ["kim-sato"], answered=True)[0]
    with heard.listening():
        block_external_user(member=world.people[blocker], person=world.people[blocked])
        assert names_in(world, going, "joined", "ringing") == set()
    call = Call.objects.get(pk=going.call.pk)
    # The blocked one sees what they would see of a call that was hung up: nothing tells them.
    assert call.outcome == "ended"
    assert {one["reason"] for one in heard.by_member("call_gone").get(world.people[blocked].pk, ())} <= {"over"}
    assert heard.by_member("call")[world.people[blocked].pk][-1]["call"]["outcome"] == "ended"
    check_signals(world, [going], [After({"kim", "sato"}, set(), ended=True)])
    with pytest.raises(WorksBridgeError) as refused:
        join_call(member=world.people[blocked], call_id=call.pk, device=Device(uuid4()))
    assert refused.value.code == "over"
    assert len(lines_of(call.pk)) == 1


def test_i15_a_block_silences_the_ring_and_the_caller_sees_it_go_on(world: World, heard: Heard) -> None:
    going = begin(world, ["kim-sato"], answered=False)[0]
    kim, sato, pk = world.people["kim"], world.people["sato"], going.call.pk
    with heard.listening():
        block_external_user(member=sato, person=kim)
    assert sato.pk in heard.reloading("ringing")
    assert kim.pk not in heard.told("call_gone")
    said = snapshot(Call.objects.select_related("room").get(pk=pk))
    assert (said["state"], {one["state"] for one in said["people"]}) == ("ringing", {"joined", "ringing"})
    for act in (join_call, lambda **given: start_call(room_id=going.call.room_id, kind="voice", **_only(given))):
        with pytest.raises(WorksBridgeError) as refused:
            act(member=sato, call_id=pk, device=Device(uuid4()))
        assert refused.value.code in ("not_found", "blocked")
    with heard.listening():
        Call.objects.filter(pk=pk).update(started_at=timezone.now() - timedelta(seconds=46))
        end_overdue()
    assert Call.objects.get(pk=pk).outcome == "no_answer"
    assert not any(sato.pk in one.get("to", ()) for one in heard.sent)
    assert lines_of(pk, sato) == []
    assert len(lines_of(pk, kim)) == 1
    assert not Notification.objects.filter(recipient=sato, kind="call.missed").exists()


def _only(given: dict[str, Any]) -> dict[str, Any]:
    return {name: given[name] for name in ("member", "device")}


def test_i15_who_blocks_the_one_they_ring_rings_no_more(world: World, heard: Heard) -> None:
    going = begin(world, ["kim-sato"], answered=False)[0]
    with heard.listening():
        block_external_user(member=world.people["kim"], person=world.people["sato"])
    assert Call.objects.get(pk=going.call.pk).outcome == "cancelled"
    assert world.people["sato"].pk in heard.reloading("ringing")
    assert Notification.objects.filter(recipient=world.people["sato"], kind="call.missed").count() == 1


@pytest.mark.parametrize("key", [key for key in GROUPS if {"alpha", "beta"} <= set(key.split("+"))])
def test_i15_in_a_group_call_a_block_puts_nobody_out(world: World, heard: Heard, key: str) -> None:
    going = begin(world, [key], answered=True)[0]
    with heard.listening():
        block_external_user(member=world.people["sato"], person=world.people["kim"])
    assert names_in(world, going, "joined") == set(going.joined)
    assert not heard.told("call_gone")
