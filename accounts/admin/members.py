"""The members of one's own company."""

from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from accounts.actions.members import create_member, deactivate_member, reactivate_member, save_member
from accounts.admin.scope import OwnCompany
from accounts.forms import MemberForm
from accounts.models import User
from accounts.requests import company_of, member_of


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
