"""An address is one address, however it is typed or pasted, at every way in."""

import unicodedata

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import AccountMail, Company, Domain, User
from contacts.models import ExternalContact
from tests.cast import PASSWORD, Cast, signed_in
from worksbridge.domains import clean_domain
from worksbridge.mail_addresses import clean_address

pytestmark = pytest.mark.django_db
ADD = "/admin/accounts/user/add/"
# Of the address a@beta.example: what people paste, and what somebody types to seem to be of another domain.
WAYS = [
    "{}",
    " {} ",
    "{}\u200b",
    "\u200e{}\u200f",
    "{}\u00ad",
    "\ufeff{}",
    "<{}>",
    "Kim Minseo <{}>",
    '"Kim, Minseo" <{}>;',
    "mailto:{}",
    "mailto:{}?subject=x",
    "{}.",
]
WITHIN = ["{}@be\u00adta.example", "{}@beta\u200b.example", "{}@be\u200dta.example", "{}@ｂｅｔａ．ｅｘａｍｐｌｅ"]
WITHIN += ["{}＠beta.example", "{}@BETA.Example", "{}@beta。example", "{}@b\u2060eta.example"]


def ways(address: str) -> list[str]:
    local = address.partition("@")[0]
    return [*(way.format(address) for way in WAYS), *(way.format(local) for way in WITHIN)]


@pytest.mark.parametrize("typed", ways("kim.lee+x@beta.example"))
def test_one_form(typed: str) -> None:
    assert clean_address(typed) == "kim.lee+x@beta.example"


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "kim",
        "kim@",
        "@beta.example",
        "kim@beta",
        "kim@-beta.example",
        "kim@beta..example",
        "kim @beta.example",
        "kim@beta.example, lee@beta.example",
        "kim..lee@beta.example",
        '"kim"@beta.example',
        "kim@[127.0.0.1]",
        "kim@127.0.0.1",
        "kim@beta.invalid",
        "김@beta.example",
        "kim@xn--a.example",
        f"{'x' * 65}@beta.example",
        f"kim@{'x' * 64}.example",
        f"kim@{'x.' * 130}example",
        "kim\n@beta.example\nbcc: lee@beta.example",
    ],
)
def test_what_is_no_address(typed: str) -> None:
    with pytest.raises(ValidationError):
        clean_address(typed)


@pytest.mark.parametrize(
    ("typed", "domain"),
    [("Beta.Example.", "beta.example"), ("한국.kr", "xn--3e0b707e.kr"), ("BÜCHER.example", "xn--bcher-kva.example")],
)
def test_domains_are_kept_as_mail_servers_read_them(typed: str, domain: str) -> None:
    assert clean_domain(typed) == domain
    assert clean_address(f"kim@{typed}") == f"kim@{domain}"


@given(st.text(max_size=40))
def test_what_is_taken_for_an_address_is_plain(text: str) -> None:
    """Whatever is typed: nothing but letters that everybody sees gets in, and cleaning again changes nothing."""
    try:
        address = clean_address(f"{text}@beta.example")
    except ValidationError:
        return
    assert address.isascii()
    assert address.isprintable()
    assert clean_address(address) == address


@pytest.mark.parametrize("typed", ways("sato-yui@beta.example"))
def test_people_sign_in_with_what_they_paste(cast: Cast, typed: str) -> None:
    answer = Client().post("/accounts/login/", {"login": typed, "password": PASSWORD})
    assert answer.status_code == 302


@pytest.mark.parametrize("typed", ways("sato-yui@beta.example"))
def test_i01_nobody_gets_an_address_of_another_companys_domain(cast: Cast, typed: str) -> None:
    client = signed_in(cast.admin_alpha)
    before = User.objects.count()
    answers = []
    for address in (typed, typed.replace("sato-yui", "nobody")):
        form = {"name": "Boss", "email": address, "language": "en", "time_zone": "Asia/Seoul"}
        answer = client.post(ADD, form)
        assert answer.status_code == 200
        answers.append(answer.context["adminform"].form.errors["email"])
    assert answers == [["This address cannot be used here."]] * 2
    assert User.objects.count() == before
    assert not AccountMail.objects.exists()


@pytest.mark.parametrize("typed", ["new@alpha.example\u200b", "New Person <new@ALPHA.example>", "new＠alpha.example"])
def test_two_accounts_never_share_a_mailbox(cast: Cast, typed: str) -> None:
    client = signed_in(cast.admin_alpha)
    form = {"name": "New", "language": "en", "time_zone": "Asia/Seoul"}
    assert client.post(ADD, form | {"email": "new@alpha.example"}).status_code == 302
    assert client.post(ADD, form | {"email": typed, "handle": "another"}).status_code == 200
    assert User.objects.filter(email__contains="new").count() == 1


def test_an_address_that_no_mail_reaches_says_so_at_once(cast: Cast) -> None:
    form = {"name": "New", "language": "en", "time_zone": "Asia/Seoul", "email": "김@alpha.example"}
    answer = signed_in(cast.admin_alpha).post(ADD, form)
    assert "“김” before the @" in answer.content.decode()
    assert not AccountMail.objects.exists()


@pytest.mark.parametrize("typed", ways("sato-yui@beta.example"))
def test_contacts_are_found_by_what_people_paste(cast: Cast, typed: str) -> None:
    page = signed_in(cast.kim).get("/contacts/add/", {"q": typed})
    assert page.context["person"] == cast.sato
    assert not ExternalContact.objects.exists()


@pytest.mark.parametrize("typed", ways("kim-minseo@alpha.example"))
def test_a_reset_goes_to_the_account(cast: Cast, typed: str, mailoutbox: list[object]) -> None:
    Client().post("/accounts/password/reset/", {"email": typed.replace("@beta", "@alpha")})
    assert len(mailoutbox) == 1


@pytest.mark.parametrize("typed", ["be\u00adta.example", "ＢＥＴＡ.example", "@beta.example\u200b", "beta。example"])
def test_a_domain_has_one_company(cast: Cast, typed: str) -> None:
    client = signed_in(cast.operator)
    company = Company.objects.get(slug="gamma")
    answer = client.post(f"/admin/accounts/company/{company.pk}/change/", {"name": "gamma", "domains": typed})
    assert "Another company owns beta.example." in answer.content.decode()
    assert Domain.objects.filter(name="beta.example").count() == 1


@pytest.mark.parametrize("email", ["boss@beta.example\u200b", "boss@b\u00e9ta.example", "Boss@beta.example"])
def test_the_database_keeps_no_other_form(cast: Cast, email: str) -> None:
    with pytest.raises(IntegrityError):
        User.objects.filter(pk=cast.kim.pk).update(email=email)


def test_letters_apart_are_the_same_address() -> None:
    apart = unicodedata.normalize("NFD", "kim@bücher.example")
    assert clean_address(apart) == clean_address("kim@bücher.example")
