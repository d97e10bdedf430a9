"""Parts of the administrators' pages that are made in Python."""

from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe


def status(state: str, text: str | Promise = "") -> SafeString:
    """A badge for a list: state is open, waiting, closed or plain; without a text the state's usual word."""
    # The template escapes the text.
    return mark_safe(render_to_string("admin/_status.html", {"state": state, "text": text}).strip())  # noqa: S308
