"""Sending: stored once, in order, to those who may see it."""

import re
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, connections, transaction
from django.utils import timezone

from contacts.actions.block import block_external_user, unblock_external_user
from federation.actions.switch import set_external_connection
from messaging.access import message_of, messages_in
from messaging.actions.groups import create_group_room
from messaging.actions.joining import add_members
from messaging.actions.leaving import leave_room
from messaging.actions.rooms import open_direct_room
from messaging.actions.send import Draft, send_message, send_messages
from messaging.models import Message, Room
from tests.cast import Cast, say, signed_in
from tests.words import words_of
from worksbridge.errors import NotFound, Refused, WorksBridgeError


@pytest.mark.django_db
def test_i18_a_retry_returns_the_original(cast: Cast, room: Room) -> None:
    draft = Draft(room.pk, cast.kim.pk, uuid4(), "Once")
    first, again = send_message(draft), send_message(draft)
    assert first.pk == again.pk
    # It can be answered with as it is, where no database is.
    assert again.json == first.json != ""
    both = send_messages([Draft(room.pk, cast.kim.pk, draft.client_id, "Once"), draft])
    assert [message.pk for message in both] == [first.pk, first.pk]
    assert Message.objects.filter(room=room, kind="text").count() == 1


@pytest.mark.django_db
def test_i18_a_client_id_used_in_another_room_is_refused(cast: Cast, room: Room) -> None:
    other = open_direct_room(member=cast.kim, other=cast.lee)
    draft = Draft(room.pk, cast.kim.pk, uuid4(), "Once")
    send_message(draft)
    with pytest.raises(Refused):
        send_message(Draft(other.pk, cast.kim.pk, draft.client_id, "Twice"))


@pytest.mark.django_db(transaction=True)
def test_i19_writers_at_once_leave_no_gap(cast: Cast, room: Room) -> None:
    def write(number: int) -> None:
        try:
            for _ in range(20):
                say(room, cast.kim if number % 2 else cast.sato)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as threads:
        list(threads.map(write, range(6)))
    room.refresh_from_db()
    assert list(Message.objects.filter(room=room).order_by("seq").values_list("seq", flat=True)) == list(
        range(1, room.rev + 1)
    )
    assert Message.objects.filter(room=room, kind="text").count() == 120 == room.ordinal


@pytest.mark.django_db
def test_one_refused_draft_does_not_stop_the_others(cast: Cast, room: Room) -> None:
    outcomes = send_messages(
        [
            Draft(room.pk, cast.kim.pk, uuid4(), "First"),
            Draft(room.pk, cast.kim.pk, uuid4(), " \0 "),
            Draft(room.pk, cast.tran.pk, uuid4(), "A stranger"),
            Draft(room.pk + 1000, cast.kim.pk, uuid4(), "Nowhere"),
            Draft(room.pk, cast.sato.pk, uuid4(), "Second"),
        ]
    )
    assert [type(outcome).__name__ for outcome in outcomes] == [
        "MessageRow",
        "BadText",
        "NotFound",
        "NotFound",
        "MessageRow",
    ]


@pytest.mark.django_db
def test_a_batch_takes_a_constant_number_of_queries(
    cast: Cast, room: Room, django_assert_max_num_queries: object
) -> None:
    with django_assert_max_num_queries(13):
        send_messages([Draft(room.pk, cast.kim.pk, uuid4(), f"Message {n}") for n in range(100)])


@pytest.mark.django_db
def test_i01_a_stranger_gets_the_same_answer_for_a_foreign_and_a_missing_room(cast: Cast, room: Room) -> None:
    client = signed_in(cast.tran)
    for path in ("", "header/", "foot/", "timeline", "changes?after=0"):
        foreign = client.get(f"/messages/{room.pk}/{path}", headers={"accept": "application/json"})
        missing = client.get(f"/messages/987654/{path}", headers={"accept": "application/json"})
        assert (foreign.status_code, foreign.content) == (404, missing.content)
    for path in ("send", "read", "reconnect"):
        foreign = client.post(f"/messages/{room.pk}/{path}", {"body": "x", "seq": "1"})
        missing = client.post(f"/messages/987654/{path}", {"body": "x", "seq": "1"})
        assert foreign.status_code == missing.status_code == 404


@pytest.mark.django_db
def test_the_form_works_without_a_socket_and_keeps_the_text_when_refused(cast: Cast, room: Room) -> None:
    client = signed_in(cast.kim)
    assert client.post(f"/messages/{room.pk}/send", {"body": "By form"}).status_code == 302
    assert Message.objects.get(room=room, kind="text").body == "By form"
    answer = client.post(f"/messages/{room.pk}/send", {"body": "가" * 10_001})
    assert answer.status_code == 400
    assert "가" * 10_001 in answer.content.decode()


@pytest.mark.django_db
def test_i18_a_form_that_is_sent_twice_is_stored_once(cast: Cast, room: Room) -> None:
    client = signed_in(cast.kim)
    shown = client.get(f"/messages/{room.pk}/").content.decode()
    form = {"client_id": re.findall(r'name="client_id" value="([^"]+)"', shown)[0], "body": "By form"}
    for _press in range(2):
        assert client.post(f"/messages/{room.pk}/send", form).status_code == 302
    texts = Message.objects.filter(room=room, kind="text").order_by("seq")
    assert list(texts.values_list("body", flat=True)) == ["By form"]
    # Back in the browser, and something else is typed into the same page: that is another message.
    client.post(f"/messages/{room.pk}/send", form | {"body": "Something else"})
    assert list(texts.values_list("body", flat=True)) == ["By form", "Something else"]


@pytest.mark.django_db
def test_the_page_that_keeps_a_refused_text_leads_to_where_pages_are(cast: Cast, room: Room) -> None:
    page = signed_in(cast.kim).post(f"/messages/{room.pk}/send", {"body": "가" * 10_001}).content.decode()
    assert f'action="/messages/{room.pk}/" role="search"' in page


@pytest.mark.django_db
def test_i15_what_a_blocked_person_sends_is_not_delivered_and_they_are_not_told(cast: Cast, room: Room) -> None:
    block_external_user(member=cast.sato, person=cast.kim)
    sent = say(room, cast.kim, "Are you there?")
    room.refresh_from_db()
    assert messages_in(cast.kim, room).filter(pk=sent.pk).exists()
    assert not messages_in(cast.sato, room).filter(pk=sent.pk).exists()
    assert "Are you there?" not in signed_in(cast.sato).get("/messages/list/").content.decode()
    with pytest.raises(Refused):
        say(room, cast.sato)
    unblock_external_user(member=cast.sato, person=cast.kim)
    again = say(room, cast.kim, "Hello again")
    assert set(messages_in(cast.sato, room).values_list("pk", flat=True)) & {sent.pk, again.pk} == {again.pk}


@pytest.mark.django_db
def test_i12_a_frozen_room_takes_nothing(cast: Cast, room: Room) -> None:
    say(room, cast.kim)
    set_external_connection(company=cast.beta, allows=False, actor=cast.admin_beta)
    with pytest.raises(Refused) as refusal:
        say(room, cast.kim)
    assert refusal.value.code == "frozen"
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO messaging_message (room_id, seq, rev, ordinal, kind, author_id, body, html, data, created_at)"
            " VALUES (%s, 900, 900, 900, 'text', %s, 'x', 'x', '{}', now())",
            [room.pk, cast.kim.pk],
        )


@pytest.mark.django_db
def test_i12_what_stands_in_a_frozen_room_is_changed_by_nobody(cast: Cast, room: Room) -> None:
    message = say(room, cast.kim)
    change_body(message, "Changed while it was open")
    set_external_connection(company=cast.beta, allows=False, actor=cast.admin_beta)
    with pytest.raises(DatabaseError, match="frozen"), transaction.atomic():
        change_body(message, "Changed after the end")
    # Its HTML follows from its body.
    Message.objects.filter(pk=message.pk).update(html="<p>Changed while it was open</p>")


@pytest.mark.django_db
def test_i04_what_somebody_wrote_who_left_is_changed_by_nobody(cast: Cast) -> None:
    room = create_group_room(creator=cast.kim, members=[cast.lee, cast.sato], name="Osaka launch")
    message = say(room, cast.lee)
    leave_room(member=cast.lee, room_id=room.pk)
    with pytest.raises(DatabaseError, match="not in the room"), transaction.atomic():
        change_body(message, "Changed from outside")


@pytest.mark.django_db
def test_i18_a_message_stays_where_and_whose_it_is(cast: Cast, room: Room) -> None:
    message, other = say(room, cast.kim), open_direct_room(member=cast.kim, other=cast.lee)
    for change in ({"room": other}, {"author": cast.sato}, {"seq": 900}, {"kind": "line"}):
        with pytest.raises(DatabaseError, match="stays in its place"), transaction.atomic():
            Message.objects.filter(pk=message.pk).update(**change)


def change_body(message: Message, body: str) -> None:
    Message.objects.filter(pk=message.pk).update(body=body)


@pytest.mark.django_db
def test_i13_allowing_again_revives_nothing_by_itself(cast: Cast, room: Room) -> None:
    set_external_connection(company=cast.beta, allows=False, actor=cast.admin_beta)
    set_external_connection(company=cast.beta, allows=True, actor=cast.admin_beta)
    room.refresh_from_db()
    assert room.frozen_at is not None
    assert signed_in(cast.tran).post(f"/messages/{room.pk}/reconnect").status_code == 404
    assert signed_in(cast.kim).post(f"/messages/{room.pk}/reconnect").status_code == 302
    room.refresh_from_db()
    assert room.frozen_at is None
    assert "reconnected" in words_of(Message.objects.filter(room=room).latest("seq"))


@pytest.mark.django_db
def test_i09_the_database_refuses_an_open_room_on_a_closed_link(cast: Cast, room: Room) -> None:
    set_external_connection(company=cast.beta, allows=False, actor=cast.admin_beta)
    with pytest.raises(DatabaseError), transaction.atomic():
        Room.objects.filter(pk=room.pk).update(frozen_at=None)
    with pytest.raises(DatabaseError), transaction.atomic():
        low, high = sorted([cast.lee, cast.ito], key=lambda person: person.pk)
        Room.objects.create(kind="direct", is_external=False, hosting_company=cast.alpha, low=low, high=high)
    with pytest.raises(WorksBridgeError):
        open_direct_room(member=cast.lee, other=cast.ito)


@pytest.mark.django_db
def test_i01_i04_one_message_is_found_by_those_who_may_see_it_and_by_nobody_else(cast: Cast) -> None:
    room = create_group_room(creator=cast.kim, members=[cast.lee, cast.sato], name="Osaka launch")
    block_external_user(member=cast.sato, person=cast.kim)
    seq = say(room, cast.kim, "For some").seq
    assert message_of(cast.lee, room.pk, seq).body == "For some"
    add_members(master=cast.kim, room_id=room.pk, people=[cast.ito])
    elsewhere = open_direct_room(member=cast.kim, other=cast.lee)
    leave_room(member=cast.lee, room_id=room.pk)
    for member, room_id, number in (
        (cast.sato, room.pk, seq),  # it was withheld
        (cast.ito, room.pk, seq),  # it was said before
        (cast.lee, room.pk, seq),  # who left
        (cast.tran, room.pk, seq),  # a stranger
        (cast.kim, elsewhere.pk, seq + 100),  # another room
        (cast.kim, room.pk, 987),
        (cast.kim, 987_654_321, seq),
    ):
        with pytest.raises(NotFound):
            message_of(member, room_id, number)


@pytest.mark.django_db
def test_i04_a_former_member_reads_nothing(cast: Cast, room: Room) -> None:
    say(room, cast.sato, "For members only")
    room.memberships.filter(member=cast.kim).update(ended_at=timezone.now())
    client = signed_in(cast.kim)
    for path in ("", "header/", "foot/", "timeline", "changes?after=0"):
        assert client.get(f"/messages/{room.pk}/{path}").status_code == 404
    assert "For members only" not in client.get("/messages/list/").content.decode()
    with pytest.raises(NotFound):
        say(room, cast.kim)
