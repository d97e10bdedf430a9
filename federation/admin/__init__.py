"""The External connection page of the Django admin, and the grants of members and departments."""

from collections import defaultdict
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.admin import DepartmentAdmin, MemberAdmin, OwnCompany
from accounts.models import Company, Department, User
from accounts.requests import member_of
from federation.actions.links import policy_of
from federation.actions.side import change_side
from federation.actions.switch import grant_members, withdraw_members
from federation.models import Decision, ExternalPolicy, Link, MemberGrant

PARTNER = "decision_"


class PolicyForm(forms.ModelForm):
    """The switch, whom it is granted to, and what is decided about each partner."""

    class Meta:
        model = ExternalPolicy
        fields = ["allows", "grant_to", "partner_rule"]
        labels = {"allows": _("Allow external connection")}
        help_texts = {
            "allows": _(
                "While this is on, members of your company and of companies that allow it too can add each other, "
                "write and call. Switching it off freezes all rooms with external people at once."
            ),
            "grant_to": _("Members and departments are chosen in their lists, with the action at the top."),
            "partner_rule": _("Whether a partner about whom nothing is decided below is allowed."),
        }
        widgets = {"grant_to": forms.RadioSelect, "partner_rule": forms.RadioSelect}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for link in links_of(self.instance.company_id):
            partner, mine = _sides(link, self.instance.company_id)
            self.fields[f"{PARTNER}{partner.pk}"] = forms.ChoiceField(
                label=partner.name,
                choices=Decision.choices,
                initial=mine,
                required=False,
                help_text=_state(link, self.instance.company_id),
            )


def links_of(company_id: int | None) -> QuerySet[Link]:
    """A company's links with their companies, by id."""
    mine = Q(company_a=company_id) | Q(company_b=company_id)
    return Link.objects.filter(mine).select_related("company_a", "company_b").order_by("pk")


def _sides(link: Link, company_id: int) -> tuple[Company, str]:
    if link.company_a_id == company_id:
        return link.company_b, link.a_decision
    return link.company_a, link.b_decision


def _state(link: Link, company_id: int) -> Any:
    mine = link.a_allows if link.company_a_id == company_id else link.b_allows
    if link.is_open:
        return _("Open: both sides allow.")
    return _("Closed: waiting for the other company.") if mine else _("Closed: your side does not allow it.")


@admin.register(ExternalPolicy)
class ExternalPolicyAdmin(OwnCompany):
    """One page for each company; every change goes through the actions."""

    form = PolicyForm
    list_display = ["company", "allows", "grant_to", "partner_rule", "changed_at"]
    list_select_related = ["company"]
    readonly_fields = ["chosen", "changed_at", "changed_by"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """An administrator has one company: straight to its page."""
        company = member_of(request).company
        if request.user.is_superuser or company is None:
            return super().changelist_view(request, extra_context)
        return redirect("admin:federation_externalpolicy_change", policy_of(company).pk)

    def get_form(
        self, request: HttpRequest, obj: ExternalPolicy | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        # The partners' fields are made by the form for its company, so Django must not look for them on the model.
        kwargs["fields"] = PolicyForm.Meta.fields
        return super().get_form(request, obj, change, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: ExternalPolicy | None = None) -> Any:
        partners = (
            [f"{PARTNER}{_sides(link, obj.company_id)[0].pk}" for link in links_of(obj.company_id)] if obj else []
        )
        sets = [
            (_("External connection"), {"fields": ["allows"]}),
            (_("Who may use it"), {"fields": ["grant_to", "chosen"]}),
            (_("Partner companies"), {"fields": ["partner_rule", *partners]}),
        ]
        return [*sets, (_("Last change"), {"fields": ["changed_at", "changed_by"]})]

    @admin.display(description=_("chosen"))
    def chosen(self, policy: ExternalPolicy) -> SafeString | str:
        """The members and departments chosen so far."""
        grants = MemberGrant.objects.filter(company=policy.company_id).select_related("member", "department")
        names = sorted(str(grant.member or grant.department) for grant in grants)
        return format_html("<ul>{}</ul>", format_html_join("", "<li>{}</li>", ((n,) for n in names))) if names else "–"

    def save_model(self, request: HttpRequest, obj: ExternalPolicy, form: Any, change: bool) -> None:
        """Carry the decisions out, all at once."""
        values = form.cleaned_data
        chosen = {int(name.removeprefix(PARTNER)): value for name, value in values.items() if name.startswith(PARTNER)}
        partners = Company.objects.in_bulk([pk for pk, decision in chosen.items() if decision])
        change_side(
            company=obj.company,
            actor=member_of(request),
            allows=values["allows"],
            grant_to=values["grant_to"],
            partner_rule=values["partner_rule"],
            decisions={partner: chosen[pk] for pk, partner in partners.items()},
        )

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        obj.refresh_from_db()
        return super().log_change(request, obj, message)


def _by_company(rows: QuerySet[Any]) -> dict[Company, list[Any]]:
    found: defaultdict[Company, list[Any]] = defaultdict(list)
    for row in rows.select_related("company"):
        if row.company is not None:
            found[row.company].append(row)
    return found


class GrantActions(admin.ModelAdmin):
    """Bulk actions that choose members or departments."""

    grant_kind = "members"

    @admin.action(description=_("Allow external connection"))
    def allow_external(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Choose the rows for external connection."""
        for company, rows in _by_company(queryset).items():
            grant_members(company=company, actor=member_of(request), **{self.grant_kind: rows})
            self._say(request, company, _now_chosen(len(rows)))

    @admin.action(description=_("Withdraw external connection"))
    def withdraw_external(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Choose the rows no longer."""
        for company, rows in _by_company(queryset).items():
            withdraw_members(company=company, actor=member_of(request), **{self.grant_kind: rows})
            self._say(request, company, _no_longer_chosen(len(rows)))

    def _say(self, request: HttpRequest, company: Company, done: str) -> None:
        """What was done, and what else has to be set before it matters."""
        self.message_user(request, done, messages.SUCCESS)
        policy = policy_of(company)
        if not policy.allows:
            self.message_user(request, _("External connection is off for %s.") % company, messages.WARNING)
        elif policy.grant_to == ExternalPolicy.GrantTo.ALL:
            warning = _("All members of %s have external connection. The choice counts once it is set to chosen ones.")
            self.message_user(request, warning % company, messages.WARNING)


def _now_chosen(count: int) -> str:
    text = ngettext("%d is chosen for external connection.", "%d are chosen for external connection.", count)
    return text % count


def _no_longer_chosen(count: int) -> str:
    text = ngettext("%d is no longer chosen.", "%d are no longer chosen.", count)
    return text % count


admin.site.unregister(User)
admin.site.unregister(Department)


@admin.register(User)
class GrantedMemberAdmin(GrantActions, MemberAdmin):
    """Members, with their grant."""

    actions = [*MemberAdmin.actions, "allow_external", "withdraw_external"]


@admin.register(Department)
class GrantedDepartmentAdmin(GrantActions, DepartmentAdmin):
    """Departments, with their grant."""

    grant_kind = "departments"
    actions = ["allow_external", "withdraw_external"]
