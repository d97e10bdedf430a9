"""Suspending and restoring companies."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.admin import CompanyAdmin
from accounts.models import Company
from accounts.requests import member_of
from federation.actions.suspension import restore_company, suspend_company
from federation.admin.preview import Asked, confirmed

admin.site.unregister(Company)


@admin.register(Company)
class SuspendableCompanyAdmin(CompanyAdmin):
    """Companies, which an operator may suspend and restore."""

    actions = ["suspend", "restore"]

    @admin.action(description=gettext_lazy("Suspend"))
    def suspend(self, request: HttpRequest, queryset: QuerySet[Company]) -> HttpResponse | None:
        """Close their links and sign their people out; what that ends is shown before."""
        companies = list(queryset.filter(is_active=True).order_by("pk"))
        if not companies:
            self.message_user(request, _("They are suspended already."), messages.WARNING)
            return None
        across = request.POST.get("select_across", "0")
        chosen: list[tuple[str, Any]] = [("action", "suspend"), ("select_across", across)]
        chosen += [(ACTION_CHECKBOX_NAME, value) for value in request.POST.getlist(ACTION_CHECKBOX_NAME)]
        asked = Asked(
            title=_("Suspend %s?") % ", ".join(str(company) for company in companies),
            confirm=_("Suspend now"),
            back=request.get_full_path(),
            hidden=chosen,
            text=_("Its people are signed out and cannot sign in until it is restored. At once:"),
            ask_always=True,
            about=",".join(str(company.pk) for company in companies),
            undoable=False,
        )
        act = lambda: [suspend_company(company=one, actor=member_of(request)) for one in companies]  # noqa: E731
        page = confirmed(request, None, act, asked, self.admin_site.each_context(request))
        if page is None:
            done = ngettext("%d company is suspended.", "%d companies are suspended.", len(companies)) % len(companies)
            self.message_user(request, done, messages.SUCCESS)
        return page

    @admin.action(description=gettext_lazy("Restore"))
    def restore(self, request: HttpRequest, queryset: QuerySet[Company]) -> None:
        """Let their people in again."""
        companies = list(queryset.filter(is_active=False).order_by("pk"))
        for company in companies:
            restore_company(company=company, actor=member_of(request))
        done = ngettext("%d company is restored.", "%d companies are restored.", len(companies)) % len(companies)
        self.message_user(request, done, messages.SUCCESS)
