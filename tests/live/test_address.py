"""What a page asks for over its socket is done, and refused, from the address of that page."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest

from accounts.actions.audit import audit
from accounts.models import AuditEntry, User
from tests.cast import Cast
from worksbridge.client_address import coming_from, current
from worksbridge.errors import Code, Refused
from worksbridge.live import frames
from worksbridge.live.database import in_thread
from worksbridge.live.rate_limits import Rate
from worksbridge.live.session import Identity
from worksbridge.live.socket import Socket

pytestmark = pytest.mark.django_db(transaction=True)


def write(member_id: int) -> None:
    member = User.objects.get(pk=member_id)
    audit([member.company_id or 0], member, "test.done", member=member.pk)


@pytest.fixture
def handled() -> Iterator[None]:
    """Two frames: one that does something, and one that is refused for want of consent."""

    async def done(socket: Socket, frame: dict[str, Any]) -> None:
        await in_thread(write, socket.member_id)

    async def refused(socket: Socket, frame: dict[str, Any]) -> None:
        raise Refused("The other company has not allowed it.", code=Code(frame["code"]))

    for name, handler in (("test_done", done), ("test_refused", refused)):
        frames.handles(name, Rate(100, 1))(handler)
    yield
    for name in ("test_done", "test_refused"):
        del frames.table[name]


def send(cast: Cast, *texts: dict[str, Any]) -> list[dict[str, Any]]:
    """The answers to these frames of Kim's page."""
    answers: list[dict[str, Any]] = []

    async def keep(event: dict[str, Any]) -> None:
        answers.append(json.loads(event["text"]))

    async def run() -> None:
        socket = Socket(Identity(cast.kim.pk, cast.alpha.pk, "key"), keep, "203.0.113.9")
        events = [{"type": "websocket.receive", "text": json.dumps(text)} for text in texts]
        arriving = iter([*events, {"type": "websocket.disconnect"}])

        async def receive() -> dict[str, Any]:
            return next(arriving)

        await socket.listen(receive)
        await asyncio.sleep(0.05)

    asyncio.run(run())
    return answers


def test_a_frame_is_done_from_the_pages_address(cast: Cast, handled: None) -> None:
    send(cast, {"type": "test_done"})
    assert AuditEntry.objects.get(event="test.done").address == "203.0.113.9"
    assert current() is None


def test_a_frame_that_is_refused_for_consent_is_in_the_log(cast: Cast, handled: None) -> None:
    answers = send(cast, {"type": "test_refused", "code": "not_allowed"}, {"type": "test_refused", "code": "frozen"})
    assert [answer["code"] for answer in answers] == ["not_allowed", "frozen"]
    entry = AuditEntry.objects.get(event="attempt.refused")
    assert (entry.company, entry.actor, entry.address) == (cast.alpha, cast.kim, "203.0.113.9")
    told = {"code": "not_allowed", "text": "The other company has not allowed it.", "path": "/live/test_refused"}
    assert entry.data == told | {"member": cast.kim.pk}


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:DB8::1", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
        *((nothing, None) for nothing in ("", None, "unix", "192.0.2.1, 10.0.0.1", "' OR 1=1")),
    ],
)
def test_what_is_no_address_is_none(given: str | None, kept: str | None) -> None:
    with coming_from(given):
        assert current() == kept
    assert current() is None
