"""Companies, for operators."""

import re
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.actions.companies import change_company, create_company
from accounts.addresses import ADDRESS_TAKEN, refused_addresses
from accounts.admin.parts import status
from accounts.admin.scope import OperatorOnly, TypedIsKept
from accounts.models import Company, Domain, time_zones
from accounts.names import clean_name
from accounts.requests import member_of
from worksbridge.domains import clean_domain
from worksbridge.errors import Code, Refused
from worksbridge.mail_addresses import clean_address


class CompanyForm(forms.ModelForm):
    """A company and the domains it owns."""

    domains = forms.CharField(
        label=_("E-mail domains"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_(
            "One per line. Other companies use these domains to ask this company to connect. No other company's "
            "members can have addresses in them."
        ),
    )

    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=time_zones,
        required=False,
        help_text=_("Its members have it unless they choose another."),
    )

    class Meta:
        model = Company
        fields = ["name", "slug", "time_zone"]
        help_texts = {"slug": _("A short lowercase name, used in settings. It cannot be changed later.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is not None:
            self.fields["domains"].initial = "\n".join(self.instance.domains.values_list("name", flat=True))

    def clean_name(self) -> str:
        """One readable line: the name is shown in badges next to people's names."""
        return clean_name(self.cleaned_data["name"])

    def clean_time_zone(self) -> str:
        """The one that was chosen; it stays when none was."""
        return self.cleaned_data["time_zone"] or self.instance.time_zone

    def clean_domains(self) -> list[str]:
        """The domains, each well-formed and of no other company. Raises ValidationError."""
        names = []
        for typed in filter(None, re.split(r"[\s,;]+", self.cleaned_data["domains"])):
            try:
                names.append(clean_domain(typed.rpartition("@")[2]))
            except ValidationError as error:
                raise ValidationError(_("“%s” is not a domain. Use the form example.com.") % typed) from error
        taken = Domain.objects.filter(name__in=names).exclude(company=self.instance.pk).values_list("name", flat=True)
        if taken:
            raise ValidationError(_("Another company owns %s.") % ", ".join(sorted(taken)))
        return names


class NewCompanyForm(CompanyForm):
    """A company with its first administrator."""

    admin_name = forms.CharField(label=_("Name of the first administrator"), max_length=100)
    admin_email = forms.CharField(
        label=_("E-mail address of the first administrator"),
        max_length=254,
        help_text=_("They get an e-mail to choose their password."),
    )

    def clean_admin_name(self) -> str:
        """One readable line."""
        return clean_name(self.cleaned_data["admin_name"])

    def clean_admin_email(self) -> str:
        """An address that is not in use."""
        return clean_address(self.cleaned_data["admin_email"])

    def clean(self) -> dict[str, Any]:
        """The address is free, and its domain not another company's."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        email = values.get("admin_email")
        if email and refused_addresses(None, [email]):
            self.add_error("admin_email", ADDRESS_TAKEN)
        return values


@admin.register(Company)
class CompanyAdmin(TypedIsKept, OperatorOnly):
    """Companies are the operator's."""

    explanation = _("The companies in this deployment. Each company's own administrators manage the rest.")
    list_display = ["name", "slug", "owned_domains", "members", "state", "created_at"]
    search_fields = ["name", "slug", "domains__name"]
    menu_section = _("Deployment")
    menu_icon = "building-2"
    menu_order = 80

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        active = Count("members", filter=Q(members__is_active=True), distinct=True)
        return super().get_queryset(request).annotate(active_members=active).prefetch_related("domains")

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        kwargs["form"] = CompanyForm if change else NewCompanyForm
        kwargs["fields"] = ["name", "slug", "time_zone"]
        return super().get_form(request, obj, change, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        company = (None, {"fields": ["name", "slug", "time_zone", "domains"]})
        return [company] if obj else [company, (_("First administrator"), {"fields": ["admin_name", "admin_email"]})]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["slug"] if obj else []

    def store(self, request: HttpRequest, obj: Company, form: Any, change: bool) -> None:
        values = {name: value for name, value in form.cleaned_data.items() if name != "company"}
        try:
            if change:
                change_company(company=obj, domains=values["domains"], actor=member_of(request))
            else:
                obj.pk = create_company(actor=member_of(request), **values).pk
        except IntegrityError as error:
            # Another operator was faster.
            text = _("Another company has just taken the short name or one of the domains.")
            raise Refused(text, code=Code.TAKEN) from error

    @admin.display(description=_("e-mail domains"))
    def owned_domains(self, company: Company) -> str:
        """The domains it owns."""
        return ", ".join(domain.name for domain in company.domains.all()) or "–"

    @admin.display(description=_("active members"), ordering="active_members")
    def members(self, company: Company) -> int:
        """The number of members who can sign in."""
        return int(getattr(company, "active_members", 0))

    @admin.display(description=_("state"), ordering="is_active")
    def state(self, company: Company) -> str:
        """Whether it is suspended."""
        return status("open", _("Active")) if company.is_active else status("closed", _("Suspended"))
