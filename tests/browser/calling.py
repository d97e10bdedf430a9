"""What tests of calls do at a browser, and how they see that media really flow."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connections
from playwright.sync_api import Page, expect

from accounts.models import User
from tests.browser.conftest import Person

# What each of the window's connections says of itself; the numbers only grow.
STATS = """async () => {
  const element = document.querySelector("wb-call");
  const found = { frames: 0, energy: 0, packets: 0, audioPackets: 0, sent: 0, connected: 0, relays: 0, tracks: {} };
  for (const peer of element?.peers?.() ?? []) {
    if (peer.connectionState === "connected") found.connected += 1;
    const report = await peer.getStats();
    for (const one of report.values()) {
      if (one.type === "inbound-rtp" && one.kind === "video") {
        found.frames += one.framesDecoded ?? 0;
        found.tracks[one.trackIdentifier] = one.framesDecoded ?? 0;
      }
      if (one.type === "inbound-rtp" && one.kind === "audio") {
        found.energy += one.totalAudioEnergy ?? 0;
        found.audioPackets += one.packetsReceived ?? 0;
        found.tracks[one.trackIdentifier] = one.packetsReceived ?? 0;
      }
      if (one.type === "inbound-rtp") found.packets += one.packetsReceived ?? 0;
      if (one.type === "outbound-rtp") found.sent += one.packetsSent ?? 0;
      if (one.type === "transport" && one.selectedCandidatePairId) {
        const pair = report.get(one.selectedCandidatePairId);
        if (report.get(pair?.localCandidateId)?.candidateType === "relay") found.relays += 1;
      }
    }
  }
  return found;
}"""
PERMISSIONS = ["microphone", "camera"]
# How long media may take to begin on a busy machine, in seconds.
PATIENCE = 60


def caller(someone: Callable[..., Person], member: User, room: int, *, fresh: bool = False) -> Person:
    """A member with microphone and camera, who has signed in and has a room open."""
    person = someone(permissions=PERMISSIONS, fresh=fresh)
    person.sign_in(member.email, f"/messages/{room}/")
    return person


def opened(person: Person, click: Callable[[], None]) -> Page:
    """The window that a click opens."""
    with person.context.expect_page() as found:
        click()
    window = found.value
    window.on("pageerror", lambda error: person.problems.append(str(error)))
    # It begins empty and is sent on.
    window.wait_for_url("**/calls/**")
    return window


def call(person: Person, name: str = "Voice call") -> Page:
    """The call window, after a click in the header of the open room."""
    return opened(person, person.page.get_by_role("link", name=name, exact=True).first.click)


def card(person: Person) -> Any:
    """What rings in the person's page."""
    return person.page.get_by_role("alertdialog").filter(has_text="call")


def answer(person: Person, how: str = "Accept") -> Page:
    """The call window, after a click on the card that rings."""
    control = card(person).get_by_role("link", name=how, exact=True)
    return opened(person, control.click)


def stats(window: Page) -> dict[str, Any]:
    """What the window's connections have received and sent until now."""
    return dict(window.evaluate(STATS))


def grows(window: Page, *names: str) -> dict[str, Any]:
    """Wait until each of these numbers grows, from now on. Returns the last reading."""
    first = stats(window)
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        window.wait_for_timeout(300)
        now = stats(window)
        if all(now[name] > first[name] for name in names):
            return now
    raise AssertionError(f"{names} did not grow within {PATIENCE} s: {first} then {stats(window)}")


def still(window: Page, name: str) -> None:
    """Check that a number no longer grows."""
    window.wait_for_timeout(500)
    before = stats(window)[name]
    window.wait_for_timeout(1_500)
    assert stats(window)[name] == before


def elsewhere(work: Callable[[], object]) -> float:
    """Do what someone does elsewhere, with its pushes. Returns when it was done, as `time.monotonic()` counts."""
    # This thread belongs to Playwright's event loop, in which nothing can be pushed.
    with ThreadPoolExecutor(max_workers=1) as one:
        one.submit(work).result()
        one.submit(connections.close_all).result()
    return time.monotonic()


def hang_up(window: Page) -> None:
    """Hang up, and see that the window says so."""
    window.get_by_role("button", name="Hang up").click()
    expect(window.get_by_role("button", name="Hang up")).to_have_count(0)
