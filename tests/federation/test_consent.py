"""Consent: two keys, grants, notices, and whose business it is."""

import pytest
from django.db import DatabaseError, connection, transaction

from accounts.actions.members import deactivate_member, reactivate_member
from accounts.models import AuditEntry, Department, Notification, User
from contacts.actions.add import add_external_contact
from federation.actions.switch import grant_members, set_external_connection
from federation.models import Availability, ExternalPolicy, Link
from federation.policies import is_available, may_reach, why_not
from messaging.actions.groups import create_group_room
from messaging.actions.rooms import open_direct_room
from messaging.admission import NotAdmitted
from messaging.models import Membership, Message, Room
from tests.cast import Cast, make_company, make_member, signed_in
from tests.confirmation import agreed, asks
from tests.decisions import change_department, decide, set_member_grant, set_partner_rule
from tests.words import words_of

pytestmark = pytest.mark.django_db


def link(cast: Cast) -> Link:
    return Link.objects.get(company_a=cast.alpha, company_b=cast.beta)


def test_off_by_default_and_open_only_when_both_allow(cast: Cast) -> None:
    assert not is_available(cast.tran)
    assert not may_reach(cast.kim, cast.tran)
    set_external_connection(company=cast.gamma, allows=True, actor=cast.admin_gamma)
    assert may_reach(cast.kim, cast.tran)
    assert may_reach(cast.tran, cast.sato)
    set_external_connection(company=cast.alpha, allows=False, actor=cast.admin_alpha)
    assert not may_reach(cast.tran, cast.kim)
    assert may_reach(cast.tran, cast.sato)


def test_the_reason_is_one_the_member_can_act_on_and_tells_no_private_policy(cast: Cast) -> None:
    assert "The other company has not allowed" in str(why_not(cast.kim, cast.tran))
    assert "Your administrator has not allowed" in str(why_not(cast.tran, cast.kim))
    set_member_grant(company=cast.beta, grant_to="chosen", actor=None)
    assert "not available to external users" in str(why_not(cast.kim, cast.sato))
    assert "has not granted you" in str(why_not(cast.sato, cast.kim))
    decide(company=cast.beta, partner=cast.alpha, decision="deny", actor=None)
    assert "The other company has not allowed" in str(why_not(cast.kim, cast.sato))
    assert why_not(cast.kim, cast.lee) is None


def test_partner_decisions_turn_one_key_each(cast: Cast) -> None:
    set_partner_rule(company=cast.alpha, rule="approved", actor=cast.admin_alpha)
    assert not link(cast).is_open
    decide(company=cast.alpha, partner=cast.beta, decision="allow", actor=cast.admin_alpha)
    assert link(cast).is_open
    before = link(cast).epoch
    decide(company=cast.beta, partner=cast.alpha, decision="deny", actor=cast.admin_beta)
    assert (link(cast).is_open, link(cast).epoch) == (False, before + 1)
    decide(company=cast.beta, partner=cast.alpha, decision="policy", actor=cast.admin_beta)
    assert link(cast).is_open


def test_members_are_told_once_and_again_only_after_it_was_withdrawn(cast: Cast) -> None:
    def told() -> int:
        return Notification.objects.filter(recipient=cast.tran, kind="external_available").count()

    assert told() == 0
    set_external_connection(company=cast.gamma, allows=True, actor=cast.admin_gamma)
    assert told() == 1
    set_external_connection(company=cast.gamma, allows=True, actor=cast.admin_gamma)
    set_partner_rule(company=cast.gamma, rule="approved", actor=cast.admin_gamma)
    set_partner_rule(company=cast.gamma, rule="any", actor=cast.admin_gamma)
    assert told() == 1
    set_external_connection(company=cast.gamma, allows=False, actor=cast.admin_gamma)
    assert told() == 1
    set_external_connection(company=cast.gamma, allows=True, actor=cast.admin_gamma)
    assert told() == 2
    assert "available to you" in signed_in(cast.tran).get("/notifications/").content.decode()


def test_a_grant_to_a_department_follows_its_people(cast: Cast) -> None:
    docks = Department.objects.create(company=cast.alpha, name="Docks")
    set_member_grant(company=cast.alpha, grant_to="chosen", actor=cast.admin_alpha)
    grant_members(company=cast.alpha, departments=[docks], actor=cast.admin_alpha)
    assert not is_available(cast.kim)
    change_department(member=cast.kim, department=docks, actor=cast.admin_alpha)
    assert is_available(cast.kim)
    add_external_contact(member=cast.kim, person=cast.sato)
    change_department(member=cast.kim, department=None, actor=cast.admin_alpha)
    assert not is_available(cast.kim)
    assert Room.objects.get().frozen_at is not None


def test_deactivation_ends_it_and_reactivation_gives_it_back_without_reviving(cast: Cast) -> None:
    add_external_contact(member=cast.kim, person=cast.sato)
    deactivate_member(member=cast.sato, actor=cast.admin_beta)
    assert not may_reach(cast.kim, cast.sato)
    assert Room.objects.get().frozen_at is not None
    reactivate_member(member=cast.sato, actor=cast.admin_beta)
    assert may_reach(cast.kim, cast.sato)
    assert Room.objects.get().frozen_at is not None


def test_new_members_get_what_the_policy_says(cast: Cast) -> None:
    assert is_available(make_member(cast.alpha, "New One"))
    assert not is_available(make_member(cast.gamma, "New Two"))


def test_i09_sql_by_hand_cannot_leave_things_open_across_a_close(cast: Cast) -> None:
    add_external_contact(member=cast.kim, person=cast.sato)
    statements = [
        ("UPDATE federation_link SET a_allows = false WHERE id = %s", [link(cast).pk]),
        ("DELETE FROM federation_link WHERE id = %s", [link(cast).pk]),
        ("UPDATE federation_availability SET ended_at = now() WHERE member_id = %s", [cast.sato.pk]),
        ("DELETE FROM federation_availability WHERE member_id = %s", [cast.kim.pk]),
        ("UPDATE accounts_user SET company_id = %s WHERE id = %s", [cast.gamma.pk, cast.sato.pk]),
    ]
    for statement, values in statements:
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, values)
            # What is checked at the commit, checked now.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_group_rooms_lose_the_right_people_and_keep_a_master(cast: Cast) -> None:
    room = create_group_room(creator=cast.kim, members=[cast.lee, cast.sato, cast.ito], name="Launch")
    deactivate_member(member=cast.kim, actor=cast.admin_alpha)
    assert Membership.objects.get(room=room, role="master", ended_at=None).member == cast.lee
    set_member_grant(company=cast.beta, grant_to="chosen", actor=None)
    assert list(Membership.objects.filter(room=room, ended_at=None).values_list("member", flat=True)) == [cast.lee.pk]
    lines = " ".join(words_of(message) for message in Message.objects.filter(room=room))
    assert all(person.name in lines for person in (cast.kim, cast.sato, cast.ito))
    for person in (cast.sato, cast.ito):
        assert signed_in(person).get(f"/messages/{room.pk}/").status_code == 404
    room.refresh_from_db()
    assert room.is_external is False


def test_the_hosting_companys_people_keep_the_room_when_it_switches_off(cast: Cast) -> None:
    room = create_group_room(creator=cast.kim, members=[cast.lee, cast.sato], name="Launch")
    set_external_connection(company=cast.alpha, allows=False, actor=cast.admin_alpha)
    room.refresh_from_db()
    left = set(Membership.objects.filter(room=room, ended_at=None).values_list("member", flat=True))
    assert (left, room.is_external) == ({cast.kim.pk, cast.lee.pk}, False)


def test_closing_takes_a_constant_number_of_queries(cast: Cast, django_assert_max_num_queries: object) -> None:
    for number in range(30):
        add_external_contact(member=cast.kim, person=make_member(cast.beta, f"Person {number}"))
    with django_assert_max_num_queries(45):
        set_external_connection(company=cast.beta, allows=False, actor=cast.admin_beta)
    assert Room.objects.filter(frozen_at=None).count() == 0


def test_between_two_guests_the_company_that_closed_leaves(cast: Cast) -> None:
    set_external_connection(company=cast.gamma, allows=True, actor=cast.admin_gamma)
    room = create_group_room(creator=cast.kim, members=[cast.sato, cast.tran], name="Launch")
    other = create_group_room(creator=cast.sato, members=[cast.kim], name="Without gamma")
    decide(company=cast.beta, partner=cast.gamma, decision="deny", actor=cast.admin_beta)
    staying = Membership.objects.filter(room=room, ended_at=None).values_list("member", flat=True)
    assert set(staying) == {cast.kim.pk, cast.tran.pk}
    assert Membership.objects.filter(room=other, ended_at=None).count() == 2


def test_closing_many_links_takes_no_more_queries_than_closing_one(
    cast: Cast, django_assert_max_num_queries: object
) -> None:
    for number in range(15):
        company = make_company(f"partner{number}")
        make_member(company, f"Partner {number}")
        set_external_connection(company=company, allows=True, actor=None)
    with django_assert_max_num_queries(45):
        set_external_connection(company=cast.beta, allows=False, actor=cast.admin_beta)
    assert not Link.objects.filter(is_open=True, company_a=cast.beta).exists()


def test_both_companies_have_their_own_entry_of_a_link(cast: Cast) -> None:
    set_external_connection(company=cast.beta, allows=False, actor=cast.admin_beta)
    closed = AuditEntry.objects.filter(event="link.closed")
    assert {(entry.company_id, entry.actor_id) for entry in closed} == {
        (cast.beta.pk, cast.admin_beta.pk),
        (cast.alpha.pk, None),
    }


@pytest.fixture
def policies(cast: Cast) -> dict[str, ExternalPolicy]:
    return {policy.company.name: policy for policy in ExternalPolicy.objects.select_related("company")}


def test_i10_an_administrator_changes_their_own_company_only(cast: Cast, policies: dict[str, ExternalPolicy]) -> None:
    form = {"grant_to": "all", "partner_rule": "any"}
    foreign = f"/admin/federation/externalpolicy/{policies['beta'].pk}/change/"
    missing = "/admin/federation/externalpolicy/987654/change/"
    for stranger in (cast.admin_alpha, cast.kim, cast.admin_gamma):
        client = signed_in(stranger)
        for address in (foreign, missing):
            # Only administrators get as far as to an answer.
            status = 302 if stranger == cast.kim else 404
            assert client.get(address).status_code == status
            assert client.post(address, form).status_code == status
    assert ExternalPolicy.objects.get(company=cast.beta).allows
    beta = signed_in(cast.admin_beta)
    assert asks(answer := beta.post(foreign, form))
    assert ExternalPolicy.objects.get(company=cast.beta).allows
    assert agreed(beta, foreign, answer).status_code == 302
    assert not ExternalPolicy.objects.get(company=cast.beta).allows
    assert signed_in(cast.operator).post(foreign, form | {"allows": "on"}).status_code == 302
    assert link(cast).is_open


def test_i02_the_company_comes_from_the_session(cast: Cast) -> None:
    client = signed_in(cast.admin_gamma)
    page = client.get("/admin/federation/externalpolicy/", follow=True)
    assert page.redirect_chain[-1][0].endswith(f"/{ExternalPolicy.objects.get(company=cast.gamma).pk}/change/")
    client.post(
        page.redirect_chain[-1][0], {"company": cast.alpha.pk, "grant_to": "all", "partner_rule": "any", "allows": "on"}
    )
    assert ExternalPolicy.objects.get(company=cast.gamma).allows
    assert Availability.objects.filter(member=cast.tran, ended_at=None).exists()


def test_bulk_actions_grant_and_withdraw_for_ones_own_people_only(cast: Cast) -> None:
    set_member_grant(company=cast.alpha, grant_to="chosen", actor=cast.admin_alpha)
    client = signed_in(cast.admin_alpha)
    chosen = {"_selected_action": [cast.kim.pk, cast.sato.pk]}
    assert client.post("/admin/accounts/user/", chosen | {"action": "allow_external"}).status_code == 302
    assert is_available(cast.kim)
    assert not is_available(cast.lee)
    answer = client.post("/admin/accounts/user/", chosen | {"action": "withdraw_external"})
    assert asks(answer)
    assert is_available(cast.kim)
    assert agreed(client, "/admin/accounts/user/", answer).status_code == 302
    assert not is_available(cast.kim)
    assert is_available(cast.sato)


def test_i10_lists_of_the_admin_hold_ones_own_company(cast: Cast) -> None:
    client = signed_in(cast.admin_alpha)
    text = client.get("/admin/accounts/user/").content.decode()
    assert "Kim Minseo" in text
    assert "Sato Yui" not in text
    assert client.get(f"/admin/accounts/user/{cast.sato.pk}/change/").status_code == 404
    assert client.get("/admin/accounts/company/").status_code == 403
    for path in ("", "accounts/user/", "accounts/department/", "federation/externalpolicy/", "accounts/auditentry/"):
        assert signed_in(cast.kim).get(f"/admin/{path}").status_code == 302


def test_an_open_room_needs_a_link_between_all_companies(cast: Cast) -> None:
    delta = make_company("delta")
    nobody = make_member(delta, "Nobody Here")
    with pytest.raises(NotAdmitted) as refused:
        create_group_room(creator=cast.kim, members=[cast.sato, nobody], name="No")
    assert refused.value.reasons == [
        "Nobody Here (delta): The other company has not allowed external connection with yours."
    ]
    assert User.objects.filter(memberships__isnull=False).count() == 0
    assert open_direct_room(member=cast.kim, other=cast.lee).is_external is False
