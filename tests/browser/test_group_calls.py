"""Group calls: from page to page while they are few, through Janus above that, without anybody doing anything."""

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from calls.models import Call, Participant
from messaging.actions.groups import create_group_room
from messaging.actions.leaving import remove_member
from messaging.models import Room
from tests.browser.calling import PATIENCE, call, caller, elsewhere, grows, hang_up, opened, stats
from tests.browser.conftest import SLOW, Person
from tests.cast import Cast, make_member
from tests.depth import depth

pytestmark = [pytest.mark.browser, pytest.mark.media, pytest.mark.django_db(transaction=True)]
Someone = Callable[..., Person]
# How many are connected directly. That it is four by default is shown by tests/calls/test_group_calls.py.
FEW = depth(test=2, soak=4)
LIMITED = {"CALLS_MESH": str(FEW)}
WITHOUT_JANUS = dict.fromkeys(("JANUS_URL", "JANUS_ADMIN_URL", "JANUS_ADMIN_SECRET", "JANUS_TOKEN_SECRET"), "")
# Many people with each other's pictures on two cores: small ones, each page with a camera of its own. The one
# fake camera of the browser stops giving pictures when many pages share it on a busy machine.
SMALL = """
const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
const drawn = () => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 160, height: 120 });
  const paint = canvas.getContext("2d");
  let n = 0;
  setInterval(() => {
    paint.fillStyle = `hsl(${(n += 20) % 360} 80% 50%)`;
    paint.fillRect(0, 0, 160, 120);
  }, 400);
  return canvas.captureStream(3);
};
navigator.mediaDevices.getUserMedia = async (wanted) => {
  if (!wanted.video) return real(wanted);
  const sound = wanted.audio ? (await real({ audio: wanted.audio })).getTracks() : [];
  return new MediaStream([...sound, ...drawn().getVideoTracks()]);
};
"""


@pytest.fixture
def room(cast: Cast) -> Room:
    others = [make_member(cast.alpha, "Choi Dana"), make_member(cast.alpha, "Han Sol")]
    return create_group_room(creator=cast.kim, members=[cast.lee, cast.sato, cast.ito, *others], name="Osaka launch")


def members(cast: Cast, count: int) -> list[User]:
    """The first people of the room; the third and fourth are of beta."""
    others = [User.objects.get(handle=handle) for handle in ("choi-dana", "han-sol")]
    return [cast.kim, cast.lee, cast.sato, cast.ito, *others][:count]


def join(person: Person) -> Page:
    """The call window, after a click on the bar in the open room."""
    return opened(person, person.page.get_by_role("link", name="Join call").first.click)


def show_camera(window: Page) -> None:
    """Who joins is heard at once; seen when they want to be."""
    window.get_by_role("button", name="Camera").click()
    expect(window.get_by_role("button", name="Camera")).to_have_attribute("aria-pressed", "true", timeout=SLOW)


def receives(window: Page, tracks: int) -> None:
    """Wait until so many tracks arrive and grow: the sound of each other person, and the pictures of some."""
    deadline = time.monotonic() + PATIENCE * 3
    first = stats(window)["tracks"]
    while time.monotonic() < deadline:
        window.wait_for_timeout(250)
        now = stats(window)["tracks"]
        if sum(count > first.get(track, 0) for track, count in now.items()) >= tracks:
            return
        first = now
    raise AssertionError(f"not all of {tracks} tracks grow: {first} then {now}")


def seen_by(window: Page, cameras: list[Page]) -> int:
    """How many of the cameras are other people's."""
    return len([one for one in cameras if one is not window])


def mode() -> str:
    return Call.objects.values_list("mode", flat=True).get()


# Many browsers on two cores take their time on a busy machine.
@pytest.mark.timeout(600)
@pytest.mark.parametrize("web_environment", [LIMITED])
def test_one_more_brings_all_to_janus_and_another_comes_for_an_excluded_one(
    cast: Cast, someone: Someone, room: Room
) -> None:
    people = [caller(someone, member, room.pk, fresh=True) for member in members(cast, FEW + 2)]
    for person in people:
        person.context.add_init_script(SMALL)
    windows = [call(people[0], "Video call")]
    # Everyone in the room sees who is in it, live.
    bar = people[-1].page.get_by_role("region", name="Call").or_(people[-1].page.locator("[name=room-call]"))
    expect(bar.first).to_contain_text("Kim Minseo", timeout=SLOW)
    windows += [join(person) for person in people[1:FEW]]
    # Who calls is seen, and one more of those who come before Janus does and after it.
    show_camera(windows[1])
    for window in windows:
        receives(window, FEW - 1 + seen_by(window, windows[:2]))
    assert mode() == Call.Mode.MESH
    windows.append(join(people[FEW]))
    show_camera(windows[FEW])
    seen = [*windows[:2], windows[FEW]]
    for window in windows:
        receives(window, FEW + seen_by(window, seen))
    assert mode() == Call.Mode.SFU
    # Nobody is connected with anybody directly any more.
    for window in windows:
        assert window.get_by_role("button", name="Hang up").is_visible()
    elsewhere(lambda: remove_member(master=cast.kim, room_id=room.pk, member_id=cast.sato.pk))
    out = windows.pop(2)
    # That it is told within a second is shown by tests/live/test_call_frames.py; here the pages fight for two cores.
    out.wait_for_function('() => document.querySelector("wb-call").peers().length === 0', timeout=SLOW)
    expect(out.get_by_role("button", name="Hang up")).to_have_count(0)
    seen = [window for window in seen if window is not out]
    windows.append(join(people[-1]))
    for window in windows:
        receives(window, FEW + seen_by(window, seen))
        expect(window.locator("video[aria-label='Sato Yui']")).to_have_count(0)
    for window in windows:
        hang_up(window)
    expect(people[0].page.get_by_role("log").get_by_text(re.compile("The video call ended after"))).to_be_visible(
        timeout=SLOW
    )
    assert not Participant.objects.filter(state=Participant.State.JOINED).exists()


@pytest.mark.parametrize("web_environment", [LIMITED | WITHOUT_JANUS])
def test_without_janus_one_more_is_told_why(cast: Cast, someone: Someone, room: Room) -> None:
    people = [caller(someone, member, room.pk) for member in members(cast, FEW + 1)]
    windows = [call(people[0])]
    windows += [join(person) for person in people[1:FEW]]
    for window in windows:
        grows(window, "audioPackets")
    one_more = join(people[FEW])
    expect(one_more.get_by_text("media server", exact=False).first).to_be_visible(timeout=SLOW)
    assert Participant.objects.filter(state=Participant.State.JOINED).count() == FEW
