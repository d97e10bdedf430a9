"""What administrators type, repeat or do at once, and what one company must not learn of the other by it."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import AuditEntry, User
from contacts.actions.add import add_external_contact
from federation.actions.asking import accept_request, ask_partner
from federation.actions.expiring import remind
from federation.actions.links import policy_of
from federation.actions.side import change_side
from federation.actions.switch import set_external_connection
from federation.models import Link, PartnerRequest
from messaging.models import Room
from tests.cast import Cast, make_member, signed_in
from tests.confirmation import agreed, asks, posted
from tests.decisions import decide

pytestmark = pytest.mark.django_db
MEMBERS = "/admin/accounts/user/"
AUDIT = "/admin/accounts/auditentry/"


def page(cast: Cast, what: str = "change") -> str:
    return f"/admin/federation/externalpolicy/{policy_of(cast.alpha).pk}/{what}/"


@pytest.mark.parametrize(
    "address",
    [
        f"{MEMBERS}?q=%00",
        f"{MEMBERS}?email=%00",
        f"{AUDIT}?until=9999-12-31",
        f"{AUDIT}?from=0001-01-01",
        f"{AUDIT}export/?person=%00",
        f"{AUDIT}export/?until=9999-12-31",
        f"{AUDIT}?address=xx",
        "/admin/messaging/membership/?role=%00",
        "/admin/federation/externalpolicy/?q=%00",
    ],
)
def test_odd_addresses_are_answered(cast: Cast, address: str) -> None:
    assert signed_in(cast.admin_alpha).get(address).status_code < 500


@pytest.mark.parametrize("chosen", ["abc", "", "9" * 30, "\0"])
def test_a_row_that_is_none_is_left_out(cast: Cast, chosen: str) -> None:
    fields = {"action": "deactivate", "_selected_action": chosen}
    assert signed_in(cast.admin_alpha).post(MEMBERS, fields).status_code < 500


def test_no_hidden_field_is_guessed_by_filtering(cast: Cast) -> None:
    answer = signed_in(cast.admin_alpha).get(f"{MEMBERS}?password__startswith={cast.kim.password[:9]}")
    assert answer.status_code == 400


def test_i01_ones_address_is_in_ones_own_companys_log_alone(cast: Cast) -> None:
    client = Client(REMOTE_ADDR="203.0.113.77")
    client.force_login(cast.admin_alpha, backend="accounts.backends.Backend")
    posted(client, page(cast), {"grant_to": "all", "partner_rule": "any"})
    found = AuditEntry.objects.filter(address="203.0.113.77")
    assert set(found.values_list("company", flat=True)) == {cast.alpha.pk}


def test_i01_when_the_other_side_decides_is_not_seen(cast: Cast) -> None:
    decide(company=cast.alpha, partner=cast.beta, decision="deny", actor=cast.admin_alpha)
    client = signed_in(cast.admin_alpha)
    before = client.get(page(cast)).context["rows"][0].since
    decide(company=cast.beta, partner=cast.alpha, decision="deny", actor=cast.admin_beta)
    assert client.get(page(cast)).context["rows"][0].since == before


def test_i10_accepting_leaves_the_others_own_decision_alone(cast: Cast) -> None:
    until = timezone.now() + timedelta(days=5)
    decide(company=cast.beta, partner=cast.alpha, decision="deny", actor=cast.admin_beta)
    ask_partner(company=cast.alpha, domain="beta.example", message="", actor=cast.admin_alpha)
    decide(company=cast.alpha, partner=cast.beta, decision="allow", actor=cast.admin_alpha, expires_at=until)
    accept_request(company=cast.beta, request_id=PartnerRequest.objects.get().pk, actor=cast.admin_beta)
    link = Link.objects.get(company_a=cast.alpha, company_b=cast.beta)
    assert (link.a_expires_at, link.is_open) == (until, True)


def test_an_undo_that_ends_something_shows_it_first(cast: Cast) -> None:
    set_external_connection(company=cast.gamma, allows=True, actor=cast.admin_gamma)
    decide(company=cast.alpha, partner=cast.gamma, decision="deny", actor=cast.admin_alpha)
    decisions = {cast.gamma: "allow", cast.beta: "deny"}
    closing = change_side(company=cast.alpha, actor=cast.admin_alpha, decisions=decisions)
    add_external_contact(member=cast.kim, person=cast.tran)
    client = signed_in(cast.admin_alpha)
    answer = client.post(page(cast, "undo"), {"closing": closing.pk})
    assert asks(answer)
    assert Room.objects.get().frozen_at is None
    assert agreed(client, page(cast, "undo"), answer).status_code == 302
    assert Room.objects.get().frozen_at is not None


def test_an_undo_stays_for_its_ten_minutes_whoever_is_deactivated(cast: Cast) -> None:
    decide(company=cast.alpha, partner=cast.beta, decision="deny", actor=cast.admin_alpha)
    client = signed_in(cast.admin_alpha)
    for number in range(6):
        chosen = [make_member(cast.alpha, f"Extra {number}").pk]
        posted(client, MEMBERS, {"action": "deactivate", "_selected_action": chosen})
    assert client.get(page(cast)).context["closings"]


def test_who_comes_to_the_selection_after_the_preview_is_not_deactivated(cast: Cast) -> None:
    client = signed_in(cast.admin_alpha)
    fields = {"action": "deactivate", "select_across": "1", "_selected_action": [cast.kim.pk]}
    answer = client.post(f"{MEMBERS}?q=Kim", fields)
    assert asks(answer)
    unseen = make_member(cast.alpha, "Kim Unseen")
    assert asks(agreed(client, f"{MEMBERS}?q=Kim", answer))
    assert User.objects.get(pk=unseen.pk).is_active
    assert User.objects.get(pk=cast.kim.pk).is_active


def test_what_was_decided_anew_is_reminded_of_no_more(cast: Cast) -> None:
    link = Link.objects.get(company_a=cast.alpha, company_b=cast.beta)
    soon = timezone.now() + timedelta(days=3)
    decide(company=cast.alpha, partner=cast.beta, decision="allow", actor=cast.admin_alpha, expires_at=soon)
    decide(company=cast.alpha, partner=cast.beta, decision="deny", actor=cast.admin_alpha)
    remind(link.pk, cast.alpha)
    link.refresh_from_db()
    assert link.a_reminded_at is None


def test_i38_asking_is_limited_and_says_for_how_long(cast: Cast) -> None:
    client = signed_in(cast.admin_alpha)
    answers = [client.post(page(cast, "ask"), {"domain": f"d{number}.example"}) for number in range(21)]
    assert (answers[-1].status_code, "Retry-After" in answers[-1].headers) == (429, True)


def test_a_text_that_no_database_keeps_breaks_no_log(cast: Cast) -> None:
    client = signed_in(cast.admin_alpha)
    fields = {"name": "Kim Minseo", "email": cast.kim.email, "handle": cast.kim.handle, "title": "\\u0000 \\ x"}
    fields |= {"language": "en", "time_zone": "Asia/Seoul"}
    assert client.post(f"{MEMBERS}{cast.kim.pk}/change/", fields).status_code == 302
    entry = AuditEntry.objects.filter(event="member.changed").first()
    assert entry.data["after"]["title"] == "\\u0000 \\ x"
