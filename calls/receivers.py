"""Receivers for the apps below, inside their transactions."""

import functools
from collections.abc import Collection, Sequence
from typing import Any

from django.db import transaction
from django.dispatch import receiver

from accounts.models import User
from calls.actions.enforcement import drop_members, drop_memberships, end_between, end_in_rooms
from contacts.signals import person_blocked
from federation.impact import Impact
from federation.reasons import Reason
from federation.signals import access_ended
from messaging.models import Membership, Room
from messaging.signals import membership_ended, room_frozen


@receiver(membership_ended)
def leave_calls(memberships: Sequence[Membership], impact: Impact, **kwargs: Any) -> None:
    """Remove people who left a room from its call."""
    drop_memberships(memberships, impact)


@receiver(room_frozen)
def end_calls(rooms: Sequence[Room], impact: Impact, **kwargs: Any) -> None:
    """End calls in rooms that become read-only."""
    end_in_rooms(rooms, impact)


@receiver(person_blocked)
def silence(member: User, person: User, **kwargs: Any) -> None:
    """End what rings or runs between the two."""
    end_between(member=member, person=person)


@receiver(access_ended)
def leave_all_calls(members: Collection[int], reason: str, **kwargs: Any) -> None:
    """Remove deactivated members from all calls, also those with colleagues.

    After the commit, because the rooms are locked there in an order that is not ours to break; should the process end
    in between, the next look for what is overdue does it.
    """
    if reason == Reason.DEACTIVATED and members:
        transaction.on_commit(functools.partial(drop_members, list(members)), robust=True)
