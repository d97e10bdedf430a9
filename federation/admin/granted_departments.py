"""Departments in the admin, with their grant, which holds for those below them too."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.admin import DepartmentAdmin
from accounts.admin.parts import status
from accounts.models import Department
from accounts.requests import member_of
from federation.actions.switch import withdraw_members
from federation.admin.grant_actions import GrantActions, listed, with_choice
from federation.admin.moves import AsksBeforeMoves

admin.site.unregister(Department)


@admin.register(Department)
class GrantedDepartmentAdmin(GrantActions, AsksBeforeMoves, DepartmentAdmin):
    """Departments, with their grant, which holds for those below them too."""

    grant_kind = "departments"
    place = "parent_id"
    actions = ["allow_external", "withdraw_external"]
    list_display = [*DepartmentAdmin.list_display, "external"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return with_choice(super().get_queryset(request))

    @admin.display(description=gettext_lazy("external connection"))
    def external(self, department: Department) -> str:
        """Whether the department is chosen: by itself, or with one above it."""
        if getattr(department, "is_chosen", False):
            return status("open", _("Chosen"))
        above = getattr(department, "chosen_with", None)
        return status("open", _("Chosen with %s") % above) if above else ""

    def still_through(self, rows: Sequence[Department]) -> list[str]:
        """With which departments above them departments are chosen still. One query."""
        found = with_choice(Department.objects.filter(pk__in=[row.pk for row in rows]).order_by("pk"))
        return [name for name in found.values_list("chosen_with", flat=True) if name]

    def still_chosen(self, count: int, names: Sequence[str]) -> str:
        """Departments, and those above them."""
        text = ngettext(
            "%(count)d of them still has it through %(names)s above it: withdraw it there.",
            "%(count)d of them still have it through %(names)s above them: withdraw it there.",
            count,
        )
        return text % {"count": count, "names": listed(names)}

    def delete_model(self, request: HttpRequest, obj: Department) -> None:
        """What was granted to it goes with it, and the log says so."""
        withdraw_members(company=obj.company, departments=[obj], actor=member_of(request))
        super().delete_model(request, obj)
