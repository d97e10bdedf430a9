"""Decisions with an end: a reminder before it, and the end itself."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.core.mail import send_mail
from django.db import DatabaseError, transaction
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


def tend_expiries() -> None:
    """End what has expired and remind of what will within 14 days. Doing it in two processes does nothing twice."""
    now = timezone.now()
    for link, company in Link.objects.expired(now):
        _one(partial(expire, company, link.partner(company.pk)))
    for link, company in Link.objects.expiring(now, now + REMIND):
        _one(partial(remind, link.pk, company))


def _one(act: Callable[[], None]) -> None:
    """Do one of them; whatever is wrong with it does not hold up the others, and it comes round again."""
    try:
        act()
    except (DatabaseError, WorksBridgeError) as error:
        logger.warning("a decision with a last day could not be dealt with: %s", error)


@retried
def expire(company: Company, partner: Company) -> None:
    """What `company` allowed until now is denied from now on."""
    # Someone may have decided again since the query, or be doing so now.
    lock_sides(company)
    link = Link.objects.between(company.pk, partner.pk).first()
    side = link.side(company.pk) if link else None
    if side is None or side.expires_at is None or side.expires_at > timezone.now():
        return
    change_side(company=company, actor=None, decisions={partner: PartnerDecision(Decision.DENY)}, expiring=True)
    tell_administrators(
        [company.pk],
        "partner_expired",
        lambda: _("The link with %s has closed: your last day for it has passed.") % partner.name,
        side_page(),
    )


@retried
def remind(link_id: int, company: Company) -> None:
    """Tell the administrators of one side, once, in their lists and by mail, that a decision of theirs ends soon."""
    waiting = Link.objects.select_for_update(skip_locked=True, no_key=True, of=("self",))
    link = waiting.select_related("company_a", "company_b").filter(pk=link_id).first()
    side = link.side(company.pk) if link else None
    # Someone may have decided again, or sent the reminder, since the query.
    if link is None or side is None or side.reminded_at is not None:
        return
    expires_at = side.expires_at
    if expires_at is None or expires_at > timezone.now() + REMIND:
        return
    partner = link.partner(company.pk)
    link.write_side(company.pk, reminded_at=timezone.now())
    told = tell_administrators([company.pk], "partner_expiring", lambda: _sentence(partner, expires_at), side_page())
    transaction.on_commit(lambda: _mail(told, partner, expires_at), robust=True)


def _sentence(partner: Company, expires_at: datetime) -> str:
    day = date_format(timezone.localtime(expires_at - timedelta(seconds=1)), "DATE_FORMAT")
    return _("The link with %(company)s closes after %(day)s. Extend it to keep it open.") % {
        "company": partner.name,
        "day": day,
    }


def _mail(people: list[User], partner: Company, expires_at: datetime) -> None:
    for person in people:
        with speaking_to(person):
            subject = _("The link with %s closes soon") % partner.name
            text = f"{_sentence(partner, expires_at)}\n\n{settings.ORIGINS[0]}{side_page()}\n"
            try:
                send_mail(subject, text, None, [person.email])
            except OSError as error:  # the notice in the list is there; a mail server may be away
                logger.warning("a reminder could not be sent: %s", error)
