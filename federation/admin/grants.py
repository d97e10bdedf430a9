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

from accounts.actions.members import deactivate_member
from accounts.admin import DepartmentAdmin, MemberAdmin
from accounts.admin.parts import status
from accounts.models import Company, Department, User
from accounts.requests import member_of
from federation.actions.links import policy_of
from federation.actions.switch import grant_members, withdraw_members
from federation.addresses import side_page
from federation.admin.moves import AsksBeforeMoves
from federation.admin.preview import Asked, confirmed
from federation.models import Availability, ExternalPolicy, MemberGrant
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


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:NAMED]) + (" …" if len(names) > NAMED else "")


def _now_chosen(count: int) -> str:
    text = ngettext("%d is chosen for external connection.", "%d are chosen for external connection.", count)
    return text % count if count else _("They were chosen already.")


def _no_longer_chosen(count: int) -> str:
    text = ngettext("%d is no longer chosen.", "%d are no longer chosen.", count)
    return text % count if count else _("None of them was chosen.")


class HasExternal(admin.SimpleListFilter):
    """Who has external connection now."""

    title = gettext_lazy("external connection")
    parameter_name = "external"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", gettext_lazy("Available")), ("no", gettext_lazy("Not available"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any] | None:
        available = {"yes": True, "no": False}.get(self.value() or "")
        return queryset if available is None else queryset.filter(has_external=available)


admin.site.unregister(User)
admin.site.unregister(Department)


@admin.register(User)
class GrantedMemberAdmin(GrantActions, AsksBeforeMoves, MemberAdmin):
    """Members, with their grant."""

    actions = [*MemberAdmin.actions, "allow_external", "withdraw_external"]
    list_display = [*MemberAdmin.list_display, "external"]
    list_filter = [*MemberAdmin.list_filter, HasExternal]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        live = Availability.objects.live().filter(member=OuterRef("pk"))
        return super().get_queryset(request).annotate(has_external=Exists(live))

    @admin.display(description=gettext_lazy("external connection"), ordering="has_external")
    def external(self, member: User) -> str:
        """Whether external connection is available to the member now."""
        if getattr(member, "has_external", False):
            return status("open", _("Available"))
        return status("plain", _("Not available"))

    def still_through(self, rows: Sequence[User]) -> list[str]:
        """Through which departments members have it still. Two queries."""
        live = Availability.objects.live().filter(member__in=rows)
        inside = list(live.order_by("member").values_list("member__department", flat=True))
        found = with_choice(Department.objects.filter(pk__in={pk for pk in inside if pk is not None}))
        chosen = {
            pk: name if is_chosen else above
            for pk, name, is_chosen, above in found.values_list("pk", "name", "is_chosen", "chosen_with")
        }
        return [chosen[pk] for pk in inside if chosen.get(pk)]

    def still_chosen(self, count: int, names: Sequence[str]) -> str:
        """Members, and their departments."""
        if len(names) > 1:
            text = _("%(count)d of them still have it through their departments %(names)s: withdraw it there.")
        else:
            text = ngettext(
                "%(count)d of them still has it through their department %(names)s: withdraw it there.",
                "%(count)d of them still have it through their department %(names)s: withdraw it there.",
                count,
            )
        return text % {"count": count, "names": _listed(names)}

    @admin.action(description=gettext_lazy("Deactivate"))
    def deactivate(self, request: HttpRequest, queryset: QuerySet[User]) -> HttpResponse | None:
        """Sign them out and end their rights; what that ends is shown before."""
        actor = member_of(request)
        members = list(queryset.exclude(pk=actor.pk).filter(is_superuser=False, is_active=True).order_by("pk"))
        if not members:
            self.message_user(
                request,
                _("Nobody was deactivated: whom you chose is deactivated already, or it is your own account."),
                messages.WARNING,
            )
            return None
        names = ", ".join(str(member) for member in members[:5]) + (" …" if len(members) > 5 else "")  # noqa: PLR2004
        try:
            page = self._agreed(
                request,
                None if request.user.is_superuser else actor.company,
                lambda: [deactivate_member(member=member, actor=actor) for member in members],
                _("Deactivate %s?") % names,
                _("Deactivate now"),
                text=_("They are signed out everywhere, and their places as Group Master pass on. At once:"),
                ask_always=True,
                about=",".join(str(member.pk) for member in members),
                undoable=False,
            )
        except WorksBridgeError as error:
            self.message_user(request, str(error), messages.ERROR)
            return None
        if page is None:
            done = ngettext("%d member was deactivated.", "%d members were deactivated.", len(members))
            self.message_user(request, done % len(members), messages.SUCCESS)
        return page


@admin.register(Department)
class GrantedDepartmentAdmin(GrantActions, AsksBeforeMoves, DepartmentAdmin):
    """Departments, with their grant, which holds for those below them too."""

    grant_kind = "departments"
    place = "parent_id"
    actions = ["allow_external", "withdraw_external"]
    list_display = [*DepartmentAdmin.list_display, "external"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return with_choice(super().get_queryset(request))

    @admin.display(description=gettext_lazy("external connection"))
    def external(self, department: Department) -> str:
        """Whether the department is chosen: by itself, or with one above it."""
        if getattr(department, "is_chosen", False):
            return status("open", _("Chosen"))
        above = getattr(department, "chosen_with", None)
        return status("open", _("Chosen with %s") % above) if above else ""

    def still_through(self, rows: Sequence[Department]) -> list[str]:
        """With which departments above them departments are chosen still. One query."""
        found = with_choice(Department.objects.filter(pk__in=[row.pk for row in rows]).order_by("pk"))
        return [name for name in found.values_list("chosen_with", flat=True) if name]

    def still_chosen(self, count: int, names: Sequence[str]) -> str:
        """Departments, and those above them."""
        text = ngettext(
            "%(count)d of them still has it through %(names)s above it: withdraw it there.",
            "%(count)d of them still have it through %(names)s above them: withdraw it there.",
            count,
        )
        return text % {"count": count, "names": _listed(names)}

    def delete_model(self, request: HttpRequest, obj: Department) -> None:
        """What was granted to it goes with it, and the log says so."""
        withdraw_members(company=obj.company, departments=[obj], actor=member_of(request))
        super().delete_model(request, obj)
