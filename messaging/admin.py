"""A company's members in External Group rooms, from which its administrators can exclude them."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.admin import OwnCompany
from accounts.requests import member_of
from federation.actions.dry_run import fingerprint
from federation.impact import Impact
from messaging.actions.leaving import withdraw_from_room
from messaging.models import Membership, Room

# So many rooms are named, and so many people of each.
NAMED = 20


@admin.register(Membership)
class ExternalMembershipAdmin(OwnCompany):
    """Members of one's own company in External Group rooms. Administrators cannot read the messages."""

    company_path = "member__company"
    menu_section = _("External connection")
    menu_icon = "messages-square"
    menu_order = 15
    explanation = _(
        "Members of your company who are in rooms with external users. You can exclude them from a room, but you "
        "cannot read its messages."
    )
    empty_text = _("No member of your company is in an External Group room now.")
    list_display = ["member", "room_name", "hosting_company", "part", "joined_at"]
    list_select_related = ["member", "room__hosting_company"]
    list_display_links = None
    fields = ["member", "room_name", "hosting_company", "part", "joined_at"]
    readonly_fields = ["member", "room_name", "hosting_company", "part", "joined_at"]
    search_fields = ["member__name", "member__email", "room__name"]
    actions = ["exclude_from_room"]
    ordering = ["member__name", "pk"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Only who is in an External Group room now."""
        inside = Membership.objects.live().values("pk")
        return super().get_queryset(request).filter(pk__in=inside, room__kind=Room.Kind.GROUP, room__is_external=True)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description=_("room"))
    def room_name(self, membership: Membership) -> str:
        """The room's name."""
        return membership.room.name

    @admin.display(description=_("hosting company"))
    def hosting_company(self, membership: Membership) -> str:
        """The company in which the room was created."""
        return membership.room.hosting_company.name

    @admin.display(description=_("role"), ordering="role")
    def part(self, membership: Membership) -> str:
        """Whether they manage the room."""
        return str(_("Group Master") if membership.role == Membership.Role.MASTER else _("Member"))

    @admin.action(description=_("Exclude from the room"), permissions=["view"])
    def exclude_from_room(self, request: HttpRequest, queryset: QuerySet[Membership]) -> HttpResponse | None:
        """Exclude the members after a preview. A system message tells the others."""
        chosen = list(queryset.order_by("room__name", "room_id", "member__name", "pk"))
        if not chosen:
            self.message_user(request, _("They are no longer in these rooms."), messages.WARNING)
            return None
        shown = request.POST.get("shown", "")
        # No right ends, so a dry run has nothing to count: only the selection is confirmed.
        agreed = fingerprint(Impact(), ",".join(str(pk) for pk in sorted(row.pk for row in chosen)))
        if shown != agreed:
            if shown:
                self.message_user(request, _("This has changed in the meantime. Please check again."), messages.WARNING)
            return self._asked(request, chosen, agreed)
        for membership in chosen:
            withdraw_from_room(administrator=member_of(request), membership=membership)
        done = ngettext("%d member was excluded.", "%d members were excluded.", len(chosen)) % len(chosen)
        self.message_user(request, done, messages.SUCCESS)
        return None

    def _asked(self, request: HttpRequest, chosen: Sequence[Membership], agreed: str) -> HttpResponse:
        names = ("action", "select_across", "index", ACTION_CHECKBOX_NAME)
        sent = [(name, value) for name in names for value in request.POST.getlist(name)]
        people = len({row.member_id for row in chosen})
        page = {
            **self.admin_site.each_context(request),
            "title": ngettext("Exclude %d member?", "Exclude %d members?", people) % people,
            "text": _(
                "They will no longer see the room, and any call in it ends for them. A line in the room tells the "
                "others. Excluded immediately:"
            ),
            "effects": _leaving(chosen),
            "confirm": _("Exclude now"),
            "kind": "stop",
            "back": request.get_full_path(),
            "hidden": [*sent, ("shown", agreed)],
        }
        return TemplateResponse(request, "admin/confirm.html", page)


def _leaving(chosen: Sequence[Membership]) -> list[str]:
    """For each room, who leaves it: one line."""
    by_room: defaultdict[int, list[Membership]] = defaultdict(list)
    for row in chosen:
        by_room[row.room_id].append(row)
    lines = [
        _("%(room)s: %(people)s") % {"room": rows[0].room.name, "people": _names(rows)}
        for rows in [*by_room.values()][:NAMED]
    ]
    more = len(by_room) - NAMED
    return [*lines, ngettext("and from %d more room", "and from %d more rooms", more) % more] if more > 0 else lines


def _names(rows: Sequence[Membership]) -> str:
    return ", ".join(str(row.member) for row in rows[:NAMED]) + (" …" if len(rows) > NAMED else "")
