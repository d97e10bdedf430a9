"""Where a company's members are: its administrators can take them out of External Group rooms."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.admin import OwnCompany
from accounts.requests import member_of
from messaging.actions.leaving import withdraw_from_room
from messaging.models import Membership, Room


@admin.register(Membership)
class ExternalMembershipAdmin(OwnCompany):
    """Members of one's own company in External Group rooms; what is said there stays closed to administrators."""

    company_path = "member__company"
    menu_section = _("External connection")
    menu_icon = "messages-square"
    menu_order = 15
    explanation = _(
        "Who of your company is in a room with people of other companies. You can take members out of such a room; "
        "what is said there stays closed to you."
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
        live = super().get_queryset(request).filter(ended_at=None)
        return live.filter(room__kind=Room.Kind.GROUP, room__is_external=True)

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
        """The company in which the room was made."""
        return membership.room.hosting_company.name

    @admin.display(description=_("role"), ordering="role")
    def part(self, membership: Membership) -> str:
        """Whether they manage the room."""
        return str(_("Group Master") if membership.role == Membership.Role.MASTER else _("Member"))

    @admin.action(description=_("Exclude from the room"), permissions=["view"])
    def exclude_from_room(self, request: HttpRequest, queryset: QuerySet[Membership]) -> None:
        """Take the members out; the others in the room see a line that says so."""
        chosen = list(queryset)
        for membership in chosen:
            withdraw_from_room(administrator=member_of(request), membership=membership)
        done = ngettext("%d member was excluded.", "%d members were excluded.", len(chosen)) % len(chosen)
        self.message_user(request, done)
