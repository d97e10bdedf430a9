"""Asking another company for a connection, and what it may be told before it answers."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Company, Notification
from federation.actions.switch import set_external_connection
from federation.models import ExternalPolicy, Link, PartnerRequest
from federation.policies import may_reach
from tests.cast import Cast, make_company, make_member, signed_in
from tests.decisions import decide, set_partner_rule

pytestmark = pytest.mark.django_db


def page(company: Company, what: str = "change") -> str:
    policy, _made = ExternalPolicy.objects.get_or_create(company=company)
    return f"/admin/federation/externalpolicy/{policy.pk}/{what}/"


def ask(client: Client, company: Company, domain: str) -> str:
    return client.post(page(company, "ask"), {"domain": domain, "message": "Hello"}, follow=True).content.decode()


@pytest.fixture
def apart(cast: Cast) -> Cast:
    """alpha and beta work with approved partners only, and have nothing to do with each other yet."""
    for company in (cast.alpha, cast.beta):
        set_partner_rule(company=company, rule="approved", actor=None)
    Link.objects.all().delete()
    Notification.objects.all().delete()
    return cast


def test_a_company_is_asked_by_its_domain_and_both_keys_turn_when_it_accepts(apart: Cast) -> None:
    alpha, beta = signed_in(apart.admin_alpha), signed_in(apart.admin_beta)
    assert "its administrators have been asked" in ask(alpha, apart.alpha, " https://www.Beta.example/ ")
    told = Notification.objects.get()
    assert (told.recipient, told.data["text"]) == (apart.admin_beta, "alpha wants to connect with your company.")
    shown = beta.get(page(apart.beta)).content.decode()
    assert "alpha" in shown
    assert "Hello" in shown
    request = PartnerRequest.objects.get()
    assert not may_reach(apart.kim, apart.sato)
    assert beta.post(page(apart.beta, "answer"), {"request": request.pk, "answer": "accept"}).status_code == 302
    assert may_reach(apart.kim, apart.sato)
    assert "beta accepted your request" in Notification.objects.filter(recipient=apart.admin_alpha).first().data["text"]
    sides = {
        (link.side(link.company_a_id).decision, link.side(link.company_b_id).decision) for link in Link.objects.all()
    }
    assert sides == {("allow", "allow")}


def test_declining_opens_nothing_and_one_may_ask_again(apart: Cast) -> None:
    alpha, beta = signed_in(apart.admin_alpha), signed_in(apart.admin_beta)
    ask(alpha, apart.alpha, "beta.example")
    assert "already asked" in ask(alpha, apart.alpha, "beta.example")
    beta.post(page(apart.beta, "answer"), {"request": PartnerRequest.objects.get().pk, "answer": "decline"})
    assert not Link.objects.exists()
    assert "have been asked" in ask(alpha, apart.alpha, "beta.example")
    assert PartnerRequest.objects.count() == 2


def test_i01_a_domain_that_nobody_owns_gets_the_same_answer(apart: Cast) -> None:
    client = signed_in(apart.admin_alpha)
    before = client.get(page(apart.alpha)).content.decode()
    texts = []
    for domain in ("beta.example", "noone.example"):
        ask(client, apart.alpha, domain)
        texts.append(client.get(page(apart.alpha)).content.decode().replace(domain, "…"))
        PartnerRequest.objects.all().delete()
    strip = [text.split("</header>")[1].split("csrf")[0] for text in texts]
    assert strip[0] == strip[1]
    assert "beta" not in before.split("<main")[-1]


@pytest.mark.parametrize("domain", ["", "beta", "a b.example", "x" * 300, "beta.example\0", "alpha.example"])
def test_a_domain_that_is_none_is_refused_and_kept(apart: Cast, domain: str) -> None:
    answer = signed_in(apart.admin_alpha).post(page(apart.alpha, "ask"), {"domain": domain, "message": "Keep me"})
    assert answer.status_code == 400
    assert "Keep me" in answer.content.decode()
    assert not PartnerRequest.objects.exists()


def test_who_asks_while_their_own_switch_is_off_is_told_that_nothing_opens(apart: Cast) -> None:
    def is_told() -> bool:
        text = signed_in(apart.admin_alpha).get(page(apart.alpha, "ask")).content.decode()
        return "No link opens until you switch it on" in text

    assert not is_told()
    set_external_connection(company=apart.alpha, allows=False, actor=None)
    assert is_told()


def test_i10_only_who_is_asked_answers_and_only_who_asks_withdraws(apart: Cast) -> None:
    ask(signed_in(apart.admin_alpha), apart.alpha, "beta.example")
    request = PartnerRequest.objects.get()
    for person, company in (
        (apart.admin_gamma, apart.gamma),
        (apart.admin_gamma, apart.beta),
        (apart.admin_alpha, apart.alpha),
        (apart.sato, apart.beta),
    ):
        signed_in(person).post(page(company, "answer"), {"request": request.pk, "answer": "accept"})
    signed_in(apart.admin_beta).post(page(apart.beta, "answer"), {"request": request.pk, "answer": "withdraw"})
    request.refresh_from_db()
    assert request.answer == ""
    signed_in(apart.admin_alpha).post(page(apart.alpha, "answer"), {"request": request.pk, "answer": "withdraw"})
    signed_in(apart.admin_beta).post(page(apart.beta, "answer"), {"request": request.pk, "answer": "accept"})
    assert not may_reach(apart.kim, apart.sato)


def test_who_has_thought_better_of_it_is_not_opened(apart: Cast) -> None:
    ask(signed_in(apart.admin_alpha), apart.alpha, "beta.example")
    decide(company=apart.alpha, partner=apart.beta, decision="deny", actor=apart.admin_alpha)
    fields = {"request": PartnerRequest.objects.get().pk, "answer": "accept"}
    signed_in(apart.admin_beta).post(page(apart.beta, "answer"), fields)
    assert not may_reach(apart.kim, apart.sato)


def test_who_accepts_keeps_the_last_day_that_they_have_set(apart: Cast) -> None:
    day = timezone.now() + timedelta(days=20)
    decide(company=apart.beta, partner=apart.alpha, decision="allow", expires_at=day, actor=apart.admin_beta)
    ask(signed_in(apart.admin_alpha), apart.alpha, "beta.example")
    fields = {"request": PartnerRequest.objects.get().pk, "answer": "accept"}
    signed_in(apart.admin_beta).post(page(apart.beta, "answer"), fields)
    assert may_reach(apart.kim, apart.sato)
    link = Link.objects.get()
    assert (link.side(apart.beta.pk).expires_at, link.side(apart.alpha.pk).expires_at) == (day, None)
    # Connected now: there is nothing to ask for, and nothing that an answer could change.
    assert "already connected" in ask(signed_in(apart.admin_alpha), apart.alpha, "beta.example")
    assert PartnerRequest.objects.count() == 1


def test_i01_nobody_learns_who_else_allows_external_connection(apart: Cast) -> None:
    delta = make_company("delta")
    make_member(delta, "Admin Delta", is_administrator=True)
    set_external_connection(company=delta, allows=True, actor=None)
    set_partner_rule(company=delta, rule="approved", actor=None)
    Link.objects.all().update(epoch=0, closed_by=None)
    assert Link.objects.exists()
    assert "delta" not in signed_in(apart.admin_alpha).get(page(apart.alpha)).content.decode()
    answer = signed_in(apart.admin_alpha).get(
        "/admin/federation/externalpolicy/check/?member=kim-minseo&other=admin-delta@delta.example"
    )
    assert "delta</" not in answer.content.decode()
