"""Preview and undo of a closing: the preview says what it does, the undo restores that and nothing else."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import AuditEntry
from contacts.actions.add import add_external_contact
from contacts.models import ExternalContact
from federation.actions.switch import set_external_connection
from federation.actions.undoing import undo_closing
from federation.impact import figures, read_impact
from federation.models import Closing, ExternalPolicy, Link
from messaging.access import messages_in
from messaging.actions.groups import create_group_room
from messaging.actions.joining import add_members
from messaging.models import Membership, Message, Room
from messaging.pages.room_list import room_rows
from tests.cast import Cast
from tests.constraints import check_constraints
from tests.decisions import decide, dry_run, set_member_grant
from tests.messaging.rights import (
    CASES,
    COMPANY_OF,
    GROUPS,
    PAIRS,
    Case,
    World,
    carry_out,
    inside,
    prepare,
    say,
)
from worksbridge.errors import NotFound, Refused

pytestmark = pytest.mark.django_db
UNDOABLE = [case for case in CASES if case.cause not in ("moved", "deactivated")]


def state() -> dict[str, object]:
    """All that a closing may end, and the decisions behind it."""
    return {
        "policies": list(ExternalPolicy.objects.order_by("pk").values_list("allows", "grant_to", "partner_rule")),
        "links": list(Link.objects.order_by("pk").values_list("a_decision", "b_decision", "is_open")),
        "contacts": set(ExternalContact.objects.filter(closed_at=None).values_list("owner", "person")),
        "rooms": list(Room.objects.order_by("pk").values_list("pk", "is_external", "frozen_reason")),
        "inside": set(Membership.objects.filter(ended_at=None).values_list("room", "member")),
    }


def add_contacts(world: World) -> None:
    for key in PAIRS:
        one, other = (world.people[name] for name in inside(key))
        if COMPANY_OF[inside(key)[0]] != COMPANY_OF[inside(key)[1]]:
            add_external_contact(member=one, person=other)


def undo(world: World, company: str) -> Closing:
    closing = Closing.objects.filter(company=world.companies[company]).latest("pk")
    return undo_closing(company=world.companies[company], closing_id=closing.pk, actor=None)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_preview_says_what_the_closing_does_and_does_nothing_itself(world: World, case: Case) -> None:
    prepare(world, case)
    Closing.objects.all().delete()
    add_contacts(world)
    before, entries = state(), AuditEntry.objects.count()
    preview = dry_run(lambda: carry_out(world, case))
    assert (state(), AuditEntry.objects.count(), Closing.objects.count()) == (before, entries, 0)
    carry_out(world, case)
    closing = Closing.objects.get()
    assert preview == read_impact(closing.ended)
    after = state()
    assert preview.contacts == len(before["contacts"] - after["contacts"])
    frozen = [row for row in Room.objects.filter(kind="direct") if row.frozen_at]
    assert sorted(preview.frozen) == sorted((room.low_id, room.high_id) for room in frozen)
    gone = before["inside"] - after["inside"]
    assert (set(preview.excluded), preview.rooms) == ({member for _room, member in gone}, {room for room, _m in gone})
    assert sum(preview.excluded.values()) == len(gone)


@pytest.mark.parametrize("case", UNDOABLE, ids=str)
def test_i13_the_undo_restores_what_the_closing_ended_but_not_what_was_said_meanwhile(world: World, case: Case) -> None:
    prepare(world, case)
    Closing.objects.all().delete()
    add_contacts(world)
    before = state()
    roles = set(Membership.objects.filter(role="master").values_list("room", "member"))
    carry_out(world, case)
    out = set(Membership.objects.filter(ended_at__isnull=False).values_list("room_id", "member_id"))
    said = {}
    for key in GROUPS:
        staying = [n for n in inside(key) if (world.rooms[key].pk, world.people[n].pk) not in out]
        if staying and world.fresh(key).frozen_at is None and len(staying) > 1:
            said[key] = staying[:1]
    say(world, said)
    meanwhile = set(Message.objects.order_by("-pk").filter(kind="text")[: len(said)].values_list("room_id", "pk"))
    undo(world, case.closer)
    check_constraints()
    assert state() == before
    assert roles <= set(Membership.objects.filter(role="master").values_list("room", "member"))
    assert not Closing.objects.filter(undone_at=None).exists()
    for room_id, member_id in out:
        member = next(person for person in world.people.values() if person.pk == member_id)
        room = Room.objects.get(pk=room_id)
        seen = set(messages_in(member, room).values_list("room_id", "pk"))
        assert not seen & meanwhile
        row = next(row for row in room_rows(member) if row.id == room_id)
        shown = messages_in(member, room).filter(kind="text").exclude(author=member)
        membership = Membership.objects.get(room=room, member=member)
        assert row.unread == shown.filter(seq__gt=membership.read_seq).count()


def test_what_ended_before_and_what_the_other_side_closed_stays_ended(cast: Cast) -> None:
    add_external_contact(member=cast.kim, person=cast.sato)
    set_external_connection(company=cast.beta, allows=False, actor=cast.admin_beta)
    set_external_connection(company=cast.beta, allows=True, actor=cast.admin_beta)
    add_external_contact(member=cast.lee, person=cast.ito)
    set_external_connection(company=cast.alpha, allows=False, actor=cast.admin_alpha)
    closing = Closing.objects.latest("pk")
    undo_closing(company=cast.alpha, closing_id=closing.pk, actor=cast.admin_alpha)
    live = ExternalContact.objects.filter(closed_at=None)
    assert list(live.values_list("owner", "person")) == [(cast.lee.pk, cast.ito.pk)]
    assert Room.objects.get(low=min(cast.kim.pk, cast.sato.pk)).frozen_at is not None
    set_external_connection(company=cast.alpha, allows=False, actor=cast.admin_alpha)
    decide(company=cast.beta, partner=cast.alpha, decision="deny", actor=cast.admin_beta)
    undo_closing(company=cast.alpha, closing_id=Closing.objects.latest("pk").pk, actor=cast.admin_alpha)
    check_constraints()
    assert not live.exists()
    assert ExternalPolicy.objects.get(company=cast.alpha).allows


def test_who_was_added_again_meanwhile_keeps_what_the_master_gave(cast: Cast) -> None:
    room = create_group_room(creator=cast.kim, members=[cast.sato, cast.lee], name="Launch")
    decide(company=cast.alpha, partner=cast.beta, decision="deny", actor=cast.admin_alpha)
    closing = Closing.objects.latest("pk")
    decide(company=cast.alpha, partner=cast.beta, decision="policy", actor=cast.admin_alpha)
    add_external_contact(member=cast.kim, person=cast.sato)
    add_members(master=cast.kim, room_id=room.pk, people=[cast.sato], opens=True)
    row = Membership.objects.get(room=room, member=cast.sato)
    with pytest.raises(Refused):
        undo_closing(company=cast.alpha, closing_id=closing.pk, actor=cast.admin_alpha)
    row.refresh_from_db()
    assert (row.closing_id, row.ended_at) == (None, None)
    assert row.visible_from > 0


def test_i10_only_ones_own_closing_once_in_ten_minutes_and_not_over_a_later_change(cast: Cast) -> None:
    add_external_contact(member=cast.kim, person=cast.sato)
    set_external_connection(company=cast.alpha, allows=False, actor=cast.admin_alpha)
    closing = Closing.objects.get()
    with pytest.raises(NotFound):
        undo_closing(company=cast.beta, closing_id=closing.pk, actor=cast.admin_beta)
    Closing.objects.update(created_at=timezone.now() - timedelta(minutes=10, seconds=1))
    with pytest.raises(Refused, match="ten minutes"):
        undo_closing(company=cast.alpha, closing_id=closing.pk, actor=cast.admin_alpha)
    Closing.objects.update(created_at=timezone.now() - timedelta(minutes=9))
    undo_closing(company=cast.alpha, closing_id=closing.pk, actor=cast.admin_alpha)
    entries = AuditEntry.objects.count()
    undo_closing(company=cast.alpha, closing_id=closing.pk, actor=cast.admin_alpha)
    assert AuditEntry.objects.count() == entries
    set_member_grant(company=cast.alpha, grant_to="chosen", actor=cast.admin_alpha)
    set_member_grant(company=cast.alpha, grant_to="all", actor=cast.admin_alpha)
    with pytest.raises(Refused, match="has changed since then"):
        undo_closing(company=cast.alpha, closing_id=Closing.objects.latest("pk").pk, actor=cast.admin_alpha)


def test_two_closings_are_undone_the_later_one_first(cast: Cast) -> None:
    add_external_contact(member=cast.kim, person=cast.sato)
    first = decide(company=cast.alpha, partner=cast.beta, decision="deny", actor=cast.admin_alpha)
    second = set_external_connection(company=cast.alpha, allows=False, actor=cast.admin_alpha)
    with pytest.raises(Refused, match="later"):
        undo_closing(company=cast.alpha, closing_id=first.pk, actor=cast.admin_alpha)
    for closing in (second, first):
        undo_closing(company=cast.alpha, closing_id=closing.pk, actor=cast.admin_alpha)
    assert Room.objects.get().frozen_at is None
    assert ExternalContact.objects.get().closed_at is None


def test_the_figures_are_a_sentence(cast: Cast) -> None:
    add_external_contact(member=cast.kim, person=cast.sato)
    create_group_room(creator=cast.kim, members=[cast.sato, cast.ito], name="Launch")
    act = lambda: set_external_connection(company=cast.alpha, allows=False, actor=cast.admin_alpha)  # noqa: E731
    assert figures(dry_run(act)) == [
        "closes the link with 1 company",
        "removes external connection from 3 members",
        "freezes 1 room",
        "excludes 2 people from 1 group room",
        "closes 1 external contact",
    ]
