"""Restores rooms when a closing is undone: what it froze and whom it excluded, as far as both sides still allow."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import combinations

from django.db import connection

from accounts.actions.audit import audit_each
from accounts.models import User
from federation.group_policy import companies_of
from federation.models import Availability, Closing, Link
from federation.policies import available_ids, open_links
from messaging.actions.change import RoomChange
from messaging.actions.log import log_memberships
from messaging.actions.succession import pass_on_mastership
from messaging.message.system import SystemMessage
from messaging.models import Membership, Room

# What was said while they were out stays unseen by those who come back.
WITHHOLD = """
WITH kept AS (
    INSERT INTO messaging_withheld (message_id, member_id, is_counted)
    SELECT said.id, back.member_id, said.kind = 'text'
    FROM messaging_membership back
    JOIN messaging_message said ON said.room_id = back.room_id AND said.seq > back.ended_rev
    WHERE back.id = ANY (%s)
    ON CONFLICT DO NOTHING RETURNING message_id, member_id, is_counted
), counted AS (
    SELECT said.room_id, kept.member_id, count(*) AS number
    FROM kept JOIN messaging_message said ON said.id = kept.message_id
    WHERE kept.is_counted GROUP BY said.room_id, kept.member_id
)
UPDATE messaging_membership back SET withheld_ahead = withheld_ahead + counted.number
FROM counted WHERE back.room_id = counted.room_id AND back.member_id = counted.member_id
"""


def restore_rooms(closing: Closing, actor: User | None) -> None:
    """Unfreeze what `closing` froze and restore the members it excluded. A constant number of queries."""
    frozen = list(Room.objects.filter(closing=closing, frozen_at__isnull=False).values_list("pk", "low_id", "high_id"))
    out = Membership.objects.filter(closing=closing, ended_at__isnull=False)
    rows = list(out.select_related("member__company").order_by("room_id", "member_id"))
    room_ids = {pk for pk, _low, _high in frozen} | {row.room_id for row in rows}
    if not room_ids:
        return
    inside = list(Membership.objects.live().filter(room__in=room_ids).select_related("member__company"))
    open_now = _OpenNow([row.member for row in (*inside, *rows)])
    rooms = list(Room.objects.locked().filter(pk__in=room_ids))
    change = RoomChange(rooms)
    _open_direct(change, [room for room in rooms if room.kind == Room.Kind.DIRECT], open_now, actor)
    groups = [room for room in rooms if room.kind == Room.Kind.GROUP]
    back = _admissible(groups, inside, rows, open_now)
    _let_in(change, groups, back, actor)
    change.save()


class _OpenNow:
    """The pairs that may talk, locked until the transaction ends: links first, then people, the global lock order."""

    def __init__(self, people: Sequence[User]) -> None:
        companies = companies_of(people)
        ids = {person.pk for person in people}
        links = Link.objects.filter(company_a__in=companies, company_b__in=companies)
        live = Availability.objects.live().filter(member__in=ids)
        list(links.select_for_update(no_key=True).order_by("pk").values_list("pk"))
        list(live.select_for_update(no_key=True).order_by("member_id").values_list("pk"))
        self.links = open_links(companies)
        self.available = available_ids(ids)
        self.company = {person.pk: person.company_id or 0 for person in people}

    def together(self, people: Iterable[int]) -> bool:
        """Whether all of these (by id) may be in one room."""
        ids = set(people)
        companies = {self.company[pk] for pk in ids}
        return len(companies) == 1 or (ids <= self.available and self.linked(companies))

    def linked(self, companies: Iterable[int]) -> bool:
        """Whether all of these companies have allowed each other."""
        return all(pair in self.links for pair in combinations(sorted(set(companies)), 2))


def _open_direct(change: RoomChange, rooms: Sequence[Room], open_now: _OpenNow, actor: User | None) -> None:
    back = [room for room in rooms if room.frozen_at and open_now.together([room.low_id or 0, room.high_id or 0])]
    Room.objects.filter(pk__in=[room.pk for room in back]).update(frozen_at=None, frozen_reason="", closing=None)
    by_company: defaultdict[int, list[int]] = defaultdict(list)
    for room in back:
        change.system(room.pk, SystemMessage("room.restored"))
        for person in (room.low_id, room.high_id):
            by_company[open_now.company[person or 0]].append(room.pk)
    audit_each({company: {"rooms": ids} for company, ids in by_company.items()}, actor, "room.restored")


def _admissible(
    rooms: Sequence[Room], inside: Sequence[Membership], rows: Sequence[Membership], open_now: _OpenNow
) -> list[Membership]:
    """The members to restore: company by company, as long as everyone in the room may be together."""
    found: list[Membership] = []
    there_now: defaultdict[int, set[int]] = defaultdict(set)
    for row in inside:
        there_now[row.room_id].add(row.member_id)
    coming: defaultdict[int, defaultdict[int, list[Membership]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        if row.member.is_active:
            coming[row.room_id][open_now.company[row.member_id]].append(row)
    for room in rooms:
        there, host = there_now[room.pk], room.hosting_company_id
        # The hosting company first: a room lives with it.
        for company in sorted(coming[room.pk], key=lambda pk: (pk != host, pk)):
            ready = [row for row in coming[room.pk][company] if open_now.together({*there, row.member_id})]
            found += ready
            there |= {row.member_id for row in ready}
    return found


def _let_in(change: RoomChange, rooms: Sequence[Room], back: Sequence[Membership], actor: User | None) -> None:
    ids = [row.pk for row in back]
    with connection.cursor() as cursor:
        cursor.execute(WITHHOLD, [ids])
    Membership.objects.filter(pk__in=ids).revive()
    _thaw(rooms)
    by_room: defaultdict[int, list[Membership]] = defaultdict(list)
    for row in back:
        by_room[row.room_id].append(row)
    for room_id, members in by_room.items():
        change.system(room_id, SystemMessage("room.members_restored", people=[row.member for row in members]))
    pass_on_mastership(change, [room for room in rooms if room.pk in by_room])
    log_memberships(rooms, back, actor, "room.members_restored")


def _thaw(rooms: Sequence[Room]) -> None:
    """Unfreeze rooms without hosts once a member of the hosting company is back."""
    hosts = Membership.objects.live().in_rooms(rooms).of_hosts()
    hosted = set(hosts.values_list("room_id", flat=True))
    left = [room.pk for room in rooms if room.frozen_at is not None and room.closing_id and room.pk in hosted]
    Room.objects.filter(pk__in=left).update(frozen_at=None, frozen_reason="", closing=None)
