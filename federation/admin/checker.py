"""Why can't they talk? Takes two people and shows which conditions fail."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib.admin import ModelAdmin
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Company, Domain, User
from accounts.requests import member_of
from federation.access import known_links
from federation.conditions import Check, Condition, Facts, conditions, is_chosen
from federation.reasons import Reason, reason_text
from worksbridge.mail_addresses import address_or_text


class CheckForm(forms.Form):
    """A member, and the person they want to reach."""

    member = forms.CharField(
        label=gettext_lazy("Member of your company"),
        max_length=254,
        help_text=gettext_lazy("E-mail address or handle."),
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false"}),
    )
    other = forms.CharField(
        label=gettext_lazy("External user"),
        max_length=254,
        help_text=gettext_lazy("Exact e-mail address or handle."),
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false"}),
    )


@dataclass(frozen=True)
class Line:
    """One condition in words; `state` is open (yes), closed (no) or plain (cannot be said)."""

    text: str
    state: str
    answer: str
    todo: str = ""


def checker(model_admin: ModelAdmin, request: HttpRequest) -> HttpResponse:
    """The page, with the answer when two people are named."""
    operator = bool(request.user.is_superuser)
    form = CheckForm(request.GET or None)
    if operator:
        form.fields["member"].label = _("Member")
    context = {
        **model_admin.admin_site.each_context(request),
        "title": _("Why can't they talk?"),
        "explanation": _(
            "Enter a member and the person they want to reach. You see each condition, and who can change it. Blocks "
            "between the two are never shown here."
        ),
        "form": form,
        "lines": None,
    }
    if form.is_bound and form.is_valid():
        asked = _Asked(request, operator=operator)
        member = asked.member(form.cleaned_data["member"])
        if member is None:
            form.add_error("member", _("No one in your company has this address or handle."))
        else:
            context |= asked.answer(member, form.cleaned_data["other"])
    return TemplateResponse(request, "admin/federation/check.html", context, status=400 if form.errors else 200)


class _Asked:
    """One question of an administrator about their own member, or of an operator about anybody."""

    def __init__(self, request: HttpRequest, *, operator: bool) -> None:
        self.operator = operator
        self.company = member_of(request).company_id

    def member(self, text: str) -> User | None:
        """The member who is meant; an administrator asks about their own company's only."""
        people = _named(text).filter(company__isnull=False)
        return (people if self.operator else people.filter(company=self.company)).first()

    def answer(self, member: User, text: str) -> dict[str, Any]:
        """The conditions in words, and the verdict."""
        other = _named(text).filter(company__isnull=False).first()
        if other is not None and other.company_id == member.company_id:
            return {"lines": [], "verdict": _("They are in the same company and can always talk."), "may": True}
        known = self._known(member, other)
        if known is None:
            return self._unknown(member, text)
        checks = conditions(member, known, Facts([member, known]))
        lines = [*self._own(member, known.company, checks), *self._others(known, checks)]
        return self._with_verdict(lines, all(check.holds for check in checks))

    def _known(self, member: User, other: User | None) -> User | None:
        """The other person, if the asker may know that they exist: only if their members could find them."""
        if other is None or self.operator:
            return other
        facts = Facts([member, other])
        open_to_us = facts.is_open(member.company_id, other.company_id)
        return other if open_to_us and other.pk in facts.available else None

    def _unknown(self, member: User, text: str) -> dict[str, Any]:
        """What can be said of one's own side; the rest is the same whether or not the person exists."""
        partner = self._partner_by_domain(text)
        stand_in = User(company=partner, is_active=True)
        facts = Facts([member]) if partner is None else Facts([member, stand_in])
        checks = {check.condition: check for check in conditions(member, stand_in, facts) if check.own}
        if "@" not in address_or_text(text).lstrip("@"):
            # A handle does not say which company is meant, so neither what this one has decided about it.
            lines = self._own(member, partner, [one for key, one in checks.items() if key != Condition.PARTNER])
            lines += [_not_known(_("The two companies allow each other"), _("Enter the person's e-mail address."))]
        elif partner is not None and facts.is_open(member.company_id, partner.pk):
            lines = [*self._own(member, partner, list(checks.values())), _yes(_("%s allows your company") % partner)]
            lines += [_no(_("The person can be reached from outside"), reason_text(Reason.OTHER_PERSON))]
            return self._with_verdict(lines, may=False)
        else:
            lines = [*self._own(member, partner, list(checks.values())), self._other_company(checks)]
        return self._with_verdict([*lines, _not_known(_("The person can be reached from outside"))], may=False)

    @staticmethod
    def _other_company(checks: dict[Condition, Check]) -> Line:
        """What is known of the other side while the two are not connected: with the own side open, that it is not."""
        text = _("The other company allows yours")
        if not checks[Condition.SWITCH].holds or not checks[Condition.PARTNER].holds:
            return _not_known(text, _("Shown once your company allows it."))
        todo = _("Its administrator can allow it. You can ask the company to connect.")
        return _no(text, _("The other company has not allowed it."), todo)

    def _partner_by_domain(self, text: str) -> Company | None:
        """The company an address belongs to, if the asker's company has it in its list already."""
        domain = Domain.objects.filter(name=address_or_text(text).rpartition("@")[2])
        found = domain.select_related("company").first() if "@" in address_or_text(text).lstrip("@") else None
        if found is None or found.company_id == self.company:
            return None
        known = known_links(self.company or 0).filter(Q(company_a=found.company) | Q(company_b=found.company))
        return found.company if known.exists() else None

    def _with_verdict(self, lines: list[Line], may: bool) -> dict[str, Any]:
        verdict = _("They can talk.") if may else _("They can't talk yet. Fix the items marked No.")
        return {"lines": lines, "verdict": verdict, "may": may}

    def _own(self, member: User, partner: Company | None, checks: list[Check]) -> list[Line]:
        return [self._own_line(member, partner, check) for check in checks if check.own]

    def _own_line(self, member: User, partner: Company | None, check: Check) -> Line:
        company = str(member.company)
        theirs = partner.name if partner else _("the other company")
        match check.condition:
            case Condition.SWITCH:
                text = _("%s allows external connection") % company
                todo = _("Open the “External connection” page and switch it on.")
            case Condition.ACTIVE:
                text, todo = _("The account of %s is active") % member, _("Reactivate it in the list of members.")
            case Condition.GRANTED:
                text = _("%s has been granted external connection") % member
                todo = _("Select them or their department in the list, then choose “Allow external connection”.")
                return _yes(text) if check.holds and is_chosen(member) else _no(text, _("No"), todo)
            case Condition.PARTNER:
                text = _("%(company)s allows %(partner)s") % {"company": company, "partner": theirs}
                todo = _("Allow this partner on the “External connection” page.")
        return _yes(text) if check.holds else _no(text, _("No"), todo)

    def _others(self, other: User, checks: list[Check]) -> list[Line]:
        """The other side: for an operator all of it, for an administrator what their members may know."""
        held = {check.condition: check.holds for check in checks if not check.own}
        company = str(other.company)
        if self.operator:
            texts = {
                Condition.SWITCH: _("%s allows external connection") % company,
                Condition.PARTNER: _("%s allows the member's company") % company,
                Condition.ACTIVE: _("The account of %s is active") % other,
                Condition.GRANTED: _("%s has been granted external connection") % other,
            }
            return [_yes(text) if held[one] else _no(text, _("No")) for one, text in texts.items()]
        return [_yes(_("%s allows your company") % company), _yes(_("%s can be reached from outside") % other)]


def _named(text: str) -> Any:
    wanted = address_or_text(text).removeprefix("@")
    return User.objects.filter(Q(email=wanted) | Q(handle=wanted)).select_related("company", "department")


def _yes(text: str) -> Line:
    return Line(text, "open", _("Yes"))


def _no(text: str, answer: str, todo: str = "") -> Line:
    return Line(text, "closed", answer, todo)


def _not_known(text: str, todo: str = "") -> Line:
    return Line(text, "plain", _("Not known"), todo)
