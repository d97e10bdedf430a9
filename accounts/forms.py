"""Forms about oneself."""

from typing import Any

from allauth.account.forms import LoginForm
from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from accounts.models import User, time_zones
from accounts.photos import BadPhoto, make_photo


class SignInForm(LoginForm):
    """Sign-in by e-mail and password, with the product's words on the fields."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("E-mail")
        self.fields["password"].help_text = ""
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)
        self.fields.pop("remember", None)


class ProfileForm(forms.ModelForm):
    """What members say of themselves. E-mail, company and department are the administrator's."""

    time_zone = forms.ChoiceField(label=_("time zone"), choices=time_zones)
    new_photo = forms.FileField(
        label=_("photo"), required=False, help_text=_("JPEG, PNG or WebP, at most 5 MB. It is cut to a square.")
    )
    remove_photo = forms.BooleanField(label=_("remove my photo"), required=False)

    class Meta:
        model = User
        fields = ["name", "handle", "title", "phone", "language", "time_zone"]

    def clean_handle(self) -> str:
        """Handles are compared exactly, so they are kept in one case."""
        return self.cleaned_data["handle"].lower()

    def clean_new_photo(self) -> Any:
        """A photo we can show, made small and without where it was taken."""
        upload: UploadedFile | None = self.cleaned_data["new_photo"]
        if upload is None:
            return None
        try:
            return make_photo(upload)
        except BadPhoto as error:
            raise ValidationError(str(error.text)) from error

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
