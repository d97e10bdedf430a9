"""Members come, change and go."""

from collections.abc import Collection

from allauth.account.models import EmailAddress
from django.db import transaction

from accounts.actions.audit import audit
from accounts.models import Company, Department, User
from accounts.signals import member_changed
from worksbridge.live.push import cut_sessions
from worksbridge.transactions import retried


@transaction.atomic
def create_member(
    *, company: Company, email: str, name: str, actor: User | None, password: str | None = None, **fields: object
) -> User:
    """A new member of a company; they get external connection when the policy says so."""
    member = User.objects.create_user(email, password, company=company, name=name, **fields)
    _changed(member, actor, "member.created")
    return member


@retried
def save_member(*, member: User, changed: Collection[str], actor: User | None) -> None:
    """Keep the `changed` fields of a member. A changed address takes the old one's rights to sign in and reset."""
    if not changed:
        return
    member.save(update_fields=changed)
    if "email" in changed:
        EmailAddress.objects.filter(user=member).delete()
    # Only a move can change whom the member may reach.
    if "department" in changed:
        member_changed.send(sender=User, members=[member], actor=actor)
    _log(member, actor, "member.changed", fields=sorted(changed), administrator=member.is_administrator)


@retried
def deactivate_member(*, member: User, actor: User | None) -> None:
    """Sign the member out everywhere and end their rights; doing it twice changes nothing."""
    if _turn(member, is_active=False):
        _changed(member, actor, "member.deactivated")
        cut_sessions([member.pk])


@retried
def reactivate_member(*, member: User, actor: User | None) -> None:
    """Let the member sign in again. What ended with the deactivation stays ended."""
    if _turn(member, is_active=True):
        _changed(member, actor, "member.reactivated")


def _turn(member: User, *, is_active: bool) -> bool:
    """Whether this changed it in the database; what the caller holds may be older, or from an attempt that failed."""
    member.is_active = is_active
    return bool(User.objects.filter(pk=member.pk, is_active=not is_active).update(is_active=is_active))


@retried
def change_department(*, member: User, department: Department | None, actor: User | None) -> None:
    """Move the member to another department of the same company."""
    member.department = department
    member.save(update_fields=["department"])
    _changed(member, actor, "member.department")


def _changed(member: User, actor: User | None, event: str) -> None:
    member_changed.send(sender=User, members=[member], actor=actor)
    _log(member, actor, event)


def _log(member: User, actor: User | None, event: str, **data: object) -> None:
    if member.company_id is not None:
        audit([member.company_id], actor, event, member=member.pk, **data)
