"""A message filled into its author's stencil is, letter for letter, what the template makes of it."""

import datetime as dt
import html
import re
from uuid import uuid4

import pytest
from django.template.loader import get_template
from django.utils import timezone, translation

from messaging.actions.groups import create_group_room
from messaging.actions.rooms import open_direct_room
from messaging.actions.send import Draft, send_message
from messaging.message.html import TEMPLATE, Author, render_message, squeeze
from messaging.message.row import COLUMNS, MessageRow
from messaging.models import Message
from tests.cast import Cast, make_member, signed_in
from tests.heard import Heard

pytestmark = pytest.mark.django_db


def by_template(message: Message) -> str:
    return squeeze(get_template(TEMPLATE).render({"message": message}))


def by_stencil(message: Message) -> str:
    return render_message(MessageRow.of(message), Author.of(message.author))


@pytest.mark.parametrize(
    "name", ["Sato Yui", "04:05", "100 %(html)s %%", "1901-02-03T04:05:06+00:00", "<b> & \"'", "김"]
)
def test_whatever_a_name_is_it_is_what_the_template_makes(cast: Cast, name: str) -> None:
    author = make_member(cast.alpha, "Author")
    type(author).objects.filter(pk=author.pk).update(name=name, photo="photos/a.png" if "0" in name else "")
    room = open_direct_room(member=cast.kim, other=author)
    sent = send_message(Draft(room.pk, author.pk, uuid4(), "**04:05** 100 % %(seq)s <b> {{ x }}"))
    message = Message.objects.get(pk=sent.pk)
    assert by_stencil(message) == by_template(message)
    message.created_at -= dt.timedelta(days=200, hours=7, minutes=11)
    assert by_stencil(message) == by_template(message)


def test_line_breaks_in_what_somebody_wrote_stay(cast: Cast) -> None:
    room = open_direct_room(member=cast.kim, other=cast.lee)
    sent = send_message(Draft(room.pk, cast.lee.pk, uuid4(), "```\nif a:\n    b = c\n```"))
    assert "if a:\n    b = c</code>" in by_stencil(Message.objects.get(pk=sent.pk))


def test_a_new_name_shows_in_the_next_message(cast: Cast) -> None:
    room = open_direct_room(member=cast.kim, other=cast.lee)
    send_message(Draft(room.pk, cast.lee.pk, uuid4(), "Before"))
    type(cast.lee).objects.filter(pk=cast.lee.pk).update(name="Lee Married")
    sent = send_message(Draft(room.pk, cast.lee.pk, uuid4(), "After"))
    assert "Lee Married" in sent.json


def test_a_row_is_the_same_however_it_was_made(cast: Cast) -> None:
    room = open_direct_room(member=cast.kim, other=cast.lee)
    sent = send_message(Draft(room.pk, cast.lee.pk, uuid4(), "**Hello** “{%(seq)s}”\\\n\t한글"))
    message = Message.objects.get(pk=sent.pk)
    assert MessageRow.read(Message.objects.filter(pk=sent.pk)) == [MessageRow.of(message)] == [sent]
    assert set(COLUMNS) == {one.attname for one in Message._meta.concrete_fields} - {"id"}


@pytest.mark.parametrize("language", ["en", "ko", "ja"])
@pytest.mark.parametrize("zone", ["UTC", "Asia/Seoul", "America/St_Johns"])
def test_what_is_pushed_holds_no_word_of_a_language_and_no_clock_time(cast: Cast, language: str, zone: str) -> None:
    room = create_group_room(creator=cast.kim, members=[cast.lee, cast.sato], name="Osaka launch")
    send_message(Draft(room.pk, cast.kim.pk, uuid4(), "Hello"))
    system, sent = MessageRow.read(Message.objects.filter(room=room).order_by("seq"))
    with timezone.override(zone), translation.override(language):
        assert text_in(render_message(system, None)) == ""
        assert text_in(render_message(sent, Author.of(cast.kim))).split() == ["KM", "Kim", "Minseo", "alpha", "Hello"]


def test_a_korean_and_an_english_page_get_the_same_push(cast: Cast, heard: Heard) -> None:
    room = create_group_room(creator=cast.kim, members=[cast.lee, cast.sato], name="Osaka launch")
    frames = []
    for language in ("en", "ko"):
        type(cast.kim).objects.filter(pk=cast.kim.pk).update(language=language)
        with heard.listening():
            signed_in(cast.kim).post(f"/messages/{room.pk}/edit/", {"name": f"Osaka {language}", "newcomers": "joined"})
        ((_to, frame),) = heard.frames("room")
        frames.append(html.unescape(frame["items"][0]["html"]).replace(f"Osaka {language}", "Osaka"))
    numbers = [re.sub(r"\d+", "#", one) for one in frames]
    assert numbers[0] == numbers[1]


def text_in(markup: str) -> str:
    return re.sub(r"<[^>]*>", " ", markup).strip()
