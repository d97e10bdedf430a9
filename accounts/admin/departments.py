"""The departments of one's own company, as a tree."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db import IntegrityError
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from accounts.actions.departments import remove_department, save_department, why_not_empty
from accounts.admin.scope import TypedIsKept
from accounts.department_tree import depth_of, in_tree_order
from accounts.forms import DepartmentForm
from accounts.models import Department
from accounts.requests import company_of, member_of
from worksbridge.errors import Code, Refused

DEEPEST = 6


class TreeList(ChangeList):
    """The only order that shows the tree."""

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> list[Any]:
        return ["path", "pk"]


@admin.register(Department)
class DepartmentAdmin(TypedIsKept):
    """Departments of one's own company."""

    form = DepartmentForm
    explanation = _(
        "The departments of your company. Granting external connection to a department includes all below it."
    )
    empty_text = _("No departments yet. Add one, or import members with a “department” column.")
    list_display = ["tree_name", "people_inside"]
    list_display_links = ["tree_name"]
    search_fields = ["name"]
    menu_icon = "users-round"
    menu_order = 20
    readonly_fields = ["removable"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return in_tree_order(super().get_queryset(request))

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return TreeList

    def get_exclude(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return [] if request.user.is_superuser and obj is None else ["company"]

    def get_form(self, request: HttpRequest, obj: Model | None = None, change: bool = False, **kwargs: Any) -> Any:
        form: Any = super().get_form(request, obj, change, **kwargs)
        form.own_company_id = None if request.user.is_superuser else member_of(request).company_id
        return form

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return ["removable"] if obj else []

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """An empty department can be removed; what is in the way is said in its form."""
        return isinstance(obj, Department) and self._own(request, obj) and not why_not_empty(obj)

    def get_actions(self, request: HttpRequest) -> Any:
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def store(self, request: HttpRequest, obj: Department, form: Any, change: bool) -> None:
        if not request.user.is_superuser and not change:
            obj.company = company_of(member_of(request))
        try:
            save_department(department=obj, actor=member_of(request))
        except IntegrityError as error:
            # Someone else has created one between the check and the write.
            raise Refused(_("There is already a department with this name."), code=Code.TAKEN) from error

    def remove(self, request: HttpRequest, obj: Department) -> None:
        remove_department(department=obj, actor=member_of(request))

    @admin.display(description=_("department"), ordering="path")
    def tree_name(self, department: Department) -> str:
        """The name, indented by what is above it."""
        return format_html('<span class="tree tree--{}">{}</span>', min(depth_of(department), DEEPEST), department.name)

    @admin.display(description=_("active members, including those below"))
    def people_inside(self, department: Department) -> int:
        """The number of people in it and below."""
        return int(getattr(department, "people", 0))

    @admin.display(description=_("remove"))
    def removable(self, department: Department) -> str:
        """Whether it can be removed, and if not, why."""
        return why_not_empty(department) or str(_("It is empty. Use “Delete” to remove it."))
