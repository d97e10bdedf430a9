"""System messages in templates."""

import json
from typing import Any

from django import template
from django.utils.safestring import SafeString

from messaging.message.sentences import SENTENCES
from messaging.message.system import to_html

register = template.Library()


@register.simple_tag(takes_context=True)
def system_sentence(context: template.Context, data: dict[str, Any]) -> SafeString:
    """A system message in the viewer's language. Pushed HTML has no viewer and no text: the page adds it."""
    viewer = context.get("viewer")
    if viewer is None:
        return SafeString("")
    return to_html(data, company_id=viewer.company_id, names=context.get("names") or {})


@register.filter
def as_json(data: dict[str, Any]) -> str:
    """As JSON for an attribute."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


@register.inclusion_tag("messaging/_sentences.html")
def system_sentences() -> dict[str, Any]:
    """The sentences from which scripts make system messages."""
    return {"sentences": SENTENCES}
