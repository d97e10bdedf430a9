"""Signals that no page of ours sends, and some that are as long as they may be."""

from typing import Any

from tests.live.call_pages import Frame

SDP = "v=0\r\n" + "a=x\r\n" * 8
CANDIDATE = {"candidate": "candidate:1 1 udp 1 192.0.2.1 9 typ host", "sdpMid": "0", "sdpMLineIndex": 0}
# What no page of ours sends: each is answered with bad_frame and goes nowhere.
BAD_DATA: dict[str, Any] = {
    "nothing": {},
    "null": None,
    "a text": "v=0",
    "a list": [],
    "an unknown key": {"bye": {}},
    "both": {"description": {"type": "offer", "sdp": SDP}, "candidates": [CANDIDATE]},
    "a key beside": {"description": {"type": "offer", "sdp": SDP}, "x": 1},
    "no description": {"description": None},
    "description is a text": {"description": SDP},
    "description is a list": {"description": [SDP]},
    "no type": {"description": {"sdp": SDP}},
    "an unknown type": {"description": {"type": "rollback", "sdp": SDP}},
    "provisional": {"description": {"type": "pranswer", "sdp": SDP}},
    "type is a list": {"description": {"type": ["offer"], "sdp": SDP}},
    "no sdp": {"description": {"type": "offer"}},
    "sdp is null": {"description": {"type": "offer", "sdp": None}},
    "sdp is a list": {"description": {"type": "offer", "sdp": ["v=0"]}},
    "sdp is too long": {"description": {"type": "offer", "sdp": "v=0\n" + "x" * 63_997}},
    "no candidates": {"candidates": []},
    "candidates are null": {"candidates": None},
    "candidates are an object": {"candidates": CANDIDATE},
    "21 candidates": {"candidates": [CANDIDATE] * 21},
    "a candidate is a text": {"candidates": ["candidate:1"]},
    "a candidate is null": {"candidates": [CANDIDATE, None]},
    "a candidate is too long": {"candidates": [CANDIDATE | {"candidate": "x" * 501}]},
    "a candidate is a number": {"candidates": [CANDIDATE | {"candidate": 5}]},
    "no candidate in it": {"candidates": [{"sdpMid": "0"}]},
    "an index is a text": {"candidates": [CANDIDATE | {"sdpMLineIndex": "0"}]},
    "an index is negative": {"candidates": [CANDIDATE | {"sdpMLineIndex": -1}]},
    "an index is a flag": {"candidates": [CANDIDATE | {"sdpMLineIndex": True}]},
    "an index is broken": {"candidates": [CANDIDATE | {"sdpMLineIndex": 0.5}]},
    "sdpMid is a number": {"candidates": [CANDIDATE | {"sdpMid": 1}]},
    "sdpMid is zero": {"candidates": [CANDIDATE | {"sdpMid": 0}]},
    "sdpMid is a flag": {"candidates": [CANDIDATE | {"sdpMid": False}]},
    "sdpMid is a list": {"candidates": [CANDIDATE | {"sdpMid": []}]},
    "sdpMid is too long": {"candidates": [CANDIDATE | {"sdpMid": "x" * 501}]},
    "a fragment is an object": {"candidates": [CANDIDATE | {"usernameFragment": {}}]},
    "a fragment is too long": {"candidates": [CANDIDATE | {"usernameFragment": "x" * 501}]},
    "a lone surrogate": {"description": {"type": "offer", "sdp": "v=0\r\n\ud800"}},
    "a lone surrogate in a candidate": {"candidates": [CANDIDATE | {"candidate": "\udfff"}]},
}
BAD_NUMBERS: list[Any] = [None, "1", -1, 1.5, True, 2**63, [], {}]
BAD_DEVICES: list[Any] = [None, "", "x", 5, [], {}, "\x00"]
# As long as they may be.
GOOD_DATA = [
    {"description": {"type": "offer", "sdp": "v=0\n" + "x" * 63_996}},
    {"description": {"type": "answer", "sdp": SDP}},
    {"candidates": [CANDIDATE | {"candidate": "x" * 500, "usernameFragment": "uFrg"}] * 20},
    {"candidates": [{"candidate": "x"}]},
]


def bad_frames(good: Frame) -> dict[str, Frame]:
    """Every frame that is wrong in one way."""
    found = {f"data: {name}": good | {"data": data} for name, data in BAD_DATA.items()}
    found["no data"] = {name: value for name, value in good.items() if name != "data"}
    for name, values in (
        ("call", BAD_NUMBERS),
        ("to", BAD_NUMBERS),
        ("device", BAD_DEVICES),
        ("to_device", BAD_DEVICES),
    ):
        found |= {f"{name}: {value!r}": good | {name: value} for value in values}
    for name, values in (("call", BAD_NUMBERS), ("rev", BAD_NUMBERS), ("device", BAD_DEVICES)):
        beat = {"type": "in_call", "call": good["call"], "device": good["device"], "rev": 1}
        found |= {f"beat {name}: {value!r}": beat | {name: value} for value in values}
    status = {"type": "call_status", "call": good["call"], "device": good["device"]}
    status |= {"mic": True, "camera": True, "screen": True}
    for name in ("mic", "camera", "screen"):
        found |= {f"status {name}: {value!r}": status | {name: value} for value in (None, 1, 0, "true", [])}
    return found
