"""The Django admin, scoped: administrators see their own company, operators all of them."""

from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse

from accounts.models import Company, Department, User
from accounts.requests import member_of


class OwnCompany(admin.ModelAdmin):
    """What an administrator may do with rows of their own company, and only with those."""

    company_path = "company"
    # One sentence under the title of the list and the forms: the people who read it are not developers.
    explanation: Any = ""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Rows of the administrator's company; an operator gets all."""
        found = super().get_queryset(request)
        return (
            found if request.user.is_superuser else found.filter(**{self.company_path: member_of(request).company_id})
        )

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, self._explained(extra_context))

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        return super().changeform_view(request, object_id, form_url, self._explained(extra_context))

    def _explained(self, extra_context: dict[str, Any] | None) -> dict[str, Any]:
        return {"explanation": self.explanation, **(extra_context or {})}

    def _own(self, request: HttpRequest, row: Model | None) -> bool:
        if request.user.is_superuser:
            return True
        if not request.user.is_staff:
            return False
        return row is None or self.get_queryset(request).filter(pk=row.pk).exists()

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.is_staff

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._own(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._own(request, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.is_staff

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Choices only from the administrator's company."""
        if not request.user.is_superuser:
            field = "pk" if db_field.related_model is Company else "company"
            if db_field.related_model in (Company, Department, User):
                kwargs["queryset"] = db_field.related_model.objects.filter(**{field: member_of(request).company_id})
        return super().formfield_for_foreignkey(db_field, request, **kwargs)
