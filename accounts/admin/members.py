"""The members of one's own company."""

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.db import IntegrityError
from django.db.models import Model, OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponseBase
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.actions.invitations import invite_members, send_resets
from accounts.actions.members import create_member, reactivate_member, save_member
from accounts.admin.exporting import export_members
from accounts.admin.importing import ImportPages
from accounts.admin.parts import status
from accounts.admin.scope import TypedIsKept
from accounts.forms import MemberForm
from accounts.member_states import INVITED, NOT_INVITED, SIGNS_IN
from accounts.models import AccountMail, User
from accounts.requests import company_of, member_of
from worksbridge.errors import Code, Refused


class StateFilter(admin.SimpleListFilter):
    """Active, invited, deactivated."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("active", gettext_lazy("Active")),
            ("invited", gettext_lazy("Invited")),
            ("waiting", gettext_lazy("Not invited yet")),
            ("deactivated", gettext_lazy("Deactivated")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User] | None:
        match self.value():
            case "active":
                return queryset.filter(SIGNS_IN)
            case "invited":
                return queryset.filter(INVITED)
            case "waiting":
                return queryset.filter(NOT_INVITED)
            case "deactivated":
                return queryset.filter(is_active=False)
        return queryset


@admin.register(User)
class MemberAdmin(TypedIsKept):
    """Members of one's own company. Accounts are deactivated, never deleted: what people wrote stays."""

    form = MemberForm
    explanation = gettext_lazy(
        "The members of your company. New members get an e-mail to choose a password. Accounts are deactivated, never "
        "deleted, so what people wrote stays."
    )
    empty_text = gettext_lazy("No members yet. Add one, or import a list.")
    list_display = ["name", "email", "department", "is_administrator", "state"]
    list_filter = [StateFilter, "is_administrator"]
    search_fields = ["name", "email", "handle"]
    actions = ["reactivate", "invite_again", "send_reset", "export_chosen"]
    list_select_related = ["department", "company"]
    list_per_page = 50
    show_facets = admin.ShowFacets.NEVER
    fields = ["name", "email", "handle", "title", "department", "phone", "language", "time_zone", "is_administrator"]
    menu_icon = "user-round"
    menu_order = 10
    menu_extra = [(gettext_lazy("Import members"), "accounts_user_import", "user-round-plus")]
    change_list_template = "admin/accounts/user/change_list.html"

    def get_urls(self) -> list[URLPattern]:
        """Import and export, before the pages of Django's admin."""
        view = self.admin_site.admin_view
        pages = ImportPages(self.admin_site)
        return [
            path("import/", view(pages.upload), name="accounts_user_import"),
            path("import/example/", view(pages.example), name="accounts_user_import_example"),
            path("import/<int:number>/", view(pages.preview), name="accounts_user_import_preview"),
            path("export/", view(self.export_all), name="accounts_user_export"),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """An operator's account is not an administrator's to change, even one in their company."""
        last = AccountMail.objects.filter(member=OuterRef("pk"), kind=AccountMail.Kind.INVITATION).order_by("-pk")
        found = super().get_queryset(request)
        found = found if request.user.is_superuser else found.filter(is_superuser=False)
        return found.annotate(
            mail_sent_at=Subquery(last.values("sent_at")[:1]), mail_given_up_at=Subquery(last.values("given_up_at")[:1])
        )

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        fields = [name for name in self.fields or [] if name != "language" or len(settings.LANGUAGES) > 1]
        return ["company", *fields] if request.user.is_superuser and obj is None else fields

    def get_form(self, request: HttpRequest, obj: Model | None = None, change: bool = False, **kwargs: Any) -> Any:
        form: Any = super().get_form(request, obj, change, **kwargs)
        form.own_company_id = None if request.user.is_superuser else member_of(request).company_id
        form.actor_id = request.user.pk
        return form

    def store(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        actor = member_of(request)
        if change:
            try:
                save_member(member=obj, changed=form.changed_data, actor=actor)
            except IntegrityError as error:
                # Taken between the check and the write; the message is the same whoever took it.
                text = _("This address or handle cannot be used. Please try again.")
                raise Refused(text, code=Code.TAKEN) from error
            return
        fields = dict(form.cleaned_data)
        company = fields.pop("company", None) or company_of(actor)
        obj.pk = create_member(company=company, actor=actor, invite=True, **fields).pk
        self.message_user(request, _("An invitation is on its way to %s.") % fields["email"], messages.SUCCESS)

    @admin.display(description=gettext_lazy("state"))
    def state(self, member: User) -> str:
        """Active, deactivated, or invited with the state of the e-mail."""
        if not member.is_active:
            return status("closed", _("Deactivated"))
        if member.has_usable_password():
            return status("open", _("Active"))
        if member.invited_at is None:
            return status("plain", _("Not invited yet"))
        if getattr(member, "mail_sent_at", None):
            day = date_format(timezone.localtime(member.invited_at), "SHORT_DATE_FORMAT")
            return status("waiting", _("Invited %s") % day)
        given_up = getattr(member, "mail_given_up_at", None)
        return status("closed", _("Invitation not sent")) if given_up else status("waiting", _("Sending invitation"))

    @admin.action(description=gettext_lazy("Reactivate"))
    def reactivate(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Let them sign in again."""
        members = list(queryset.filter(is_active=False))
        for member in members:
            reactivate_member(member=member, actor=member_of(request))
        done = ngettext("%d member can sign in again.", "%d members can sign in again.", len(members))
        self.message_user(request, done % len(members) if members else _("They are all active already."))

    @admin.action(description=gettext_lazy("Send the invitation again"))
    def invite_again(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Another e-mail for those who have not signed in yet; earlier links stop working."""
        count = invite_members(members=list(queryset), actor=member_of(request))
        done = ngettext("%d invitation is on its way.", "%d invitations are on their way.", count) % count
        self.message_user(request, done if count else _("They have all chosen a password already."))

    @admin.action(description=gettext_lazy("Send a password reset"))
    def send_reset(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """An e-mail to choose a new password."""
        count = send_resets(members=list(queryset), actor=member_of(request))
        done = ngettext("%d e-mail is on its way.", "%d e-mails are on their way.", count) % count
        self.message_user(request, done if count else _("None of them has a password yet: send the invitation again."))

    @admin.action(description=gettext_lazy("Export as CSV"))
    def export_chosen(self, request: HttpRequest, queryset: QuerySet[User]) -> HttpResponseBase:
        """The chosen members as a file."""
        return export_members(request, queryset)

    def export_all(self, request: HttpRequest) -> HttpResponseBase:
        """All members the viewer may see, as a file."""
        return export_members(request, self.get_queryset(request))
