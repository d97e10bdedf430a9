"""What an administrator may say of their company's side."""

import hashlib
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Company
from federation.models import Decision, ExternalPolicy, Link
from federation.partner_decision import PartnerDecision

FARTHEST = timedelta(days=50 * 365)
CHANGED = _(
    "This page has changed since you opened it, so nothing was saved. Your choices are still below. Reload the page "
    "to see what changed, or save again to replace it with yours."
)


class SideForm(forms.Form):
    """The switch, the grant, and the decision about each partner shown."""

    allows = forms.BooleanField(
        label=_("Allow external connection"),
        required=False,
        help_text=_(
            "While this is on, members of your company and of companies that also allow it can add, message and call "
            "each other. Switching it off ends that immediately. You see what will end before you confirm."
        ),
    )
    grant_to = forms.ChoiceField(
        label=_("Who may use it"), choices=ExternalPolicy.GrantTo.choices, widget=forms.RadioSelect
    )
    partner_rule = forms.ChoiceField(
        label=_("Partner companies"),
        choices=ExternalPolicy.PartnerRule.choices,
        widget=forms.RadioSelect,
        help_text=_("Default for companies set to “Use default”, and for companies not listed."),
    )

    # A fingerprint of what the page showed, so that no one unknowingly overwrites another decision.
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, policy: ExternalPolicy, links: Iterable[Link], **kwargs: Any) -> None:
        self.policy = policy
        self.links = list(links)
        shown = self._initial()
        self.now = _fingerprint(shown)
        kwargs["initial"] = shown | {"seen": self.now}
        super().__init__(*args, **kwargs)
        for link in self.links:
            partner = link.partner(policy.company_id)
            self.fields[f"decision_{partner.pk}"] = forms.ChoiceField(
                label=_("Our decision about %s") % partner.name, choices=Decision.choices, required=False
            )
            self.fields[f"until_{partner.pk}"] = forms.DateField(
                label=_("Last day for %s") % partner.name,
                required=False,
                widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            )

    def _initial(self) -> dict[str, Any]:
        policy = self.policy
        initial: dict[str, Any] = {name: getattr(policy, name) for name in ("allows", "grant_to", "partner_rule")}
        for link in self.links:
            side, partner = link.side(policy.company_id), link.partner_id(policy.company_id)
            initial[f"decision_{partner}"] = side.decision
            initial[f"until_{partner}"] = last_day(side.expires_at)
        return initial

    def clean(self) -> dict[str, Any]:
        """A last day is for a partner that is allowed, and has not passed."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        if values.get("seen") not in ("", self.now):
            self.add_error(None, CHANGED)
        for link in self.links:
            partner = link.partner_id(self.policy.company_id)
            until, decision = values.get(f"until_{partner}"), values.get(f"decision_{partner}")
            if until is None or (f"until_{partner}" not in self.changed_data and decision == Decision.ALLOW):
                continue
            if decision != Decision.ALLOW:
                values[f"until_{partner}"] = self._without_end(f"until_{partner}", until)
            elif until < timezone.localdate():
                self.add_error(f"until_{partner}", _("This day has passed."))
            elif until > timezone.localdate() + FARTHEST:
                self.add_error(f"until_{partner}", _("This day is too far away. Leave it empty for no last day."))
        return values

    def _without_end(self, field: str, until: date) -> date | None:
        """Nothing but "allow" has an end: one that was there goes with it, one that was typed is a mistake."""
        if field in self.changed_data:
            self.add_error(field, _("Only “Allow” can have a last day."))
            return until
        return None

    def decisions(self) -> dict[Company, PartnerDecision]:
        """What is decided about the partners shown, as it was typed."""
        found = {}
        for link in self.links:
            partner = link.partner(self.policy.company_id)
            decision = self.cleaned_data.get(f"decision_{partner.pk}")
            if not decision:
                continue
            side = link.side(self.policy.company_id)
            until = self.cleaned_data.get(f"until_{partner.pk}")
            same = until is not None and until == last_day(side.expires_at)
            found[partner] = PartnerDecision(decision, side.expires_at if same else end_of(until))
        return found


class AskForm(forms.Form):
    """Asking a company for a connection."""

    domain = forms.CharField(
        label=_("E-mail domain of the company"),
        max_length=254,
        help_text=_("The part after the @ in its members' addresses, like example.com."),
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false", "autocomplete": "off"}),
    )
    message = forms.CharField(
        label=_("Message to its administrators"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


def _fingerprint(shown: dict[str, Any]) -> str:
    text = "|".join(f"{name}={value}" for name, value in sorted(shown.items()))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def last_day(expires_at: datetime | None) -> date | None:
    """The last day on which a decision holds, in the reader's time zone."""
    return timezone.localdate(expires_at - timedelta(seconds=1)) if expires_at else None


def end_of(day: date | None) -> datetime | None:
    """The end of a day in the writer's time zone."""
    if day is None:
        return None
    return datetime.combine(day + timedelta(days=1), time.min, tzinfo=timezone.get_current_timezone())
