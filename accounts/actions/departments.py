"""Creating, moving, renaming and removing departments."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from accounts.actions.audit import audit
from accounts.department_tree import with_those_below
from accounts.models import Company, Department, User
from accounts.signals import member_changed
from worksbridge.errors import Code, Refused
from worksbridge.transactions import retried


@retried
def save_department(*, department: Department, actor: User | None) -> Department:
    """Save a new or changed department. Moving it may change what its members are granted.

    Raises Refused when it would be below itself.
    """
    # Two concurrent moves could each put one department below the other.
    Company.objects.select_for_update(no_key=True).get(pk=department.company_id)
    above = Department.objects.filter(pk=department.parent_id or 0).first()
    seen: set[int] = set()
    while department.pk is not None and above is not None and above.pk not in seen:
        if above.pk == department.pk:
            raise Refused(_("A department cannot be below itself."), code=Code.CIRCLE)
        seen.add(above.pk)
        above = above.parent
    before = Department.objects.filter(pk=department.pk).values("name", "parent_id").first()
    department.save()
    after = {"name": department.name, "parent_id": department.parent_id}
    if before == after:
        return department
    if before is not None and before["parent_id"] != department.parent_id:
        inside = with_those_below(department.company_id, [department.pk])
        member_changed.send(sender=User, members=_people([*inside]), actor=actor)
    if before is None:
        audit([department.company_id], actor, "department.created", department=department.pk, after=after)
    else:
        audit(
            [department.company_id], actor, "department.changed", department=department.pk, before=before, after=after
        )
    return department


@retried
def remove_department(*, department: Department, actor: User | None) -> None:
    """Remove an empty department. Raises Refused when people or departments are in it."""
    reason = why_not_empty(department)
    if reason:
        raise Refused(reason, code=Code.NOT_EMPTY)
    audit(
        [department.company_id], actor, "department.removed", department=department.pk, before={"name": department.name}
    )
    department.delete()


def why_not_empty(department: Department) -> str:
    """Why the department cannot be removed, or an empty string."""
    if department.children.exists():
        return str(_("It has departments below it. Move or remove them first."))
    if department.members.exists():
        return str(_("It still has members, active or deactivated. Move them first."))
    return ""


def _people(department_ids: Sequence[int]) -> list[User]:
    # A move changes nothing for deactivated members.
    return list(User.objects.filter(department__in=department_ids, is_active=True).select_related("company"))
