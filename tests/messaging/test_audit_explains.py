"""The audit log explains who is in which room, and what each company has allowed, whatever was done to come there."""

import time

import pytest

from accounts.actions.audit import audit
from accounts.actions.members import deactivate_member
from accounts.models import AuditEntry, Department
from contacts.actions.add import add_external_contact
from contacts.actions.block import block_external_user, unblock_external_user
from contacts.actions.edit import edit_external_contact
from contacts.actions.reconnect import reconnect_external_contact
from federation.actions.switch import grant_members, set_external_connection, withdraw_members
from federation.actions.undoing import undo_closing
from federation.models import Closing
from messaging.actions.editing import edit_room
from messaging.actions.groups import create_group_room
from messaging.actions.joining import add_members
from messaging.actions.leaving import leave_room, remove_member, withdraw_from_room
from messaging.actions.masters import hand_over, make_master, step_down
from messaging.models import Membership, Room
from tests.audit_replay import assert_explained, recorded
from tests.cast import Cast, make_member, signed_in
from tests.decisions import decide, set_member_grant, set_partner_rule

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def met(cast: Cast) -> Cast:
    """Everybody of alpha and beta knows each other."""
    for one in (cast.kim, cast.lee):
        for other in (cast.sato, cast.ito):
            add_external_contact(member=one, person=other)
            add_external_contact(member=other, person=one)
    return cast


def events(company: object, *subjects: str) -> list[tuple[str, int | None]]:
    """The company's events of these subjects, with who is named for them."""
    found = AuditEntry.objects.filter(company=company).order_by("pk").values_list("event", "actor_id")
    return [(event, actor) for event, actor in found if event.partition(".")[0] in subjects]


def test_people_come_and_go(met: Cast) -> None:
    room = create_group_room(creator=met.kim, members=[met.lee, met.sato], name="Osaka")
    add_members(master=met.kim, room_id=room.pk, people=[met.ito], history="all")
    assert_explained()
    make_master(master=met.kim, room_id=room.pk, member_id=met.lee.pk)
    hand_over(master=met.kim, room_id=room.pk, member_id=met.sato.pk)
    step_down(master=met.sato, room_id=room.pk)
    remove_member(master=met.lee, room_id=room.pk, member_id=met.sato.pk)
    leave_room(member=met.ito, room_id=room.pk)
    assert_explained()
    add_members(master=met.lee, room_id=room.pk, people=[met.ito], opens=True)
    row = Membership.objects.get(room=room, member=met.ito)
    withdraw_from_room(administrator=met.admin_beta, membership=row)
    leave_room(member=met.lee, room_id=room.pk)
    assert_explained()
    kim, lee, admin = met.kim.pk, met.lee.pk, met.admin_beta.pk
    assert events(met.beta, "room")[4:] == [
        ("room.created", None),
        ("room.members_added", None),
        ("room.handed_over", None),
        ("room.stepped_down", met.sato.pk),
        ("room.member_removed", None),
        ("room.member_left", met.ito.pk),
        ("room.members_added", None),
        ("room.member_withdrawn", admin),
    ]
    assert [actor for event, actor in events(met.alpha, "room")[4:] if event != "room.master_passed"] == [
        *(kim, kim, kim, kim, None, lee, None, lee, None, lee)
    ]
    by = AuditEntry.objects.get(company=met.beta, event="room.member_removed").data
    assert (by["by"], by["people"]) == (lee, {str(lee): ["Lee Jiho", met.alpha.pk]})


def test_every_way_in_which_a_right_ends_and_comes_back(met: Cast) -> None:
    inside = [met.lee, met.sato, met.ito]
    create_group_room(creator=met.kim, members=inside, name="Alpha's")
    create_group_room(creator=met.sato, members=[met.ito, met.kim, met.lee], name="Beta's")
    add_members(
        master=met.kim,
        room_id=create_group_room(creator=met.kim, members=[met.lee], name="Opened").pk,
        people=[met.ito],
        opens=True,
    )
    part = Department.objects.create(company=met.alpha, name="Sales")
    decide(company=met.alpha, partner=met.beta, decision="deny", actor=met.admin_alpha)
    assert_explained()
    undo(met.alpha, met.admin_alpha)
    set_partner_rule(company=met.beta, rule="approved", actor=met.admin_beta)
    assert_explained()
    undo(met.beta, met.admin_beta)
    grant_members(company=met.alpha, members=[met.kim], departments=[part], actor=met.admin_alpha)
    set_member_grant(company=met.alpha, grant_to="chosen", actor=met.admin_alpha)
    assert_explained()
    withdraw_members(company=met.alpha, members=[met.kim], departments=[part], actor=met.admin_alpha)
    assert_explained()
    undo(met.alpha, met.admin_alpha)
    set_external_connection(company=met.beta, allows=False, actor=met.admin_beta)
    assert_explained()
    undo(met.beta, met.admin_beta)
    deactivate_member(member=met.ito, actor=met.admin_beta)
    assert_explained()
    decide(company=met.beta, partner=met.alpha, decision="deny", actor=met.operator)
    decide(company=met.beta, partner=met.alpha, decision="allow", actor=met.operator)
    reconnect_external_contact(member=met.kim, person=met.sato)
    assert_explained()
    assert recorded(met.alpha).links == {met.beta.pk}
    assert recorded(met.alpha).contacts == {(met.kim.pk, met.sato.pk), (met.sato.pk, met.kim.pk)}


def undo(company: object, actor: object) -> None:
    closing = Closing.objects.filter(company=company).latest("pk")
    undo_closing(company=company, closing_id=closing.pk, actor=actor)
    assert_explained()


def test_a_row_that_the_log_does_not_explain_is_found(met: Cast) -> None:
    room = create_group_room(creator=met.kim, members=[met.lee], name="Inside")
    Membership.objects.filter(room=room, member=met.lee).update(ended_at="2026-01-01T00:00Z")
    with pytest.raises(AssertionError):
        assert_explained()
    Membership.objects.filter(room=room, member=met.lee).update(ended_at=None)
    assert_explained()
    audit([met.alpha.pk], None, "link.opened", partners=[met.gamma.pk])
    with pytest.raises(AssertionError):
        assert_explained()


def test_what_concerns_one_company_alone_is_not_told_to_the_other(met: Cast) -> None:
    before = AuditEntry.objects.filter(company=met.beta).count()
    contact = met.kim.external_contacts.get(person=met.sato)
    edit_external_contact(contact=contact, name="Yui", memo="likes tea", phone="")
    edit_external_contact(contact=contact, name="Yui")
    block_external_user(member=met.kim, person=met.sato)
    block_external_user(member=met.kim, person=met.sato)
    unblock_external_user(member=met.kim, person=met.sato)
    unblock_external_user(member=met.kim, person=met.sato)
    assert AuditEntry.objects.filter(company=met.beta).count() == before
    found = AuditEntry.objects.filter(company=met.alpha, event__startswith="contact.").order_by("pk")
    named = {"member": met.kim.pk, "person": met.sato.pk, "people": {str(met.sato.pk): ["Sato Yui", met.beta.pk]}}
    assert [(one.event, one.actor, one.data) for one in list(found)[-3:]] == [
        ("contact.edited", met.kim, named | {"fields": ["name", "memo"]}),
        ("contact.blocked", met.kim, named),
        ("contact.unblocked", met.kim, named),
    ]


def test_values_before_and_after_are_written_down(met: Cast) -> None:
    room = create_group_room(creator=met.kim, members=[met.sato], name="Osaka", description="Launch")
    edit_room(master=met.kim, room_id=room.pk, name="Kobe", description="Launch", newcomers="all")
    edited = AuditEntry.objects.get(event="room.edited")
    assert (edited.data["before"], edited.data["after"]) == (
        {"name": "Osaka", "newcomers": "joined"},
        {"name": "Kobe", "newcomers": "all"},
    )
    set_external_connection(company=met.alpha, allows=False, actor=met.admin_alpha)
    off = AuditEntry.objects.get(event="external_connection.off")
    assert (off.data["before"], off.data["after"]) == ({"allows": True}, {"allows": False})


def test_who_asks_over_http_is_written_down_with_their_address(met: Cast) -> None:
    client = signed_in(met.kim)
    address = {"REMOTE_ADDR": "2001:db8::7"}
    client.post(f"/contacts/block/{met.sato.pk}/", **address)
    assert AuditEntry.objects.get(event="contact.blocked").address == "2001:db8::7"
    client.post(f"/contacts/unblock/{met.sato.pk}/", REMOTE_ADDR="198.51.100.9", HTTP_X_FORWARDED_FOR="192.0.2.1")
    assert AuditEntry.objects.get(event="contact.unblocked").address == "198.51.100.9"
    assert not AuditEntry.objects.filter(event="member.created").exclude(address=None).exists()


def test_replaying_takes_milliseconds(met: Cast) -> None:
    room = create_group_room(creator=met.kim, members=[met.lee, met.sato], name="Osaka")
    for number in range(100):
        edit_room(master=met.kim, room_id=room.pk, name=f"Osaka {number}")
    began = time.monotonic()
    assert_explained()
    took = time.monotonic() - began
    print(f"verified and replayed in {took * 1000:.0f} ms")
    assert took < 2
    assert Room.objects.filter(pk=room.pk).exists()


def test_members_who_come_later_do_not_confuse_it(met: Cast) -> None:
    fresh = make_member(met.alpha, "Han Yuna")
    create_group_room(creator=fresh, members=[met.kim], name="New")
    assert_explained()
