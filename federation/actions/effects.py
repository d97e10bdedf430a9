"""The effects of a consent change on people, in its transaction, and the notifications."""

from typing import Any

from django.utils.translation import gettext as _

from accounts.actions.audit import audit, audit_many
from accounts.actions.notify import notify
from accounts.models import Company, User
from federation.actions.availability import Change
from federation.actions.dry_run import note
from federation.actions.links import Moves
from federation.impact import Impact
from federation.models import Availability, Closing
from federation.signals import access_ended
from worksbridge.live.push import push

# What the audit log says: the event's name, and what belongs to it.
Event = tuple[str, dict[str, Any]]
PARTS = ["features", "contacts", "list", "room"]


def carry_out(
    *,
    company: Company,
    change: Change,
    moves: Moves,
    reason: str,
    actor: User | None,
    events: list[Event],
    changed: dict[str, Any] | None = None,
) -> Closing | None:
    """End what is no longer allowed, write the audit entries, and tell everyone affected.

    Call it last in the transaction, with links and availabilities already as they will be. `changed` is what undoing
    would put back. Returns the closing when something ended.
    """
    closing = _close(company, change, moves, reason, actor, changed or {})
    audit_many([(company.pk, event, data) for event, data in events], actor)
    _audit_links(company, moves, actor)
    _tell(company, change, moves)
    return closing


def _close(
    company: Company, change: Change, moves: Moves, reason: str, actor: User | None, changed: dict[str, Any]
) -> Closing | None:
    if not change.lost and not moves.closed:
        return None
    closing = Closing.objects.create(company=company, actor=actor, reason=str(reason), changed=changed)
    impact = Impact(partners=list(moves.closed), members=list(change.lost))
    access_ended.send(
        sender=Company,
        company=company.pk,
        partners=moves.closed,
        members=change.lost,
        reason=reason,
        actor=actor,
        closing=closing,
        impact=impact,
    )
    closing.ended = impact.stored()
    closing.save(update_fields=["ended"])
    note(closing)
    return closing


def _audit_links(company: Company, moves: Moves, actor: User | None) -> None:
    for event, partners in (("link.opened", moves.opened), ("link.closed", moves.closed)):
        if partners:
            audit([company.pk], actor, event, partners=partners)
            # The other side's log names the company, not the person who decided there.
            audit(partners, None, event, partners=[company.pk])


def _tell(company: Company, change: Change, moves: Moves) -> None:
    concerned = set(change.gained) | set(change.lost) | _users_of(company, moves)
    push(concerned, {"type": "reload", "parts": PARTS})
    if change.gained:
        notify(
            User.objects.filter(pk__in=change.gained),
            "external_available",
            {"text": _("External connection is now available to you. You can add external users.")},
            url="/contacts/",
        )
    if change.lost:
        # Whoever's account ended cannot read it; whoever gets it back meanwhile is told that, too.
        notify(
            User.objects.filter(pk__in=change.lost, is_active=True),
            "external_withdrawn",
            {"text": _("External connection is no longer available to you. Ask your administrator if you need it.")},
        )


def _users_of(company: Company, moves: Moves) -> set[int]:
    moved = [*moves.opened, *moves.closed]
    if not moved:
        return set()
    live = Availability.objects.live().filter(member__company__in=[company.pk, *moved])
    return set(live.values_list("member_id", flat=True))
