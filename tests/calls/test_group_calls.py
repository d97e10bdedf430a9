"""Calls in group rooms: people come and go, and from the fifth on media go through Janus."""

import re
from typing import Any

import pytest
from django.urls import reverse

from accounts.actions.members import deactivate_member
from accounts.models import Notification, User
from calls import janus, janus_sync
from calls.models import Call
from messaging.actions.groups import create_group_room
from messaging.actions.leaving import remove_member
from messaging.models import Room
from tests.calls.ring import (
    Window,
    everything,
    gathering,
    lines_of,
    person_in,
    refusal_in,
    rings_of,
    snapshot_in,
    states,
    wait,
)
from tests.cast import Cast, make_members, signed_in
from tests.heard import Heard, ids
from tests.words import words_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_media_servers")]


def test_a_group_call_rings_nobody_and_is_shown_in_the_room(cast: Cast, group: Room, heard: Heard) -> None:
    kim = Window(cast.kim)
    with heard.listening():
        said = snapshot_in(kim.start(group, "video"))
    call = said["id"]
    assert (said["state"], said["direct"], said["ring_until"]) == ("live", False, None)
    assert states(said) == {cast.kim.pk: "joined"}
    assert heard.told("call_started") == ids(cast.lee, cast.sato, cast.ito)
    frame = heard.by_member("call_started")[cast.lee.pk][0]
    assert (frame["call"], frame["room"]) == (call, group.pk)
    assert frame["html"]
    assert heard.reloading("room-call") == ids(cast.kim, cast.lee, cast.sato, cast.ito)
    assert {frame["room"] for _to, frame in heard.frames("reload") if "room-call" in frame["parts"]} == {group.pk}
    assert not heard.reloading("ringing")
    assert rings_of(cast.lee) == []
    for member, inside in ((cast.kim, True), (cast.lee, False)):
        bar = signed_in(member).get(reverse("calls:room", args=[group.pk])).context
        assert (bar["call"].pk, bar["people"], bar["inside"]) == (call, [cast.kim], inside)
    assert [words_of(message) for message in lines_of(call)] == ["Kim Minseo (alpha) started a video call"]


def test_people_come_and_go_in_a_group_call_and_the_last_one_ends_it(cast: Cast, group: Room, heard: Heard) -> None:
    kim, lee, sato = (Window(person) for person in (cast.kim, cast.lee, cast.sato))
    call = gathering(group, kim)
    with heard.listening():
        said = snapshot_in(sato.join(call))
    assert said["answered_at"]
    assert heard.told("call") == ids(cast.kim, cast.sato)
    assert cast.ito.pk in heard.reloading("room-call")
    said = snapshot_in(lee.start(group))
    assert said["id"] == call
    assert [person["member"] for person in said["people"]] == [cast.kim.pk, cast.sato.pk, cast.lee.pk]
    wait(30, *((call, person) for person in (cast.kim, cast.sato, cast.lee)))
    with heard.listening():
        kim.leave(call)
    assert heard.told("call") - ids(cast.kim) == ids(cast.sato, cast.lee)
    assert states(lee.state(call)) == {cast.sato.pk: "joined", cast.lee.pk: "joined"}
    lee.leave(call)
    # Who has left may come again, and one person alone may wait for others.
    assert sato.state(call)["state"] == "live"
    assert states(snapshot_in(kim.join(call))) == {cast.sato.pk: "joined", cast.kim.pk: "joined"}
    kim.leave(call)
    with heard.listening():
        sato.leave(call)
    said = kim.state(call)
    assert (said["state"], said["outcome"], said["people"]) == ("ended", "ended", [])
    assert heard.reloading("room-call") == ids(cast.kim, cast.lee, cast.sato, cast.ito)
    assert signed_in(cast.ito).get(reverse("calls:room", args=[group.pk])).context["call"] is None
    # The half minute that was waited for, and what this test itself took.
    lasted = Call.objects.get(pk=call).seconds
    assert lasted is not None
    assert lasted >= 30
    assert [words_of(message) for message in lines_of(call)][1:] == [f"The video call ended after {lasted} s"]
    assert refusal_in(kim.join(call)) == (409, "over")
    # A new one may begin.
    assert snapshot_in(kim.start(group))["id"] != call


def test_a_group_call_that_nobody_joined_says_so(cast: Cast, group: Room) -> None:
    kim = Window(cast.kim)
    call = gathering(group, kim)
    kim.leave(call)
    said = kim.state(call)
    assert (said["state"], said["answered_at"]) == ("ended", None)
    assert said["outcome"] in ("no_answer", "cancelled")
    assert len(lines_of(call)) == 2
    # A group call rings for nobody, so nobody has missed it.
    assert not Notification.objects.filter(kind="call.missed").exists()


def test_a_lost_page_is_out_of_a_group_call_and_may_come_back(cast: Cast, group: Room, heard: Heard) -> None:
    kim, sato = Window(cast.kim), Window(cast.sato)
    call = gathering(group, kim, sato)
    wait(9, (call, cast.kim))
    assert states(kim.state(call)) == {cast.kim.pk: "joined", cast.sato.pk: "joined"}
    with heard.listening():
        wait(3, (call, cast.kim))
    assert states(kim.state(call)) == {cast.kim.pk: "joined"}
    assert cast.kim.pk in heard.told("call")
    assert [frame["reason"] for frame in heard.by_member("call_gone")[cast.sato.pk]] == ["lost"]
    assert states(snapshot_in(sato.another().join(call))) == {cast.kim.pk: "joined", cast.sato.pk: "joined"}
    wait(60)
    assert kim.state(call)["state"] == "ended"
    assert refusal_in(kim.join(call)) == (409, "over")


def test_a_fifth_person_is_refused_without_janus_with_the_reason(cast: Cast, group: Room) -> None:
    more = make_members(cast.alpha, [f"Han {number}" for number in range(2)])
    big = create_group_room(creator=cast.kim, members=[cast.lee, *more, cast.admin_alpha], name="Big")
    windows = [Window(person) for person in (cast.kim, cast.lee, *more)]
    call = gathering(big, *windows)
    fifth = Window(cast.admin_alpha)
    before = everything()
    for answer in (fifth.join(call), fifth.start(big)):
        assert refusal_in(answer) == (409, "full")
        assert re.search(r"4|four", answer.json()["text"])
    assert everything() == before
    windows[1].leave(call)
    assert len(snapshot_in(fifth.join(call))["people"]) == 4
    assert refusal_in(windows[1].join(call)) == (409, "full")
    # Whoever is in changes the page without needing another place.
    assert snapshot_in(windows[0].another().join(call, move=1))["mode"] == "mesh"


@pytest.fixture
def asked(settings: Any, monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """A deployment with Janus, and what Janus is asked; how it answers is shown by tests with a real one."""
    settings.JANUS_URL, settings.JANUS_ADMIN_URL = "wss://janus.example/", "http://127.0.0.1:9/admin"
    settings.JANUS_ADMIN_SECRET = settings.JANUS_TOKEN_SECRET = "secret"
    settings.CALLS_MOST = 6
    found: list[tuple[Any, ...]] = []

    def ask(name: str) -> Any:
        def work(*about: int) -> str:
            found.append((name, *about))
            return f"pin {about[-1]}"

        return work

    for name in ("ensure_room", "admit", "expel", "remove_room"):
        monkeypatch.setattr(janus, name, ask(name))
    monkeypatch.setattr(janus_sync._threads, "submit", lambda work: work())
    return found


def test_from_the_fifth_person_on_media_go_through_janus_until_the_call_ends(
    cast: Cast, heard: Heard, asked: list[tuple[Any, ...]]
) -> None:
    people = [cast.kim, *make_members(cast.alpha, [f"Han {number}" for number in range(7)])]
    room = create_group_room(creator=cast.kim, members=people[1:], name="Big")
    windows = [Window(person) for person in people]
    call = gathering(room, *windows[:4])
    assert asked == []
    assert windows[0].state(call)["mode"] == "mesh"
    with heard.listening():
        said = snapshot_in(windows[4].join(call))
    assert said["mode"] == "sfu"
    assert asked == [("ensure_room", call)]
    assert heard.told("call") == ids(*people[:5])
    feeds = {person["member"]: person["feed"] for person in said["people"]}
    assert len(set(feeds.values())) == 5
    tokens = set()
    for window in windows[:5]:
        media = window.get("media", call, device=window.device).json()["janus"]
        assert set(media) == {"url", "token", "room", "feed", "pin"}
        assert (media["url"], media["feed"]) == ("wss://janus.example/", feeds[window.member.pk])
        assert media["pin"] == f"pin {media['feed']}"
        tokens.add(media["token"])
    assert len(tokens) == 5
    assert windows[5].get("media", call, device=windows[5].device).status_code in (403, 404, 409)
    snapshot_in(windows[5].join(call))
    assert refusal_in(windows[6].join(call)) == (409, "full")
    asked.clear()
    # Whoever is out, by whatever way, is out of Janus too, with what they held.
    with heard.listening():
        windows[4].leave(call)
        remove_member(master=cast.kim, room_id=room.pk, member_id=people[3].pk)
    assert sorted(asked) == sorted(("expel", call, feeds[person.pk]) for person in people[3:5])
    asked.clear()
    with heard.listening():
        moved = snapshot_in(windows[1].another().join(call, move=1))
    assert asked == [("expel", call, feeds[people[1].pk])]
    assert person_in(moved, people[1])["feed"] != feeds[people[1].pk]
    # It stays with Janus, also with few in it.
    assert (len(moved["people"]), moved["mode"]) == (4, "sfu")
    asked.clear()
    with heard.listening():
        deactivate_member(member=User.objects.get(pk=people[2].pk), actor=None)
    assert asked == [("expel", call, feeds[people[2].pk])]
    with heard.listening():
        wait(60)
        wait(60)
    assert windows[0].state(call)["state"] == "ended"
    assert ("remove_room", call) in asked


def test_without_an_answer_of_janus_the_fifth_is_told_and_the_four_go_on(
    cast: Cast, asked: list[tuple[Any, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [cast.kim, *make_members(cast.alpha, [f"Han {number}" for number in range(4)])]
    room = create_group_room(creator=cast.kim, members=people[1:], name="Big")
    windows = [Window(person) for person in people]
    call = gathering(room, *windows[:4])

    def silent(_call: int) -> None:
        raise janus.Unavailable

    monkeypatch.setattr(janus, "ensure_room", silent)
    before = everything()
    assert refusal_in(windows[4].join(call)) == (503, "unavailable")
    assert refusal_in(windows[4].start(room)) == (503, "unavailable")
    assert everything() == before
