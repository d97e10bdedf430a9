"""Forms about contacts."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from contacts.actions.edit import NOTES
from contacts.models import ExternalContact


class NotesForm(forms.ModelForm):
    """A member's own notes on a contact; the person's own profile shows as a hint."""

    class Meta:
        model = ExternalContact
        fields = NOTES
        widgets = {"memo": forms.Textarea(attrs={"rows": 4})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        person = self.instance.person
        for name in ("name", "phone", "email", "title"):
            self.fields[name].widget.attrs["placeholder"] = getattr(person, name)
        self.fields["name"].label = _("Name")
        self.fields["tags"].help_text = _("Separate tags with commas. You can search by them.")
