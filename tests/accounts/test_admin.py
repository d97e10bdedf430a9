"""The member and department pages of the Django admin: one's own company, and through the actions."""

import re

import pytest
from django.core import mail
from django.http import HttpResponse
from django.test import Client

from accounts.models import AuditEntry, Department, User
from tests.cast import PASSWORD, Cast, signed_in
from tests.confirmation import posted

pytestmark = pytest.mark.django_db
MEMBERS = "/admin/accounts/user/"
FIELDS = {
    "name": "New One",
    "email": "New@alpha.example",
    "handle": "new.one",
    "language": "ko",
    "time_zone": "Asia/Seoul",
}


def page(member: User) -> str:
    return f"{MEMBERS}{member.pk}/change/"


def told(answer: HttpResponse) -> str:
    """What a page says, without what differs at each request, and the address that was asked for."""
    same = r'(csrfmiddlewaretoken" value=|csrf-token" content=)"[^"]*"|(?<=/user/)\d+(?=/change/)'
    return re.sub(same, "", answer.content.decode())


def test_i10_an_administrator_sees_and_changes_only_their_own_company(cast: Cast) -> None:
    client = signed_in(cast.admin_alpha)
    shown = client.get(MEMBERS).content.decode()
    assert cast.kim.email in shown
    assert cast.sato.email not in shown
    assert client.get(page(cast.kim)).status_code == 200
    nowhere = client.get(f"{MEMBERS}999999/change/")
    foreign = client.get(page(cast.sato))
    assert (foreign.status_code, nowhere.status_code) == (404, 404)
    assert told(foreign) == told(nowhere)
    client.post(page(cast.sato), FIELDS)
    client.post(MEMBERS, {"action": "deactivate", "_selected_action": [cast.sato.pk]})
    cast.sato.refresh_from_db()
    assert (cast.sato.name, cast.sato.is_active) == ("Sato Yui", True)


def test_a_plain_member_and_a_stranger_do_not_get_in(cast: Cast) -> None:
    assert signed_in(cast.kim).get(MEMBERS, follow=True).status_code == 403
    answer = Client().get(MEMBERS, follow=True)
    assert answer.redirect_chain[-1][0].startswith("/accounts/login/?next=")


def test_i38_the_admin_has_no_second_door_without_limits(cast: Cast) -> None:
    client = Client()
    client.post("/admin/login/", {"username": cast.admin_alpha.email, "password": PASSWORD})
    assert "_auth_user_id" not in client.session


def test_a_member_is_made_by_the_action_in_ones_own_company(cast: Cast) -> None:
    asked = FIELDS | {"company": cast.beta.pk, "is_superuser": "on", "is_staff": "on"}
    assert signed_in(cast.admin_alpha).post(f"{MEMBERS}add/", asked).status_code == 302
    made = User.objects.get(email="new@alpha.example")
    assert (made.company, made.is_superuser, made.is_administrator) == (cast.alpha, False, False)
    assert made.availabilities.filter(ended_at=None).exists()
    entry = AuditEntry.objects.filter(company=cast.alpha, event="member.created").first()
    assert (entry.actor, entry.data["member"]) == (cast.admin_alpha, made.pk)
    assert entry.data["after"]["email"] == "new@alpha.example"
    assert made.invited_at is not None


def test_an_operator_says_the_company_and_mixes_none(cast: Cast) -> None:
    client = signed_in(cast.operator)
    docks = Department.objects.create(company=cast.beta, name="Docks")
    assert client.post(f"{MEMBERS}add/", FIELDS).status_code == 200
    assert client.post(f"{MEMBERS}add/", FIELDS | {"company": cast.alpha.pk, "department": docks.pk}).status_code == 200
    assert not User.objects.filter(handle="new.one").exists()
    at_beta = FIELDS | {"company": cast.beta.pk, "department": docks.pk}
    assert client.post(f"{MEMBERS}add/", at_beta).status_code == 200
    assert client.post(f"{MEMBERS}add/", at_beta | {"email": "new@beta.example"}).status_code == 302
    assert User.objects.get(handle="new.one").company == cast.beta


def test_a_changed_address_takes_the_old_ones_rights(cast: Cast) -> None:
    old = cast.lee.email
    Client().post("/accounts/password/reset/", {"email": old})
    fields = FIELDS | {"email": "right@alpha.example", "is_administrator": "on"}
    assert signed_in(cast.admin_alpha).post(page(cast.lee), fields).status_code == 302
    mail.outbox.clear()
    Client().post("/accounts/password/reset/", {"email": old})
    assert "password/reset/key" not in mail.outbox[0].body
    client = Client()
    client.post("/accounts/login/", {"login": old, "password": PASSWORD})
    assert "_auth_user_id" not in client.session
    entry = AuditEntry.objects.filter(company=cast.alpha).first()
    assert (entry.event, entry.data["after"]["is_administrator"]) == ("member.changed", True)
    assert (entry.data["before"]["email"], entry.data["after"]["email"]) == (old, "right@alpha.example")


def test_what_is_wrong_with_a_member_is_said(cast: Cast) -> None:
    client = signed_in(cast.admin_alpha)
    for wrong in (
        {"email": cast.kim.email.upper()},
        {"handle": cast.sato.handle},
        {"name": "\u202e"},
        {"time_zone": "Mars/Olympus"},
    ):
        assert client.post(f"{MEMBERS}add/", FIELDS | wrong).status_code == 200
    assert not User.objects.filter(handle="new.one").exists()


def test_an_operators_account_is_not_an_administrators(cast: Cast) -> None:
    operator = User.objects.create_superuser("op@alpha.example", PASSWORD, name="Op", company=cast.alpha)
    client = signed_in(cast.admin_alpha)
    assert client.get(page(operator)).status_code == 404
    client.post(page(operator), FIELDS)
    operator.refresh_from_db()
    assert operator.email == "op@alpha.example"


def test_i25_a_deactivated_member_is_out_at_once_and_nobody_deactivates_themselves(cast: Cast) -> None:
    lee = signed_in(cast.lee)
    assert lee.get("/messages/").status_code == 200
    chosen = [cast.lee.pk, cast.admin_alpha.pk]
    posted(signed_in(cast.admin_alpha), MEMBERS, {"action": "deactivate", "_selected_action": chosen})
    assert lee.get("/messages/").status_code == 302
    cast.admin_alpha.refresh_from_db()
    assert cast.admin_alpha.is_active


def test_departments_are_ones_own_named_once_and_never_above_themselves(cast: Cast) -> None:
    client = signed_in(cast.admin_alpha)
    add = "/admin/accounts/department/add/"
    assert client.post(add, {"name": "Sales"}).status_code == 302
    assert "already" in client.post(add, {"name": "sales"}).content.decode()
    sales = cast.alpha.departments.get()
    foreign = Department.objects.create(company=cast.beta, name="Sales")
    assert client.post(add, {"name": "Inner", "parent": foreign.pk}).status_code == 200
    assert client.post(add, {"name": "Inner", "parent": sales.pk}).status_code == 302
    inner = cast.alpha.departments.get(name="Inner")
    change = f"/admin/accounts/department/{sales.pk}/change/"
    assert client.post(change, {"name": "Sales", "parent": inner.pk}).status_code == 200
    assert client.post(change, {"name": "Selling"}).status_code == 302
    assert client.get(f"/admin/accounts/department/{foreign.pk}/change/").status_code == 404


def test_an_autocompletion_for_what_is_no_field_with_choices_is_refused(cast: Cast) -> None:
    asked = {"app_label": "messaging", "model_name": "room", "field_name": "memberships", "term": "a"}
    assert signed_in(cast.admin_alpha).get("/admin/autocomplete/", asked).status_code == 403
