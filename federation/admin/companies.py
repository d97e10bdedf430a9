"""Suspending and restoring companies, in their list."""

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.admin.extensions import add_action
from accounts.models import Company
from accounts.requests import member_of
from federation.actions.suspension import restore_company, suspend_company
from federation.admin.preview import confirmed_for_rows


def suspend(page: ModelAdmin, request: HttpRequest, queryset: QuerySet[Company]) -> HttpResponse | None:
    """Close their links and sign their people out; what that ends is shown before."""
    companies = list(queryset.filter(is_active=True).order_by("pk"))
    if not companies:
        page.message_user(request, _("They are already suspended."), messages.WARNING)
        return None
    answer = confirmed_for_rows(
        page,
        request,
        None,
        lambda: [suspend_company(company=company, actor=member_of(request)) for company in companies],
        title=_("Suspend %s?") % ", ".join(str(company) for company in companies),
        confirm=_("Suspend now"),
        text=_("Its members are signed out and cannot sign in until it is restored. Immediately:"),
        ask_always=True,
        about=",".join(str(company.pk) for company in companies),
        undoable=False,
    )
    if answer is None:
        done = ngettext("%d company is suspended.", "%d companies are suspended.", len(companies)) % len(companies)
        page.message_user(request, done, messages.SUCCESS)
    return answer


def restore(page: ModelAdmin, request: HttpRequest, queryset: QuerySet[Company]) -> None:
    """Let their people in again."""
    companies = list(queryset.filter(is_active=False).order_by("pk"))
    for company in companies:
        restore_company(company=company, actor=member_of(request))
    done = ngettext("%d company is restored.", "%d companies are restored.", len(companies)) % len(companies)
    page.message_user(request, done, messages.SUCCESS)


add_action(Company, "suspend", suspend, gettext_lazy("Suspend"))
add_action(Company, "restore", restore, gettext_lazy("Restore"))
