"""Receivers for signals from accounts: members added, deactivated, or moved."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.dispatch import receiver

from accounts.models import Company, User
from accounts.signals import member_changed
from federation.actions.availability import Change, refresh_availability
from federation.actions.effects import Event, carry_out
from federation.actions.links import locked_policy, refresh_links
from federation.impact import Impact
from federation.reasons import Reason
from federation.signals import access_ended


@receiver(member_changed)
def follow(members: Iterable[User], actor: User | None = None, **kwargs: Any) -> None:
    """Give or take external connection as the company's policy says of these members now."""
    by_company: defaultdict[Company, list[User]] = defaultdict(list)
    for member in members:
        if member.company is not None:
            by_company[member.company].append(member)
    for company, people in sorted(by_company.items(), key=lambda pair: pair[0].pk):
        _refresh(company, people, actor)


def _refresh(company: Company, people: list[User], actor: User | None) -> None:
    policy = locked_policy(company)
    moves = refresh_links(company, policy)
    change = refresh_availability(company.pk, only=[member.pk for member in people])
    inactive = [member.pk for member in people if not member.is_active]
    reason = Reason.DEACTIVATED if inactive else Reason.GRANT_WITHDRAWN
    if change.gained or change.lost or moves.closed:
        events = _events(change)
        change.lost = sorted({*change.lost, *inactive})
        carry_out(
            company=company,
            change=change,
            moves=moves,
            reason=reason,
            actor=actor,
            events=events,
        )
    elif inactive:
        # They had no external connection to lose, but what they held inside their company passes on.
        access_ended.send(
            sender=Company,
            company=company.pk,
            partners=[],
            members=inactive,
            reason=reason,
            actor=actor,
            closing=None,
            impact=Impact(),
        )


def _events(change: Change) -> list[Event]:
    parts = (("external_connection.given", change.gained), ("external_connection.taken", change.lost))
    return [(event, {"members": members}) for event, members in parts if members]
