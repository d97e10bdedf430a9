"""The call window, and what no window of ours sends."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from calls.models import Call
from messaging.models import Room
from tests.calls.ring import (
    Window,
    everything,
    refusal_in,
    ring,
)
from tests.cast import Cast, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_media_servers")]
MISSING = 987_654_321


def auto_in(client: Client, path: str, **headers: str) -> str:
    """What a call window does by itself."""
    answer = client.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    assert answer.status_code == 200
    found = re.search(r'<wb-call[^>]*\bdata-auto="([^"]*)"', answer.content.decode())
    shown = found[1] if found else ""
    assert shown == answer.context["auto"]
    return shown


@pytest.mark.parametrize("site", ["same-origin", "cross-site", "same-site", "none", ""])
def test_another_site_makes_nobody_call_or_answer(cast: Cast, room: Room, site: str) -> None:
    headers = {"sec_fetch_site": site} if site else {}
    own = site == "same-origin"
    new = f"{reverse('calls:new')}?room={room.pk}&kind=voice"
    client = signed_in(cast.kim)
    assert auto_in(client, new, **headers) == ("start" if own else "")
    # Looking at the page rings nobody.
    assert not Call.objects.exists()
    call = ring(Window(cast.kim), room)
    theirs = signed_in(cast.sato)
    for kind in ("voice", "video"):
        path = f"{reverse('calls:call', args=[call])}?answer={kind}"
        assert auto_in(theirs, path, **headers) == (kind if own else "")
    assert auto_in(theirs, reverse("calls:call", args=[call]), **headers) == ""
    assert auto_in(theirs, f"{reverse('calls:call', args=[call])}?answer=%22x", **headers) == ""
    assert Call.objects.get().answered_at is None


def test_the_window_before_a_call_is_for_who_may_call(cast: Cast, room: Room) -> None:
    kim = signed_in(cast.kim)
    shown = kim.get(reverse("calls:new"), {"room": room.pk, "kind": "video"}).context
    assert (shown["call"], shown["room_id"], shown["other"], shown["kind"]) == (None, room.pk, cast.sato, "video")
    assert (shown["is_direct"], shown["is_external"]) == (True, True)
    assert kim.get(reverse("calls:new"), {"person": cast.sato.pk, "kind": "voice"}).context["room_id"] == room.pk
    for wrong in ({"room": MISSING}, {"person": MISSING}, {"person": cast.tran.pk}, {"room": "x"}, {}):
        assert kim.get(reverse("calls:new"), wrong | {"kind": "voice"}).status_code in (400, 404), wrong
    answers = [signed_in(cast.tran).get(reverse("calls:new"), {"room": pk}) for pk in (room.pk, MISSING)]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert not Call.objects.exists()


@pytest.mark.parametrize("name", ["start", "join", "decline", "leave"])
def test_a_form_of_another_site_is_refused(cast: Cast, room: Room, name: str) -> None:
    kim = Window(cast.kim)
    call = MISSING if name == "start" else ring(kim, room)
    before = everything()
    for person in (cast.kim, cast.sato):
        strict = Client(enforce_csrf_checks=True)
        strict.force_login(person, backend="accounts.backends.Backend")
        path = reverse(f"calls:{name}", args=[] if name == "start" else [call])
        form = {"room": room.pk, "kind": "voice", "device": kim.device}
        assert strict.post(path, form).status_code == 403
        assert strict.get(path, form).status_code == 405
    assert everything() == before


def test_a_page_that_closes_leaves_by_a_form_sent_in_the_background(cast: Cast, room: Room) -> None:
    """`navigator.sendBeacon` sends no headers of its own: the token stands in the form."""
    kim = Window(cast.kim)
    call = ring(kim, room)
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(cast.kim, backend="accounts.backends.Backend")
    strict.get(reverse("calls:call", args=[call]))
    token = strict.cookies["csrftoken"].value
    form = {"device": kim.device, "csrfmiddlewaretoken": token}
    assert strict.post(reverse("calls:leave", args=[call]), form).status_code == 204
    assert kim.state(call)["outcome"] == "cancelled"


@pytest.mark.parametrize(
    "form",
    [
        {"device": ""},
        {"device": "not a uuid"},
        {"device": "\x00"},
        {"kind": "film"},
        {"kind": ""},
        {"room": "x"},
        {"room": ""},
        {"room": "9" * 40},
        {"room": "-1"},
    ],
    ids=str,
)
def test_what_no_page_sends_starts_nothing(cast: Cast, room: Room, form: dict[str, str]) -> None:
    kim = Window(cast.kim)
    answer = kim.post("start", **({"room": room.pk, "kind": "voice", "device": kim.device} | form))
    assert answer.status_code in (400, 404)
    assert answer.json()["code"]
    assert not Call.objects.exists()


def test_what_no_page_sends_answers_nothing(cast: Cast, room: Room) -> None:
    kim, sato = Window(cast.kim), Window(cast.sato)
    call = ring(kim, room)
    before = everything()
    for device in ("", "x", "\x00"):
        assert sato.join(call, device=device).status_code == 400, device
        assert kim.post("leave", call, device=device).status_code in (204, 400)
    assert everything() == before
    # A hostile number is as good as none.
    assert sato.get("state", 10**30).status_code == 404


def test_i38_who_rings_without_end_has_to_wait(cast: Cast, room: Room, settings: Any) -> None:
    settings.LIVE_RATE_FACTOR = 1
    kim = Window(cast.kim)
    for _call in range(200):
        answer = kim.start(room)
        if answer.status_code != 200:
            break
        kim.leave(answer.json()["id"])
    assert refusal_in(answer) == (429, "too_many")
    assert int(answer.headers["Retry-After"]) > 0
    assert not Call.objects.filter(ended_at=None).exists()


def test_i06_pages_of_calls_are_never_cached_by_others(cast: Cast, room: Room) -> None:
    kim = Window(cast.kim)
    call = ring(kim, room)
    pages = [reverse(f"calls:{name}") for name in ("list", "check", "ice", "ringing")]
    pages += [reverse("calls:call", args=[call]), reverse("calls:state", args=[call])]
    pages += [reverse("calls:room", args=[room.pk]), f"{reverse('calls:media', args=[call])}?device={kim.device}"]
    for path in pages:
        answer = kim.client.get(path)
        assert answer.status_code == 200, path
        assert {"private", "no-store"} <= set(re.split(r",\s*", answer.headers["Cache-Control"])), path
