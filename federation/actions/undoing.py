"""Undoing a closing: what it changed is put back, and what it ended comes back; nothing else does."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Company, Department, User
from federation.actions.availability import refresh_availability
from federation.actions.decisions import store_decision
from federation.actions.effects import carry_out
from federation.actions.links import lock_links, lock_sides, refresh_links
from federation.gate import refusing
from federation.models import UNDO, Closing, ExternalPolicy, MemberGrant
from federation.partner_decision import PartnerDecision, read_decided
from federation.reasons import Reason
from federation.signals import access_restored
from worksbridge.errors import Code, NotFound, Refused
from worksbridge.transactions import retried

POLICY = ("allows", "grant_to", "partner_rule")
CHANGED_SINCE = _("This has changed since then. Please check the current settings first.")


def undo_closing(*, company: Company, closing_id: int, actor: User | None) -> Closing:
    """Put back what a closing of `company` changed, and restore what it ended; doing it twice changes nothing.

    What either side no longer allows stays ended, and restored members do not see messages sent in the meantime.
    Raises NotFound for a closing of another company, Refused after ten minutes, when it was changed again, and while
    a later closing is not undone.
    """
    with refusing():
        return _undo(company, closing_id, actor)


@retried
def _undo(company: Company, closing_id: int, actor: User | None) -> Closing:
    policy = lock_sides(company)
    closing = Closing.objects.select_for_update().filter(pk=closing_id, company=company).first()
    if closing is None:
        raise NotFound
    if closing.undone_at is not None:
        return closing
    if closing.undoable_until is None:
        raise Refused(_("A closing can only be undone for ten minutes."), code=Code.TOO_LATE)
    if undoable_closings(company).filter(pk__gt=closing.pk).exists():
        # What both closings ended would be lost: it cannot be restored before the later one is undone.
        raise Refused(_("There is a later closing. Undo that one first."), code=Code.LATER)
    _put_back(policy, company, closing.changed, actor)
    closing.undone_at, closing.undone_by = timezone.now(), actor
    closing.save(update_fields=["undone_at", "undone_by"])
    carry_out(
        company=company,
        moves=refresh_links(company, policy),
        change=refresh_availability(company.pk),
        reason=Reason.GRANT_WITHDRAWN,
        actor=actor,
        events=[("closing.undone", {"closing": closing.pk, **_before_after(closing.changed)})],
    )
    access_restored.send(sender=Closing, closing=closing, actor=actor)
    return closing


def undoable_closings(company: Company) -> QuerySet[Closing]:
    """What the company has closed in the last ten minutes and not undone, the newest first."""
    recent = Closing.objects.filter(company=company, undone_at=None, created_at__gt=timezone.now() - UNDO)
    return recent.exclude(changed={}).order_by("-pk")


def _before_after(changed: dict[str, Any]) -> dict[str, Any]:
    pairs = {name: pair for name, pair in changed.items() if name != "decisions"}
    pairs |= {f"decision about {partner}": pair for partner, pair in changed.get("decisions", {}).items()}
    return {
        "before": {name: after for name, (_before, after) in pairs.items()},
        "after": {name: before for name, (before, _after) in pairs.items()},
    }


def _put_back(policy: ExternalPolicy, company: Company, changed: dict[str, Any], actor: User | None) -> None:
    for name in POLICY:
        if name in changed:
            before, after = changed[name]
            if getattr(policy, name) != after:
                raise Refused(CHANGED_SINCE, code=Code.CHANGED_SINCE)
            setattr(policy, name, before)
    policy.changed_by = actor
    policy.save()
    if "decisions" in changed:
        _put_back_decisions(company, changed["decisions"], actor)
    if "grants" in changed:
        _put_back_grants(company, changed["grants"][0], actor)


def _put_back_decisions(company: Company, decisions: dict[str, Any], actor: User | None) -> None:
    links = {str(link.partner_id(company.pk)): link for link in lock_links(company)}
    for partner, (before, after) in decisions.items():
        side = links[partner].side(company.pk)
        if PartnerDecision(side.decision, side.expires_at) != read_decided(after):
            raise Refused(CHANGED_SINCE, code=Code.CHANGED_SINCE)
        store_decision(links[partner], company, read_decided(before), actor)


def _put_back_grants(company: Company, names: dict[str, list[int]], actor: User | None) -> None:
    members = User.objects.filter(company=company, pk__in=names["members"])
    departments = Department.objects.filter(company=company, pk__in=names["departments"])
    grants = [MemberGrant(company=company, member=member, granted_by=actor) for member in members]
    grants += [MemberGrant(company=company, department=one, granted_by=actor) for one in departments]
    MemberGrant.objects.bulk_create(grants, ignore_conflicts=True)
