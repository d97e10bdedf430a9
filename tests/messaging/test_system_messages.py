"""System messages: an event without words, and the sentence that each reader gets of it."""

import html
import json
import re
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps

from accounts.models import Company, User
from messaging.actions.groups import create_group_room
from messaging.message.sentences import SENTENCES, declare
from messaging.message.system import Seconds, SystemMessage, Word, to_html, to_text
from messaging.models import Message
from messaging.pages.room_list import room_rows
from tests.cast import Cast, signed_in

# What the scripts make of the same events is tested with the same file.
SHARED = json.loads((Path(__file__).parents[1] / "js" / "system.json").read_text())
NAMES = {int(pk): name for pk, name in SHARED["names"].items()}
migration = import_module("messaging.migrations.0012_system_messages")


@pytest.fixture(params=SHARED["languages"])
def language(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The table of sentences is that of this language."""
    monkeypatch.setattr("messaging.message.system.SENTENCES", SHARED["languages"][request.param])
    return str(request.param)


@pytest.mark.parametrize("case", SHARED["cases"], ids=lambda case: case["en"])
def test_an_event_becomes_the_same_sentence_as_in_the_browser(language: str, case: dict[str, Any]) -> None:
    assert to_text(case["data"], company_id=SHARED["company"], names=NAMES) == case[language]
    markup = to_html(case["data"], company_id=SHARED["company"], names=NAMES)
    badges = re.sub(r'(<bdi class="badge[^>]*>)([^<]*)(</bdi>)', r"\1(\2)\3", markup)
    assert html.unescape(re.sub(r"<[^>]*>", "", badges)) == case[language]


def test_names_are_escaped() -> None:
    company = Company(pk=7, name="<i>beta</i>")
    person = User(pk=5, name='<img src=x onerror=alert(1)> & "co"', company=company)
    for message in (
        SystemMessage("room.member_left", by=person),
        SystemMessage("room.members_excluded", people=[person, person]),
    ):
        markup = to_html(message.data(), company_id=None, names={})
        assert "<img" not in markup
        assert "<i>" not in markup
        assert "&lt;img src=x onerror=alert(1)&gt; &amp; " in markup


def test_more_than_three_are_counted() -> None:
    people = [User(pk=number, name=f"Person {number}") for number in range(1, 6)]
    data = SystemMessage("room.members_added", by=people[0], people=people).data()
    assert data["parts"]["people"] == {"people": [1, 2, 3], "more": 2}
    assert to_text(data, company_id=None, names={}) == "Person 1 added Person 1, Person 2, Person 3 and 2 others"


@pytest.mark.parametrize(
    ("event", "parts"),
    [("room.unheard_of", {}), ("room.renamed", {"name": "New"}), ("room.frozen", {"name": "New"})],
)
def test_an_event_has_its_parts_and_no_others(event: str, parts: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=event):
        SystemMessage(event, **parts)


def test_no_app_takes_anothers_event() -> None:
    with pytest.raises(ValueError, match=r"room\.frozen"):
        declare({"room.frozen": "Another sentence"})


@pytest.mark.django_db
def test_each_reads_it_in_the_page_and_in_the_list_as_they_know_people(cast: Cast) -> None:
    room = create_group_room(creator=cast.kim, members=[cast.lee, cast.sato], name="Osaka launch")
    assert [row.preview for row in room_rows(cast.lee)] == ["Kim Minseo created this room"]
    assert [row.preview for row in room_rows(cast.sato)] == ["Kim Minseo (alpha) created this room"]
    for reader, who in ((cast.lee, "Kim Minseo"), (cast.sato, "Kim Minseo alpha")):
        page = signed_in(reader).get(f"/messages/{room.pk}/").content.decode()
        (line,) = re.findall(r'<p class="system"[^>]*>(.*?)</p>', page)
        assert re.sub(r"<[^>]*>", "", line) == f"{who} created this room"


def person(pk: int, name: str, company: str = "") -> str:
    """As lines had people before they were events."""
    shown = f'<span class="person-name" data-person="{pk}">{html.escape(name)}</span>'
    badge = f'<span class="badge badge--ext company-badge" data-company="{pk % 2 + 1}">{html.escape(company)}</span>'
    return f"{shown} {badge}" if company else shown


KIM, SATO = person(4, "Kim Minseo", "alpha"), person(5, 'Sato "Yui" & <co>', "beta")
CALL = '<span class="call-line" data-call="9" data-kind="{}" data-outcome="{}" data-caller="4">{}</span>'
OLD = [
    (f"{KIM} made this room", "Kim Minseo (alpha) created this room"),
    (f"{KIM} named this room “R&amp;D and 2 others”", "Kim Minseo (alpha) named this room “R&D and 2 others”"),
    (f"{KIM} changed the photo", "Kim Minseo (alpha) changed the photo"),
    (
        f"{KIM} decided that newcomers see messages from when they join",
        "Kim Minseo (alpha) limited new members to messages sent after they join",
    ),
    (
        f"{KIM} added {SATO}, {KIM}, {SATO} and 97 others",
        'Kim Minseo (alpha) added Sato "Yui" & <co> (beta), Kim Minseo (alpha), Sato "Yui" & <co> (beta) and 97 others',
    ),
    (f"{KIM} removed {SATO}", 'Kim Minseo (alpha) removed Sato "Yui" & <co> (beta)'),
    (f"{person(8, 'Operator')} left", "Operator left"),
    (
        f"{SATO} was excluded: the external connection has ended",
        'Sato "Yui" & <co> (beta) was excluded because external connection has ended',
    ),
    (
        f"{SATO} and {KIM} were excluded: the external connection has ended",
        'Sato "Yui" & <co> (beta) and Kim Minseo (alpha) were excluded because external connection has ended',
    ),
    (
        f"{KIM} handed the room over: {SATO} is now Group Master",
        'Kim Minseo (alpha) transferred the Group Master role to Sato "Yui" & <co> (beta)',
    ),
    (f"{KIM} is now Group Master", "Kim Minseo (alpha) is now Group Master"),
    (
        "Nobody of R&amp;D is left. This room can only be read now.",
        "No one from R&D is left. This room is now read-only.",
    ),
    (
        "The external connection has ended. This room can only be read now.",
        "External connection has ended. This room is now read-only.",
    ),
    (CALL.format("voice", "", f"{KIM} started a voice call"), "Kim Minseo (alpha) started a voice call"),
    (CALL.format("video", "ended", "The video call ended after 1 h 4 min"), "The video call ended after 1 h 4 min"),
    (CALL.format("video", "ended", "The video call ended; nobody joined"), "The video call ended; no one joined"),
    (
        CALL.format("voice", "no_answer", f"Voice call from {KIM}: no answer"),
        "Voice call from Kim Minseo (alpha): no answer",
    ),
    (
        CALL.format("video", "ended", f"Video call from {KIM}: 3 min 12 s"),
        "Video call from Kim Minseo (alpha): 3 min 12 s",
    ),
    ("Something of &lt;old&gt; that nobody knows", "Something of <old> that nobody knows"),
]


@pytest.mark.django_db
def test_the_lines_of_before_say_the_same_as_events(cast: Cast) -> None:
    room = create_group_room(creator=cast.kim, members=[cast.lee], name="Old")
    Message.objects.filter(room=room).delete()
    usual = {"room": room, "ordinal": 0, "kind": "line", "created_at": room.created_at}
    Message.objects.bulk_create(
        [Message(**usual, seq=seq, rev=seq, body=said, html=line) for seq, (line, said) in enumerate(OLD, 1)]
    )
    migration.convert(apps, None)
    found = Message.objects.filter(room=room).order_by("seq")
    # The sentence stays, for processes of the version before, and again changes nothing.
    assert [(one.body, one.html) for one in found] == [(said, line) for line, said in OLD]
    migration.convert(apps, None)
    assert [one.data for one in found.all()] == [one.data for one in found]
    assert [to_text(one.data, company_id=None, names={}) for one in found] == [said for _line, said in OLD]
    assert [one.data["event"] for one in found].count("room.note") == 1
    events = {one.data["event"] for one in found}
    assert events <= SENTENCES.keys()
    assert {"id": 9, "kind": "voice", "outcome": "no_answer", "caller": 4} in [one.data.get("call") for one in found]
    page = signed_in(cast.kim).get(f"/messages/{room.pk}/")
    assert page.status_code == 200


@pytest.mark.django_db
def test_what_an_earlier_version_writes_during_a_deploy_is_read_as_it_is(cast: Cast) -> None:
    room = create_group_room(creator=cast.kim, members=[cast.lee], name="Old")
    said = {"body": "Kim <left>", "html": "Kim &lt;left&gt;", "data": {"people": {}}}
    room.rev += 1
    room.save()
    Message.objects.create(
        room=room, seq=room.rev, rev=room.rev, ordinal=0, kind="line", created_at=room.created_at, **said
    )
    assert [row.preview for row in room_rows(cast.lee)] == ["Kim <left>"]
    client = signed_in(cast.lee)
    assert "Kim &lt;left&gt;</p>" in client.get(f"/messages/{room.pk}/").content.decode()
    (item,) = client.get(f"/messages/{room.pk}/changes?after={room.rev - 1}").json()["items"]
    assert "room.note" in item["html"]


def test_words_and_lengths_are_parts() -> None:
    about = {"call": {"id": 1}}
    kim = User(pk=1, name="Kim")
    for how, said in ((Word("call.outcome.busy"), "busy"), (Seconds(61), "1 min 1 s")):
        message = SystemMessage("call.direct.voice", about=about, by=kim, how=how)
        assert message.by is kim
        assert message.data()["call"] == {"id": 1}
        assert to_text(message.data(), company_id=None, names={}) == f"Voice call from Kim: {said}"
