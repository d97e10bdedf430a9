"""Importing members: all of a file's rows or none."""

from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError
from django.utils.translation import gettext_lazy as _

from accounts.actions.audit import audit_many
from accounts.actions.invitations import invite_members
from accounts.addresses import plain
from accounts.importing.checking import Checked, Outcome, check_rows, path_of
from accounts.importing.parsing import read_table
from accounts.models import Company, Department, User
from accounts.signals import member_changed
from worksbridge.characters import comparable
from worksbridge.errors import Code, WorksBridgeError
from worksbridge.transactions import retried

BATCH = 1000
TOLD = ("email", "name", "handle", "department_id", "is_administrator")


class NotImported(WorksBridgeError):
    """Some rows are refused: nothing was written. `checked` says which."""

    code = Code.NOT_IMPORTED
    text = _("Nothing was imported: some rows have errors.")

    def __init__(self, checked: Checked) -> None:
        self.checked = checked
        others = _("Nothing was imported: someone else has just taken an address or a handle. Please try again.")
        super().__init__(None if checked.of("refused") else others)


def import_members(*, company: Company, text: str, actor: User | None, invite: bool) -> Checked:
    """Make a member of each new row of a CSV text, in one transaction; existing members are left unchanged.

    With `invite` each gets an e-mail to choose a password. Raises NotImported when a row is refused, and
    BadFile.
    """
    try:
        return _import(company, text, actor, invite=invite)
    except IntegrityError:
        # Somebody took an address or a handle between looking and writing: look again, and say so.
        raise NotImported(check_rows(company, read_table(text).rows)) from None


@retried
def _import(company: Company, text: str, actor: User | None, *, invite: bool) -> Checked:
    # Two imports of one company would make the same departments.
    Company.objects.select_for_update(no_key=True).get(pk=company.pk)
    checked = check_rows(company, read_table(text).rows)
    if checked.of("refused"):
        raise NotImported(checked)
    rows = checked.of("new")
    departments = _departments(company, rows, actor)
    members = [_member(company, one.values, departments) for one in rows]
    User.objects.bulk_create(members, batch_size=BATCH)
    member_changed.send(sender=User, members=members, actor=actor)
    audit_many([(company.pk, "member.created", _told(member)) for member in members], actor)
    if invite:
        invite_members(members=members, actor=actor)
    return checked


def _told(member: User) -> dict[str, Any]:
    return {"member": member.pk, "after": plain({name: getattr(member, name) for name in TOLD}), "imported": True}


def _member(company: Company, values: dict[str, str], departments: dict[str, Department]) -> User:
    path = path_of(values["department"])
    member = User(
        company=company,
        email=values["email"],
        handle=values["handle"],
        name=values["name"],
        title=values["title"],
        phone=values["phone"],
        department=departments[comparable(path[-1])] if path else None,
    )
    member.language = values["language"] or member.language
    member.time_zone = values["time_zone"] or company.time_zone
    member.set_unusable_password()
    return member


def _departments(company: Company, rows: Sequence[Outcome], actor: User | None) -> dict[str, Department]:
    """The departments that the rows name, by name; those that are missing are made, from the top."""
    found = {comparable(one.name): one for one in Department.objects.filter(company=company)}
    paths = dict.fromkeys(tuple(path_of(one.values["department"])) for one in rows)
    made: list[Department] = []
    for path in paths:
        above: Department | None = None
        for name in path:
            one = found.get(comparable(name))
            if one is None:
                one = Department.objects.create(company=company, name=name, parent=above)
                found[comparable(name)] = one
                made.append(one)
            above = one
    entries = [(company.pk, "department.created", {"department": one.pk, "after": {"name": one.name}}) for one in made]
    audit_many(entries, actor)
    return found
