"""Pages in calls that are gone, and those that come back."""

import pytest

from calls.models import Participant
from messaging.models import Room
from tests.calls.ring import (
    Window,
    gathering,
    lines_of,
    notices_of,
    person_in,
    refusal_in,
    ring,
    rings_of,
    snapshot_in,
    states,
    talk,
    wait,
)
from tests.cast import Cast
from tests.heard import Heard

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_media_servers")]


def test_a_lost_page_of_two_is_waited_for_and_may_come_back(cast: Cast, room: Room, heard: Heard) -> None:
    kim, sato = Window(cast.kim), Window(cast.sato)
    call = talk(kim, sato, room)
    with heard.listening():
        wait(12, (call, cast.kim))
    said = kim.state(call)
    assert said["state"] == "live"
    assert (person_in(said, cast.sato)["lost"], person_in(said, cast.kim)["lost"]) == (True, False)
    assert heard.by_member("call")[cast.kim.pk][-1]["call"] == said
    back = sato.another()
    with heard.listening():
        again = snapshot_in(back.join(call))
    assert (again["state"], again["answered_at"]) == ("live", said["answered_at"])
    assert person_in(again, cast.sato)["device"] == back.device
    assert not person_in(again, cast.sato)["lost"]
    assert cast.kim.pk in heard.told("call")
    wait(9, (call, cast.kim), (call, cast.sato))
    wait(9, (call, cast.kim), (call, cast.sato))
    assert kim.state(call)["state"] == "live"


def test_i35_a_lost_page_of_two_ends_the_call_after_a_while(cast: Cast, room: Room, heard: Heard) -> None:
    kim, sato = Window(cast.kim), Window(cast.sato)
    call = talk(kim, sato, room)
    wait(12, (call, cast.kim))
    wait(7, (call, cast.kim))
    assert kim.state(call)["state"] == "live"
    with heard.listening():
        wait(2, (call, cast.kim))
    said = kim.state(call)
    assert (said["state"], said["outcome"]) == ("ended", "ended")
    assert cast.kim.pk in heard.told("call") | heard.told("call_gone")
    assert refusal_in(sato.join(call)) == (409, "over")
    assert not Participant.objects.filter(state__in=["joined", "ringing"]).exists()


def test_a_call_whose_both_pages_are_lost_ends(cast: Cast, room: Room) -> None:
    kim, sato = Window(cast.kim), Window(cast.sato)
    call = talk(kim, sato, room)
    wait(12)
    wait(9)
    assert kim.state(call)["state"] == "ended"
    assert len(lines_of(call)) == 1


def test_hanging_up_while_the_other_one_is_lost_ends_the_call_at_once(cast: Cast, room: Room) -> None:
    kim, sato = Window(cast.kim), Window(cast.sato)
    call = talk(kim, sato, room)
    wait(12, (call, cast.kim))
    kim.leave(call)
    assert (kim.state(call)["state"], kim.state(call)["outcome"]) == ("ended", "ended")
    assert refusal_in(sato.join(call)) == (409, "over")


def test_a_page_that_is_loaded_again_is_waited_for(cast: Cast, room: Room, heard: Heard) -> None:
    kim, sato = Window(cast.kim), Window(cast.sato)
    call = talk(kim, sato, room)
    answered = kim.state(call)["answered_at"]
    with heard.listening():
        assert kim.post("leave", call, device=kim.device, closed=1).status_code == 204
    said = sato.state(call)
    assert (said["state"], person_in(said, cast.kim)["lost"]) == ("live", True)
    assert heard.by_member("call")[cast.sato.pk][-1]["call"] == said
    assert kim.get("media", call, device=kim.device).status_code in (403, 404, 409)
    again = snapshot_in(kim.another().join(call, move=1))
    assert (again["state"], again["answered_at"]) == ("live", answered)
    assert not person_in(again, cast.kim)["lost"]


def test_a_closed_page_ends_the_call_of_two_within_15_seconds(cast: Cast, room: Room) -> None:
    kim, sato = Window(cast.kim), Window(cast.sato)
    call = talk(kim, sato, room)
    kim.post("leave", call, device=kim.device, closed=1)
    wait(4, (call, cast.sato))
    assert sato.state(call)["state"] == "live"
    wait(8, (call, cast.sato))
    assert (sato.state(call)["state"], sato.state(call)["outcome"]) == ("ended", "ended")
    assert refusal_in(kim.join(call)) == (409, "over")


def test_a_caller_who_closes_the_page_rings_no_more_within_15_seconds(cast: Cast, room: Room) -> None:
    kim, sato = Window(cast.kim), Window(cast.sato)
    call = ring(kim, room)
    kim.post("leave", call, device=kim.device, closed=1)
    wait(12)
    assert rings_of(cast.sato) == []
    assert kim.state(call)["outcome"] == "cancelled"
    assert notices_of(cast.sato)
    assert refusal_in(sato.join(call)) == (409, "over")


def test_a_closed_page_is_out_of_a_group_call_at_once(cast: Cast, group: Room, heard: Heard) -> None:
    kim, sato = Window(cast.kim), Window(cast.sato)
    call = gathering(group, kim, sato)
    with heard.listening():
        sato.post("leave", call, device=sato.device, closed=1)
    assert states(kim.state(call)) == {cast.kim.pk: "joined"}
    assert cast.kim.pk in heard.told("call")
    # The last one's too, though the call waits a moment for a page that is loaded again.
    kim.post("leave", call, device=kim.device, closed=1)
    assert states(snapshot_in(kim.another().join(call))) == {cast.kim.pk: "joined"}
    kim.another().post("leave", call, device=str(Participant.objects.get(call=call, state="joined").device), closed=1)
    wait(12)
    assert kim.state(call)["state"] == "ended"
    assert len(lines_of(call)) == 2
