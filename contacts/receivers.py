"""What federation tells us, inside its transactions."""

from collections.abc import Collection
from typing import Any

from django.db.models import Q
from django.dispatch import receiver
from django.utils import timezone

from accounts.models import User
from contacts.actions.log import log_ends
from contacts.models import ExternalContact
from federation.impact import Impact
from federation.models import Closing
from federation.policies import available_ids, open_links
from federation.signals import access_ended, access_restored
from worksbridge.live.push import push


@receiver(access_ended)
def close_contacts(
    company: int,
    partners: Collection[int],
    members: Collection[int],
    reason: str,
    actor: User | None,
    closing: Closing | None,
    impact: Impact,
    **kwargs: Any,
) -> None:
    """Close the live contacts across closed links and of members who lost external connection."""
    which = Q(owner__in=members) | Q(person__in=members)
    which |= Q(owner__company=company, person__company__in=partners)
    which |= Q(person__company=company, owner__company__in=partners)
    ids = list(
        ExternalContact.objects.select_for_update(no_key=True, of=("self",))
        .filter(which, closed_at=None)
        .order_by("pk")
        .values_list("pk", "owner_id", "person_id", "owner__company", "person__company")
    )
    ExternalContact.objects.filter(pk__in=[pk for pk, *_people in ids]).update(
        closed_at=timezone.now(), closed_reason=reason, closing=closing
    )
    impact.contacts += len(ids)
    log_ends([row[1:] for row in ids], actor, "contact.closed", reason=str(reason))
    push([owner for _pk, owner, *_others in ids], {"type": "reload", "parts": ["contacts"]})


@receiver(access_restored)
def revive_contacts(closing: Closing, actor: User | None, **kwargs: Any) -> None:
    """Make the contacts live again that this closing closed, where both people may talk now."""
    closed = ExternalContact.objects.filter(closing=closing, closed_at__isnull=False)
    rows = list(closed.order_by("pk").select_related("owner", "person"))
    links = open_links(person.company_id or 0 for row in rows for person in (row.owner, row.person))
    available = available_ids(person for row in rows for person in (row.owner_id, row.person_id))
    back = [row for row in rows if {row.owner_id, row.person_id} <= available and _pair(row) in links]
    ExternalContact.objects.filter(pk__in=[row.pk for row in back]).update(
        closed_at=None, closed_reason="", closing=None
    )
    log_ends(
        [(row.owner_id, row.person_id, row.owner.company_id, row.person.company_id) for row in back],
        actor,
        "contact.restored",
    )
    push([row.owner_id for row in back], {"type": "reload", "parts": ["contacts"]})


def _pair(row: ExternalContact) -> tuple[int, int]:
    one, other = row.owner.company_id or 0, row.person.company_id or 0
    return min(one, other), max(one, other)
