"""Group calls through Janus: each call has a video room there, made and removed by the server.

Who may be in it is the room's own list of pins, one for each participant. Janus asks for a pin on that list when a page
joins to publish, and for a publisher's private id when a page subscribes, so that removing the pin and kicking
ends both and keeps them out. Pages cannot make, list, record or change rooms: that needs
secrets they never see. Janus' requests and error numbers: https://janus.conf.meetecho.com/docs/videoroom.html
"""

import base64
import hashlib
import hmac
import time

from django.conf import settings
from django.utils.crypto import salted_hmac

from calls.janus_admin import PLUGIN, Admin, Unavailable

__all__ = [
    "Unavailable",
    "access",
    "admit",
    "configured",
    "ensure_room",
    "expel",
    "participants",
    "remove_room",
    "token",
]

NO_SUCH_ROOM, ROOM_EXISTS, NO_SUCH_FEED = 426, 427, 428
# Janus looks at the token in every request, to the end of the call; who may be in a room is decided by the pins.
TOKEN_SECONDS = 12 * 3600
# Most bits per second that one person sends, of all their pictures together.
BITRATE = 1_200_000


def configured() -> bool:
    """Tell whether this deployment has a Janus."""
    return bool(settings.JANUS_URL)


def access(call_id: int, member_id: int, feed: int) -> dict[str, object]:
    """Let a participant into the call's room and return what their page needs. Raises Unavailable.

    `token` goes into every request to Janus. To publish, the page joins with `id` = feed and, in the body, `token` =
    pin; to subscribe, with the `private_id` that Janus gave it when it joined.
    """
    ensure_room(call_id)
    return {
        "url": settings.JANUS_URL,
        "token": token(call_id, member_id, feed),
        "room": room_of(call_id),
        "feed": feed,
        "pin": admit(call_id, feed),
    }


def ensure_room(call_id: int) -> None:
    """Create the call's room unless it exists: the first time, or after Janus was restarted. Raises Unavailable."""
    room = room_of(call_id)
    options = {
        "admin_key": settings.JANUS_ADMIN_SECRET,
        "secret": _room_secret(room),
        "is_private": True,
        "allowed": [],
        "require_pvtid": True,
        # A page that comes back publishes before its former self is gone.
        "publishers": 2 * settings.CALLS_MOST,
        "bitrate": BITRATE,
        "bitrate_cap": True,
        "audiocodec": "opus",
        "videocodec": "vp8,h264",
        "notify_joining": False,
        "lock_record": True,
    }
    with Admin() as admin:
        admin.room("create", room, fine=[ROOM_EXISTS], **options)


def admit(call_id: int, feed: int) -> str:
    """Put a participant on the room's list; return the pin to join with. Raises Unavailable."""
    pin = _pin(room_of(call_id), feed)
    with Admin() as admin:
        _allow(admin, call_id, "add", pin)
    return pin


def expel(call_id: int, feed: int) -> None:
    """End a participant's media, and invalidate their credentials. Raises Unavailable.

    Kicking ends their media immediately. Then all their connections are closed: one of them may have joined under
    another number than their own.
    """
    room = room_of(call_id)
    with Admin() as admin:
        _allow(admin, call_id, "remove", _pin(room, feed))
        admin.room("kick", room, fine=[NO_SUCH_ROOM, NO_SUCH_FEED], id=feed, secret=_room_secret(room))
        _close_sessions(admin, _descriptors(room, feed))


def participants(call_id: int) -> list[int]:
    """Return the feeds of those who are in the room; none when there is no room. Raises Unavailable."""
    with Admin() as admin:
        answer = admin.room("listparticipants", room_of(call_id), fine=[NO_SUCH_ROOM])
    return [person["id"] for person in answer.get("participants", [])]


def remove_room(call_id: int) -> None:
    """Remove the room, which ends the media of everybody in it. Raises Unavailable."""
    room = room_of(call_id)
    with Admin() as admin:
        admin.room("destroy", room, fine=[NO_SUCH_ROOM], secret=_room_secret(room))


def token(call_id: int, member_id: int, feed: int) -> str:
    """Return what lets a page talk to Janus' video rooms, signed, for this participant in this room.

    The form is Janus' own (https://janus.conf.meetecho.com/docs/auth.html): until when, the realm, what it is good for.
    """
    until = int(time.time()) + TOKEN_SECONDS
    text = ",".join([str(until), "janus", PLUGIN, f"member={member_id}", *_descriptors(room_of(call_id), feed)])
    signature = hmac.new(settings.JANUS_TOKEN_SECRET.encode(), text.encode(), hashlib.sha1)
    return f"{text}:{base64.b64encode(signature.digest()).decode()}"


def room_of(call_id: int) -> int:
    """Return the number of the call's room: unguessable, and safe as a JavaScript integer."""
    return int(_keyed("room", call_id)[:13], 16)


def _allow(admin: Admin, call_id: int, action: str, pin: str) -> None:
    room = room_of(call_id)
    admin.room("allowed", room, fine=[NO_SUCH_ROOM], action=action, allowed=[pin], secret=_room_secret(room))


def _close_sessions(admin: Admin, marks: list[str]) -> None:
    """Close every session in which a token with these marks was used."""
    for session in admin.ask("list_sessions").get("sessions", []):
        for handle in admin.ask("list_handles", session).get("handles", []):
            used = admin.ask("handle_info", session, handle).get("info", {}).get("token", "")
            if set(marks) <= set(used.partition(":")[0].split(",")):
                admin.ask("destroy_session", session)
                break


def _descriptors(room: int, feed: int) -> list[str]:
    return [f"room={room}", f"feed={feed}"]


def _room_secret(room: int) -> str:
    return _keyed("secret", room)


def _pin(room: int, feed: int) -> str:
    return _keyed("pin", room, feed)


def _keyed(purpose: str, *about: int) -> str:
    """Return what only this deployment can compute, so that its processes need not tell each other."""
    value = ":".join(map(str, about))
    return salted_hmac(
        f"calls.janus.{purpose}", value, secret=settings.JANUS_ADMIN_SECRET, algorithm="sha256"
    ).hexdigest()
