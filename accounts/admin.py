"""The Django admin, scoped: administrators see their own company, operators all of them."""

from typing import Any

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from accounts.actions.members import create_member, deactivate_member, reactivate_member, save_member
from accounts.forms import DepartmentForm, MemberForm
from accounts.models import AuditEntry, Company, Department, User
from accounts.requests import company_of, member_of

admin.site.site_header = "WorksBridge"
admin.site.site_title = "WorksBridge"
admin.site.index_title = "Administration"
# One door: the sign-in page with its limits, not Django's own form, which has none.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]


class OwnCompany(admin.ModelAdmin):
    """What an administrator may do with rows of their own company, and only with those."""

    company_path = "company"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Rows of the administrator's company; an operator gets all."""
        found = super().get_queryset(request)
        return (
            found if request.user.is_superuser else found.filter(**{self.company_path: member_of(request).company_id})
        )

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


@admin.register(Company)
class CompanyAdmin(admin.ModelAdmin):
    """Companies are the operator's."""

    list_display = ["name", "slug", "is_active", "created_at"]
    fields = ["name", "slug"]


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


class MemberAdmin(OwnCompany):
    """Members of one's own company. Accounts are deactivated, never deleted: what people wrote stays."""

    form = MemberForm
    list_display = ["name", "email", "handle", "department", "is_administrator", "is_active"]
    list_filter = ["is_active", "is_administrator"]
    search_fields = ["name", "email", "handle"]
    actions = ["deactivate", "reactivate"]
    list_select_related = ["department", "company"]
    fields = ["name", "email", "handle", "title", "department", "phone", "language", "time_zone", "is_administrator"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """An operator's account is not an administrator's to change, even one in their company."""
        found = super().get_queryset(request)
        return found if request.user.is_superuser else found.filter(is_superuser=False)

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        fields = list(self.fields or [])
        return ["company", *fields] if request.user.is_superuser and obj is None else fields

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        actor = member_of(request)
        if change:
            save_member(member=obj, changed=form.changed_data, actor=actor)
            return
        fields = dict(form.cleaned_data)
        company = fields.pop("company", None) or company_of(actor)
        obj.pk = create_member(company=company, actor=actor, **fields).pk

    @admin.action(description="Deactivate")
    def deactivate(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Sign them out and end their rights."""
        for member in queryset.exclude(pk=member_of(request).pk).filter(is_superuser=False):
            deactivate_member(member=member, actor=member_of(request))

    @admin.action(description="Reactivate")
    def reactivate(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Let them sign in again."""
        for member in queryset:
            reactivate_member(member=member, actor=member_of(request))


admin.site.register(User, MemberAdmin)


@admin.register(AuditEntry)
class AuditEntryAdmin(OwnCompany):
    """Read only."""

    list_display = ["created_at", "event", "actor", "data"]
    list_filter = ["event"]
    list_select_related = ["actor"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
