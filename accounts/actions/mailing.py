"""Sending the e-mails about accounts after the change that requested them, by any web process."""

import logging
from datetime import timedelta
from smtplib import SMTPNotSupportedError, SMTPRecipientsRefused

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.actions.invitations import GOOD_FOR, invitation_token
from accounts.models import AccountMail, User

logger = logging.getLogger(__name__)
BATCH = 50
# Tried again after 5, 10, 20 … minutes, for about a day. The first wait is longer than sending ever takes.
ATTEMPTS = 9
FIRST_WAIT = timedelta(minutes=5)
# Answers of mail servers from here on are final. RFC 5321, 4.2.1.
PERMANENT = 500


def send_due_mails() -> int:
    """Send what is due, one batch. Returns how many were sent.

    Each is claimed right before it is sent by postponing its next attempt, so that two processes never send the same
    one, and a process that dies only delays it.
    """
    sent = 0
    for _number in range(BATCH):
        mail = _claim()
        if mail is None:
            break
        if not _may_come(mail.member):
            AccountMail.objects.filter(pk=mail.pk).update(given_up_at=timezone.now())
            continue
        try:
            _send(mail)
        except (OSError, ValueError) as error:
            logger.warning("an e-mail could not be sent (attempt %s): %s", mail.attempts, error)
            if mail.attempts >= ATTEMPTS or _is_final(error):
                AccountMail.objects.filter(pk=mail.pk).update(given_up_at=timezone.now())
        else:
            AccountMail.objects.filter(pk=mail.pk).update(sent_at=timezone.now())
            sent += 1
    return sent


def _is_final(error: Exception) -> bool:
    """Whether another attempt would end the same: the address is none, or its server knows nobody by that name."""
    if isinstance(error, SMTPRecipientsRefused):
        return all(code >= PERMANENT for code, _said in error.recipients.values())
    return isinstance(error, ValueError | SMTPNotSupportedError)


@transaction.atomic
def _claim() -> AccountMail | None:
    due = AccountMail.objects.filter(sent_at=None, given_up_at=None, due_at__lte=timezone.now())
    locked = due.select_for_update(skip_locked=True, of=("self",), no_key=True).order_by("due_at", "pk")
    mail = locked.select_related("member__company", "asked_by").first()
    if mail is not None:
        wait = FIRST_WAIT * 2**mail.attempts
        mail.attempts += 1
        AccountMail.objects.filter(pk=mail.pk).update(attempts=mail.attempts, due_at=timezone.now() + wait)
    return mail


def _may_come(member: User) -> bool:
    """Whether the account can be signed in to: it may have been deactivated since the mail was asked for."""
    return member.is_active and (member.company is None or member.company.is_active)


def _send(mail: AccountMail) -> None:
    member = mail.member
    with translation.override(member.page_language):
        invitation = mail.kind == AccountMail.Kind.INVITATION
        company = member.company.name if member.company else "WorksBridge"
        subject = _("Your account at %s on WorksBridge") % company if invitation else _("Choose a new password")
        path = reverse("invitation", args=[invitation_token(member)]) if invitation else _reset_path(member)
        facts = {
            "member": member,
            "company": company,
            "by": mail.asked_by,
            "link": settings.ORIGINS[0] + path,
            "days": GOOD_FOR.days,
            "hours": settings.PASSWORD_RESET_TIMEOUT // 3600,
        }
        text = render_to_string(f"accounts/mail/{mail.kind}.txt", facts)
    send_mail(subject, text, None, [member.email])


def _reset_path(member: User) -> str:
    """The link to choose a new password, as in the "forgot password" e-mail."""
    key = default_token_generator.make_token(member)
    return reverse("account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(member), "key": key})
