"""What people learn who should learn nothing: the very same answers."""

import re

import pytest
from django.test import Client

from accounts.models import User
from contacts.actions.add import add_external_contact
from contacts.actions.block import block_external_user
from contacts.actions.find import FIND_RATE, NobodyFound, find_external_user
from federation.actions.switch import grant_members, set_external_connection
from tests.cast import Cast, signed_in
from tests.decisions import set_member_grant

pytestmark = pytest.mark.django_db
MISSING = 987654
ADDRESSES = [
    "/contacts/add/{}/",
    "/contacts/block/{}/",
    "/contacts/unblock/{}/",
    "/contacts/{}/edit/",
    "/people/{}/photo",
]


def answer(client: Client, address: str, pk: int) -> tuple[int, str]:
    """Status and page, without what differs by nature: the form token and the address asked for."""
    path = address.format(pk)
    response = client.get(path) if address.endswith(("edit/", "photo")) else client.post(path)
    text = re.sub(r'(csrfmiddlewaretoken" value=|csrf-token" content=)"[^"]*"', "", response.content.decode())
    return response.status_code, text.replace(path, "")


@pytest.mark.parametrize("address", ADDRESSES)
def test_i01_a_foreign_id_answers_byte_for_byte_like_a_random_one(cast: Cast, address: str) -> None:
    User.objects.filter(pk__in=[cast.tran.pk, cast.ito.pk]).update(photo="photos/there.webp")
    contact = add_external_contact(member=cast.lee, person=cast.sato)
    block_external_user(member=cast.ito, person=cast.kim)
    foreign = contact.pk if "edit" in address else cast.tran.pk
    for viewer in (cast.kim, cast.admin_alpha, cast.operator):
        client = signed_in(viewer)
        seen = answer(client, address, foreign)
        assert seen == answer(client, address, MISSING)
        assert seen[0] == 404
    signed_out = Client()
    assert answer(signed_out, address, foreign)[0] == answer(signed_out, address, MISSING)[0] == 302


def test_i01_adding_someone_who_blocked_me_answers_like_a_random_id(cast: Cast) -> None:
    block_external_user(member=cast.ito, person=cast.kim)
    client = signed_in(cast.kim)
    assert answer(client, ADDRESSES[0], cast.ito.pk) == answer(client, ADDRESSES[0], MISSING)


def test_i01_without_the_grant_nobody_is_found(cast: Cast, django_assert_num_queries: object) -> None:
    set_member_grant(company=cast.alpha, grant_to="chosen", actor=cast.admin_alpha)
    for query in ("sato-yui", "nobody-at-all"):
        with django_assert_num_queries(1), pytest.raises(NobodyFound):
            find_external_user(member=cast.kim, query=query)
    grant_members(company=cast.alpha, members=[cast.kim], actor=cast.admin_alpha)
    assert find_external_user(member=cast.kim, query="sato-yui") == cast.sato


def test_i38_too_many_searches_say_so_with_429_and_when_to_come_back(cast: Cast) -> None:
    client = signed_in(cast.kim)
    answers = [client.get("/contacts/add/", {"q": "sato-yui"}) for _ in range(int(FIND_RATE.count) * 2 + 2)]
    assert answers[0].status_code == 200
    assert answers[-1].status_code == 429
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60
    assert "too fast" in answers[-1].content.decode()


def test_i12_after_the_close_nothing_across_it_is_accepted(cast: Cast) -> None:
    contact = add_external_contact(member=cast.kim, person=cast.sato)
    set_external_connection(company=cast.beta, allows=False, actor=cast.admin_beta)
    client = signed_in(cast.kim)
    assert client.post(f"/contacts/add/{cast.sato.pk}/").status_code == 404
    assert client.get(f"/people/{cast.sato.pk}/photo").status_code == 404
    assert client.post(f"/contacts/{contact.pk}/edit/", {"memo": "mine still"}).status_code == 302
    contact.refresh_from_db()
    assert (contact.memo, contact.closed_reason) == ("mine still", "company_off")


def test_a_search_keeps_its_words_when_the_list_is_fetched_again(cast: Cast) -> None:
    add_external_contact(member=cast.kim, person=cast.sato)
    text = signed_in(cast.kim).get("/contacts/", {"q": "yui"}).content.decode()
    assert 'id="contacts-part" name="contacts" src="/contacts/?q=yui"' in text
    assert 'hx-target="#contacts-part"' in text
