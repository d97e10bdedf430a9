"""Matching messages, newest first: from the index, and by scanning what it does not have yet."""

from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import Q

from accounts.models import User
from messaging.models import Membership, Message
from messaging.search.candidates import candidates
from messaging.search.fields import Normal
from messaging.search.query import Query, pattern_of

PAGE = 20
# How many entries of the index are taken at a time until a page is full. More than the first are needed only where
# much that matches was withheld from the member.
BATCHES = (60, 600, 6_000)
# Of rooms that the index is behind of: how many are looked through, how far back, and how many messages at most.
LATE_ROOMS = 50
LATE_REVISIONS = 200
LATE_MESSAGES = 500


@dataclass
class Found:
    """A page of messages, newest first. `before` continues it; `is_partial`: older ones are not indexed yet."""

    messages: list[Message]
    before: int | None
    is_partial: bool


@dataclass
class Rooms:
    """The member's rooms with the revision after which they see them, and where the index is behind: from where on."""

    seen_from: dict[int, int]
    late: dict[int, int]
    is_partial: bool


@transaction.atomic
def find_messages(member: User, query: Query, *, before: int | None = None) -> Found:
    """The messages `member` may see that match, newest first; those before the one with the id `before`, if given.

    A bounded number of queries, whatever there is.
    """
    if not query:
        return Found([], None, is_partial=False)
    with connection.cursor() as cursor:
        # Messages first, by their ids, and only then who may see them: the planner believes that every room is an
        # average one, and would rather go through all of a room that is not.
        cursor.execute("SET LOCAL join_collapse_limit = 1")
    rooms = _rooms(member)
    # First what the index lacks: what it gains in the meantime is then found in it.
    ids = {*_looked_through(member, query, rooms, before), *_looked_up(member, query, rooms, before)}
    newest = sorted(ids, reverse=True)
    shown = Message.objects.visible_to(member.pk).filter(pk__in=newest[:PAGE]).order_by("-pk")
    related = ("author__company", "room__low__company", "room__high__company")
    more = newest[PAGE - 1] if len(newest) > PAGE else None
    return Found(list(shown.select_related(*related)), more, rooms.is_partial)


def _rooms(member: User) -> Rooms:
    mine = Membership.objects.live().filter(member=member).order_by("-room__active_at", "-room")
    rows = list(mine.values_list("room", "visible_from", "room__rev", "room__search_head__rev"))
    behind = [(room, rev, head or 0) for room, _from, rev, head in rows if rev > (head or 0)]
    late = {room: max(head, rev - LATE_REVISIONS) for room, rev, head in behind[:LATE_ROOMS]}
    partial = len(behind) > LATE_ROOMS or any(rev - head > LATE_REVISIONS for _room, rev, head in behind)
    return Rooms({row[0]: row[1] for row in rows}, late, partial)


def _looked_through(member: User, query: Query, rooms: Rooms, before: int | None) -> list[int]:
    """The ids of matching messages that are too new for the index, or were changed since."""
    if not rooms.late:
        return []
    new = Q(pk__in=[])
    for room, rev in rooms.late.items():
        new |= Q(room=room, rev__gt=rev)
    texts = Message.objects.visible_to(member.pk).filter(new, kind=Message.Kind.TEXT)
    if before is not None:
        texts = texts.filter(pk__lt=before)
    rows = texts.order_by("-pk").values_list("pk", "body")[:LATE_MESSAGES]
    return [pk for pk, body in rows if query.finds(body)][: PAGE + 1]


def _looked_up(member: User, query: Query, rooms: Rooms, before: int | None) -> list[int]:
    """The ids of the newest matching messages in the index, one more than a page has."""
    found: list[int] = []
    for size in BATCHES:
        entries = candidates(query, rooms.seen_from, before, size)
        found += _seen(member, query, dict(entries))
        if len(found) > PAGE or len(entries) < size:
            break
        before = entries[-1][0]
    return found[: PAGE + 1]


def _seen(member: User, query: Query, revs: dict[int, int]) -> list[int]:
    """Of these messages, given with their indexed revisions, those the member may see and that match."""
    shown = Message.objects.visible_to(member.pk).filter(pk__in=revs)
    for phrase in query.phrases:
        shown = shown.alias(normal=Normal("body")).filter(normal__contains=phrase)
    for signed in query.signed:
        shown = shown.alias(normal=Normal("body")).filter(normal__iregex=pattern_of(signed))
    # Edited or recalled since it was indexed: what it says now is looked through.
    return [pk for pk, rev in shown.order_by("-pk").values_list("pk", "rev") if rev == revs[pk]]
