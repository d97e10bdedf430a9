"""Calls of two, as the pages of those who make them see them: through HTTP, with what is pushed beside it."""

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from calls.models import Call, Participant
from messaging.actions.rooms import open_direct_room
from messaging.models import Room
from tests.calls.ring import (
    Window,
    everything,
    gathering,
    lines_of,
    notices_of,
    person_in,
    refusal_in,
    ring,
    rings_of,
    rows_of,
    snapshot_in,
    states,
    talk,
    wait,
)
from tests.cast import Cast, signed_in
from tests.heard import Heard, ids
from tests.words import words_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_media_servers")]


def test_a_call_rings_in_the_other_persons_pages_and_nowhere_else(cast: Cast, room: Room, heard: Heard) -> None:
    kim = Window(cast.kim)
    with heard.listening():
        call = ring(kim, room, "video")
    assert heard.reloading("ringing") == ids(cast.sato)
    assert heard.told("call") <= ids(cast.kim, cast.sato)
    assert not heard.told("call_started")
    assert rings_of(cast.sato) == [call]
    assert rings_of(cast.kim) == rings_of(cast.lee) == rings_of(cast.ito) == []
    card = signed_in(cast.sato).get(reverse("calls:ringing")).context["rings"][0]
    assert card.caller == cast.kim
    assert card.call.kind == "video"
    assert parse_datetime(str(card.until)) == parse_datetime(kim.state(call)["ring_until"])


def test_the_snapshot_says_all_that_the_contract_lists(cast: Cast, room: Room) -> None:
    kim = Window(cast.kim)
    before = timezone.now()
    said = snapshot_in(kim.start(room, "video"))
    assert set(said) == {
        *("id", "room", "rev", "kind", "direct", "state", "mode", "outcome", "started_by", "started_at"),
        *("answered_at", "ended_at", "ring_until", "people"),
    }
    assert (said["room"], said["kind"], said["direct"], said["mode"]) == (room.pk, "video", True, "mesh")
    assert (said["outcome"], said["answered_at"], said["ended_at"]) == ("", None, None)
    assert said["started_by"] == cast.kim.pk
    started, until = parse_datetime(said["started_at"]), parse_datetime(said["ring_until"])
    assert started is not None
    assert until is not None
    assert before <= started <= timezone.now()
    assert (until - started).total_seconds() == 45
    mine, theirs = person_in(said, cast.kim), person_in(said, cast.sato)
    assert set(mine) == {
        *("member", "name", "company", "company_name", "state", "device", "feed", "mic", "camera", "screen"),
        *("lost", "html"),
    }
    assert (mine["name"], mine["company"], mine["company_name"]) == ("Kim Minseo", cast.alpha.pk, "alpha")
    assert (mine["state"], mine["device"], mine["screen"], mine["lost"]) == ("joined", kim.device, False, False)
    assert (theirs["state"], theirs["device"]) == ("ringing", "")
    assert mine["feed"] != theirs["feed"]
    assert "Kim Minseo" in mine["html"]
    # The same for every viewer.
    assert kim.state(said["id"]) == Window(cast.sato).state(said["id"])


def test_answering_makes_it_live_for_both(cast: Cast, room: Room, heard: Heard) -> None:
    kim, sato = Window(cast.kim), Window(cast.sato)
    call = ring(kim, room)
    before = kim.state(call)
    with heard.listening():
        said = snapshot_in(sato.join(call, mic=0, camera=1))
    assert (said["state"], said["ring_until"]) == ("live", None)
    assert said["answered_at"]
    assert said["rev"] > before["rev"]
    assert states(said) == {cast.kim.pk: "joined", cast.sato.pk: "joined"}
    assert person_in(said, cast.sato)["device"] == sato.device
    assert (person_in(said, cast.sato)["mic"], person_in(said, cast.sato)["camera"]) == (False, True)
    pushed = heard.by_member("call")
    assert set(pushed) == ids(cast.kim, cast.sato)
    assert pushed[cast.kim.pk][-1]["call"] == said == kim.state(call)
    assert not heard.told("call_gone")


def test_i34_answering_in_one_page_stops_the_ring_in_the_others(cast: Cast, room: Room, heard: Heard) -> None:
    kim, sato = Window(cast.kim), Window(cast.sato)
    other = sato.another()
    call = ring(kim, room)
    with heard.listening():
        snapshot_in(sato.join(call))
    assert cast.sato.pk in heard.reloading("ringing")
    assert rings_of(cast.sato) == []
    assert refusal_in(other.join(call)) == (409, "elsewhere")
    assert person_in(kim.state(call), cast.sato)["device"] == sato.device
    # The same page asks twice: a retry changes nothing.
    snapshot_in(sato.join(call))
    assert Participant.objects.filter(call=call, state="joined").count() == 2


def test_a_call_moves_to_another_page(cast: Cast, room: Room, heard: Heard) -> None:
    kim, sato = Window(cast.kim), Window(cast.sato)
    other = sato.another()
    call = talk(kim, sato, room)
    answered = kim.state(call)["answered_at"]
    with heard.listening():
        said = snapshot_in(other.join(call, move=1))
    gone = heard.by_member("call_gone")
    assert set(gone) == ids(cast.sato)
    assert [(one["call"], one["device"], one["reason"]) for one in gone[cast.sato.pk]] == [(call, sato.device, "moved")]
    assert heard.told("call") == ids(cast.kim, cast.sato)
    assert person_in(said, cast.sato)["device"] == other.device
    assert (said["state"], said["answered_at"]) == ("live", answered)
    # The page that was left behind closes now, and says good-bye.
    assert sato.leave(call).status_code == 204
    assert states(kim.state(call)) == {cast.kim.pk: "joined", cast.sato.pk: "joined"}
    assert sato.get("media", call, device=sato.device).status_code in (403, 404, 409)
    assert other.get("media", call, device=other.device).status_code == 200


@pytest.mark.parametrize("who", ["caller", "callee"])
def test_hanging_up_ends_the_call_for_both(cast: Cast, room: Room, heard: Heard, who: str) -> None:
    kim, sato = Window(cast.kim), Window(cast.sato)
    call = talk(kim, sato, room)
    wait(192, (call, cast.kim), (call, cast.sato))
    with heard.listening():
        assert (kim if who == "caller" else sato).leave(call).status_code == 204
    said = kim.state(call)
    assert (said["state"], said["outcome"]) == ("ended", "ended")
    assert set(states(said).values()) == {"left"}
    assert heard.told("call") | heard.told("call_gone") == ids(cast.kim, cast.sato)
    length = parse_datetime(said["ended_at"]) - parse_datetime(said["answered_at"])
    assert 192 <= length.total_seconds() < 195
    assert [row.seconds for member in (cast.kim, cast.sato) for row in rows_of(member)] in ([192, 192], [193, 193])
    told = lines_of(call)
    assert [words_of(message) for message in told] in (
        ["Voice call from Kim Minseo (alpha): 3 min 12 s"],
        ["Voice call from Kim Minseo (alpha): 3 min 13 s"],
    )
    assert refusal_in(sato.join(call)) == (409, "over")
    assert not notices_of(cast.sato)


def test_declining_tells_the_caller_and_stops_the_ring(cast: Cast, room: Room, heard: Heard) -> None:
    kim, sato = Window(cast.kim), Window(cast.sato)
    call = ring(kim, room)
    with heard.listening():
        assert sato.decline(call).status_code == 204
    said = kim.state(call)
    assert (said["state"], said["outcome"]) == ("ended", "declined")
    assert states(said)[cast.sato.pk] == "declined"
    assert heard.by_member("call")[cast.kim.pk][-1]["call"]["outcome"] == "declined"
    assert cast.sato.pk in heard.reloading("ringing")
    assert rings_of(cast.sato) == []
    assert [words_of(message) for message in lines_of(call)] == ["Voice call from Kim Minseo (alpha): declined"]
    # Who declines has not missed it.
    assert not notices_of(cast.sato)
    assert refusal_in(sato.join(call)) == (409, "over")
    # A late second click.
    assert sato.decline(call).status_code in (204, 409)
    assert kim.state(call) == said


def test_cancelling_stops_the_ring_and_leaves_a_missed_call(cast: Cast, room: Room, heard: Heard) -> None:
    kim, sato = Window(cast.kim), Window(cast.sato)
    call = ring(kim, room)
    with heard.listening():
        assert kim.leave(call).status_code == 204
    said = kim.state(call)
    assert (said["state"], said["outcome"]) == ("ended", "cancelled")
    assert states(said) == {cast.kim.pk: "left", cast.sato.pk: "missed"}
    assert cast.sato.pk in heard.reloading("ringing")
    assert rings_of(cast.sato) == []
    assert refusal_in(sato.join(call)) == (409, "over")
    assert [words_of(message) for message in lines_of(call)] == ["Voice call from Kim Minseo (alpha): cancelled"]
    assert notices_of(cast.sato) == ["You missed a voice call from Kim Minseo (alpha)."]
    assert notices_of(cast.kim) == []


def test_i34_a_ring_ends_by_itself(cast: Cast, room: Room, heard: Heard) -> None:
    kim, sato = Window(cast.kim), Window(cast.sato)
    call = ring(kim, room)
    wait(44, (call, cast.kim))
    assert kim.state(call)["state"] == "ringing"
    with heard.listening():
        wait(1, (call, cast.kim))
    said = kim.state(call)
    assert (said["state"], said["outcome"]) == ("ended", "no_answer")
    assert states(said) == {cast.kim.pk: "left", cast.sato.pk: "missed"}
    assert heard.by_member("call")[cast.kim.pk][-1]["call"]["outcome"] == "no_answer"
    assert cast.sato.pk in heard.reloading("ringing")
    assert heard.told("notice") == ids(cast.sato)
    assert notices_of(cast.sato) == ["You missed a voice call from Kim Minseo (alpha)."]
    assert [words_of(message) for message in lines_of(call)] == ["Voice call from Kim Minseo (alpha): no answer"]
    # A late answer is refused, and changes nothing.
    before = everything()
    assert refusal_in(sato.join(call)) == (409, "over")
    assert everything() == before


def test_a_caller_whose_page_has_gone_rings_no_more(cast: Cast, room: Room) -> None:
    kim, sato = Window(cast.kim), Window(cast.sato)
    call = ring(kim, room)
    wait(9)
    assert rings_of(cast.sato) == [call]
    wait(26)
    assert rings_of(cast.sato) == []
    assert kim.state(call)["state"] == "ended"
    assert refusal_in(sato.join(call)) == (409, "over")
    assert notices_of(cast.sato)


def test_i34_two_who_call_each_other_at_once_get_one_call(cast: Cast, room: Room, heard: Heard) -> None:
    kim, sato = Window(cast.kim), Window(cast.sato)
    call = ring(kim, room)
    with heard.listening():
        said = snapshot_in(sato.start(room, "video"))
    assert (said["id"], said["state"], said["kind"]) == (call, "live", "voice")
    assert states(said) == {cast.kim.pk: "joined", cast.sato.pk: "joined"}
    assert heard.told("call") == ids(cast.kim, cast.sato)
    assert Call.objects.count() == 1
    assert rings_of(cast.kim) == rings_of(cast.sato) == []
    # A second press of one's own button is the same call too.
    assert snapshot_in(kim.start(room))["id"] == call
    assert Call.objects.count() == 1


def test_who_is_in_another_call_is_busy(cast: Cast, room: Room, heard: Heard) -> None:
    sato, lee = Window(cast.sato), Window(cast.lee)
    theirs = talk(Window(cast.ito), sato, open_direct_room(member=cast.ito, other=cast.sato))
    kim = Window(cast.kim)
    with heard.listening():
        said = snapshot_in(kim.start(room))
    assert (said["state"], said["outcome"]) == ("ended", "busy")
    assert states(said) == {cast.kim.pk: "left", cast.sato.pk: "busy"}
    assert rings_of(cast.sato) == []
    assert notices_of(cast.sato) == ["You missed a voice call from Kim Minseo (alpha)."]
    assert [words_of(message) for message in lines_of(said["id"])] == ["Voice call from Kim Minseo (alpha): busy"]
    assert sato.state(theirs)["state"] == "live"
    assert refusal_in(sato.join(said["id"])) == (409, "over")
    # Kim was in no call after all, and may call somebody else.
    assert ring(kim, open_direct_room(member=cast.kim, other=cast.lee))
    assert lee.post("decline", Call.objects.latest("pk").pk).status_code == 204


def test_who_takes_one_of_two_rings_is_busy_for_the_other(cast: Cast, room: Room, heard: Heard) -> None:
    kim, ito, sato = Window(cast.kim), Window(cast.ito), Window(cast.sato)
    first = ring(kim, room)
    second = ring(ito, open_direct_room(member=cast.ito, other=cast.sato))
    assert sorted(rings_of(cast.sato)) == [first, second]
    with heard.listening():
        snapshot_in(sato.join(second))
    said = kim.state(first)
    assert (said["state"], said["outcome"]) == ("ended", "busy")
    assert heard.by_member("call")[cast.kim.pk][-1]["call"] == said
    assert rings_of(cast.sato) == []
    assert notices_of(cast.sato) == ["You missed a voice call from Kim Minseo (alpha)."]
    assert refusal_in(sato.join(first))[0] == 409
    assert sato.state(second)["state"] == "live"


def test_who_is_in_a_call_starts_and_answers_no_other(cast: Cast, room: Room, group: Room) -> None:
    kim, sato, ito = (Window(person) for person in (cast.kim, cast.sato, cast.ito))
    call = talk(kim, sato, room)
    assert refusal_in(kim.start(group)) == (409, "in_call")
    theirs = gathering(group, ito)
    before = everything()
    assert refusal_in(kim.another().join(theirs)) == (409, "in_call")
    assert refusal_in(kim.another().join(theirs, move=1)) == (409, "in_call")
    assert everything() == before
    kim.leave(call)
    assert states(snapshot_in(kim.join(theirs))) == {cast.ito.pk: "joined", cast.kim.pk: "joined"}


def test_starting_again_in_another_page_says_where_one_is(cast: Cast, room: Room) -> None:
    kim = Window(cast.kim)
    call = ring(kim, room)
    assert refusal_in(kim.another().start(room)) == (409, "elsewhere")
    assert person_in(kim.state(call), cast.kim)["device"] == kim.device
