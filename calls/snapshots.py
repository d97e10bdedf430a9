"""The state of a call for its pages: the same for every viewer, complete, and numbered by its revision."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.template.loader import get_template

from calls.models import Call, Participant
from messaging.models import Room

State = Participant.State


def snapshot(call: Call, people: Sequence[Participant] | None = None) -> dict[str, Any]:
    """The call as JSON. `people`, its participants with their members and companies, are fetched when not given."""
    rows = people_in(call) if people is None else people
    return {
        "id": call.pk,
        "room": call.room_id,
        "rev": call.rev,
        "kind": call.kind,
        "direct": call.room.kind == Room.Kind.DIRECT,
        "state": call.state,
        "mode": call.mode,
        "outcome": call.outcome,
        "started_by": call.started_by_id,
        "started_at": _text(call.started_at),
        "answered_at": _text(call.answered_at),
        "ended_at": _text(call.ended_at),
        "ring_until": _text(ring_until(call)) if call.state == "ringing" else None,
        "people": [_person(call, one) for one in _shown(call, rows)],
    }


def people_in(call: Call) -> list[Participant]:
    """The participants of a call with their members and companies, in the order they joined."""
    rows = Participant.objects.filter(call=call).select_related("member__company")
    return sorted(rows, key=lambda one: (one.joined_at is None, one.joined_at or call.started_at, one.pk))


def ring_until(call: Call) -> datetime:
    """When the call stops ringing."""
    return call.started_at + timedelta(seconds=settings.CALLS_RING_SECONDS)


def _shown(call: Call, rows: Sequence[Participant]) -> list[Participant]:
    return [one for one in rows if call.room.kind == Room.Kind.DIRECT or one.state == State.JOINED]


def _person(call: Call, one: Participant) -> dict[str, Any]:
    company = one.member.company
    return {
        "member": one.member_id,
        "name": one.member.name,
        "company": one.member.company_id,
        "company_name": company.name if company else "",
        "state": one.state,
        "device": str(one.device) if one.device and one.state == State.JOINED else "",
        "feed": one.feed,
        "mic": one.mic,
        "camera": one.camera,
        "screen": one.screen,
        "lost": one.lost_at is not None and call.ended_at is None,
        "html": get_template("calls/_tile.html").render({"person": one.member, "feed": one.feed}),
    }


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
