"""Bulk actions that choose members and departments for external connection, and show what a withdrawal ends."""

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import Exists, OuterRef, QuerySet, TextField
from django.db.models.expressions import RawSQL
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import Company, Department
from accounts.requests import member_of
from federation.actions.links import policy_of
from federation.actions.switch import grant_members, withdraw_members
from federation.addresses import side_page
from federation.admin.preview import Asked, confirmed
from federation.models import ExternalPolicy, MemberGrant
from worksbridge.errors import Refused, WorksBridgeError

# The nearest of the departments above one that is chosen.
CHOSEN_ABOVE = """(
    WITH RECURSIVE up AS (
        SELECT accounts_department.parent_id AS id, 1 AS depth
        UNION ALL
        SELECT above.parent_id, up.depth + 1
        FROM up JOIN accounts_department above ON above.id = up.id WHERE up.depth < 50
    ) SELECT found.name FROM up JOIN accounts_department found ON found.id = up.id
    WHERE EXISTS (SELECT FROM federation_membergrant one WHERE one.department_id = found.id)
    ORDER BY up.depth LIMIT 1
)"""
# So many departments are named in one sentence.
NAMED = 3


def with_choice(departments: QuerySet[Department]) -> QuerySet[Any]:
    """Departments with `is_chosen`, and the name of the nearest chosen one above as `chosen_with`. One query."""
    chosen = MemberGrant.objects.filter(department=OuterRef("pk"))
    above = RawSQL(CHOSEN_ABOVE, [], output_field=TextField(null=True))  # noqa: S611
    return departments.annotate(is_chosen=Exists(chosen), chosen_with=above)


def _company_of(rows: QuerySet[Any]) -> Company:
    """The one company of the rows. Raises Refused when there are several: each has its own side."""
    companies = list(Company.objects.filter(pk__in=rows.order_by().values("company").distinct())[:2])
    if len(companies) != 1:
        raise Refused(_("Choose rows of one company at a time."))
    return companies[0]


class GrantActions(admin.ModelAdmin):
    """Bulk actions that choose members or departments."""

    grant_kind = "members"

    @admin.action(description=gettext_lazy("Allow external connection"))
    def allow_external(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Choose the rows for external connection."""
        try:
            company = _company_of(queryset)
            count = grant_members(company=company, actor=member_of(request), **{self.grant_kind: list(queryset)})
        except WorksBridgeError as error:
            self.message_user(request, str(error), messages.ERROR)
            return
        self._say(request, company, _now_chosen(count))

    @admin.action(description=gettext_lazy("Withdraw external connection"))
    def withdraw_external(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        """Choose the rows no longer; what that ends is shown before."""
        try:
            company = _company_of(queryset)
        except WorksBridgeError as error:
            self.message_user(request, str(error), messages.ERROR)
            return None
        rows = list(queryset)
        count = MemberGrant.objects.filter(company=company, **{f"{self.grant_kind[:-1]}__in": rows}).count()
        act = partial(withdraw_members, company=company, actor=member_of(request), **{self.grant_kind: rows})
        title, confirm = _("Withdraw external connection?"), _("Withdraw now")
        about = ",".join(str(row.pk) for row in rows)
        page = self._agreed(request, company, act, title, confirm, about=about)
        if page is not None:
            return page
        self._say(request, company, _no_longer_chosen(count), self.still_through(rows))
        if request.POST.get("shown"):
            undo = format_html('<a href="{}">{}</a>', side_page(policy_of(company).pk), _("External connection"))
            text = format_html(_("What it ended can be brought back for ten minutes, on the page {}."), undo)
            self.message_user(request, text, messages.INFO)
        return None

    def still_through(self, rows: Sequence[Any]) -> list[str]:
        """For each row that is chosen with a department although it is not by itself: the department's name."""
        raise NotImplementedError

    def still_chosen(self, count: int, names: Sequence[str]) -> str:
        """The sentence about `count` rows that are chosen with the departments called `names`."""
        raise NotImplementedError

    def _agreed(
        self,
        request: HttpRequest,
        company: Company | None,
        act: Callable[[], object],
        title: str,
        confirm: str,
        **more: Any,
    ) -> HttpResponse | None:
        """Do a bulk action when what it ends was agreed to; else the page that asks."""
        sent = [(name, value) for name in ("action", "select_across", "index") for value in request.POST.getlist(name)]
        chosen = [(ACTION_CHECKBOX_NAME, value) for value in request.POST.getlist(ACTION_CHECKBOX_NAME)]
        asked = Asked(title=title, confirm=confirm, back=request.get_full_path(), hidden=[*sent, *chosen], **more)
        return confirmed(request, company, act, asked, self.admin_site.each_context(request))

    def _say(self, request: HttpRequest, company: Company, done: str, still: Sequence[str] = ()) -> None:
        """What was done, what else has to be set before it matters, and who is chosen all the same."""
        self.message_user(request, done, messages.SUCCESS)
        policy = policy_of(company)
        if not policy.allows:
            self.message_user(request, _("External connection is off for %s.") % company, messages.WARNING)
        elif policy.grant_to == ExternalPolicy.GrantTo.ALL:
            warning = _("All members of %s have external connection. The choice counts once it is set to chosen ones.")
            self.message_user(request, warning % company, messages.WARNING)
        elif still:
            # The most frequent first: that is where most can be withdrawn at once.
            names = [name for name, _count in Counter(still).most_common()]
            self.message_user(request, self.still_chosen(len(still), names), messages.WARNING)


def listed(names: Sequence[str]) -> str:
    """The first of the names, and that there are more."""
    return ", ".join(names[:NAMED]) + (" …" if len(names) > NAMED else "")


def _now_chosen(count: int) -> str:
    text = ngettext("%d is chosen for external connection.", "%d are chosen for external connection.", count)
    return text % count if count else _("They were chosen already.")


def _no_longer_chosen(count: int) -> str:
    text = ngettext("%d is no longer chosen.", "%d are no longer chosen.", count)
    return text % count if count else _("None of them was chosen.")
