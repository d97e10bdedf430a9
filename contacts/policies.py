"""Questions about contacts and blocks."""

from collections.abc import Iterable

from accounts.models import User
from contacts.models import Block, ExternalContact


def has_blocked(member: User, other: User) -> bool:
    """Whether `member` has blocked `other`."""
    return Block.objects.filter(blocker=member, blocked=other).exists()


def names_for(member: User, person_ids: Iterable[int]) -> dict[int, str]:
    """The member's own names for these people, by id; people without one are left out. One query."""
    named = ExternalContact.objects.filter(owner=member, person__in=list(person_ids)).exclude(name="")
    return dict(named.values_list("person_id", "name"))


def all_names(member: User) -> dict[int, str]:
    """All of the member's own names for people, by id. One query."""
    named = ExternalContact.objects.filter(owner=member).exclude(name="")
    return dict(named.values_list("person_id", "name"))


def has_live_contact(member: User, person: User) -> bool:
    """Whether `person` is among the member's contacts, and can be reached."""
    return ExternalContact.objects.filter(owner=member, person=person, closed_at=None).exists()
