"""Calls in a storm: people call, answer and hang up while rights end and come back, with real connections."""

import pytest
from django.db import connection

from calls.actions.timeouts import end_overdue
from calls.models import Call
from federation.actions.switch import set_external_connection
from messaging.models import Message, Room
from tests.calls.ring import lines_of
from tests.calls.storm.administrators import Administrators
from tests.calls.storm.crowd import Crowd
from tests.calls.storm.snapshot import snapshot, wrong_in
from tests.calls.storm.storm import CallStorm
from tests.calls.storm.world import World
from tests.cast import Cast
from tests.depth import depth

pytestmark = pytest.mark.usefixtures("no_media_servers", "quick_threads")
SECONDS = depth(test=1.5, soak=120)
CLOSES = ("withdraw", "switch off", "deactivate", "deny", "remove")


@pytest.mark.timeout(depth(test=150, soak=600))
@pytest.mark.django_db(transaction=True)
def test_i09_i11_i34_actions_alone_lock_in_one_order_and_leave_nothing_open(cast: Cast) -> None:
    storm, world = storm_over(cast, "start", "join", "leave", by_hand=0, seconds=SECONDS)
    assert storm.deadlocks == {}, "trying again hides this from whoever asked, but a close then takes a second longer"
    assert sum(storm.outcomes[name] for name in CLOSES) > 0
    everything_ends(world)


@pytest.mark.timeout(depth(test=150, soak=600))
@pytest.mark.django_db(transaction=True)
def test_i09_sql_by_hand_in_a_storm_gets_nobody_in(cast: Cast) -> None:
    _storm, world = storm_over(cast, "join by hand", "join by hand: stopped", by_hand=3, seconds=SECONDS / 2)
    everything_ends(world)


def everything_ends(world: World) -> None:
    """After the storm: who closes ends all that crosses; the pages fall silent and all calls end, each told once."""
    for company in world.companies:
        set_external_connection(company=company, allows=False, actor=None)
    assert wrong_in(snapshot()) == set()
    assert snapshot()["mixed_calls"] == 0
    with connection.cursor() as cursor:
        cursor.execute("UPDATE calls_participant SET seen_at = seen_at - interval '60 s' WHERE seen_at IS NOT NULL")
    for _round in range(2):
        end_overdue()
    assert not Call.objects.filter(ended_at=None).exists()
    assert not Call.objects.filter(outcome="").exists()
    # Those that ended in somebody else's transaction are told of after it, by the clock at the latest.
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM calls_call WHERE told_at IS NULL")
        untold = cursor.fetchone()[0]
    assert untold == 0
    for call in Call.objects.all():
        ending = [line for line in lines_of(call.pk) if line.data["call"]["outcome"] == call.outcome]
        assert len(ending) == 1, (call.pk, call.outcome)
    for room in world.rooms:
        said = list(Message.objects.filter(room=room).order_by("seq").values_list("seq", flat=True))
        assert said == list(range(1, Room.objects.get(pk=room.pk).rev + 1))


def storm_over(cast: Cast, *wanted: str, by_hand: int, seconds: float) -> tuple[CallStorm, World]:
    """A storm in which all that is wanted happens."""
    world, storm = World(cast), CallStorm(seconds)

    def enough() -> bool:
        return storm.mixed > 10 and all(storm.outcomes[name] for name in wanted)

    storm.enough = enough
    storm.expected = {"too_many"} if by_hand else set()
    crowd, administrators = Crowd(storm, world), Administrators(storm, world)
    assert wrong_in(snapshot()) == set()
    closers = [administrators.switch, administrators.deny, administrators.withdraw, administrators.deactivate]
    others = [crowd.hang_up, crowd.decline, crowd.live, crowd.go, crowd.come, crowd.meet, crowd.write]
    callers = [crowd.call, crowd.answer, crowd.answer] + [crowd.by_hand] * by_hand
    storm.run([*callers, *others, *closers, storm.watch])
    print(f"\n{dict(sorted(storm.outcomes.items()))}\nslowest {storm.slowest:.2f} s, deadlocks {dict(storm.deadlocks)}")
    assert storm.failures == [], "\n".join(storm.failures[:20])
    assert wrong_in(snapshot()) <= storm.expected
    assert enough(), storm.outcomes
    return storm, world
