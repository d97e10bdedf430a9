"""Adding people to a group room."""

from collections.abc import Sequence
from datetime import datetime, time
from enum import StrEnum
from typing import Any

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from federation.gate import refusing
from federation.group_policy import companies_of
from messaging.access import locked_room, master_room, require_master, require_writable
from messaging.actions.change import RoomChange
from messaging.actions.log import log_room
from messaging.admission import admit
from messaging.message.system import SystemMessage
from messaging.models import Membership, Message, Room
from worksbridge.errors import Code, Refused, WorksBridgeError
from worksbridge.transactions import retried

ATTEMPTS = 5
# The fields of a former membership that are not reset: its identity, and the counter that pages compare.
KEPT = {"id", "room", "member", "settings_rev"}
WITHHOLD = """
INSERT INTO messaging_withheld (message_id, member_id, is_counted)
SELECT said.id, block.blocker_id, false FROM messaging_message said
JOIN contacts_block block ON block.blocked_id = said.author_id AND block.created_at <= said.created_at
WHERE said.room_id = %s AND said.seq > %s AND block.blocker_id = ANY (%s)
ON CONFLICT DO NOTHING
"""


class History(StrEnum):
    """Which earlier messages new members see."""

    NONE = "none"
    TODAY = "today"
    ALL = "all"


class OpensRoom(WorksBridgeError):
    """External users would join an internal room: the Master has to confirm it."""

    code = Code.OPENS_ROOM
    status = 409
    text = _("Adding an external user opens this internal room to another company.")


def add_members(
    *, master: User, room_id: int, people: Sequence[User], history: str | None = None, opens: bool = False
) -> list[User]:
    """Add people to a group room; one transaction and the same number of queries for any number of people.

    `history` says what they see of earlier messages (None: as the room is set). An internal room lets an external
    person in only with `opens`, else OpensRoom is raised. Existing members are left unchanged. Returns those added.
    Raises NotAdmitted with reasons, Refused for a member who is not Master, NotFound for a stranger.
    """
    seen = History(history) if history is not None else None
    for _attempt in range(ATTEMPTS):
        try:
            with refusing():
                return _add(master, room_id, people, seen, opens=opens)
        except _OthersCameFirstError:
            continue
    raise Refused(_("Someone else is adding people right now. Please try again."), code=Code.BUSY)


class _OthersCameFirstError(Exception):
    """Someone joined between the query and the lock, and their links must be locked before the room: query again."""


@retried
def _add(master: User, room_id: int, people: Sequence[User], history: History | None, *, opens: bool) -> list[User]:
    # Links and availabilities are locked before the room: the lock order of the whole product.
    room = master_room(master, room_id)
    inside = [row.member for row in _live(room)]
    _require_meant(room, inside, people, opens=opens)
    admit(master, people, inside)
    room = locked_room(master, room_id)
    # What was true before the lock may have changed while this waited for it.
    require_master(master, room)
    rows = _live(room)
    _require_meant(room, [row.member for row in rows], people, opens=opens)
    now_inside = {row.member_id for row in rows}
    if now_inside - {person.pk for person in inside}:
        raise _OthersCameFirstError
    coming = [person for person in dict.fromkeys(people) if person.pk not in now_inside]
    if coming:
        _join(master, room, coming, history)
    return coming


def _require_meant(room: Room, inside: Sequence[User], people: Sequence[User], *, opens: bool) -> None:
    """Raises Refused for a frozen room, OpensRoom for an internal one that another company would join."""
    require_writable(room)
    if not room.is_external and len(companies_of([*inside, *people])) > 1 and not opens:
        raise OpensRoom


def _live(room: Room) -> list[Membership]:
    return list(Membership.objects.live().filter(room=room).select_related("member__company"))


def _join(master: User, room: Room, coming: Sequence[User], history: History | None) -> None:
    visible_from = _visible_from(master, room, history)
    rows = [_newcomer(room, person, visible_from) for person in coming]
    fresh = [field.name for field in Membership._meta.concrete_fields if field.name not in KEPT]  # noqa: SLF001
    Membership.objects.bulk_create(rows, update_conflicts=True, unique_fields=["room", "member"], update_fields=fresh)
    _withhold(room, coming, visible_from)
    was_external = room.is_external
    # The database has marked the room external when another company came in.
    room.is_external = Room.objects.values_list("is_external", flat=True).get(pk=room.pk)
    ids = [person.pk for person in coming]
    log_room(room, master, "room.members_added", coming, members=ids, **_opened(room, was_external))
    change = RoomChange([room])
    change.system(room.pk, SystemMessage("room.members_added", by=master, people=coming))
    change.save()


def _opened(room: Room, was_external: bool) -> dict[str, Any]:
    if room.is_external == was_external:
        return {}
    return {"before": {"external": was_external}, "after": {"external": room.is_external}}


def _withhold(room: Room, coming: Sequence[User], visible_from: int) -> None:
    """Withhold from new members what people wrote while the new member had blocked them."""
    if visible_from >= room.rev:
        return
    with connection.cursor() as cursor:
        cursor.execute(WITHHOLD, [room.pk, visible_from, [person.pk for person in coming]])


def _newcomer(room: Room, person: User, visible_from: int) -> Membership:
    # What they did not see come in does not wait for them as unread; that the room is new to them does.
    return Membership(
        room=room,
        member=person,
        read_seq=room.rev,
        read_ordinal=room.ordinal,
        joined_rev=room.rev + 1,
        visible_from=visible_from,
        marked_unread_at=timezone.now(),
    )


def _visible_from(master: User, room: Room, history: History | None) -> int:
    if history is None:
        history = History.ALL if room.newcomers == Room.Newcomers.ALL else History.NONE
    if history == History.ALL:
        return 0
    if history == History.NONE:
        return room.rev
    first = Message.objects.filter(room=room, created_at__gte=_today()).order_by("seq").first()
    return first.seq - 1 if first else room.rev


def _today() -> datetime:
    """The start of the day in the Master's time zone, which every request activates."""
    return datetime.combine(timezone.localdate(), time.min, tzinfo=timezone.get_current_timezone())
