"""Members in the admin, with their grant."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin, messages
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.actions.members import deactivate_member
from accounts.admin.extensions import add_action, add_column, add_filter, extend_rows, wrap_save
from accounts.admin.parts import status
from accounts.models import Department, User
from accounts.requests import member_of
from federation.admin.grant_actions import Grants, add_grant_actions, listed, with_choice
from federation.admin.moves import ask_before_moving
from federation.admin.preview import confirmed_for_rows
from federation.models import Availability
from worksbridge.errors import WorksBridgeError

# So many people are named in a question.
NAMED = 5


class HasExternal(admin.SimpleListFilter):
    """Who has external connection now."""

    title = gettext_lazy("external connection")
    parameter_name = "external"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", gettext_lazy("Available")), ("no", gettext_lazy("Not available"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any] | None:
        available = {"yes": True, "no": False}.get(self.value() or "")
        return queryset if available is None else queryset.filter(has_external=available)


def with_external(members: QuerySet[User]) -> QuerySet[Any]:
    """Members with `has_external`. No further query."""
    return members.annotate(has_external=Exists(Availability.objects.live().filter(member=OuterRef("pk"))))


@admin.display(description=gettext_lazy("external connection"), ordering="has_external")
def external(member: User) -> str:
    """Whether external connection is available to the member now."""
    if getattr(member, "has_external", False):
        return status("open", _("Available"))
    return status("plain", _("Not available"))


class MemberGrants(Grants):
    """Members who are chosen, and their departments."""

    rows = "members"
    row = "member"

    def still_through(self, rows: Sequence[User]) -> list[str]:
        live = Availability.objects.live().filter(member__in=rows)
        inside = list(live.order_by("member").values_list("member__department", flat=True))
        found = with_choice(Department.objects.filter(pk__in={pk for pk in inside if pk is not None}))
        chosen = {
            pk: name if is_chosen else above
            for pk, name, is_chosen, above in found.values_list("pk", "name", "is_chosen", "chosen_with")
        }
        return [chosen[pk] for pk in inside if chosen.get(pk)]

    def still_chosen(self, count: int, names: Sequence[str]) -> str:
        if len(names) > 1:
            text = _("%(count)d of them still have it through their departments %(names)s: withdraw it there.")
        else:
            text = ngettext(
                "%(count)d of them still has it through their department %(names)s: withdraw it there.",
                "%(count)d of them still have it through their department %(names)s: withdraw it there.",
                count,
            )
        return text % {"count": count, "names": listed(names)}


def deactivate(page: admin.ModelAdmin, request: HttpRequest, queryset: QuerySet[User]) -> HttpResponse | None:
    """Sign members out and end their rights; what that ends is shown before."""
    actor = member_of(request)
    members = list(queryset.exclude(pk=actor.pk).filter(is_superuser=False, is_active=True).order_by("pk"))
    if not members:
        text = _("No one was deactivated: the members you chose are already deactivated, or it is your own account.")
        page.message_user(request, text, messages.WARNING)
        return None
    names = ", ".join(str(member) for member in members[:NAMED]) + (" …" if len(members) > NAMED else "")
    try:
        answer = confirmed_for_rows(
            page,
            request,
            None if request.user.is_superuser else actor.company,
            lambda: [deactivate_member(member=member, actor=actor) for member in members],
            title=_("Deactivate %s?") % names,
            confirm=_("Deactivate now"),
            text=_("They are signed out everywhere, and their Group Master roles pass on. Immediately:"),
            ask_always=True,
            about=",".join(str(member.pk) for member in members),
            undoable=False,
        )
    except WorksBridgeError as error:
        page.message_user(request, str(error), messages.ERROR)
        return None
    if answer is None:
        done = ngettext("%d member was deactivated.", "%d members were deactivated.", len(members))
        page.message_user(request, done % len(members), messages.SUCCESS)
    return answer


extend_rows(User, with_external)
add_column(User, external)
add_filter(User, HasExternal)
add_grant_actions(User, MemberGrants())
add_action(User, "deactivate", deactivate, gettext_lazy("Deactivate"))
wrap_save(User, ask_before_moving)
