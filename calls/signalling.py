"""Passes offers, answers and candidates between pages in a call: checked, never stored."""

from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from calls.access import device_of
from calls.models import Call, Participant
from calls.policies import blocked_in
from messaging.models import Membership
from worksbridge.errors import NotFound, Refused, WorksBridgeError
from worksbridge.live.frames import BadFrame, number
from worksbridge.live.push import push

State = Participant.State
# Generous: Chromium's longest descriptions have some 10,000 characters, its candidates some 200.
SDP_LIMIT = 64_000
CANDIDATE_LIMIT = 500
CANDIDATES = 20
_NAMES = ("sdpMid", "usernameFragment")
_CANDIDATE = {"candidate", "sdpMLineIndex", *_NAMES}


def relay(member_id: int, frame: dict[str, Any]) -> None:
    """Pass a signal on, if both pages are in the live call now and the two may still talk.

    Raises BadFrame for what no page of ours sends, NotFound unless both take part, Refused when one has blocked the
    other.
    """
    call_id, to = number(frame, "call"), number(frame, "to")
    device, to_device = page_of(frame, "device"), page_of(frame, "to_device")
    data = checked(frame.get("data"))
    _require_both(call_id, (member_id, device), (to, to_device))
    signal = {"type": "signal", "call": call_id, "from": member_id, "device": str(device)}
    push([to], signal | {"to_device": str(to_device), "data": data})


def page_of(frame: dict[str, Any], name: str) -> UUID:
    """The page that a frame names. Raises BadFrame."""
    try:
        return device_of(frame.get(name))
    except WorksBridgeError as error:
        raise BadFrame from error


def checked(data: object) -> dict[str, Any]:
    """What a signal carries: a description or some candidates, of known form and length. Raises BadFrame."""
    if not isinstance(data, dict) or len(data) != 1:
        raise BadFrame
    if "description" in data:
        return {"description": _description(data["description"])}
    candidates = data.get("candidates")
    if not isinstance(candidates, list) or not 1 <= len(candidates) <= CANDIDATES:
        raise BadFrame
    return {"candidates": [_candidate(one) for one in candidates]}


def _description(value: object) -> dict[str, str]:
    if not isinstance(value, dict) or set(value) != {"type", "sdp"} or value["type"] not in ("offer", "answer"):
        raise BadFrame
    if not _is_text(value["sdp"], SDP_LIMIT) or not value["sdp"].startswith("v=0"):
        raise BadFrame
    return value


def _candidate(value: object) -> dict[str, Any]:
    if not isinstance(value, dict) or "candidate" not in value or not set(value) <= _CANDIDATE:
        raise BadFrame
    index = value.get("sdpMLineIndex")
    if index is not None and number({"index": index}, "index") > CANDIDATE_LIMIT:
        raise BadFrame
    texts = [value["candidate"], *(value[name] for name in _NAMES if value.get(name) is not None)]
    if not all(_is_text(text, CANDIDATE_LIMIT) for text in texts):
        raise BadFrame
    return value


def _is_text(value: object, most: int) -> bool:
    """Whether this is text of at most so many characters without lone surrogates, which cannot be sent."""
    return (
        isinstance(value, str)
        and len(value) <= most
        and value.encode(errors="ignore") == value.encode(errors="surrogatepass")
    )


def _require_both(call_id: int, one: tuple[int, UUID], other: tuple[int, UUID]) -> None:
    pair = Q(member=one[0], device=one[1]) | Q(member=other[0], device=other[1])
    # The very conditions under which a message of theirs would be taken.
    inside = Membership.objects.live().filter(room=OuterRef("call__room"), member=OuterRef("member"))
    joined = Participant.objects.joined().of_live_calls()
    both = joined.filter(pair, Exists(inside), call=call_id, call__room__frozen_at=None)
    if one[0] == other[0] or both.count() != len((one, other)):
        raise NotFound
    if blocked_in(Call.objects.select_related("room").get(pk=call_id).room):
        raise Refused
