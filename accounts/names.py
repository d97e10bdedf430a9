"""Names of people, as others may safely see them beside a company badge."""

import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

# Marks that turn the direction of the text after them, the badge included.
TURNING = dict.fromkeys([0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])


def clean_name(text: str) -> str:
    """The name in one line, without marks that change what stands beside it. Raises ValidationError when empty."""
    name = " ".join(text.translate(TURNING).split())
    name = "".join(character for character in name if unicodedata.category(character) != "Cc")
    if not any(character.isalnum() for character in name):
        raise ValidationError(_("Please write a name that can be read."))
    return name
