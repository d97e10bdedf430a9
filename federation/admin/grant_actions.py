"""Bulk actions that choose members and departments for external connection, and show what a withdrawal ends."""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import Any

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.db.models import Exists, Model, OuterRef, QuerySet, TextField
from django.db.models.expressions import RawSQL
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.admin.extensions import add_action
from accounts.models import Company, Department
from accounts.requests import member_of
from federation.actions.links import policy_of
from federation.actions.switch import grant_members, withdraw_members
from federation.addresses import side_page
from federation.admin.preview import confirmed_for_rows
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
        raise Refused(_("Select rows of one company at a time."))
    return companies[0]


class Grants(ABC):
    """What of a company is chosen for external connection, its members or its departments, and how to say so."""

    # The keyword of the actions, and the field of a stored grant.
    rows: str
    row: str

    @abstractmethod
    def still_through(self, rows: Sequence[Any]) -> list[str]:
        """For each row that is chosen with a department although it is not by itself: the department's name."""

    @abstractmethod
    def still_chosen(self, count: int, names: Sequence[str]) -> str:
        """The sentence about `count` rows that are chosen with the departments called `names`."""

    def allow(self, page: ModelAdmin, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Choose the rows for external connection."""
        try:
            company = _company_of(queryset)
            count = grant_members(company=company, actor=member_of(request), **{self.rows: list(queryset)})
        except WorksBridgeError as error:
            page.message_user(request, str(error), messages.ERROR)
            return
        page.message_user(request, _now_chosen(count), messages.SUCCESS)
        self._warn(page, request, company)

    def withdraw(self, page: ModelAdmin, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        """Choose the rows no longer; what that ends is shown before."""
        try:
            company = _company_of(queryset)
        except WorksBridgeError as error:
            page.message_user(request, str(error), messages.ERROR)
            return None
        rows = list(queryset)
        count = MemberGrant.objects.filter(company=company, **{f"{self.row}__in": rows}).count()
        answer = confirmed_for_rows(
            page,
            request,
            company,
            partial(withdraw_members, company=company, actor=member_of(request), **{self.rows: rows}),
            title=_("Withdraw external connection?"),
            confirm=_("Withdraw now"),
            about=",".join(str(row.pk) for row in rows),
        )
        if answer is not None:
            return answer
        page.message_user(request, _no_longer_chosen(count), messages.SUCCESS)
        self._warn(page, request, company, self.still_through(rows))
        if request.POST.get("shown"):
            undo = format_html('<a href="{}">{}</a>', side_page(policy_of(company).pk), _("External connection"))
            text = format_html(_("You can undo this for ten minutes on the page {}."), undo)
            page.message_user(request, text, messages.INFO)
        return None

    def _warn(self, page: ModelAdmin, request: HttpRequest, company: Company, still: Sequence[str] = ()) -> None:
        """Warn when the choice has no effect yet, or when some are still chosen otherwise."""
        policy = policy_of(company)
        if not policy.allows:
            page.message_user(request, _("External connection is off for %s.") % company, messages.WARNING)
        elif policy.grant_to == ExternalPolicy.GrantTo.ALL:
            warning = _(
                "All members of %s have external connection. Your choice takes effect once “Who may use it” is set to "
                "chosen members and departments."
            )
            page.message_user(request, warning % company, messages.WARNING)
        elif still:
            # The most frequent first: withdrawing there affects the most members.
            names = [name for name, _count in Counter(still).most_common()]
            page.message_user(request, self.still_chosen(len(still), names), messages.WARNING)


def add_grant_actions(model: type[Model], grants: Grants) -> None:
    """Offer the two actions in the list of members or departments."""
    add_action(model, "allow_external", grants.allow, gettext_lazy("Allow external connection"))
    add_action(model, "withdraw_external", grants.withdraw, gettext_lazy("Withdraw external connection"))


def listed(names: Sequence[str]) -> str:
    """The first of the names, and that there are more."""
    return ", ".join(names[:NAMED]) + (" …" if len(names) > NAMED else "")


def _now_chosen(count: int) -> str:
    text = ngettext("%d is chosen for external connection.", "%d are chosen for external connection.", count)
    return text % count if count else _("They were already chosen.")


def _no_longer_chosen(count: int) -> str:
    text = ngettext("%d is no longer chosen.", "%d are no longer chosen.", count)
    return text % count if count else _("None of them was chosen.")
