"""`make bench`: how long the product's work takes, and how many queries, each beside a baseline of the same run.

Machines differ and are noisy: the ratios and the medians of three rounds count, not the milliseconds.
"""

import os
from uuid import uuid4

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "worksbridge.settings")
# Everything below needs Django set up first.
django.setup()

from django.conf import settings  # noqa: E402
from django.test.utils import setup_databases, teardown_databases  # noqa: E402

from accounts.models import User  # noqa: E402
from contacts.actions.add import add_external_contact  # noqa: E402
from federation.actions.switch import set_external_connection  # noqa: E402
from messaging.actions.rooms import open_direct_room, reopen_direct_room  # noqa: E402
from messaging.actions.send import Draft, send_messages  # noqa: E402
from messaging.models import Room  # noqa: E402
from messaging.pages.room_list import room_rows  # noqa: E402
from tests.benchmarks.administration import administration  # noqa: E402
from tests.benchmarks.calls import calls  # noqa: E402
from tests.benchmarks.groups import groups  # noqa: E402
from tests.benchmarks.measure import measure, measure_prepared  # noqa: E402
from tests.benchmarks.pages import pages  # noqa: E402
from tests.benchmarks.searching import searching  # noqa: E402
from tests.cast import Cast, make_cast, make_members  # noqa: E402

MESSAGES = 500


def sending(cast: Cast) -> None:
    """A batch, as the socket's writer commits it, against one transaction for each message."""
    room = open_direct_room(member=cast.kim, other=cast.sato)

    def drafts() -> list[Draft]:
        return [Draft(room.pk, cast.kim.pk, uuid4(), f"Message {n}") for n in range(MESSAGES)]

    one = measure(
        "baseline: 500 messages, one transaction each", lambda: [send_messages([d]) for d in drafts()], MESSAGES
    )
    batch = measure(
        "500 messages in batches of 100",
        lambda: [send_messages(drafts()[i : i + 100]) for i in range(0, 500, 100)],
        MESSAGES,
    )
    print(f"  a batch is {one / batch:.1f} times as fast\n")


def listing(cast: Cast, colleagues: list[User]) -> None:
    """The room list with ten times the rooms: the slope, and the same number of queries."""

    def fill(people: list[User]) -> None:
        for person in people:
            room = open_direct_room(member=cast.kim, other=person)
            send_messages([Draft(room.pk, person.pk, uuid4(), "Hello")])

    fill(colleagues[:100])
    few = measure("baseline: room list with 100 rooms", lambda: room_rows(cast.kim))
    fill(colleagues[100:])
    many = measure("room list with 1,000 rooms", lambda: room_rows(cast.kim))
    print(f"  ten times the rooms take {many / few:.1f} times as long\n")


def closing(cast: Cast) -> None:
    """Closing a link with ten times the rooms across it."""
    outside = make_members(cast.beta, [f"Outside {n}" for n in range(300)])

    def close() -> None:
        set_external_connection(company=cast.beta, allows=False, actor=cast.admin_beta)

    def reopen(people: list[User]) -> None:
        set_external_connection(company=cast.beta, allows=True, actor=cast.admin_beta)
        for person in people:
            add_external_contact(member=cast.lee, person=person)
            reopen_direct_room(member=cast.lee, other=person)

    for name, people in (
        ("baseline: close a link with 30 rooms", outside[:30]),
        ("close a link with 300 rooms", outside),
    ):
        measure_prepared(name, lambda people=people: reopen(people), close)  # type: ignore[misc]
    still_open = Room.objects.filter(kind="direct", is_external=True, frozen_at=None).count()
    print(f"  rooms still open across the closed link: {still_open}\n")


def main() -> None:
    """Run all of them in a database of their own."""
    settings.PASSWORD_HASHERS = ["tests.hashers.QuickHasher"]
    # The host that the test client names.
    settings.ALLOWED_HOSTS = ["testserver"]
    old = setup_databases(verbosity=0, interactive=False)
    try:
        cast = make_cast()
        colleagues = make_members(cast.alpha, [f"Colleague {n}" for n in range(1_000)])
        sending(cast)
        listing(cast, colleagues)
        pages(cast, colleagues)
        groups(cast, colleagues)
        calls(cast)
        closing(cast)
        administration(cast)
        searching(cast)
    finally:
        teardown_databases(old, verbosity=0)


main()
