"""The audit log of one's own company: read, search and download, but never change."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import Model, Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.actions.audit import audit
from accounts.admin.audit_filters import ByCompany, ByGroup, ByPerson, ByTime, about_people, people_named
from accounts.admin.scope import OwnCompany
from accounts.audit.details import change_rows, detail_rows
from accounts.audit.exporting import audit_rows, headings
from accounts.audit.names import Names
from accounts.csv_export import csv_answer
from accounts.models import AuditEntry
from accounts.requests import member_of
from worksbridge.ui.searching import searched


@admin.register(AuditEntry)
class AuditEntryAdmin(OwnCompany):
    """Read only, also for operators."""

    explanation = _(
        "Everything decided and done in your company, and by other companies where it affects yours. No one can "
        "change or remove entries."
    )
    empty_text = _("No entries yet.")
    menu_section = _("Records")
    menu_icon = "history"
    list_display = ["when", "what", "who", "address"]
    list_per_page = 50
    search_fields = ["event"]
    search_help_text = _("Person, room, address or action")
    show_facets = admin.ShowFacets.NEVER
    sortable_by = ()
    empty_value_display = "–"
    ordering = ["-id"]
    readonly_fields = ["when", "what", "who", "address", "event", "changes", "details", "number", "chained"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """The dashboard leads to one event."""
        return lookup == "event" or super().lookup_allowed(lookup, value, request)

    def get_list_display(self, request: HttpRequest) -> Any:
        return ["when", "company", *self.list_display[1:]] if request.user.is_superuser else self.list_display

    def get_list_filter(self, request: HttpRequest) -> Any:
        filters = [ByGroup, ByPerson, ByTime]
        return [ByCompany, *filters] if request.user.is_superuser else filters

    def get_list_select_related(self, request: HttpRequest) -> list[str]:
        return ["company"] if request.user.is_superuser else []

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Entries that contain every word: in the event, the address or the data, or as a person they are about."""
        if search_term:
            queryset = queryset.annotate(text=Cast("data", TextField()))
        for word in searched(search_term).split():
            about = about_people(people_named(request, word))
            written = Q(event__icontains=word) | Q(text__icontains=word) | Q(address__startswith=word)
            queryset = queryset.filter(about | written)
        return queryset, False

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """The list, with all names of a page looked up together."""
        found: Any = super().get_changelist_instance(request)
        found.result_list = list(found.result_list)
        _name(found.result_list)
        return found

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> AuditEntry | None:
        entry = super().get_object(request, object_id, from_field)
        if entry is not None:
            _name([entry], whole=True)
            entry.sentence = self.what(entry)
        return entry

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return self.readonly_fields

    def get_urls(self) -> list[URLPattern]:
        export = path("export/", self.admin_site.admin_view(self.export), name="accounts_auditentry_export")
        return [export, *super().get_urls()]

    def export(self, request: HttpRequest) -> HttpResponseBase:
        """All pages of the list as CSV. The download itself is logged."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            entries = self.get_changelist_instance(request).get_queryset(request)
        except IncorrectLookupParameters:
            return redirect("admin:accounts_auditentry_changelist")
        rows = audit_rows(entries)
        actor = member_of(request)
        found = entries.order_by().values_list("company", flat=True).distinct()
        audit(
            [actor.company_id] if actor.company_id else found,
            actor,
            "audit.exported",
            filters=dict(request.GET.items()),
        )
        return csv_answer(request, "audit-log", headings(), rows)

    @admin.display(description=_("when"))
    def when(self, entry: AuditEntry) -> str:
        """To the second, in the viewer's time zone."""
        moment = timezone.localtime(entry.created_at)
        return f"{date_format(moment, 'SHORT_DATE_FORMAT')}, {moment:%H:%M:%S}"

    @admin.display(description=_("what"))
    def what(self, entry: Any) -> str:
        """The event as a sentence."""
        return entry.names.what(entry)

    @admin.display(description=_("who"))
    def who(self, entry: Any) -> str:
        """Who did it, as far as this company may know."""
        return entry.names.who(entry) or self.empty_value_display

    @admin.display(description=_("changed"))
    def changes(self, entry: Any) -> str:
        """What was, and what is now."""
        rows = change_rows(entry, entry.names)
        return _table([_("field"), _("before"), _("after")], rows) if rows else self.empty_value_display

    @admin.display(description=_("details"))
    def details(self, entry: Any) -> str:
        """The rest of the entry's data, with names for ids."""
        rows = detail_rows(entry, entry.names)
        return _table([_("field"), _("value")], rows) if rows else self.empty_value_display

    @admin.display(description=_("number"))
    def number(self, entry: AuditEntry) -> str:
        """The entry's place in its company's log."""
        seal = getattr(entry, "seal", None)
        return str(seal.number) if seal else self.empty_value_display

    @admin.display(description=_("hash"))
    def chained(self, entry: AuditEntry) -> str:
        """What shows that neither this entry nor one before it was changed."""
        seal = getattr(entry, "seal", None)
        return format_html("<code>{}</code>", seal.hash) if seal else self.empty_value_display


def _name(entries: list[Any], *, whole: bool = False) -> None:
    names = Names(entries, whole=whole)
    for entry in entries:
        entry.names = names


def _table(headings: Sequence[Any], rows: Sequence[tuple[str, ...]]) -> SafeString:
    head = format_html_join("", "<th scope=col>{}</th>", ((heading,) for heading in headings))
    lines = (
        format_html("<th scope=row>{}</th>{}", key, format_html_join("", "<td>{}</td>", ((cell,) for cell in cells)))
        for key, *cells in rows
    )
    body = format_html_join("", "<tr>{}</tr>", ((line,) for line in lines))
    return format_html(
        '<div class="table"><table><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>', head, body
    )
