"""Previews and undone closings among people who write and add, with real connections."""

import random
import time
from uuid import uuid4

import pytest
from django.db import connection

from contacts.actions.add import add_external_contact
from federation.actions.switch import grant_members, set_external_connection, withdraw_members
from federation.actions.undoing import undo_closing
from federation.models import Closing
from messaging.actions.groups import create_group_room
from messaging.actions.joining import add_members
from messaging.actions.send import Draft, send_messages
from messaging.message.row import MessageRow
from messaging.models import Membership, Room
from tests.cast import Cast, make_member
from tests.decisions import dry_run, set_member_grant
from tests.depth import depth
from tests.federation.test_concurrency import ContactStorm, broken
from worksbridge.errors import WorksBridgeError

# People of two companies in one group room while their link is closed, or one of them has no external connection.
BROKEN_GROUPS = """
SELECT count(*) FROM messaging_room r
JOIN messaging_membership x ON x.room_id = r.id AND x.ended_at IS NULL
JOIN messaging_membership y ON y.room_id = r.id AND y.ended_at IS NULL
JOIN accounts_user a ON a.id = x.member_id JOIN accounts_user b ON b.id = y.member_id AND b.company_id > a.company_id
WHERE r.kind = 'group' AND (
    NOT EXISTS (SELECT 1 FROM federation_link l WHERE l.is_open
                AND l.company_a_id = a.company_id AND l.company_b_id = b.company_id)
    OR 2 > (SELECT count(*) FROM federation_availability v WHERE v.member_id IN (a.id, b.id) AND v.ended_at IS NULL))
"""


def broken_groups() -> int:
    with connection.cursor() as cursor:
        cursor.execute(BROKEN_GROUPS)
        return int(cursor.fetchone()[0])


@pytest.mark.timeout(120)
@pytest.mark.django_db(transaction=True)
def test_i09_undoing_and_previewing_never_leave_anything_open_nor_anything_half_done(cast: Cast) -> None:
    ours = [cast.kim, cast.lee, make_member(cast.alpha, "Alpha 1")]
    theirs = [cast.sato, cast.ito, make_member(cast.beta, "Beta 1")]
    rooms = [create_group_room(creator=ours[n % 3], members=theirs, name=f"Room {n}") for n in range(3)]
    storm = ContactStorm(depth(test=100, soak=1_000), "added", "said", "undone", "previewed")

    def try_to(name: str, act: object) -> None:
        try:
            act()
            storm.outcomes[name] += 1
        except WorksBridgeError:
            storm.outcomes[f"{name} refused"] += 1
            time.sleep(random.random() / 20)

    def add() -> None:
        one, other = random.choice(ours), random.choice(theirs)
        try_to("added", lambda: add_external_contact(member=one, person=other))

    def invite() -> None:
        number = random.randrange(3)
        master = ours[number % 3]
        try_to(
            "invited",
            lambda: add_members(master=master, room_id=rooms[number].pk, people=[random.choice(theirs)], opens=True),
        )

    def write() -> None:
        author = random.choice([*ours, *theirs])
        (outcome,) = send_messages([Draft(random.choice(rooms).pk, author.pk, uuid4(), "Hello")])
        storm.outcomes["said" if isinstance(outcome, MessageRow) else "not said"] += 1

    def close_and_undo() -> None:
        set_external_connection(company=cast.alpha, allows=False, actor=cast.admin_alpha)
        time.sleep(random.random() / 50)
        if random.random() < 0.7:
            closing = Closing.objects.filter(company=cast.alpha).latest("pk")
            try_to("undone", lambda: undo_closing(company=cast.alpha, closing_id=closing.pk, actor=cast.admin_alpha))
        else:
            set_external_connection(company=cast.alpha, allows=True, actor=cast.admin_alpha)
        time.sleep(random.random() / 4)

    def withdraw() -> None:
        withdraw_members(company=cast.beta, members=[cast.sato], actor=cast.admin_beta)
        time.sleep(random.random() / 20)
        grant_members(company=cast.beta, members=[cast.sato], actor=cast.admin_beta)
        time.sleep(random.random() / 20)

    def preview() -> None:
        dry_run(lambda: set_external_connection(company=cast.beta, allows=False, actor=cast.admin_beta))
        storm.outcomes["previewed"] += 1
        time.sleep(random.random() / 10)

    def watch() -> None:
        storm.seen_broken.append(broken() + broken_groups())

    set_member_grant(company=cast.beta, grant_to="chosen", actor=cast.admin_beta)
    grant_members(company=cast.beta, members=theirs, actor=cast.admin_beta)
    storm.run([add, invite, write, write], [close_and_undo, withdraw, preview, watch])
    assert storm.failures == []
    assert set(storm.seen_broken) == {0}
    assert storm.met(), storm.outcomes
    for room in Room.objects.all():
        seqs = list(room.messages.order_by("seq").values_list("seq", flat=True))
        assert seqs == list(range(1, room.rev + 1))
    live = Membership.objects.filter(ended_at=None)
    assert not live.exclude(closing=None).exists()
    print(f"\n{dict(storm.outcomes)}; {len(storm.seen_broken)} snapshots")
