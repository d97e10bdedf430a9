"""What a consent change does to people, in its own transaction, and whom it tells."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from accounts.actions.audit import audit
from accounts.actions.notify import notify
from accounts.models import Company, User
from federation.actions.availability import Change
from federation.actions.links import Moves
from federation.models import Availability
from federation.signals import access_ended
from worksbridge.live.push import push

# What the audit log says: the event's name, and what belongs to it.
Event = tuple[str, dict[str, Any]]
PARTS = ["features", "contacts", "list", "room"]


def carry_out(
    *, company: Company, change: Change, moves: Moves, reason: str, actor: User | None, events: list[Event]
) -> None:
    """End what may no longer be, write the audit entries, tell everyone concerned.

    Call it last in the transaction, with links and availabilities already as they will be.
    """
    if change.lost or moves.closed:
        access_ended.send(
            sender=Company,
            pairs_closed=moves.closed,
            closed_by=company.pk,
            members=change.lost,
            reason=reason,
            actor=actor,
        )
    for event, data in events:
        audit([company.pk], actor, event, **data)
    _audit_links(company, moves, actor)
    _tell(company, change, moves)


def _audit_links(company: Company, moves: Moves, actor: User | None) -> None:
    for event, pairs in (("link.opened", moves.opened), ("link.closed", moves.closed)):
        for pair in pairs:
            # The other side's log names the company, not the person who decided there.
            partner = pair[1] if pair[0] == company.pk else pair[0]
            audit([company.pk], actor, event, partner=partner)
            audit([partner], None, event, partner=company.pk)


def _tell(company: Company, change: Change, moves: Moves) -> None:
    concerned = set(change.gained) | set(change.lost) | _users_of([company.pk, *moves.partners_of(company.pk)], moves)
    push(concerned, {"type": "reload", "parts": PARTS})
    if change.gained:
        notify(
            User.objects.filter(pk__in=change.gained),
            "external_available",
            {"text": _("External connection is now available to you. You can add people of other companies.")},
            url="/contacts/",
        )


def _users_of(companies: Iterable[int], moves: Moves) -> set[int]:
    if not (moves.opened or moves.closed):
        return set()
    live = Availability.objects.filter(member__company__in=list(companies), ended_at=None)
    return set(live.values_list("member_id", flat=True))
