"""The database's own guards of calls, against SQL by hand."""

from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from accounts.models import User
from calls.models import Call, Participant
from federation.actions.switch import set_external_connection
from messaging.actions.leaving import leave_room
from messaging.actions.rooms import open_direct_room
from messaging.models import Membership, Room
from tests.calls.guarded import Guarded
from tests.constraints import check_constraints

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_media_servers")]

INSERT = """
INSERT INTO calls_participant
    (call_id, member_id, state, withheld, device, feed, joined_at, seen_at, mic, camera, screen)
VALUES (%(call)s, %(member)s, %(state)s, false, %(device)s, 1, %(joined)s, %(joined)s, true, false, false)
"""
INSERT_CALL = """
INSERT INTO calls_call (room_id, kind, mode, started_by_id, rev, started_at, outcome)
VALUES (%(room)s, 'voice', 'mesh', %(member)s, 1, now(), '') RETURNING id
"""


def insert(call: int, member: User, state: str) -> None:
    """SQL that asks nobody, with what the database checks at the commit."""
    joined = timezone.now() if state == "joined" else None
    device = uuid4() if state == "joined" else None
    values = {"call": call, "member": member.pk, "state": state, "device": device, "joined": joined}
    by_hand(INSERT, values)


def by_hand(sql: str, values: Any = ()) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        found = cursor.fetchall() if cursor.description else []
    check_constraints()
    return found


@pytest.mark.parametrize("state", ["joined", "ringing"])
def test_i09_sql_by_hand_puts_no_stranger_into_a_call(guarded: Guarded, state: str) -> None:
    cast = guarded.cast
    # The statement itself is right: it lets a member of the room in.
    insert(guarded.gathering.pk, cast.ito, state)
    for call, stranger in (
        (guarded.call, cast.lee),
        (guarded.call, cast.tran),
        (guarded.call, cast.operator),
        (guarded.gathering, cast.tran),
        (guarded.gathering, cast.admin_alpha),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            insert(call.pk, stranger, state)
    leave_room(member=cast.sato, room_id=guarded.group.pk)
    with pytest.raises(DatabaseError), transaction.atomic():
        insert(guarded.gathering.pk, cast.sato, state)


def test_i09_sql_by_hand_moves_no_participant_to_somebody_else(guarded: Guarded) -> None:
    row = Participant.objects.get(call=guarded.gathering, member=guarded.cast.lee)
    for change in ("member_id = %(tran)s", "call_id = %(other)s"):
        values = {"tran": guarded.cast.tran.pk, "other": guarded.call.pk, "pk": row.pk}
        with pytest.raises(DatabaseError), transaction.atomic():
            by_hand(f"UPDATE calls_participant SET {change} WHERE id = %(pk)s", values)


@pytest.mark.parametrize("state", ["joined", "ringing"])
@pytest.mark.parametrize("how", ["frozen", "closed"])
def test_i09_sql_by_hand_makes_no_call_across_a_closed_link(guarded: Guarded, how: str, state: str) -> None:
    cast, direct = guarded.cast, guarded.direct
    if how == "frozen":
        Call.objects.filter(pk=guarded.call.pk).update(ended_at=timezone.now(), outcome="ended")
        Participant.objects.filter(call=guarded.call).update(state="left")
        Room.objects.filter(pk=direct.pk).update(frozen_at=timezone.now())
        check_constraints()
    else:
        set_external_connection(company=cast.beta, allows=False, actor=cast.admin_beta)
    with pytest.raises(DatabaseError), transaction.atomic():
        made = by_hand(INSERT_CALL, {"room": direct.pk, "member": cast.kim.pk})
        insert(made[0][0], cast.kim, "joined")
        insert(made[0][0], cast.sato, state)
    # Nor is an old one opened again, or somebody put back into it.
    for sql in (
        "UPDATE calls_call SET ended_at = NULL, outcome = '' WHERE id = %(call)s",
        "UPDATE calls_participant SET state = 'ringing' WHERE call_id = %(call)s",
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            by_hand(sql, {"call": guarded.call.pk})
    if how == "closed":
        for person in (cast.sato, cast.ito):
            with pytest.raises(DatabaseError), transaction.atomic():
                insert(guarded.gathering.pk, person, state)


def test_i34_the_database_knows_one_live_call_for_each_room(guarded: Guarded) -> None:
    for room in (guarded.direct, guarded.group):
        with pytest.raises(DatabaseError), transaction.atomic():
            by_hand(INSERT_CALL, {"room": room.pk, "member": guarded.cast.sato.pk})
    other = open_direct_room(member=guarded.cast.lee, other=guarded.cast.ito)
    assert by_hand(INSERT_CALL, {"room": other.pk, "member": guarded.cast.ito.pk})


def test_the_database_knows_a_member_in_one_call_only(guarded: Guarded) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        insert(guarded.gathering.pk, guarded.cast.kim, "joined")
    insert(guarded.gathering.pk, guarded.cast.kim, "ringing")


LEE = "WHERE room_id = %(group)s AND member_id = %(lee)s"
ENDINGS = {
    "membership ends": f"UPDATE messaging_membership SET ended_at = now() {LEE}",
    "membership goes": f"DELETE FROM messaging_membership {LEE}",
    "direct membership ends": "UPDATE messaging_membership SET ended_at = now() WHERE room_id = %(direct)s",
    "direct room freezes": "UPDATE messaging_room SET frozen_at = now() WHERE id = %(direct)s",
    "group room freezes": "UPDATE messaging_room SET frozen_at = now() WHERE id = %(group)s",
    "company closes": "UPDATE federation_link SET b_allows = false",
    "link goes": "DELETE FROM federation_link",
    "grant ends": "UPDATE federation_availability SET ended_at = now() WHERE member_id = %(sato)s",
    "call ends with people in it": "UPDATE calls_call SET ended_at = now(), outcome = 'ended' WHERE id = %(call)s",
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_i09_sql_by_hand_ends_no_right_while_a_call_lives_on_it(guarded: Guarded, ending: str) -> None:
    cast = guarded.cast
    # A second Master, so that it is the call which stands in the way.
    Membership.objects.filter(room=guarded.group, member=cast.kim).update(role="master")
    check_constraints()
    values = {"direct": guarded.direct.pk, "group": guarded.group.pk, "lee": cast.lee.pk, "sato": cast.sato.pk}
    values |= {"call": guarded.call.pk}
    with pytest.raises(DatabaseError) as refused, transaction.atomic():
        by_hand(ENDINGS[ending], values)
    assert refused.value.__cause__.sqlstate in ("WB001", "WB003"), refused.value
    if ending.endswith(("ends", "goes", "freezes")) and ending not in ("link goes", "grant ends"):
        # Without the calls the same is let through, so it was the call's own guard that spoke.
        for call in (guarded.call, guarded.gathering):
            Participant.objects.filter(call=call).update(state="left", device=None)
            Call.objects.filter(pk=call.pk).update(ended_at=timezone.now(), outcome="ended")
        with transaction.atomic():
            by_hand(ENDINGS[ending], values)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE calls_participant SET device = NULL WHERE state = 'joined'",
        "UPDATE calls_participant SET withheld = true WHERE state = 'joined'",
        "UPDATE calls_call SET outcome = 'ended'",
        "UPDATE calls_call SET answered_at = started_at - interval '1 second'",
        "UPDATE calls_call SET room_id = room_id + 1",
    ],
)
def test_the_database_refuses_what_makes_no_sense(guarded: Guarded, sql: str) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        by_hand(sql)
