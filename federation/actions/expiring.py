"""Decisions with an end: a reminder before it, and the end itself."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.core.mail import send_mail
from django.db import DatabaseError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import Company, User
from federation.actions.administrators import speaking_to, tell_administrators
from federation.actions.links import lock_sides
from federation.actions.side import change_side
from federation.addresses import side_page
from federation.models import Decision, Link
from federation.partner_decision import PartnerDecision
from worksbridge.errors import WorksBridgeError
from worksbridge.transactions import retried

logger = logging.getLogger(__name__)
REMIND = timedelta(days=14)
SIDES = ("a", "b")


def tend_expiries() -> None:
    """End what has expired and remind of what will within 14 days. Doing it in two processes does nothing twice."""
    now = timezone.now()
    for letter in SIDES:
        for link in _links(letter, Q(**{f"{letter}_expires_at__lte": now})):
            _one(partial(expire, link, letter))
        soon = {f"{letter}_expires_at__gt": now, f"{letter}_expires_at__lte": now + REMIND}
        for link in _links(letter, Q(**soon, **{f"{letter}_reminded_at": None})):
            _one(partial(remind, link.pk, letter))


def _one(act: Callable[[], None]) -> None:
    """Do one of them; whatever is wrong with it does not hold up the others, and it comes round again."""
    try:
        act()
    except (DatabaseError, WorksBridgeError) as error:
        logger.warning("a decision with a last day could not be dealt with: %s", error)


def _links(letter: str, which: Q) -> list[Link]:
    due = Link.objects.filter(which, **{f"{letter}_decision": Decision.ALLOW})
    return list(due.select_related("company_a", "company_b").order_by("pk"))


def expire(link: Link, letter: str) -> None:
    """What one side allowed until now is denied from now on."""
    company: Company = getattr(link, f"company_{letter}")
    partner = link.partner(company.pk)
    _expire(company, partner)


@retried
def _expire(company: Company, partner: Company) -> None:
    # Somebody may have decided anew since this was looked up, or be doing so now.
    lock_sides(company)
    link = Link.objects.filter(company_a=min(company.pk, partner.pk), company_b=max(company.pk, partner.pk)).first()
    side = link.side(company.pk) if link else None
    if side is None or side.expires_at is None or side.expires_at > timezone.now():
        return
    change_side(company=company, actor=None, decisions={partner: PartnerDecision(Decision.DENY)}, expiring=True)
    tell_administrators(
        [company.pk],
        "partner_expired",
        lambda: _("The connection with %s has ended: the date you set has come.") % partner.name,
        side_page(),
    )


@retried
def remind(link_id: int, letter: str) -> None:
    """Tell one side's administrators, once, in their lists and by mail, that a decision of theirs ends soon."""
    waiting = Link.objects.select_for_update(skip_locked=True, no_key=True, of=("self",))
    link = (
        waiting.select_related("company_a", "company_b").filter(pk=link_id, **{f"{letter}_reminded_at": None}).first()
    )
    if link is None:
        return
    company: Company = getattr(link, f"company_{letter}")
    partner, expires_at = link.partner(company.pk), getattr(link, f"{letter}_expires_at")
    # Somebody may have decided anew since this was looked up.
    if expires_at is None or expires_at > timezone.now() + REMIND:
        return
    Link.objects.filter(pk=link.pk).update(**{f"{letter}_reminded_at": timezone.now()})
    told = tell_administrators([company.pk], "partner_expiring", lambda: _sentence(partner, expires_at), side_page())
    transaction.on_commit(lambda: _mail(told, partner, expires_at), robust=True)


def _sentence(partner: Company, expires_at: datetime) -> str:
    day = date_format(timezone.localtime(expires_at - timedelta(seconds=1)), "DATE_FORMAT")
    return _("The connection with %(company)s ends after %(day)s. Extend it if it is to go on.") % {
        "company": partner.name,
        "day": day,
    }


def _mail(people: list[User], partner: Company, expires_at: datetime) -> None:
    for person in people:
        with speaking_to(person):
            subject = _("The connection with %s ends soon") % partner.name
            text = f"{_sentence(partner, expires_at)}\n\n{settings.ORIGINS[0]}{side_page()}\n"
            try:
                send_mail(subject, text, None, [person.email])
            except OSError as error:  # the notice in the list is there; a mail server may be away
                logger.warning("a reminder could not be sent: %s", error)
