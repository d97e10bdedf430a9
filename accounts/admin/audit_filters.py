"""What the audit log can be filtered by. No choice shows anything of another company."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.db.models import BooleanField, Func, JSONField, Q, QuerySet, Subquery
from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext_lazy as _

from accounts.audit.sentences import GROUPS, events_of
from accounts.models import Company, User
from accounts.requests import member_of
from worksbridge.mail_addresses import address_or_text
from worksbridge.ui.searching import searched

# Years beyond these fall out of the calendar in some time zone.
FIRST, LAST = 1900, 9000
FORM = "admin/accounts/auditentry/filter.html"


class ByGroup(admin.SimpleListFilter):
    """By what it is about."""

    title = _("subject")
    parameter_name = "about"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(key, group.label) for key, group in GROUPS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(events_of(self.value()))


class ByCompany(admin.SimpleListFilter):
    """By company, for operators."""

    title = _("company")
    parameter_name = "of"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        if not request.user.is_superuser:
            return []
        return [(company.slug, company.name) for company in Company.objects.all()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(company__slug=self.value()) if self.value() else queryset


class _Typed(admin.ListFilter):
    """Filters with input fields: `fields` lists their parameters, labels and types."""

    template = FORM
    fields: list[tuple[str, Any, str]] = []

    def __init__(self, request: HttpRequest, params: dict[str, Any], model: Any, model_admin: Any) -> None:
        super().__init__(request, params, model, model_admin)
        for name in self.expected_parameters():
            if name in params:
                # Django gives what the address repeats as a list.
                self.used_parameters[name] = str(params.pop(name)[-1]).strip()

    def has_output(self) -> bool:
        return True

    def expected_parameters(self) -> list[str | None]:
        return [name for name, _label, _type in self.fields]

    def choices(self, changelist: ChangeList) -> Iterator[dict[str, Any]]:
        """The context of the form: its fields, and all other active filters."""
        others = {key: value for key, value in changelist.params.items() if key not in self.expected_parameters()}
        fields = [
            {"name": name, "label": label, "type": kind, "value": self.used_parameters.get(name, "")}
            for name, label, kind in self.fields
        ]
        yield {"fields": fields, "others": others, "selected": any(self.used_parameters.values())}


class ByPerson(_Typed):
    """By a member of one's own company: what they did, and what was done to them."""

    title = _("person")
    fields = [("person", _("Name, handle or e-mail"), "search")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        text = str(self.used_parameters.get("person", ""))
        return queryset.filter(about_people(people_named(request, text))) if text else queryset


class ByTime(_Typed):
    """By the days between two dates, both included, in the viewer's time zone."""

    title = _("time")
    fields = [("from", _("From"), "date"), ("until", _("Until"), "date")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        first, last = (_midnight(str(self.used_parameters.get(name, ""))) for name in ("from", "until"))
        if first:
            queryset = queryset.filter(created_at__gte=first)
        return queryset.filter(created_at__lt=last + timedelta(days=1)) if last else queryset


def people_named(request: HttpRequest, text: str) -> QuerySet[User]:
    """The members of the viewer's own company (for an operator, of any) whom `text` may mean."""
    text = searched(text)
    exact = address_or_text(text)
    named = Q(name__icontains=text) | Q(handle=exact.removeprefix("@")) | Q(email=exact)
    found = User.objects.filter(named).order_by()
    return found if request.user.is_superuser else found.filter(company=member_of(request).company_id)


def about_people(people: QuerySet[User]) -> Q:
    """The entries in which one of these people acted or was affected.

    Part of the query for the entries: the database looks the people up once, however many they are.
    """
    written = people.values_list(Func("pk", function="to_jsonb", output_field=JSONField()))
    about = Q(data__member__in=written) | Q(data__person__in=written)
    return Q(actor__in=people.values("pk")) | about | Q(_MembersAmong("data", Subquery(written)))


class _MembersAmong(Func):
    """Whether one of the `members` in an entry's data is in a subquery.

    With IS TRUE the subquery's rows are hashed once; without it PostgreSQL scans them again for each entry.
    """

    template = "EXISTS (SELECT FROM jsonb_path_query(%(expressions)s) IS TRUE)"
    arg_joiner = ", '$.members[*]') AS one (value) WHERE (one.value IN "
    output_field = BooleanField()


def _midnight(text: str) -> datetime | None:
    if not text:
        return None
    try:
        day = parse_date(text)
    except ValueError as error:
        raise IncorrectLookupParameters(text) from error
    if day is None or not FIRST < day.year < LAST:
        raise IncorrectLookupParameters(text)
    return timezone.make_aware(datetime.combine(day, time.min))
