"""What the apps below tell us, inside their transactions."""

from collections.abc import Collection
from typing import Any

from django.dispatch import receiver

from accounts.models import User
from contacts.signals import contact_added
from federation.signals import access_ended
from messaging.actions.endings import Ending, end_access
from messaging.actions.rooms import reopen_direct_room


@receiver(contact_added)
def open_room(member: User, person: User, **kwargs: Any) -> None:
    """Adding a person opens the external 1:1 room, or a frozen one again."""
    reopen_direct_room(member=member, other=person)


@receiver(access_ended)
def end_rooms(
    company: int, partners: Collection[int], members: Collection[int], reason: str, actor: User | None, **kwargs: Any
) -> None:
    """Freeze the 1:1 rooms and empty the group rooms of those who may no longer talk."""
    end_access(Ending(company, partners, members, reason, actor))
