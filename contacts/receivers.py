"""What federation tells us, inside its transactions."""

from collections.abc import Collection
from typing import Any

from django.db.models import Q
from django.dispatch import receiver
from django.utils import timezone

from contacts.models import ExternalContact
from federation.signals import access_ended
from worksbridge.live.push import push


@receiver(access_ended)
def close_contacts(
    company: int, partners: Collection[int], members: Collection[int], reason: str, **kwargs: Any
) -> None:
    """Close the live contacts across closed links and of members who lost external connection."""
    which = Q(owner__in=members) | Q(person__in=members)
    which |= Q(owner__company=company, person__company__in=partners)
    which |= Q(person__company=company, owner__company__in=partners)
    ids = list(
        ExternalContact.objects.select_for_update(no_key=True, of=("self",))
        .filter(which, closed_at=None)
        .order_by("pk")
        .values_list("pk", "owner_id")
    )
    ExternalContact.objects.filter(pk__in=[pk for pk, _owner in ids]).update(
        closed_at=timezone.now(), closed_reason=reason
    )
    push([owner for _pk, owner in ids], {"type": "reload", "parts": ["contacts"]})
