"""Receivers for the apps below, inside their transactions."""

from collections.abc import Collection
from typing import Any

from django.dispatch import receiver

from accounts.models import User
from contacts.signals import contact_added
from federation.impact import Impact
from federation.models import Closing
from federation.signals import access_ended, access_restored
from messaging.access_end import AccessEnd
from messaging.actions.end_access import end_access
from messaging.actions.restoring import restore_rooms
from messaging.actions.rooms import reopen_direct_room


@receiver(contact_added)
def open_room(member: User, person: User, **kwargs: Any) -> None:
    """Adding a person opens the external 1:1 room, or a frozen one again."""
    reopen_direct_room(member=member, other=person)


@receiver(access_ended)
def end_rooms(
    company: int,
    partners: Collection[int],
    members: Collection[int],
    reason: str,
    actor: User | None,
    closing: Closing | None,
    impact: Impact,
    **kwargs: Any,
) -> None:
    """Freeze the 1:1 rooms and empty the group rooms of those who may no longer talk."""
    end_access(AccessEnd(company, partners, members, reason, actor, closing, impact))


@receiver(access_restored)
def restore(closing: Closing, actor: User | None, **kwargs: Any) -> None:
    """Unfreeze what an undone closing froze, and restore the members it excluded."""
    restore_rooms(closing, actor)
