"""Forms about oneself, and about the members of a company."""

from typing import Any

from allauth.account.forms import AddEmailForm, LoginForm, ResetPasswordForm
from django import forms
from django.conf import settings
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.addresses import ADDRESS_TAKEN, HANDLE_TAKEN, refused_addresses
from accounts.models import LANGUAGES, Department, User, time_zones
from accounts.names import clean_name
from accounts.photos import PhotoField
from worksbridge.characters import comparable, one_line
from worksbridge.mail_addresses import address_or_text, clean_address


class AddressField(forms.CharField):
    """An e-mail address as people type and paste it. With `refuses` off what is no address is nobody's."""

    def __init__(self, *, refuses: bool = True, **options: Any) -> None:
        self.refuses = refuses
        # No type "email": browsers would refuse "Kim <kim@a.example>" before anybody could read it.
        attributes = {"inputmode": "email", "autocomplete": "email", "autocapitalize": "none", "spellcheck": "false"}
        # A name can be pasted with the address.
        super().__init__(max_length=400, widget=forms.TextInput(attrs=attributes), **options)

    def clean(self, value: Any) -> str:
        """The address. Raises ValidationError for what is none."""
        text: str = super().clean(value)
        return clean_address(text) if self.refuses and text else address_or_text(text)


class ResetForm(ResetPasswordForm):
    """The form behind "forgot password". Whoever the address is of, the answer is the same."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"] = AddressField(label=_("E-mail"))


class SignInForm(LoginForm):
    """Sign-in by e-mail and password, with the product's words on the fields."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"] = AddressField(label=_("E-mail"), refuses=False)
        self.order_fields(["login", "password"])
        self.fields["password"].help_text = ""
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)
        self.fields.pop("remember", None)


class NoOtherAddressForm(AddEmailForm):
    """Others find a member by the address, so only the administrator changes it."""

    def clean_email(self) -> str:
        """Refuse. Raises ValidationError, the same for every address."""
        raise ValidationError(_("Only your company's administrator can change your e-mail address."))


class PersonForm(forms.ModelForm):
    """What the forms about a member have in common. They offer the languages there are, and ask nothing for one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "language" not in self.fields:
            return
        if len(settings.LANGUAGES) < 2:  # noqa: PLR2004  (one is no choice)
            del self.fields["language"]
        else:
            offered = dict(settings.LANGUAGES)
            self.fields["language"].choices = [choice for choice in LANGUAGES if choice[0] in offered]  # type: ignore[attr-defined]

    def clean_name(self) -> str:
        """One readable line."""
        return clean_name(self.cleaned_data["name"])

    def clean_title(self) -> str:
        """One line; it stands beside the name."""
        return one_line(self.cleaned_data["title"])

    def clean_phone(self) -> str:
        """One line."""
        return one_line(self.cleaned_data["phone"])

    def clean_handle(self) -> str:
        """Handles are kept in one case. Raises ValidationError for one that somebody has, whoever it is."""
        handle = comparable(self.cleaned_data["handle"])
        if handle and User.objects.filter(handle=handle).exclude(pk=self.instance.pk).exists():
            raise ValidationError(HANDLE_TAKEN)
        return handle


class ProfileForm(PersonForm):
    """A member's own profile. E-mail, company and department are set by the administrator."""

    time_zone = forms.ChoiceField(label=_("time zone"), choices=time_zones)
    new_photo = PhotoField(
        label=_("photo"), required=False, help_text=_("JPEG, PNG or WebP, at most 5 MB. Cropped to a square.")
    )
    remove_photo = forms.BooleanField(label=_("remove my photo"), required=False)

    class Meta:
        model = User
        fields = ["name", "handle", "title", "phone", "language", "time_zone"]

    def save(self, commit: bool = True) -> User:
        """Keep the fields, and put the new photo in the old one's place."""
        user: User = super().save(commit=False)
        photo = self.cleaned_data["new_photo"]
        if (photo or self.cleaned_data["remove_photo"]) and user.photo:
            user.photo.delete(save=False)
        if photo:
            user.photo.save(photo.name, photo, save=False)
        if commit:
            user.save()
        return user


class MemberForm(PersonForm):
    """An administrator's form for a member."""

    email = AddressField(label=_("E-mail"))
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=time_zones, required=False)
    # The administrator's company; an operator names one.
    own_company_id: int | None = None
    actor_id: int | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "company" in self.fields:
            self.fields["company"].required = True
        if "time_zone" in self.fields and self.instance.pk is None:
            self.fields["time_zone"].choices = [("", _("The company’s")), *time_zones()]  # type: ignore[attr-defined]
        if "handle" in self.fields and self.instance.pk is None:
            self.fields["handle"].required = False
            self.fields["handle"].help_text = _("Others find the member by it. Leave empty to use the e-mail name.")

    def clean_email(self) -> str:
        """Raises ValidationError for an address that cannot be used here, whoever has it."""
        email: str = self.cleaned_data["email"]
        company = self.cleaned_data.get("company")
        company_id = company.pk if company else self.instance.company_id or self.own_company_id
        if refused_addresses(company_id, [email], except_for=self.instance.pk):
            raise ValidationError(ADDRESS_TAKEN)
        return email

    def clean_is_administrator(self) -> bool:
        """Raises ValidationError for oneself and for the company's last administrator."""
        stays = bool(self.cleaned_data["is_administrator"])
        if stays or self.instance.pk is None or "is_administrator" not in self.changed_data:
            return stays
        if self.instance.pk == self.actor_id:
            raise ValidationError(_("You cannot remove your own administrator role. Ask another administrator."))
        others = User.objects.filter(company=self.instance.company_id, is_administrator=True, is_active=True)
        here = others.exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX)
        if self.instance.is_active and not here.exclude(pk=self.instance.pk).exists():
            raise ValidationError(_("This is the last administrator. Make someone else an administrator first."))
        return stays

    def clean_time_zone(self) -> str:
        """A new member may have the company's; one who is there keeps theirs."""
        return self.cleaned_data["time_zone"] or (self.instance.time_zone if self.instance.pk else "")

    def clean_department(self) -> Any:
        """A department of the member's own company. Raises ValidationError for another."""
        department = self.cleaned_data["department"]
        company = self.cleaned_data.get("company") or self.instance.company
        if department and company and department.company_id != company.pk:
            raise ValidationError(_("This department belongs to another company."))
        return department


class DepartmentForm(forms.ModelForm):
    """A department; `own_company_id` is the administrator's company, nothing for an operator."""

    own_company_id: int | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "parent" in self.fields:
            self.fields["parent"].label = _("Part of")
            self.fields["parent"].help_text = _("The department above it. Leave empty for a top-level department.")

    def clean_name(self) -> str:
        """One line that shows something. Raises ValidationError when it does not."""
        name = one_line(self.cleaned_data["name"])
        if not name:
            raise ValidationError(_("Please enter a name with visible characters."))
        return name

    def clean(self) -> dict[str, Any]:
        """The name is free in the company, and no department is above itself."""
        values = super().clean() or self.cleaned_data
        company = values.get("company")
        company_id = company.pk if company else self.instance.company_id or self.own_company_id
        same = Department.objects.filter(company=company_id, name__iexact=values.get("name", ""))
        if same.exclude(pk=self.instance.pk).exists():
            self.add_error("name", _("There is already a department with this name."))
        self._check_above(values.get("parent"), company_id)
        return values

    def _check_above(self, above: Department | None, company_id: int | None) -> None:
        seen: set[int] = set()
        while above is not None and above.pk not in seen:
            if above == self.instance or above.company_id != company_id:
                self.add_error("parent", _("A department cannot be below itself."))
                return
            seen.add(above.pk)
            above = above.parent
