"""Departments in the admin, with their grant, which includes the departments below them."""

from collections.abc import Callable, Sequence

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.admin.extensions import add_column, extend_rows, wrap_delete, wrap_save
from accounts.admin.parts import status
from accounts.models import Department
from accounts.requests import member_of
from federation.actions.switch import withdraw_members
from federation.admin.grant_actions import Grants, add_grant_actions, listed, with_choice
from federation.admin.moves import ask_before_moving


@admin.display(description=gettext_lazy("external connection"))
def external(department: Department) -> str:
    """Whether the department is chosen: by itself, or with one above it."""
    if getattr(department, "is_chosen", False):
        return status("open", _("Chosen"))
    above = getattr(department, "chosen_with", None)
    return status("open", _("Chosen with %s") % above) if above else ""


class DepartmentGrants(Grants):
    """Departments that are chosen, and those above them."""

    rows = "departments"
    row = "department"

    def still_through(self, rows: Sequence[Department]) -> list[str]:
        found = with_choice(Department.objects.filter(pk__in=[row.pk for row in rows]).order_by("pk"))
        return [name for name in found.values_list("chosen_with", flat=True) if name]

    def still_chosen(self, count: int, names: Sequence[str]) -> str:
        text = ngettext(
            "%(count)d of them still has it through %(names)s above it: withdraw it there.",
            "%(count)d of them still have it through %(names)s above them: withdraw it there.",
            count,
        )
        return text % {"count": count, "names": listed(names)}


def withdraw_and_remove(
    page: admin.ModelAdmin, request: HttpRequest, department: Department, remove: Callable[[], object]
) -> None:
    """What was granted to a department goes with it, and the log says so."""
    withdraw_members(company=department.company, departments=[department], actor=member_of(request))
    remove()


extend_rows(Department, with_choice)
add_column(Department, external)
add_grant_actions(Department, DepartmentGrants())
wrap_save(Department, ask_before_moving)
wrap_delete(Department, withdraw_and_remove)
