"""Calls as the pages of people make them, and what a test needs to see of them."""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import connection, models
from django.db.models import F
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.models import Notification, User
from calls.actions.timeouts import end_overdue
from calls.models import Call, Participant
from calls.presence import Heartbeat, mark_present
from messaging.models import Message, Room
from tests.cast import signed_in

Capture = Callable[..., AbstractContextManager[Any]]
Snapshot = dict[str, Any]


@dataclass
class Window:
    """A call window of a member: a page with a device of its own."""

    member: User
    client: Client = field(init=False)
    device: str = field(default_factory=lambda: str(uuid4()))

    def __post_init__(self) -> None:
        self.client = signed_in(self.member)

    def post(self, name: str, *args: object, **form: object) -> HttpResponse:
        return self.client.post(reverse(f"calls:{name}", args=args), form, headers={"accept": "application/json"})

    def get(self, name: str, *args: object, **query: object) -> HttpResponse:
        return self.client.get(reverse(f"calls:{name}", args=args), query, headers={"accept": "application/json"})

    def start(self, room: Room, kind: str = "voice") -> HttpResponse:
        return self.post("start", room=room.pk, kind=kind, device=self.device)

    def join(self, call: int, **form: object) -> HttpResponse:
        return self.post("join", call, **({"device": self.device} | form))

    def leave(self, call: int) -> HttpResponse:
        return self.post("leave", call, device=self.device)

    def decline(self, call: int) -> HttpResponse:
        return self.post("decline", call)

    def state(self, call: int) -> Snapshot:
        return snapshot_in(self.get("state", call))

    def another(self) -> "Window":
        """Another page of the same member."""
        return Window(self.member)


def snapshot_in(answer: HttpResponse) -> Snapshot:
    """The snapshot that was answered."""
    assert answer.status_code == 200, (answer.status_code, answer.content[:400])
    return answer.json()


def refusal_in(answer: HttpResponse) -> tuple[int, str]:
    """Status and code of a refusal, which says something to people too."""
    said = answer.json()
    assert said["text"]
    return answer.status_code, said["code"]


def states(snapshot: Snapshot) -> dict[int, str]:
    """What each person is, by member id."""
    return {person["member"]: person["state"] for person in snapshot["people"]}


def person_in(snapshot: Snapshot, member: User) -> dict[str, Any]:
    """One person of a snapshot."""
    return next(person for person in snapshot["people"] if person["member"] == member.pk)


def pass_time(seconds: float) -> None:
    """Let time pass for all live calls, as if no heartbeat had arrived in between."""
    live = Call.objects.filter(ended_at=None)
    for rows in (Participant.objects.filter(call__in=list(live)), live):
        times = [one.name for one in rows.model._meta.concrete_fields if isinstance(one, models.DateTimeField)]
        rows.update(**{name: F(name) - timedelta(seconds=seconds) for name in times})


def wait(seconds: float, *alive: tuple[int, User]) -> None:
    """Let time pass, with signs of life of the pages of these (call, member), and end what is overdue."""
    pass_time(seconds)
    for call, member in alive:
        beat(call, member, str(Participant.objects.get(call=call, member=member).device))
    end_overdue()


def beat(call: int, member: User, device: str) -> None:
    """A sign of life of a page in a call."""
    mark_present([Heartbeat(call, member.pk, UUID(device), 0)])


def lines_of(call: int, viewer: User | None = None) -> list[Message]:
    """The system messages about a call, or those that a member sees."""
    rows = Message.objects if viewer is None else Message.objects.visible_to(viewer.pk)
    return list(rows.filter(kind="line", data__call__id=call).order_by("seq"))


def without_media_servers(fixture: Any) -> None:
    """Neither TURN nor Janus, whatever the environment says, and the product's own times."""
    fixture.JANUS_URL = fixture.JANUS_ADMIN_URL = fixture.JANUS_ADMIN_SECRET = fixture.JANUS_TOKEN_SECRET = ""
    fixture.TURN_URLS = fixture.STUN_URLS = fixture.CALLS_RELAY_ONLY = []
    fixture.TURN_SECRET = ""
    fixture.CALLS_RING_SECONDS, fixture.CALLS_LOST_SECONDS, fixture.CALLS_RECOVER_SECONDS = 45, 10, 20
    # Limits have tests of their own.
    fixture.LIVE_RATE_FACTOR = 1000


def everything() -> list[object]:
    """All rows that calls are made of."""
    return [list(model.objects.order_by("pk").values_list()) for model in (Call, Participant)]


def texts_in(tables: Iterable[str]) -> str:
    """Everything that is stored in these tables, as text."""
    found = []
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f'SELECT to_jsonb(t)::text FROM "{table}" t')
            found += [row[0] for row in cursor.fetchall()]
    return "\n".join(found)


def ring(caller: Window, room: Room, kind: str = "voice") -> int:
    """A call that rings, by its id."""
    said = snapshot_in(caller.start(room, kind))
    assert said["state"] == "ringing"
    return int(said["id"])


def talk(caller: Window, callee: Window, room: Room) -> int:
    """A call that was answered, by its id."""
    call = ring(caller, room)
    assert snapshot_in(callee.join(call))["state"] == "live"
    return call


def gathering(room: Room, *windows: Window) -> int:
    """A group call with these in it, by its id."""
    call = int(snapshot_in(windows[0].start(room, "video"))["id"])
    for window in windows[1:]:
        snapshot_in(window.join(call))
    return call


def rings_of(member: User) -> list[int]:
    """The calls that ring for a member now."""
    return [one.call.pk for one in signed_in(member).get(reverse("calls:ringing")).context["rings"]]


def rows_of(member: User) -> list[Any]:
    """The rows of a member's Calls page."""
    return list(signed_in(member).get(reverse("calls:list")).context["page"].object_list)


def notices_of(member: User) -> list[str]:
    return [row.data["text"] for row in Notification.objects.filter(recipient=member, kind="call.missed")]
