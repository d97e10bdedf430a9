"""A message filled into its author's stencil is, letter for letter, what the template makes of it."""

import datetime as dt
from uuid import uuid4

import pytest
from django.template.loader import get_template
from django.utils import timezone

from accounts.models import Company, User
from messaging.actions.rooms import open_direct_room
from messaging.actions.send import Draft, send_message
from messaging.lines import line
from messaging.message.html import TEMPLATE, Author, render_message
from messaging.message.row import COLUMNS, MessageRow
from messaging.models import Message
from tests.cast import Cast, make_member

pytestmark = pytest.mark.django_db


def by_template(message: Message) -> str:
    return get_template(TEMPLATE).render({"message": message})


def by_stencil(message: Message) -> str:
    return render_message(MessageRow.of(message), Author.of(message.author))


@pytest.mark.parametrize(
    "name", ["Sato Yui", "04:05", "100 %(html)s %%", "1901-02-03T04:05:06+00:00", "<b> & \"'", "김"]
)
@pytest.mark.parametrize("zone", ["UTC", "Asia/Seoul", "America/St_Johns"])
def test_whatever_a_name_is_it_is_what_the_template_makes(cast: Cast, name: str, zone: str) -> None:
    author = make_member(cast.alpha, "Author")
    type(author).objects.filter(pk=author.pk).update(name=name, photo="photos/a.png" if "0" in name else "")
    room = open_direct_room(member=cast.kim, other=author)
    sent = send_message(Draft(room.pk, author.pk, uuid4(), "**04:05** 100 % %(seq)s <b> {{ x }}"))
    message = Message.objects.get(pk=sent.pk)
    with timezone.override(zone):
        assert by_stencil(message) == by_template(message)
        earlier = dt.timedelta(days=200, hours=7, minutes=11)
        message.created_at -= earlier
        assert by_stencil(message) == by_template(message)


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


def test_names_in_a_line_are_escaped() -> None:
    company = Company(pk=7, name="<i>beta</i>")
    person = User(pk=5, name='<img src=x onerror=alert(1)> & "co"', company=company)
    for text in (line("{person} left.", person=person), line("{people} were added.", people=[person, person])):
        assert "<img" not in text.html
        assert "<i>" not in text.html
        assert "&lt;img src=x onerror=alert(1)&gt; &amp; " in text.html
