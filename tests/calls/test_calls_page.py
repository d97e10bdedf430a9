"""What is kept of calls: the Calls page, notices, lines in the rooms."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Notification, User
from calls.actions.timeouts import end_overdue
from calls.models import Call, Participant
from federation.actions.switch import set_external_connection
from messaging.actions.rooms import open_direct_room
from messaging.models import Message, Room
from tests.calls.ring import (
    Window,
    gathering,
    lines_of,
    ring,
    rows_of,
    talk,
    wait,
)
from tests.cast import Cast, make_member, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_media_servers")]


def test_the_calls_page_shows_each_side_how_it_was(cast: Cast, room: Room, group: Room, settings: Any) -> None:
    kim, sato, lee = (Window(person) for person in (cast.kim, cast.sato, cast.lee))
    answered = talk(kim, sato, room)
    wait(8, (answered, cast.kim), (answered, cast.sato))
    sato.leave(answered)
    declined = ring(sato, room)
    kim.decline(declined)
    missed = ring(kim, room)
    settings.CALLS_RING_SECONDS = 0
    end_overdue()
    cancelled = ring(kim, room, "video")
    kim.leave(cancelled)
    together = gathering(group, lee, kim)
    kim.leave(together)
    lee.leave(together)

    def shown(member: User) -> list[tuple[int, str, bool]]:
        return [(row.call.pk, row.direction, row.seconds is not None) for row in rows_of(member)]

    assert shown(cast.kim) == [
        (together, "incoming", True),
        (cancelled, "outgoing", False),
        (missed, "outgoing", False),
        (declined, "declined", False),
        (answered, "outgoing", True),
    ]
    assert shown(cast.sato)[-4:] == [
        (cancelled, "missed", False),
        (missed, "missed", False),
        (declined, "outgoing", False),
        (answered, "incoming", True),
    ]
    assert shown(cast.lee) == [(together, "outgoing", True)]
    assert shown(cast.tran) == []
    first = rows_of(cast.kim)[-1]
    assert (first.room_id, first.other, first.is_external, first.can_call) == (room.pk, cast.sato, True, True)
    assert 8 <= first.seconds < 10
    row = rows_of(cast.kim)[0]
    assert (row.room_id, row.room_name, row.other, row.count) == (group.pk, "Project X", None, 2)
    page = signed_in(cast.sato).get(reverse("calls:list")).content.decode()
    assert "Kim Minseo" in page
    assert "data-calls" in page


def test_i04_calls_of_a_room_one_is_out_of_are_not_listed(cast: Cast, group: Room, room: Room) -> None:
    sato, kim = Window(cast.sato), Window(cast.kim)
    together = gathering(group, kim, sato)
    for window in (sato, kim):
        window.leave(together)
    kim.leave(ring(kim, room))
    assert len(rows_of(cast.sato)) == 2
    set_external_connection(company=cast.beta, allows=False, actor=cast.admin_beta)
    # The 1:1 room is kept to be read; calling back is not offered.
    assert [(row.room_id, row.can_call) for row in rows_of(cast.sato)] == [(room.pk, False)]
    assert [(row.room_id, row.can_call) for row in rows_of(cast.kim) if row.room_id == room.pk] == [(room.pk, False)]


def test_the_calls_page_comes_in_pages_with_a_constant_number_of_queries(cast: Cast) -> None:
    def past_calls(number: int) -> None:
        for _call in range(number):
            other = make_member(cast.beta, f"Person {Call.objects.count()}")
            room = open_direct_room(member=cast.kim, other=other)
            now = timezone.now()
            call = Call.objects.create(
                room=room,
                kind="voice",
                started_by=other,
                started_at=now,
                answered_at=now,
                ended_at=now,
                told_at=now,
                outcome="ended",
            )
            for feed, person in enumerate((cast.kim, other)):
                Participant.objects.create(call=call, member=person, state="left", feed=feed + 1, joined_at=now)

    client = signed_in(cast.kim)

    def queries() -> int:
        client.get(reverse("calls:list"))
        with CaptureQueriesContext(connection) as seen:
            page = client.get(reverse("calls:list"))
        assert page.status_code == 200
        return len(seen)

    past_calls(5)
    few = queries()
    past_calls(45)
    assert queries() == few
    assert few < 20
    listed: list[int] = []
    for number in range(1, client.get(reverse("calls:list")).context["page"].paginator.num_pages + 1):
        listed += [row.call.pk for row in client.get(reverse("calls:list"), {"page": number}).context["page"]]
    assert listed == sorted(Call.objects.values_list("pk", flat=True), reverse=True)
    for wrong in ("0", "x", "99999"):
        assert client.get(reverse("calls:list"), {"page": wrong}).status_code in (200, 400, 404)


def test_a_missed_call_notice_leads_to_the_room(cast: Cast, room: Room) -> None:
    kim = Window(cast.kim)
    kim.leave(ring(kim, room, "video"))
    notice = Notification.objects.get(recipient=cast.sato, kind="call.missed")
    assert notice.data["text"] == "You missed a video call from Kim Minseo (alpha)."
    assert signed_in(cast.sato).get(notice.url).status_code == 200


def test_lines_of_calls_carry_what_pages_need_and_keep_the_rooms_order(cast: Cast, room: Room) -> None:
    kim, sato = Window(cast.kim), Window(cast.sato)
    call = ring(kim, room)
    assert lines_of(call) == []
    sato.decline(call)
    line = lines_of(call)[0]
    assert line.data["call"] == {"id": call, "kind": "voice", "outcome": "declined", "caller": cast.kim.pk}
    assert line.data["people"].keys() == {str(cast.kim.pk)}
    again = talk(kim, sato, room)
    kim.leave(again)
    room.refresh_from_db()
    assert list(Message.objects.filter(room=room).order_by("seq").values_list("seq", flat=True)) == list(
        range(1, room.rev + 1)
    )
    page = signed_in(cast.sato).get(f"/messages/{room.pk}/").content.decode()
    assert f"&quot;call&quot;:{{&quot;id&quot;:{call}," in page
