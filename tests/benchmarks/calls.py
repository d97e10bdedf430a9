"""How long it takes from accepting a video call to the first picture, between two real browsers."""

import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from django.db import connections
from playwright.sync_api import Browser, Page, sync_playwright

from accounts.models import User
from messaging.actions.rooms import open_direct_room
from tests.browser.calling import call, caller, card, hang_up, opened
from tests.browser.conftest import Person, chromium_options
from tests.cast import Cast
from tests.live.web import ROOT, WebProcess

ROUNDS = 7
# Two connections within one page, with the same fake camera: what the browser itself needs, without any server.
BARE = """async () => {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: true });
  const started = performance.now();
  const [one, other] = [new RTCPeerConnection(), new RTCPeerConnection()];
  one.onicecandidate = ({ candidate }) => other.addIceCandidate(candidate);
  other.onicecandidate = ({ candidate }) => one.addIceCandidate(candidate);
  for (const track of stream.getTracks()) one.addTrack(track, stream);
  await one.setLocalDescription();
  await other.setRemoteDescription(one.localDescription);
  await other.setLocalDescription();
  await one.setRemoteDescription(other.localDescription);
  for (;;) {
    for (const report of (await other.getStats()).values()) {
      if (report.framesDecoded > 0) {
        one.close();
        other.close();
        for (const track of stream.getTracks()) track.stop();
        return performance.now() - started;
      }
    }
    await new Promise((done) => setTimeout(done, 5));
  }
}"""
FIRST_FRAME = """async () => {
  for (;;) {
    for (const peer of document.querySelector("wb-call")?.peers?.() ?? []) {
      for (const report of (await peer.getStats()).values()) if (report.framesDecoded > 0) return Date.now();
    }
    await new Promise((done) => setTimeout(done, 5));
  }
}"""
CLICKED = "document.addEventListener('click', () => { window.clickedAt = Date.now(); }, true)"


def calls(cast: Cast) -> None:
    """The median of some calls, beside two connections in one page that know each other already."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    room = open_direct_room(member=cast.kim, other=cast.sato)
    with _web() as web, sync_playwright() as playwright:
        browser = playwright.chromium.launch(**chromium_options())
        kim, sato = (_person(browser, web, one, room.pk) for one in (cast.kim, cast.sato))
        bare = [float(kim.page.evaluate(BARE)) for _ in range(ROUNDS)]
        answered = [_answer(kim, sato) for _ in range(ROUNDS)]
        browser.close()
        # Playwright's event loop has connections of its own.
        connections.close_all()
    _print("baseline: two connections in one page, to the first frame", bare)
    _print("video call, from Accept to the first frame of the other", answered)
    print(f"  a call takes {statistics.median(answered) / statistics.median(bare):.1f} times as long\n")


def _answer(kim: Person, sato: Person) -> float:
    window = call(kim, "Video call")
    sato.page.evaluate(CLICKED)
    other = opened(sato, card(sato).get_by_role("link", name="Accept with video").click)
    seen = _first_frame(other)
    took = seen - float(sato.page.evaluate("window.clickedAt"))
    hang_up(window)
    for page in (window, other):
        page.close()
    return took


def _first_frame(window: Page) -> float:
    return float(window.evaluate(FIRST_FRAME))


def _person(browser: Browser, web: WebProcess, member: User, room: int) -> Person:
    def someone(**options: object) -> Person:
        return Person(browser.new_context(**options), web.origin)  # type: ignore[arg-type]

    return caller(someone, member, room)


@contextlib.contextmanager
def _web() -> Iterator[WebProcess]:
    with tempfile.TemporaryDirectory() as folder:
        static = {"STATIC_ROOT": f"{folder}/static"}
        command = [sys.executable, "manage.py", "collectstatic", "--noinput", "-v0"]
        subprocess.run(command, cwd=ROOT, env=os.environ | static, check=True)
        process = WebProcess(Path(folder) / "web.log", LIVE_RATE_FACTOR="20", **static)
        process.start()
        try:
            yield process
        finally:
            process.stop()


def _print(name: str, times: list[float]) -> None:
    print(f"{name:<58} {statistics.median(times):9.1f} ms  from {min(times):.0f} to {max(times):.0f} ms")
