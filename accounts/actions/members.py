"""Creating, changing, deactivating and reactivating members."""

from collections.abc import Collection, Iterable
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.actions.audit import audit
from accounts.actions.invitations import invite_members
from accounts.addresses import plain, propose_handles
from accounts.models import Company, User
from accounts.signals import member_changed
from worksbridge.errors import Code, Refused
from worksbridge.live.push import cut_sessions
from worksbridge.mail_addresses import clean_address
from worksbridge.transactions import retried

# What the audit log says of a new account.
TOLD = ("email", "name", "handle", "department_id", "is_administrator")


@retried
def create_member(
    *,
    company: Company,
    email: str,
    name: str,
    actor: User | None,
    password: str | None = None,
    invite: bool = False,
    **fields: Any,
) -> User:
    """A new member of a company; they get external connection when the policy says so.

    Without a handle one is made from the address, without a time zone they get the company's. With `invite` they get
    an e-mail to choose a password. Raises ValidationError for an invalid address, Refused when someone has just taken
    the address or the handle.
    """
    email = clean_address(email)
    fields["time_zone"] = fields.get("time_zone") or company.time_zone
    fields["handle"] = fields.get("handle") or propose_handles([email])[email]
    try:
        with transaction.atomic():
            member = User.objects.create_user(email, password, company=company, name=name, **fields)
    except IntegrityError as error:
        # Taken between the check and the write; the message is the same whoever took it.
        raise Refused(_("This address or handle cannot be used. Please try again."), code=Code.TAKEN) from error
    member_changed.send(sender=User, members=[member], actor=actor)
    _log(member, actor, "member.created", after=plain({name: getattr(member, name) for name in TOLD}))
    if invite:
        invite_members(members=[member], actor=actor)
    return member


@retried
def save_member(*, member: User, changed: Collection[str], actor: User | None) -> None:
    """Save the `changed` fields of a member. With a changed address the old one can no longer sign in or reset.

    Raises Refused when a company would be without administrator, or its administrator would stop being one.
    """
    if not changed:
        return
    if "is_administrator" in changed and not member.is_administrator:
        _require_may_go([member], actor)
    names = [f"{name}_id" if name == "department" else name for name in changed]
    before = User.objects.filter(pk=member.pk).values(*names).get()
    member.save(update_fields=changed)
    if "email" in changed:
        EmailAddress.objects.filter(user=member).delete()
        if member.invited_at is not None:
            # The link sent to the old address no longer works.
            invite_members(members=[member], actor=actor)
    # Only a change of department can change whom the member may reach.
    if "department" in changed:
        member_changed.send(sender=User, members=[member], actor=actor)
    after = {name: getattr(member, name) for name in names}
    _log(member, actor, "member.changed", before=plain(before), after=plain(after))


@retried
def deactivate_member(*, member: User, actor: User | None) -> None:
    """Sign the member out everywhere and end their rights; doing it twice changes nothing.

    Raises Refused for oneself and for a company's last administrator.
    """
    if actor is not None and actor.pk == member.pk:
        raise Refused(_("You cannot deactivate your own account. Ask another administrator."), code=Code.SELF)
    if member.is_administrator:
        _require_may_go([member], actor)
    if _turn(member, is_active=False):
        _changed(member, actor, "member.deactivated")
        cut_sessions([member.pk])


@retried
def reactivate_member(*, member: User, actor: User | None) -> None:
    """Let the member sign in again. Whatever the deactivation ended is not restored."""
    if _turn(member, is_active=True):
        _changed(member, actor, "member.reactivated")


def _require_may_go(members: Iterable[User], actor: User | None) -> None:
    """A company keeps at least one active administrator; concurrent removals wait for each other."""
    for member in members:
        if actor is not None and actor.pk == member.pk:
            raise Refused(
                _("You cannot remove your own administrator role. Ask another administrator."), code=Code.SELF
            )
        Company.objects.select_for_update(no_key=True).filter(members=member.pk).first()
        others = User.objects.filter(company=member.company_id, is_administrator=True, is_active=True)
        was = others.filter(pk=member.pk).exists()
        # Who was invited and never came may never come.
        here = others.exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX)
        if was and not here.exclude(pk=member.pk).exists():
            text = _("%s is the last administrator of the company. Make someone else an administrator first.")
            raise Refused(text % member, code=Code.LAST_ADMINISTRATOR)


def _turn(member: User, *, is_active: bool) -> bool:
    """Whether this changed the database; the caller's object may be stale, or from a failed attempt."""
    member.is_active = is_active
    return bool(User.objects.filter(pk=member.pk, is_active=not is_active).update(is_active=is_active))


def _changed(member: User, actor: User | None, event: str) -> None:
    member_changed.send(sender=User, members=[member], actor=actor)
    _log(member, actor, event)


def _log(member: User, actor: User | None, event: str, **data: object) -> None:
    if member.company_id is not None:
        audit([member.company_id], actor, event, member=member.pk, **data)
