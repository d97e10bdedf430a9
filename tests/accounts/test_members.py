"""Members are invited, reset, and never left without an administrator."""

import re
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core import mail
from django.db import connections
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from accounts.actions import companies, departments, members
from accounts.actions.invitations import invitation_token, invite_members
from accounts.actions.mailing import ATTEMPTS, send_due_mails
from accounts.actions.members import create_member, deactivate_member
from accounts.models import AccountMail, AuditEntry, Company, Department, Domain, User
from tests.cast import PASSWORD, Cast, make_member, signed_in
from tests.confirmation import posted
from worksbridge.errors import Refused

pytestmark = pytest.mark.django_db
MEMBERS = "/admin/accounts/user/"
DEPARTMENTS = "/admin/accounts/department/"
COMPANIES = "/admin/accounts/company/"
FIELDS = {"name": "New One", "email": "new@alpha.example", "language": "ko", "time_zone": "Asia/Seoul"}
CHOSEN = {"new_password1": "a very good one 7", "new_password2": "a very good one 7"}


def add(cast: Cast, **fields: str) -> User:
    assert signed_in(cast.admin_alpha).post(f"{MEMBERS}add/", FIELDS | fields).status_code == 302
    return User.objects.get(email="new@alpha.example")


def link_in(text: str) -> str:
    return re.search(r"http://localhost:8000(/\S+)", text)[1]


def invited(cast: Cast) -> tuple[User, str]:
    member = add(cast)
    send_due_mails()
    return member, link_in(mail.outbox[-1].body)


def test_who_is_added_gets_a_mail_and_chooses_a_password(cast: Cast) -> None:
    member, link = invited(cast)
    assert member.handle == "new"
    message = mail.outbox[0]
    assert (message.to, "Admin alpha" in message.body, "alpha" in message.subject) == ([member.email], True, True)
    client = Client()
    page = client.get(link)
    assert (page.status_code, page.headers["Referrer-Policy"]) == (200, "same-origin")
    assert "alpha" in page.content.decode()
    answer = client.post(link, CHOSEN)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/messages/")
    assert client.get("/messages/").status_code == 200
    member.refresh_from_db()
    assert member.invited_at is None
    assert AuditEntry.objects.filter(company=cast.alpha, event="member.joined", actor=member).exists()
    sign_in = Client()
    sign_in.post("/accounts/login/", {"login": member.email, "password": CHOSEN["new_password1"]})
    assert "_auth_user_id" in sign_in.session


@pytest.mark.parametrize(
    "passwords", [("short", "short"), ("a very good one 7", "another one 77"), ("password123", "password123")]
)
def test_a_password_that_is_none_is_said_and_the_link_goes_on_working(cast: Cast, passwords: tuple[str, str]) -> None:
    _member, link = invited(cast)
    fields = dict(zip(("new_password1", "new_password2"), passwords, strict=True))
    answer = Client().post(link, fields)
    assert answer.status_code == 400
    assert 'role="alert"' in answer.content.decode()
    assert Client().post(link, CHOSEN).status_code == 302


def test_i14_an_invitation_works_once_in_fourteen_days_and_only_the_last_one(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    member, link = invited(cast)

    def is_over(link: str) -> bool:
        answer = Client().get(link)
        return (answer.status_code, "Ask your company" in answer.content.decode()) == (410, True)

    assert is_over("/invitation/nonsense/")
    signed_in(cast.admin_alpha).post(MEMBERS, {"action": "invite_again", "_selected_action": [member.pk]})
    assert is_over(link)
    member.refresh_from_db()
    link = f"/invitation/{invitation_token(member)}/"
    assert Client().post(link, CHOSEN).status_code == 302
    assert is_over(link)
    assert Client().post(link, CHOSEN).status_code == 410
    other = create_member(company=cast.alpha, email="other@alpha.example", name="Other", actor=None, invite=True)
    other.refresh_from_db()
    link = f"/invitation/{invitation_token(other)}/"
    for change in ({"is_active": False}, {"email": "changed@alpha.example"}):
        old = {name: getattr(other, name) for name in change}
        User.objects.filter(pk=other.pk).update(**change)
        assert is_over(link)
        User.objects.filter(pk=other.pk).update(**old)
    assert Client().get(link).status_code == 200
    monkeypatch.setattr("accounts.actions.invitations.GOOD_FOR", timedelta(seconds=-1))
    assert is_over(link)


def test_mail_goes_out_once_and_again_after_a_failure_until_it_is_given_up(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    member = add(cast)
    monkeypatch.setattr("accounts.actions.mailing.send_mail", lambda *_args: (_ for _ in ()).throw(OSError("away")))
    for attempt in range(ATTEMPTS):
        assert send_due_mails() == 0
        waiting = AccountMail.objects.get(member=member)
        assert waiting.attempts == attempt + 1
        if waiting.given_up_at is None:
            assert waiting.due_at > timezone.now()
        AccountMail.objects.update(due_at=timezone.now())
    assert AccountMail.objects.get().given_up_at is not None
    assert "Invitation not sent" in signed_in(cast.admin_alpha).get(MEMBERS).content.decode()
    monkeypatch.undo()
    signed_in(cast.admin_alpha).post(MEMBERS, {"action": "invite_again", "_selected_action": [member.pk]})
    assert (send_due_mails(), send_due_mails()) == (1, 0)


def test_nothing_is_sent_to_who_was_deactivated_meanwhile(cast: Cast) -> None:
    member = add(cast)
    deactivate_member(member=member, actor=cast.admin_alpha)
    assert send_due_mails() == 0
    assert AccountMail.objects.get(member=member).given_up_at is not None


def test_who_chose_a_password_by_the_other_way_is_invited_no_more(cast: Cast) -> None:
    member, _link = invited(cast)
    client = Client()
    client.post("/accounts/password/reset/", {"email": member.email})
    link = re.search(r"http://\S+?(/accounts/password/reset/key/\S+)", mail.outbox[-1].body)[1]
    form = client.get(link, follow=True).redirect_chain[-1][0]
    client.post(form, {"password1": CHOSEN["new_password1"], "password2": CHOSEN["new_password1"]})
    member.refresh_from_db()
    assert (member.has_usable_password(), member.invited_at) == (True, None)


def test_a_mail_that_takes_long_is_not_sent_by_another_process_too(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        create_member(company=cast.alpha, email=f"n{number}@alpha.example", name="N", actor=None, invite=True)
    sent: list[str] = []

    def slow(_subject: str, _text: str, _sender: None, to: list[str]) -> None:
        sent.append(to[0])
        if len(sent) == 1:
            # Another process comes round while this one still talks to the mail server.
            send_due_mails()

    monkeypatch.setattr("accounts.actions.mailing.send_mail", slow)
    send_due_mails()
    assert sorted(sent) == ["n0@alpha.example", "n1@alpha.example", "n2@alpha.example"]


def test_a_reset_is_sent_to_those_with_a_password_of_ones_own_company(cast: Cast) -> None:
    chosen = [cast.kim.pk, cast.sato.pk, add(cast).pk]
    signed_in(cast.admin_alpha).post(MEMBERS, {"action": "send_reset", "_selected_action": chosen})
    AccountMail.objects.filter(kind="invitation").delete()
    assert send_due_mails() == 1
    assert mail.outbox[-1].to == [cast.kim.email]
    page = Client().get(link_in(mail.outbox[-1].body), follow=True)
    assert "Choose a new password" in page.content.decode()


def test_i10_invitations_are_ones_own_companys(cast: Cast) -> None:
    member = add(cast)
    AccountMail.objects.all().delete()
    for stranger in (cast.admin_beta, cast.kim):
        signed_in(stranger).post(MEMBERS, {"action": "invite_again", "_selected_action": [member.pk]})
    assert not AccountMail.objects.exists()
    assert invite_members(members=[cast.kim], actor=cast.admin_alpha) == 0


@pytest.mark.parametrize("email", ["Sato-Yui@beta.example", "free@beta.example", "KIM-MINSEO@alpha.example"])
def test_i01_an_address_that_cannot_be_used_is_refused_with_one_sentence(cast: Cast, email: str) -> None:
    answer = signed_in(cast.admin_alpha).post(f"{MEMBERS}add/", FIELDS | {"email": email})
    assert answer.context["adminform"].form.errors == {"email": ["This address cannot be used here."]}


def test_nobody_raises_anyone_to_operator_or_moves_them(cast: Cast) -> None:
    client = signed_in(cast.admin_alpha)
    smuggled = {"is_superuser": "on", "is_staff": "on", "company": cast.beta.pk, "handle": "kim", "is_active": "off"}
    client.post(f"{MEMBERS}{cast.kim.pk}/change/", FIELDS | smuggled | {"email": cast.kim.email})
    cast.kim.refresh_from_db()
    assert (cast.kim.company, cast.kim.is_superuser, cast.kim.is_active) == (cast.alpha, False, True)


def test_a_company_keeps_an_administrator(cast: Cast) -> None:
    url = f"{MEMBERS}{cast.admin_alpha.pk}/change/"
    own = FIELDS | {"name": "Admin alpha", "email": cast.admin_alpha.email, "handle": cast.admin_alpha.handle}
    page = signed_in(cast.admin_alpha).post(url, own | {"title": "Typed and kept"})
    assert "You cannot remove your own administrator role" in page.content.decode()
    assert "Typed and kept" in page.content.decode()
    # Who was invited and has not come yet is not one who can take over.
    create_member(
        company=cast.alpha, email="a2@alpha.example", name="A Two", actor=None, is_administrator=True, invite=True
    )
    page = posted(
        signed_in(cast.operator),
        MEMBERS,
        {"action": "deactivate", "_selected_action": [cast.admin_alpha.pk]},
        follow=True,
    )
    assert "last administrator" in page.content.decode()
    cast.admin_alpha.refresh_from_db()
    assert (cast.admin_alpha.is_administrator, cast.admin_alpha.is_active) == (True, True)


@pytest.mark.django_db(transaction=True)
def test_two_administrators_who_deactivate_each_other_do_not_both_go(cast: Cast) -> None:
    other = make_member(cast.alpha, "Second Admin", is_administrator=True)
    pair = [cast.admin_alpha, other]
    refusals: list[str] = []
    barrier = threading.Barrier(2)

    def go(actor: User, member: User) -> None:
        try:
            barrier.wait()
            deactivate_member(member=member, actor=actor)
        except Refused as error:
            refusals.append(error.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=go, args=pair_of) for pair_of in (pair, pair[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refusals == ["last_administrator"]
    assert User.objects.filter(pk__in=[one.pk for one in pair], is_active=True).count() == 1


def test_the_old_password_is_none_for_who_was_invited(cast: Cast) -> None:
    member = add(cast)
    client = Client()
    client.post("/accounts/login/", {"login": member.email, "password": PASSWORD})
    assert "_auth_user_id" not in client.session


TAKEN = "This address or handle cannot be used. Please try again."
Overtaking = Callable[[Any, str, Callable[[], object]], None]


@pytest.fixture
def overtaken(monkeypatch: pytest.MonkeyPatch) -> Overtaking:
    """Let someone else act after an action's form was validated, and just before the action."""

    def arrange(actions: Any, name: str, first: Callable[[], object]) -> None:
        action = getattr(actions, name)

        def late(**kwargs: Any) -> object:
            first()
            return action(**kwargs)

        monkeypatch.setattr(f"accounts.admin.{actions.__name__.rsplit('.', maxsplit=1)[-1]}.{name}", late)

    return arrange


def refused_with(answer: HttpResponse, **typed: str) -> list[str]:
    """The errors of the whole form on the page, which must still say what was typed, and of nothing that was done."""
    assert answer.status_code == 200
    form = answer.context["adminform"].form
    page = answer.content.decode()
    for name, value in typed.items():
        assert form[name].value() == value
        assert value in page
    assert [str(message) for message in answer.context["messages"]] == []
    assert not LogEntry.objects.exists()
    errors = [str(error) for error in form.non_field_errors()]
    assert all(error in page for error in errors)
    return errors


@pytest.mark.parametrize("field", ["email", "handle"])
def test_an_address_taken_while_it_was_saved_is_an_error_of_the_form(
    cast: Cast, overtaken: Overtaking, field: str
) -> None:
    values = {"email": "wanted@alpha.example", "handle": "wanted"}
    other = {"email": "other@alpha.example", "handle": "other"}
    overtaken(
        members, "save_member", lambda: User.objects.create(company=cast.beta, **(other | {field: values[field]}))
    )
    typed = FIELDS | values | {"title": "Typed and kept", "phone": "02-555"}
    answer = signed_in(cast.admin_alpha).post(f"{MEMBERS}{cast.kim.pk}/change/", typed)
    assert refused_with(answer, title="Typed and kept", phone="02-555", **values) == [TAKEN]
    cast.kim.refresh_from_db()
    assert (cast.kim.email, cast.kim.title) == ("kim-minseo@alpha.example", "")


def test_so_it_is_for_somebody_who_is_added(cast: Cast, overtaken: Overtaking) -> None:
    taking = lambda: User.objects.create(company=cast.beta, email=FIELDS["email"], handle="other")  # noqa: E731
    overtaken(members, "create_member", taking)
    answer = signed_in(cast.admin_alpha).post(f"{MEMBERS}add/", FIELDS | {"title": "Typed and kept"})
    assert refused_with(answer, title="Typed and kept", email=FIELDS["email"]) == [TAKEN]
    assert not AccountMail.objects.exists()


def test_what_an_action_refuses_is_said_beside_what_was_typed(cast: Cast, overtaken: Overtaking) -> None:
    other = make_member(cast.alpha, "Second Admin", is_administrator=True)
    overtaken(members, "save_member", lambda: User.objects.filter(pk=cast.admin_alpha.pk).update(is_active=False))
    typed = FIELDS | {"email": other.email, "handle": other.handle, "title": "Typed and kept"}
    answer = signed_in(cast.admin_alpha).post(f"{MEMBERS}{other.pk}/change/", typed)
    assert refused_with(answer, title="Typed and kept") == [
        "New One is the last administrator of the company. Make someone else an administrator first."
    ]
    other.refresh_from_db()
    assert other.is_administrator


def test_a_form_that_was_refused_can_be_sent_again(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    client, url = signed_in(cast.admin_alpha), f"{MEMBERS}{cast.kim.pk}/change/"
    typed = FIELDS | {"handle": "wanted"}

    def refusing(**_kwargs: object) -> None:
        raise Refused("Not now.")

    with monkeypatch.context() as patch:
        patch.setattr("accounts.admin.members.save_member", refusing)
        assert refused_with(client.post(url, typed), name="New One") == ["Not now."]
    assert client.post(url, typed).status_code == 302
    cast.kim.refresh_from_db()
    assert cast.kim.name == "New One"


def test_a_department_that_somebody_else_has_just_made_is_an_error_of_the_form(
    cast: Cast, overtaken: Overtaking
) -> None:
    sales = Department.objects.create(company=cast.alpha, name="Sales")
    overtaken(departments, "save_department", lambda: Department.objects.create(company=cast.alpha, name="docks"))
    client = signed_in(cast.admin_alpha)
    for url in (f"{DEPARTMENTS}add/", f"{DEPARTMENTS}{sales.pk}/change/"):
        answer = client.post(url, {"name": "Docks"})
        assert refused_with(answer, name="Docks") == ["There is already a department with this name."]
    assert [one.name for one in Department.objects.all()] == ["Sales"]


def test_a_department_moved_below_itself_meanwhile_is_an_error_of_the_form(cast: Cast, overtaken: Overtaking) -> None:
    sales, docks = (Department.objects.create(company=cast.alpha, name=name) for name in ("Sales", "Docks"))
    overtaken(departments, "save_department", lambda: Department.objects.filter(pk=docks.pk).update(parent=sales))
    typed = {"name": "Typed and kept", "parent": str(docks.pk)}
    answer = signed_in(cast.admin_alpha).post(f"{DEPARTMENTS}{sales.pk}/change/", typed)
    assert refused_with(answer, **typed) == ["A department cannot be below itself."]


def test_what_another_company_has_just_taken_is_an_error_of_the_operators_form(
    cast: Cast, overtaken: Overtaking
) -> None:
    client = signed_in(cast.operator)
    new = {"name": "Delta Lines", "slug": "delta", "domains": "delta.example", "admin_name": "Dora"}
    new["admin_email"] = "dora@delta.example"
    gone = "Another company has just taken the short name or one of the domains."
    for taking, error in (
        (lambda: Company.objects.create(name="Other", slug="delta"), gone),
        (lambda: Domain.objects.create(company=cast.beta, name="delta.example"), gone),
        (lambda: User.objects.create(company=cast.beta, email="dora@delta.example", handle="other"), TAKEN),
    ):
        overtaken(companies, "create_company", taking)
        assert refused_with(client.post(f"{COMPANIES}add/", new), **new) == [error]
    overtaken(companies, "change_company", lambda: Domain.objects.create(company=cast.beta, name="delta.example"))
    typed = {"name": "Typed and kept", "domains": "delta.example"}
    assert refused_with(client.post(f"{COMPANIES}{cast.alpha.pk}/change/", typed), **typed) == [gone]
    assert not Company.objects.filter(slug="delta").exists()
