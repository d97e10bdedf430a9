"""Inviting members by e-mail, and the state of an invitation."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta

from django.core import signing
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext_lazy as _

from accounts.actions.audit import audit, audit_many
from accounts.models import AccountMail, User
from worksbridge.errors import Code, WorksBridgeError
from worksbridge.transactions import retried

GOOD_FOR = timedelta(days=14)
SALT = "accounts.invitation"
Kind = AccountMail.Kind


class InvitationOver(WorksBridgeError):
    """One answer for every invalid link: used, expired, or never issued."""

    status = 410
    code = Code.INVITATION_OVER
    text = _("This invitation no longer works. Ask your company's administrator for a new one.")


@retried
def invite_members(*, members: Sequence[User], actor: User | None) -> int:
    """Request an invitation for each of these who have not signed in yet; it replaces earlier ones.

    Returns the number. The e-mails go out after the commit, by `accounts.actions.mailing`.
    """
    waiting = [member for member in members if member.is_active and not member.has_usable_password()]
    User.objects.filter(pk__in=[member.pk for member in waiting]).update(invited_at=timezone.now())
    _ask(waiting, Kind.INVITATION, actor, "member.invited")
    return len(waiting)


@retried
def send_resets(*, members: Sequence[User], actor: User | None) -> int:
    """Request a password reset e-mail for each of these active members. Returns the number."""
    chosen = [member for member in members if member.is_active and member.has_usable_password()]
    _ask(chosen, Kind.RESET, actor, "member.reset_sent")
    return len(chosen)


def _ask(members: Sequence[User], kind: str, actor: User | None, event: str) -> None:
    ids = [member.pk for member in members]
    # What still waits to be sent would carry an older link.
    AccountMail.objects.filter(member__in=ids, kind=kind, sent_at=None, given_up_at=None).update(
        given_up_at=timezone.now()
    )
    now = timezone.now()
    AccountMail.objects.bulk_create(
        [AccountMail(member=member, kind=kind, asked_by=actor, due_at=now) for member in members], batch_size=1000
    )
    by_company: defaultdict[int, list[int]] = defaultdict(list)
    for member in members:
        if member.company_id is not None:
            by_company[member.company_id].append(member.pk)
    audit_many([(company, event, {"members": people}) for company, people in by_company.items()], actor)


def invitation_token(member: User) -> str:
    """The token in an invitation's link: valid for 14 days, until it is used or replaced."""
    return signing.dumps([member.pk, _state(member)], salt=SALT, compress=True)


def invited_member(token: str) -> User:
    """The member whose invitation this is. Raises InvitationOver."""
    try:
        pk, state = signing.loads(token, salt=SALT, max_age=GOOD_FOR)
    except signing.BadSignature as error:
        raise InvitationOver from error
    member = User.objects.select_related("company").filter(pk=pk, is_active=True).first()
    if member is None or not constant_time_compare(state, _state(member)):
        raise InvitationOver
    if member.company is None or not member.company.is_active:
        raise InvitationOver
    return member


def _state(member: User) -> str:
    """A value that changes when the invitation is accepted or sent again, or the address changes."""
    known = f"{member.pk}|{member.email}|{member.password}|{member.invited_at}"
    return salted_hmac(SALT, known).hexdigest()[:32]


@retried
def accept_invitation(*, token: str, password: str) -> User:
    """Give the invited member their password. Raises InvitationOver, also for the second of two concurrent uses."""
    member = invited_member(token)
    locked = User.objects.select_for_update(no_key=True, of=("self",)).get(pk=member.pk)
    if _state(locked) != _state(member):
        raise InvitationOver
    member.set_password(password)
    member.invited_at = None
    member.save(update_fields=["password", "invited_at"])
    if member.company_id is not None:
        audit([member.company_id], member, "member.joined", member=member.pk)
    return member
