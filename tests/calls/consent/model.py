"""What product.md says of a call when a right ends."""

from dataclasses import dataclass

from tests.calls.consent.going import Going, room_key
from tests.messaging.rights import Case, World, expected_of


@dataclass
class After:
    """What is left of a call: who is out of it, who is in it still, and whether it has ended."""

    out: set[str]
    staying: set[str]
    ended: bool


def after(world: World, case: Case, going: Going) -> After:
    """What product.md says of a call when a right ends."""
    expected, key = expected_of(case), room_key(world, going)
    concerned = {*going.joined, *going.ringing}
    # A deactivated member is in no call any more, with colleagues neither.
    out = concerned & (expected.out.get(key, set()) | expected.inactive)
    frozen = key in expected.frozen if "-" in key else expected.is_frozen(key)
    ended = frozen or not concerned - out or ("-" in key and bool(out))
    return After(concerned if ended else out, set() if ended else concerned - out, ended)
