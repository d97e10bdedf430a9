"""What the audit log says of people signing in, of passwords, profiles, and of what was refused."""

import time
from collections.abc import Callable

import pytest
from django.core import mail
from django.test import Client

from accounts.models import AuditEntry, User
from contacts.actions.add import add_external_contact
from federation.actions.switch import set_external_connection
from messaging.models import Room
from tests.cast import PASSWORD, Cast, signed_in

pytestmark = pytest.mark.django_db
SIGN_IN = "/accounts/login/"
FROM = {"REMOTE_ADDR": "203.0.113.5"}


def entries(*events: str) -> list[tuple[object, ...]]:
    """(company, actor, event, the member affected, address) of these events, oldest first."""
    found = AuditEntry.objects.filter(event__in=events).order_by("pk")
    return [(one.company, one.actor, one.event, one.data["member"], one.address) for one in found]


def test_signing_in_and_out_is_in_the_log_with_the_address(cast: Cast) -> None:
    client = Client()
    client.post(SIGN_IN, {"login": cast.kim.email.upper(), "password": PASSWORD}, **FROM)
    client.post("/accounts/logout/", **FROM)
    kim = cast.kim
    assert entries("member.signed_in", "member.signed_out", "sign_in.failed") == [
        (cast.alpha, kim, "member.signed_in", kim.pk, "203.0.113.5"),
        (cast.alpha, kim, "member.signed_out", kim.pk, "203.0.113.5"),
    ]


def test_an_operator_has_no_companys_log(cast: Cast) -> None:
    client = signed_in(cast.operator)
    client.post("/accounts/logout/")
    Client().post(SIGN_IN, {"login": cast.operator.email, "password": "wrong"})
    assert not entries("member.signed_in", "member.signed_out", "sign_in.failed")


def test_a_failed_sign_in_is_in_the_log_of_the_accounts_company_alone(cast: Cast) -> None:
    for email in (cast.sato.email, "nobody@beta.example", "a\0b@beta.example"):
        Client().post(SIGN_IN, {"login": email, "password": "wrong"}, **FROM)
    assert entries("sign_in.failed") == [(cast.beta, None, "sign_in.failed", cast.sato.pk, "203.0.113.5")]


def test_failed_sign_ins_do_not_flood_the_log(cast: Cast, settings: object) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"login_failed": "1000/m/ip", "login": "1000/m/ip"}
    for _ in range(15):
        Client().post(SIGN_IN, {"login": cast.sato.email, "password": "wrong"})
    assert len(entries("sign_in.failed")) == 10


def test_a_failed_sign_in_takes_as_long_for_an_address_that_nobody_has(cast: Cast) -> None:
    from accounts.actions.attempts import STEADY, note_failed_sign_in  # noqa: PLC0415

    for email in (cast.sato.email, "nobody@beta.example"):
        began = time.monotonic()
        note_failed_sign_in(email)
        assert time.monotonic() - began >= STEADY


def test_a_changed_password_is_in_the_log(cast: Cast) -> None:
    client = signed_in(cast.kim)
    form = {"oldpassword": PASSWORD, "password1": "another-long-one-7", "password2": "another-long-one-7"}
    client.post("/accounts/password/change/", form, **FROM)
    kim = cast.kim
    assert entries("member.password_changed") == [(cast.alpha, kim, "member.password_changed", kim.pk, "203.0.113.5")]


def test_a_password_set_by_e_mail_is_in_the_log(cast: Cast) -> None:
    client = Client()
    client.post("/accounts/password/reset/", {"email": cast.kim.email})
    link = next(word for word in mail.outbox[0].body.split() if "/accounts/password/reset/key/" in word)
    page = client.get(link, follow=True)
    form = {"password1": "another-long-one-7", "password2": "another-long-one-7"}
    client.post(page.redirect_chain[-1][0], form)
    assert User.objects.get(pk=cast.kim.pk).check_password("another-long-one-7")
    assert [one[2] for one in entries("member.password_reset", "member.password_changed")] == ["member.password_reset"]


def test_a_changed_profile_has_its_values_before_and_after(cast: Cast) -> None:
    client = signed_in(cast.kim)
    form = {"name": "Kim Minseo", "handle": "kim-minseo", "title": "Lead", "phone": "", "language": "en"}
    client.post("/profile/", form | {"time_zone": "Asia/Seoul"})
    changed = AuditEntry.objects.get(event="member.changed")
    assert (changed.company, changed.actor) == (cast.alpha, cast.kim)
    assert changed.data == {
        "member": cast.kim.pk,
        "fields": ["title"],
        "before": {"title": ""},
        "after": {"title": "Lead"},
    }
    client.post("/profile/", form | {"time_zone": "Asia/Seoul"})
    assert AuditEntry.objects.filter(event="member.changed").count() == 1


# Refused attempts


def refused() -> list[dict[str, object]]:
    return [one.data for one in AuditEntry.objects.filter(event="attempt.refused").order_by("pk")]


@pytest.fixture
def parted(cast: Cast) -> Cast:
    """Kim and Sato knew each other; beta has closed."""
    add_external_contact(member=cast.kim, person=cast.sato)
    set_external_connection(company=cast.beta, allows=False, actor=cast.admin_beta)
    return cast


def reconnect(client: Client, cast: Cast) -> int:
    room = Room.objects.get(low__in=[cast.kim, cast.sato], is_external=True)
    return client.post(f"/messages/{room.pk}/reconnect", **FROM).status_code


def test_an_attempt_that_the_companies_do_not_allow_is_in_the_log_of_who_asked(parted: Cast) -> None:
    assert reconnect(signed_in(parted.kim), parted) == 403
    [data] = refused()
    assert (data["member"], data["code"]) == (parted.kim.pk, "not_allowed")
    assert data["path"].startswith("/messages/")
    assert "other company" in data["text"]
    entry = AuditEntry.objects.get(event="attempt.refused")
    assert (entry.company, entry.actor, entry.address) == (parted.alpha, parted.kim, "203.0.113.5")


def test_refused_attempts_do_not_flood_the_log(parted: Cast) -> None:
    client = signed_in(parted.kim)
    for _ in range(15):
        reconnect(client, parted)
    assert len(refused()) == 10


def test_other_errors_are_not_attempts(parted: Cast) -> None:
    client = signed_in(parted.tran)
    client.get("/messages/99999/")
    client.get(f"/messages/{Room.objects.first().pk}/")
    Client().get("/messages/1/")
    assert refused() == []


def test_a_log_that_cannot_be_written_does_not_change_the_answer(parted: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(**kwargs: object) -> None:
        raise RuntimeError

    fail: Callable[..., None] = broken
    monkeypatch.setattr("accounts.receivers.note_refused", fail)
    assert reconnect(signed_in(parted.kim), parted) == 403
