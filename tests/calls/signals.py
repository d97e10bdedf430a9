"""Signals as the pages of a call send them, and whether one passes."""

import json
from typing import Any
from uuid import UUID, uuid4

from accounts.models import User
from calls.models import Call, Participant
from calls.signalling import relay
from worksbridge.errors import WorksBridgeError

SECRET = "candidate:842163049 1 udp 1677729535 203.0.113.77 61803 typ srflx raddr 192.168.44.55 rport 61803"
DATA = [
    {"description": {"type": "offer", "sdp": f"v=0\r\no=- 20518 0 IN IP4 203.0.113.77\r\na={SECRET}\r\n"}},
    {"description": {"type": "answer", "sdp": f"v=0\r\na={SECRET}\r\n"}},
    {"candidates": [{"candidate": SECRET, "sdpMid": "0", "sdpMLineIndex": 0, "usernameFragment": "uVwXyZ"}]},
]


def frame(call: Call, device: UUID | None, to: User, to_device: UUID | None, data: object) -> dict[str, Any]:
    page = {"type": "signal", "call": call.pk, "device": str(device), "to": to.pk}
    return json.loads(json.dumps(page | {"to_device": str(to_device), "data": data}))


def passes(call: Call, one: User, other: User) -> bool:
    """Whether a signal passes from the page of one to the page of the other."""
    pages = dict(Participant.objects.filter(call=call).values_list("member", "device"))
    try:
        relay(one.pk, frame(call, pages[one.pk] or uuid4(), other, pages[other.pk] or uuid4(), DATA[0]))
    except WorksBridgeError:
        return False
    return True
