"""A company's side, changed as a whole by one save of the admin's page."""

import pytest
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import strip_tags

from accounts.models import AuditEntry, Department, Notification, User
from contacts.actions.add import add_external_contact
from contacts.models import ExternalContact
from federation.actions.switch import grant_members, set_external_connection
from federation.admin.connection import CHOSEN
from federation.admin.departments import external
from federation.models import ExternalPolicy, Link
from federation.policies import is_available, may_reach
from federation.signals import access_ended
from messaging.models import Room
from tests.cast import Cast, make_member, make_members, signed_in
from tests.confirmation import agreed, posted
from tests.decisions import change_department, decide, set_member_grant, set_partner_rule

pytestmark = pytest.mark.django_db


def save(cast: Cast, **values: str) -> None:
    """Save the page of alpha's administrator."""
    policy = ExternalPolicy.objects.get(company=cast.alpha)
    values = {"grant_to": "all", "partner_rule": "any", **values}
    url = f"/admin/federation/externalpolicy/{policy.pk}/change/"
    answer = posted(signed_in(cast.admin_alpha), url, values)
    assert answer.status_code == 302


@pytest.fixture
def contact(cast: Cast) -> ExternalContact:
    return add_external_contact(member=cast.kim, person=cast.sato)


def test_approved_only_and_this_one_approved_in_one_save_ends_nothing(cast: Cast, contact: ExternalContact) -> None:
    save(cast, allows="on", partner_rule="approved", **{f"decision_{cast.beta.pk}": "allow"})
    contact.refresh_from_db()
    assert contact.closed_at is None
    assert Room.objects.get().frozen_at is None
    assert Link.objects.values_list("is_open", "epoch").get(company_a=cast.alpha, company_b=cast.beta) == (True, 0)


def test_and_back_to_the_policy_in_one_save_ends_nothing_either(cast: Cast, contact: ExternalContact) -> None:
    decide(company=cast.alpha, partner=cast.beta, decision="allow", actor=cast.admin_alpha)
    set_partner_rule(company=cast.alpha, rule="approved", actor=cast.admin_alpha)
    save(cast, allows="on", partner_rule="any", **{f"decision_{cast.beta.pk}": "policy"})
    contact.refresh_from_db()
    assert contact.closed_at is None


def test_off_and_granted_to_all_in_one_save_tells_nobody_that_it_is_available(cast: Cast) -> None:
    set_member_grant(company=cast.alpha, grant_to="chosen", actor=cast.admin_alpha)
    Notification.objects.all().delete()
    save(cast, grant_to="all")
    assert not Notification.objects.exists()
    assert not may_reach(cast.kim, cast.sato)


def test_one_save_sends_one_signal_and_audits_each_decision(cast: Cast, contact: ExternalContact) -> None:
    earlier = set(AuditEntry.objects.values_list("pk", flat=True))
    sent = []

    def follow(reason: str, **kwargs: object) -> None:
        # What ended is already true when the signal comes.
        sent.append((reason, Link.objects.filter(is_open=True).exists()))

    access_ended.connect(follow)
    try:
        save(cast, grant_to="chosen", partner_rule="approved", **{f"decision_{cast.beta.pk}": "deny"})
    finally:
        access_ended.disconnect(follow)
    # Once for the preview, and once when it is agreed to.
    assert sent == [("company_off", False)] * 2
    entries = AuditEntry.objects.exclude(pk__in=earlier).filter(company=cast.alpha, actor=cast.admin_alpha)
    events = entries.values_list("event", flat=True)
    assert {"external_connection.off", "member_grant.changed", "partner_rule.changed", "partner.decided"} <= set(events)


def test_a_save_that_changes_nothing_writes_and_tells_nothing(cast: Cast, contact: ExternalContact) -> None:
    earlier = set(AuditEntry.objects.values_list("pk", flat=True))
    save(cast, allows="on", **{f"decision_{cast.beta.pk}": "policy"})
    assert {entry.event for entry in AuditEntry.objects.exclude(pk__in=earlier)} <= {"member.signed_in"}


def test_a_suspended_company_allows_nothing(cast: Cast) -> None:
    cast.gamma.is_active = False
    cast.gamma.save()
    set_external_connection(company=cast.gamma, allows=True, actor=cast.admin_gamma)
    assert not may_reach(cast.kim, cast.tran)
    assert not Link.objects.filter(company_b=cast.gamma, is_open=True).exists()


def test_a_bulk_action_says_when_the_choice_does_not_count_yet(cast: Cast) -> None:
    chosen = {"_selected_action": [cast.kim.pk], "action": "withdraw_external"}
    client = signed_in(cast.admin_alpha)
    page = client.post("/admin/accounts/user/", chosen, follow=True)
    assert "All members of alpha have external connection" in page.content.decode()
    set_member_grant(company=cast.alpha, grant_to="chosen", actor=cast.admin_alpha)
    page = client.post("/admin/accounts/user/", chosen, follow=True)
    told = [str(message) for message in page.context["messages"]]
    assert len(told) == 1
    assert "None of them was chosen" in told[0]


@pytest.fixture
def sales(cast: Cast) -> Department:
    """alpha's chosen department, in a company that grants external connection to chosen ones."""
    found = Department.objects.create(company=cast.alpha, name="Sales")
    set_member_grant(company=cast.alpha, grant_to="chosen", actor=cast.admin_alpha)
    grant_members(company=cast.alpha, departments=[found], actor=cast.admin_alpha)
    return found


def told(client: Client, table: str, action: str, rows: list[User] | list[Department]) -> list[str]:
    """What a bulk action said, what it ends being agreed to."""
    chosen = {"_selected_action": [row.pk for row in rows], "action": action}
    page = posted(client, f"/admin/accounts/{table}/", chosen, follow=True)
    return [str(message) for message in page.context["messages"]]


def test_a_withdrawal_says_who_keeps_it_through_their_department(cast: Cast, sales: Department) -> None:
    asia = Department.objects.create(company=cast.alpha, name="Asia", parent=sales)
    for member, department in ((cast.kim, sales), (cast.lee, asia)):
        change_department(member=member, department=department, actor=None)
    both = [cast.kim, cast.lee]
    grant_members(company=cast.alpha, members=both, actor=None)
    client = signed_in(cast.admin_alpha)
    assert told(client, "user", "withdraw_external", [*both, cast.admin_alpha]) == [
        "2 are no longer chosen.",
        "2 of them still have it through their department Sales: withdraw it there.",
    ]
    assert is_available(cast.kim)
    assert told(client, "user", "withdraw_external", [cast.lee]) == [
        "None of them was chosen.",
        "1 of them still has it through their department Sales: withdraw it there.",
    ]
    assert told(client, "department", "withdraw_external", [sales])[0] == "1 is no longer chosen."
    assert told(client, "user", "withdraw_external", both) == ["None of them was chosen."]
    assert not is_available(cast.kim)


def test_what_a_withdrawal_ended_is_said_to_come_back_and_where(cast: Cast, contact: ExternalContact) -> None:
    set_member_grant(company=cast.alpha, grant_to="chosen", actor=None)
    grant_members(company=cast.alpha, members=[cast.kim], actor=None)
    client = signed_in(cast.admin_alpha)
    fields = {"action": "withdraw_external", ACTION_CHECKBOX_NAME: str(cast.kim.pk)}
    asked = client.post("/admin/accounts/user/", fields)
    assert "but not calls or" in asked.content.decode()
    page = agreed(client, "/admin/accounts/user/", asked, follow=True).content.decode()
    policy = ExternalPolicy.objects.get(company=cast.alpha)
    assert f'<a href="/admin/federation/externalpolicy/{policy.pk}/change/">External connection</a>' in page


def test_the_page_names_a_hundred_of_those_who_are_chosen(cast: Cast) -> None:
    people = make_members(cast.alpha, [f"Chosen {number:03}" for number in range(CHOSEN + 1)])
    grant_members(company=cast.alpha, members=people, actor=None)
    policy = ExternalPolicy.objects.get(company=cast.alpha)
    page = signed_in(cast.admin_alpha).get(f"/admin/federation/externalpolicy/{policy.pk}/change/").content.decode()
    assert (page.count("Chosen 0"), page.count("Chosen 100")) == (CHOSEN, 0)
    assert "101 chosen members" in page
    assert "See all members who have external connection" in page


def test_a_withdrawal_names_three_departments_at_most_the_most_frequent_first(cast: Cast, sales: Department) -> None:
    names = ["Buying", "Docks", "Legal"]
    others = [Department.objects.create(company=cast.alpha, name=name) for name in names]
    grant_members(company=cast.alpha, departments=others, actor=None)
    people = [make_member(cast.alpha, f"Han {number}", department=one) for number, one in enumerate(others)]
    people += [make_member(cast.alpha, f"Oh {number}", department=sales) for number in range(2)]
    client = signed_in(cast.admin_alpha)
    assert told(client, "user", "withdraw_external", people)[1] == (
        "5 of them still have it through their departments Sales, Buying, Docks …: withdraw it there."
    )
    assert told(client, "user", "withdraw_external", people[1:3])[1] == (
        "2 of them still have it through their departments Docks, Legal: withdraw it there."
    )


def test_a_department_below_a_chosen_one_keeps_it_and_the_list_says_with_which(cast: Cast, sales: Department) -> None:
    asia = Department.objects.create(company=cast.alpha, name="Asia", parent=sales)
    seoul = Department.objects.create(company=cast.alpha, name="Seoul", parent=asia)
    grant_members(company=cast.alpha, departments=[asia], actor=None)
    client = signed_in(cast.admin_alpha)

    def cells() -> dict[str, str]:
        listed = client.get("/admin/accounts/department/").context["cl"]
        return {row.name: strip_tags(external(row)).strip() for row in listed.result_list}

    assert cells() == {"Sales": "Chosen", "Asia": "Chosen", "Seoul": "Chosen with Asia"}
    assert told(client, "department", "withdraw_external", [asia, seoul]) == [
        "1 is no longer chosen.",
        "2 of them still have it through Sales above them: withdraw it there.",
    ]
    assert told(client, "department", "withdraw_external", [asia]) == [
        "None of them was chosen.",
        "1 of them still has it through Sales above it: withdraw it there.",
    ]
    assert cells() == {"Sales": "Chosen", "Asia": "Chosen with Sales", "Seoul": "Chosen with Sales"}
    told(client, "department", "withdraw_external", [sales])
    assert set(cells().values()) == {""}


def test_the_list_of_departments_asks_no_more_for_more_of_them(cast: Cast, sales: Department) -> None:
    client = signed_in(cast.admin_alpha)

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert "Chosen with Sales" in client.get("/admin/accounts/department/").content.decode()
        return len(asked)

    Department.objects.create(company=cast.alpha, name="Asia", parent=sales)
    before = queries()
    for number in range(5):
        Department.objects.create(company=cast.alpha, name=f"Part {number}", parent=sales)
    assert queries() == before


def test_who_saves_over_somebody_elses_decision_is_told_first(cast: Cast) -> None:
    url = f"/admin/federation/externalpolicy/{ExternalPolicy.objects.get(company=cast.alpha).pk}/change/"
    client = signed_in(cast.admin_alpha)
    seen = client.get(url).context["form"].now
    set_external_connection(company=cast.alpha, allows=False, actor=cast.admin_alpha)
    stale = {"allows": "on", "grant_to": "all", "partner_rule": "approved", "seen": seen}
    answer = client.post(url, stale)
    assert answer.status_code == 400
    assert "This page has changed since you opened it" in answer.content.decode()
    policy = ExternalPolicy.objects.get(company=cast.alpha)
    assert (policy.allows, policy.partner_rule) == (False, "any")
    assert posted(client, url, stale | {"seen": answer.context["form"].now}).status_code == 302
    assert ExternalPolicy.objects.get(company=cast.alpha).allows
