"""Companies, which only the operator makes, changes, suspends and restores; and departments as a tree."""

import pytest
from django.core import mail
from django.test import Client

from accounts.actions.departments import save_department
from accounts.actions.mailing import send_due_mails
from accounts.models import AuditEntry, Company, Department, Domain, User
from contacts.actions.add import add_external_contact
from federation.actions.switch import grant_members
from federation.policies import is_available, may_reach
from messaging.actions.groups import create_group_room
from tests.cast import PASSWORD, Cast, make_member, signed_in
from tests.confirmation import agreed, asks, posted
from tests.decisions import set_member_grant
from worksbridge.errors import Refused
from worksbridge.live.session import ended_sessions, identify

pytestmark = pytest.mark.django_db
COMPANIES = "/admin/accounts/company/"
DEPARTMENTS = "/admin/accounts/department/"
NEW = {
    "name": "Delta Lines",
    "slug": "delta",
    "domains": "delta.example\nDelta-Lines.example",
    "admin_name": "Dora Dee",
    "admin_email": "Dora@delta.example",
}


def test_a_company_is_made_with_its_first_administrator_in_one_form(cast: Cast) -> None:
    assert signed_in(cast.operator).post(f"{COMPANIES}add/", NEW).status_code == 302
    delta = Company.objects.get(slug="delta")
    assert set(delta.domains.values_list("name", flat=True)) == {"delta.example", "delta-lines.example"}
    dora = delta.members.get()
    assert (dora.email, dora.is_administrator, dora.is_superuser) == ("dora@delta.example", True, False)
    assert send_due_mails() == 1
    assert mail.outbox[-1].to == [dora.email]
    assert AuditEntry.objects.filter(company=delta, event="company.created", actor=cast.operator).exists()


def test_the_pages_use_words_that_no_programmer_needs_to_explain(cast: Cast) -> None:
    add_external_contact(member=cast.kim, person=cast.sato)
    create_group_room(creator=cast.kim, members=[cast.sato], name="Osaka launch")
    client = signed_in(cast.admin_alpha)

    def text(path: str) -> str:
        return client.get(f"/admin/{path}", follow=True).content.decode()

    assert "Group Master" in text("messaging/membership/")
    assert "Part of:" in text("accounts/department/add/")
    side = text("federation/externalpolicy/")
    assert "Default for companies set to" in side
    assert "by default" in side


@pytest.mark.parametrize(
    "wrong",
    [
        {"slug": "alpha"},
        {"domains": "alpha.example"},
        {"domains": "no domain!"},
        {"admin_email": "kim-minseo@alpha.example"},
        {"admin_email": "x@beta.example"},
        {"admin_name": "\u202e"},
        {"name": ""},
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_made(cast: Cast, wrong: dict[str, str]) -> None:
    before = (Company.objects.count(), User.objects.count(), Domain.objects.count())
    assert signed_in(cast.operator).post(f"{COMPANIES}add/", NEW | wrong).status_code == 200
    assert before == (Company.objects.count(), User.objects.count(), Domain.objects.count())


def test_i10_administrators_make_and_see_no_companies(cast: Cast) -> None:
    for person in (cast.admin_alpha, cast.kim):
        client = signed_in(person)
        client.post(f"{COMPANIES}add/", NEW)
        client.post(f"{COMPANIES}{cast.alpha.pk}/change/", {"name": "Mine", "domains": "beta.example"})
        client.post(COMPANIES, {"action": "suspend", "_selected_action": [cast.beta.pk]})
    assert not Company.objects.filter(slug="delta").exists()
    assert set(Company.objects.values_list("name", "is_active")) == {("alpha", True), ("beta", True), ("gamma", True)}


def test_name_and_domains_are_changed_and_the_log_says_so(cast: Cast) -> None:
    url = f"{COMPANIES}{cast.alpha.pk}/change/"
    client = signed_in(cast.operator)
    assert client.post(url, {"name": "Alpha", "slug": "x", "domains": "alpha.example, alpha.co"}).status_code == 302
    cast.alpha.refresh_from_db()
    assert (cast.alpha.name, cast.alpha.slug) == ("Alpha", "alpha")
    assert set(cast.alpha.domains.values_list("name", flat=True)) == {"alpha.example", "alpha.co"}
    entry = AuditEntry.objects.get(event="company.changed")
    assert entry.data["before"]["name"] == "alpha"


def test_i25_a_suspended_companys_people_are_out_until_it_is_restored(cast: Cast) -> None:
    kim, operator = signed_in(cast.kim), signed_in(cast.operator)
    chosen = {"action": "suspend", "_selected_action": [cast.alpha.pk]}
    answer = operator.post(COMPANIES, chosen)
    assert asks(answer)
    assert kim.get("/messages/").status_code == 200
    agreed(operator, COMPANIES, answer)
    assert kim.get("/messages/").status_code == 302
    key = kim.session.session_key
    assert identify(key) is None
    assert ended_sessions({key: cast.kim.pk}) == {key}
    assert not may_reach(cast.sato, cast.kim)
    client = Client()
    page = client.post("/accounts/login/", {"login": cast.kim.email, "password": PASSWORD}, follow=True)
    assert "suspended" in page.content.decode()
    assert "_auth_user_id" not in client.session
    operator.post(COMPANIES, {"action": "restore", "_selected_action": [cast.alpha.pk]})
    assert kim.get("/messages/").status_code == 200
    assert may_reach(cast.sato, cast.kim)


def test_departments_are_a_tree_with_the_people_below_counted(cast: Cast) -> None:
    sales = Department.objects.create(company=cast.alpha, name="Sales")
    inner = Department.objects.create(company=cast.alpha, name="Asia", parent=sales)
    Department.objects.create(company=cast.alpha, name="Buying")
    User.objects.filter(pk=cast.kim.pk).update(department=inner)
    page = signed_in(cast.admin_alpha).get(DEPARTMENTS)
    rows = [(row.name, row.path.count("\x01"), row.people) for row in page.context["cl"].result_list]
    assert rows == [("Buying", 0, 0), ("Sales", 0, 1), ("Asia", 1, 1)]


def test_a_grant_holds_for_departments_below_and_follows_a_move(cast: Cast) -> None:
    sales = Department.objects.create(company=cast.alpha, name="Sales")
    docks = Department.objects.create(company=cast.alpha, name="Docks")
    inner = Department.objects.create(company=cast.alpha, name="Asia", parent=sales)
    User.objects.filter(pk=cast.kim.pk).update(department=inner)
    grant_members(company=cast.alpha, departments=[sales], actor=None)
    set_member_grant(company=cast.alpha, grant_to="chosen", actor=None)
    assert is_available(cast.kim)
    assert not is_available(cast.lee)
    client = signed_in(cast.admin_alpha)
    assert posted(client, f"{DEPARTMENTS}{inner.pk}/change/", {"name": "Asia", "parent": docks.pk}).status_code == 302
    assert not is_available(cast.kim)
    client.post(f"{DEPARTMENTS}{docks.pk}/change/", {"name": "Docks", "parent": sales.pk})
    assert is_available(cast.kim)


def test_no_department_is_below_itself_however_it_is_moved(cast: Cast) -> None:
    one = Department.objects.create(company=cast.alpha, name="One")
    other = Department.objects.create(company=cast.alpha, name="Other")
    # As two administrators who move at the same moment: each has looked before the other has moved.
    first, second = Department.objects.get(pk=one.pk), Department.objects.get(pk=other.pk)
    first.parent, second.parent = other, one
    save_department(department=first, actor=None)
    with pytest.raises(Refused):
        save_department(department=second, actor=None)


def test_only_an_empty_department_is_removed(cast: Cast) -> None:
    sales = Department.objects.create(company=cast.alpha, name="Sales")
    inner = Department.objects.create(company=cast.alpha, name="Asia", parent=sales)
    make_member(cast.alpha, "Han Yuna", department=inner)
    client = signed_in(cast.admin_alpha)
    for full, why in ((sales, "departments below"), (inner, "still has members")):
        assert why in client.get(f"{DEPARTMENTS}{full.pk}/change/").content.decode()
        assert client.post(f"{DEPARTMENTS}{full.pk}/delete/", {"post": "yes"}).status_code == 403
    User.objects.filter(department=inner).update(department=None)
    assert signed_in(cast.admin_beta).post(f"{DEPARTMENTS}{inner.pk}/delete/", {"post": "yes"}).status_code == 403
    assert Department.objects.filter(pk=inner.pk).exists()
    assert client.post(f"{DEPARTMENTS}{inner.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not Department.objects.filter(pk=inner.pk).exists()
    assert AuditEntry.objects.filter(company=cast.alpha, event="department.removed").exists()
