"""The departments of one's own company."""

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from accounts.admin.scope import OwnCompany
from accounts.forms import DepartmentForm
from accounts.models import Department
from accounts.requests import company_of, member_of


@admin.register(Department)
class DepartmentAdmin(OwnCompany):
    """Departments of one's own company."""

    form = DepartmentForm
    list_display = ["name", "parent"]
    list_select_related = ["parent"]
    search_fields = ["name"]

    def get_exclude(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return [] if request.user.is_superuser else ["company"]

    def get_form(self, request: HttpRequest, obj: Model | None = None, change: bool = False, **kwargs: Any) -> Any:
        form: Any = super().get_form(request, obj, change, **kwargs)
        form.own_company_id = None if request.user.is_superuser else member_of(request).company_id
        return form

    def save_model(self, request: HttpRequest, obj: Department, form: Any, change: bool) -> None:
        if not request.user.is_superuser and not change:
            obj.company = company_of(member_of(request))
        super().save_model(request, obj, form, change)
