"""What happens to rooms when a right ends: 1:1 rooms freeze, people are excluded from group rooms."""

from collections import defaultdict
from collections.abc import Collection

from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from accounts.models import User
from messaging.actions.lines import add_lines
from messaging.models import Membership, Message, Room
from messaging.pushes import push_room
from messaging.recipients import members_of
from messaging.signals import membership_ended
from worksbridge.live.push import push


def freeze_direct_rooms(*, company: int, partners: Collection[int], members: Collection[int], reason: str) -> int:
    """Freeze the external 1:1 rooms between `company` and `partners`, and of members who lost the right.

    Runs inside the closing transaction. Returns how many rooms it froze.
    """
    live = Room.objects.filter(kind=Room.Kind.DIRECT, is_external=True, frozen_at=None)
    concerned = live.filter(_between(company, partners) | Q(low__in=members) | Q(high__in=members))
    ids = list(concerned.values_list("pk", flat=True))
    rooms = list(Room.objects.select_for_update(no_key=True).filter(pk__in=ids, frozen_at=None).order_by("pk"))
    if not rooms:
        return 0
    before = {room.pk: room.rev for room in rooms}
    Room.objects.filter(pk__in=before).update(frozen_at=timezone.now(), frozen_reason=reason)
    lines = add_lines(
        {room.pk: ["The external connection has ended. This room can only be read now."] for room in rooms}, rooms
    )
    for room in rooms:
        people = [person for person in (room.low_id, room.high_id) if person]
        push_room(room, people, after=before[room.pk], messages=lines[room.pk], refresh=True)
    return len(rooms)


def _between(company: int, partners: Collection[int]) -> Q:
    return Q(low__company=company, high__company__in=partners) | Q(high__company=company, low__company__in=partners)


def exclude_from_groups(*, company: int, partners: Collection[int], members: Collection[int], reason: str) -> int:
    """Put out of External Group rooms whoever may no longer be there, by the table "When a right ends".

    Runs inside the closing transaction. Returns how many memberships it ended.
    """
    live = Membership.objects.filter(ended_at=None, room__kind=Room.Kind.GROUP, room__is_external=True)
    concerned = live.filter(_losing(members, reason) | _parted(company, partners))
    ending = Membership.objects.filter(pk__in=list(concerned.values_list("pk", flat=True)))
    room_ids = sorted(set(ending.values_list("room_id", flat=True)))
    rooms = list(Room.objects.select_for_update(no_key=True).filter(pk__in=room_ids).order_by("pk"))
    rows = list(ending.filter(ended_at=None).select_related("member").order_by("room_id", "member_id"))
    if not rows:
        return 0
    Membership.objects.filter(pk__in=[row.pk for row in rows]).update(ended_at=timezone.now(), ended_reason=reason)
    membership_ended.send(sender=Membership, memberships=rows, reason=reason)
    _make_internal(rooms)
    _tell(rooms, rows)
    return len(rows)


def _make_internal(rooms: list[Room]) -> None:
    outside = Membership.objects.filter(room=OuterRef("pk"), ended_at=None).exclude(
        member__company=OuterRef("hosting_company")
    )
    Room.objects.filter(pk__in=[room.pk for room in rooms]).exclude(Exists(outside)).update(is_external=False)


def _losing(members: Collection[int], reason: str) -> Q:
    losing = Q(member__in=members)
    # When a company switches off, its own people keep the rooms it hosts, as internal ones.
    return losing & ~Q(room__hosting_company=F("member__company")) if reason == "company_off" else losing


def _parted(company: int, partners: Collection[int]) -> Q:
    """Whom the closed links between `company` and `partners` put out: guests of each other, and `company` elsewhere."""
    guests = Q(room__hosting_company=company, member__company__in=partners)
    guests |= Q(room__hosting_company__in=partners, member__company=company)
    beside = Membership.objects.filter(room=OuterRef("room"), ended_at=None, member__company__in=partners)
    return guests | (Q(member__company=company) & ~Q(room__hosting_company=company) & Q(Exists(beside)))


def _tell(rooms: list[Room], rows: list[Membership]) -> None:
    gone: defaultdict[int, list[User]] = defaultdict(list)
    for row in rows:
        gone[row.room_id].append(row.member)
    texts = {room.pk: [_line(person) for person in gone[room.pk]] for room in rooms}
    before = {room.pk: room.rev for room in rooms}
    left = members_of(before)
    for room in rooms:
        texts[room.pk] += _successor(room)
    lines: dict[int, list[Message]] = add_lines(texts, rooms)
    for room in rooms:
        push_room(room, left.get(room.pk, []), after=before[room.pk], messages=lines[room.pk], refresh=True)
        push([person.pk for person in gone[room.pk]], {"type": "gone", "room": room.pk})


def _line(person: User) -> str:
    company = person.company.name if person.company else ""
    return f"{person.name} ({company}) was excluded: the external connection has ended"


def _successor(room: Room) -> list[str]:
    """Make the longest-standing member of the hosting company Master when no Master is left; their line."""
    staying = Membership.objects.filter(room=room, ended_at=None, member__company=room.hosting_company_id)
    if staying.filter(role=Membership.Role.MASTER).exists():
        return []
    heir = staying.select_related("member").order_by("joined_at", "pk").first()
    if heir is None:
        return []
    Membership.objects.filter(pk=heir.pk).update(role=Membership.Role.MASTER)
    return [f"{heir.member.name} is now Group Master"]
