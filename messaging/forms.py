"""Forms about group rooms."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.photos import PhotoField
from messaging.actions.editing import DESCRIPTION_LENGTH, NAME_LENGTH
from messaging.models import Room
from worksbridge.characters import one_line


class RoomForm(forms.Form):
    """A room's name, description and photo."""

    name = forms.CharField(
        label=_("Room name"),
        max_length=NAME_LENGTH,
        error_messages={"required": _("Please enter a name for the room.")},
    )
    description = forms.CharField(
        label=_("Description"), max_length=DESCRIPTION_LENGTH, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    photo = PhotoField(
        label=_("Photo"), required=False, help_text=_("JPEG, PNG or WebP, at most 5 MB. Cropped to a square.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["photo"].widget.attrs["accept"] = "image/jpeg,image/png,image/webp"

    def clean_name(self) -> str:
        """One line that can be read."""
        name = one_line(self.cleaned_data["name"])
        if not name:
            raise ValidationError(_("Please enter a name for the room."))
        return name


class EditRoomForm(RoomForm):
    """The same for an existing room, and what new members see."""

    remove_photo = forms.BooleanField(label=_("Remove the photo"), required=False)
    newcomers = forms.ChoiceField(
        label=_("New members see"), choices=Room.Newcomers.choices, widget=forms.RadioSelect, required=True
    )

    def __init__(self, *args: Any, room: Room, **kwargs: Any) -> None:
        initial = {"name": room.name, "description": room.description, "newcomers": room.newcomers}
        super().__init__(*args, initial=initial, **kwargs)
        if not room.photo:
            del self.fields["remove_photo"]
