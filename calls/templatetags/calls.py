"""Template tags for the pages about calls."""

from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from messaging.message.system import length_text

register = template.Library()


@register.filter
def call_length(seconds: int) -> str:
    """How long a call was: `192` as "3 min 12 s"."""
    return length_text(seconds)


@register.simple_tag
def new_call(kind: str, room: int | None = None, person: Any = None) -> SafeString:
    """The attributes of a link that calls into `room` (an id), or `person` in the 1:1 room with them."""
    whom = f"room={room}" if room else f"person={person.pk}"
    return _link(f"{reverse('calls:new')}?{whom}&kind={kind}", room, person)


@register.simple_tag
def open_call(call: Any, person: Any = None, answer: str = "") -> SafeString:
    """The attributes of a link to the window of `call`; with `answer` (voice, video) the call is answered there."""
    address = reverse("calls:call", args=[call.pk])
    return _link(f"{address}?answer={answer}" if answer else address, call.room_id, person)


def _link(address: str, room: int | None, person: Any) -> SafeString:
    """The window has the name of the person or the room, so that it is found again and never opened twice."""
    name = f"person-{person.pk}" if person else f"room-{room}"
    return format_html('href="{}" target="_blank" data-call-window="{}"', address, name)
