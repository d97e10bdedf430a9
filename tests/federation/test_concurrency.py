"""Adders against administrators who close and open, with real connections."""

import random
import statistics
import threading
import time

import pytest
from django.db import DatabaseError, connection, connections, transaction

from accounts.models import User
from contacts.actions.add import add_external_contact
from contacts.models import ExternalContact
from federation.actions.switch import grant_members, set_external_connection, withdraw_members
from federation.models import Link
from messaging.models import Room
from tests.cast import Cast, make_members
from tests.decisions import set_member_grant
from tests.depth import depth
from tests.storms import TriedStorm
from worksbridge.errors import WorksBridgeError

# So many tries at least, and more until the storm has met what it is for; after PATIENCE times as many it gives up.
TRIES = depth(test=150, soak=4_000)
PATIENCE = depth(test=30, soak=4)
# One snapshot: everything that must not be, across a link that is closed or a member without external connection.
BROKEN = """
WITH broken_pairs AS (
    SELECT c.owner_id AS one, c.person_id AS other FROM contacts_externalcontact c WHERE c.closed_at IS NULL
    UNION ALL
    SELECT r.low_id, r.high_id FROM messaging_room r WHERE r.kind = 'direct' AND r.is_external AND r.frozen_at IS NULL
)
SELECT count(*) FROM broken_pairs p
JOIN accounts_user one ON one.id = p.one JOIN accounts_user other ON other.id = p.other
WHERE NOT EXISTS (
        SELECT 1 FROM federation_link l WHERE l.is_open
          AND l.company_a_id = least(one.company_id, other.company_id)
          AND l.company_b_id = greatest(one.company_id, other.company_id))
   OR 2 > (SELECT count(*) FROM federation_availability v WHERE v.member_id IN (p.one, p.other) AND v.ended_at IS NULL)
"""


def broken() -> int:
    with connection.cursor() as cursor:
        cursor.execute(BROKEN)
        return int(cursor.fetchone()[0])


class ContactStorm(TriedStorm):
    """Works until it has met what it is for, and keeps what the closes took and what was seen from outside."""

    def __init__(self, tries: int = TRIES, *wanted: str) -> None:
        """So many tries at least, and until each of the outcomes `wanted` was seen three times, beside a few closes."""
        super().__init__(tries, PATIENCE)
        self.closing: list[float] = []
        self.seen_broken: list[int] = []
        self.enough = self.met
        self._wanted = wanted

    def met(self) -> bool:
        """Whether all that the storm is for has happened."""
        return min(self.outcomes[name] for name in self._wanted) > 2 and len(self.seen_broken) > 20


@pytest.mark.timeout(depth(test=240, soak=900))
@pytest.mark.django_db(transaction=True)
def test_i09_adders_against_closing_administrators_never_leave_anything_open(cast: Cast) -> None:
    ours = [cast.kim, cast.lee, *make_members(cast.alpha, [f"Alpha {n}" for n in range(6)])]
    theirs = [cast.sato, cast.ito, *make_members(cast.beta, [f"Beta {n}" for n in range(6)])]
    storm = ContactStorm(TRIES, "added", "refused", "added by hand", "refused by hand", "closed")

    def pair() -> tuple[User, User]:
        sides = random.choice(ours), random.choice(theirs)
        return sides if random.random() < 0.5 else sides[::-1]

    def rest() -> None:
        """Refusals are quick: without a pause they would use up nearly all of the tries."""
        time.sleep(random.random() / 20)

    def add_by_action() -> None:
        one, other = pair()
        try:
            add_external_contact(member=one, person=other)
            storm.outcomes["added"] += 1
        except WorksBridgeError:
            storm.outcomes["refused"] += 1
            rest()

    def add_by_hand() -> None:
        """SQL that asks nobody: only the database's own guard stands in its way."""
        one, other = pair()
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(
                    "INSERT INTO contacts_externalcontact (owner_id, person_id, name, phone, email, address, title,"
                    " memo, tags, created_at, closed_reason) VALUES (%s, %s, '', '', '', '', '', '', '', now(), '')"
                    " ON CONFLICT (owner_id, person_id) DO UPDATE SET closed_at = NULL",
                    [one.pk, other.pk],
                )
                time.sleep(random.random() / 500)
            storm.outcomes["added by hand"] += 1
        except DatabaseError as error:
            assert getattr(error.__cause__, "sqlstate", "") == "WB001", error
            storm.outcomes["refused by hand"] += 1
            rest()

    def switch() -> None:
        for allows in (False, True):
            started = time.monotonic()
            set_external_connection(company=cast.alpha, allows=allows, actor=cast.admin_alpha)
            if not allows:
                storm.closing.append(time.monotonic() - started)
                storm.outcomes["closed"] += 1
            # Open for longer than closed: a storm in which nearly all is refused proves little.
            time.sleep(random.random() / (2 if allows else 50))

    def withdraw() -> None:
        chosen = [cast.sato, cast.ito]
        withdraw_members(company=cast.beta, members=chosen, actor=cast.admin_beta)
        time.sleep(random.random() / 20)
        grant_members(company=cast.beta, members=chosen, actor=cast.admin_beta)

    def watch() -> None:
        storm.seen_broken.append(broken())

    set_member_grant(company=cast.beta, grant_to="chosen", actor=cast.admin_beta)
    grant_members(company=cast.beta, members=theirs, actor=cast.admin_beta)
    storm.run([add_by_action] * 4 + [add_by_hand] * 4, [switch, withdraw, watch])

    assert storm.failures == []
    assert storm.met(), storm.outcomes
    assert set(storm.seen_broken) == {0}
    times = sorted(storm.closing)
    print(
        f"\n{dict(storm.outcomes)}; {len(times)} closes: median {statistics.median(times) * 1000:.0f} ms,"
        f" p95 {times[int(len(times) * 0.95)] * 1000:.0f} ms, longest {times[-1] * 1000:.0f} ms;"
        f" {len(storm.seen_broken)} snapshots"
    )
    set_external_connection(company=cast.beta, allows=False, actor=cast.admin_beta)
    assert broken() == 0
    assert not ExternalContact.objects.filter(closed_at=None).exists()
    assert not Room.objects.filter(is_external=True, frozen_at=None).exists()


@pytest.mark.timeout(120)
@pytest.mark.django_db(transaction=True)
def test_i10_two_companies_that_switch_on_at_once_find_each_other(cast: Cast) -> None:
    for _ in range(20):
        companies = [(cast.alpha, cast.admin_alpha), (cast.beta, cast.admin_beta), (cast.gamma, cast.admin_gamma)]
        Link.objects.all().delete()
        for company, admin in companies:
            set_external_connection(company=company, allows=False, actor=admin)
        failures: list[BaseException] = []
        threads = [threading.Thread(target=_switch_on, args=(*both, failures)) for both in companies]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failures == []
        assert Link.objects.filter(is_open=True).count() == 3


def _switch_on(company: object, admin: User, failures: list[BaseException]) -> None:
    try:
        set_external_connection(company=company, allows=True, actor=admin)
    except BaseException as error:  # noqa: BLE001  (a thread's failure is the test's)
        failures.append(error)
    finally:
        connections.close_all()
