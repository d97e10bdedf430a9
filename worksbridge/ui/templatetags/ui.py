"""The parts that all pages share."""

import unicodedata
from typing import Any

from django import template
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()
COLOURS = 8


@register.simple_tag
def icon(name: str) -> SafeString:
    """An icon of the vendored sprite; decoration, so the control beside it carries the name."""
    return format_html(
        '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        static("vendor/lucide.svg"),
        name,
    )


def initials(name: str) -> str:
    """Two letters for a face: first letters of first and last word, or the first character of an Asian name."""
    words = [word for word in name.split() if word]
    if not words:
        return "?"
    if unicodedata.east_asian_width(words[0][0]) in "WF":
        return words[0][:1]
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


@register.inclusion_tag("ui/_avatar.html")
def avatar(person: Any, size: int = 40) -> dict[str, Any]:
    """A person's photo, or their initials on one of eight colours that stays theirs; `size` in pixels."""
    return {
        "person": person,
        "size": size,
        "initials": initials(person.name),
        "colour": (person.pk or 0) % COLOURS + 1,
        "photo": reverse("photo", args=[person.pk]) if person.photo else "",
    }


@register.simple_tag
def room_initials(name: str) -> str:
    """Two letters for a group room's face."""
    return initials(name)


@register.simple_tag(takes_context=True)
def person(context: template.Context, who: Any) -> SafeString:
    """A person's name as the viewer knows them. Pushed HTML has no viewer: the page puts their own name in."""
    shown = (context.get("names") or {}).get(who.pk) or who.name
    return format_html('<bdi class="person-name" data-person="{}">{}</bdi>', who.pk, shown)


@register.simple_tag(takes_context=True)
def company_badge(context: template.Context, who: Any) -> SafeString:
    """The company of an external person. Pushed HTML carries it always; the page takes its own company's out."""
    viewer = context.get("viewer")
    if who.company_id is None or (viewer is not None and viewer.company_id == who.company_id):
        return SafeString("")
    return format_html(
        '<bdi class="badge badge--ext company-badge" data-company="{}">{}</bdi>', who.company_id, who.company.name
    )


@register.inclusion_tag("ui/_field.html")
def field(bound: Any, hint: str = "") -> dict[str, Any]:
    """A form field with its label, hint and error, tied together for screen readers."""
    return {"field": bound, "hint": hint or bound.help_text}
