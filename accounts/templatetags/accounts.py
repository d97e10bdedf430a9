"""How the administrators' pages write numbers."""

from django import template
from django.utils.formats import number_format

register = template.Library()


@register.filter
def grouped(number: int) -> str:
    """The number with its thousands apart, as the viewer's language writes it."""
    return str(number_format(number, force_grouping=True))
