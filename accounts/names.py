"""Names of people, as others may safely see them beside a company badge."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from worksbridge.characters import one_line


def clean_name(text: str) -> str:
    """The name of a person or a company, as `one_line` makes it.

    Raises ValidationError when there is no letter or digit in it.
    """
    name = one_line(text)
    if not any(character.isalnum() for character in name):
        raise ValidationError(_("Please enter a name with visible characters."))
    return name
