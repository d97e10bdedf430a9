"""External contacts: finding, adding, notes, blocks, and what strangers learn."""

import pytest
from django.db import DatabaseError, transaction

from accounts.actions.members import deactivate_member, reactivate_member
from accounts.models import AuditEntry, User
from contacts.actions.add import add_external_contact
from contacts.actions.block import block_external_user, unblock_external_user
from contacts.actions.edit import edit_external_contact
from contacts.actions.find import FIND_RATE, NobodyFound, find_external_user
from contacts.contact_list import contacts_of
from contacts.models import Block, ExternalContact
from federation.actions.switch import grant_members, set_external_connection, withdraw_members
from messaging.models import Room
from messaging.pages.room_list import room_rows
from tests.cast import Cast, make_member, signed_in
from tests.decisions import set_member_grant
from worksbridge.errors import NotFound, Refused, TooMany

pytestmark = pytest.mark.django_db


def test_finding_by_exact_handle_or_address_whatever_the_case(cast: Cast) -> None:
    for query in ("sato-yui", " SATO-YUI ", "@sato-yui", "sato-yui@beta.example", "Sato-Yui@Beta.Example"):
        assert find_external_user(member=cast.kim, query=query) == cast.sato
    for query in ("sato", "Sato Yui", "sato-yui@", "kim-minseo", "tran-nam", "%", "nobody@nowhere.example"):
        with pytest.raises(NobodyFound):
            find_external_user(member=cast.kim, query=query)


def test_i01_missing_unlinked_blocked_and_inactive_people_look_the_same(
    cast: Cast, django_assert_num_queries: object
) -> None:
    block_external_user(member=cast.ito, person=cast.kim)
    User.objects.filter(pk=make_member(cast.beta, "Former Colleague").pk).update(is_active=False)
    client = signed_in(cast.kim)
    answers = set()
    for query in ("nobody-at-all", "tran-nam", "ito-haruka", "former-colleague"):
        with django_assert_num_queries(1), pytest.raises(NobodyFound):
            find_external_user(member=cast.kim, query=query)
        answer = client.get("/contacts/add/", {"q": query})
        answers.add((answer.status_code, answer.content.decode().replace(query, "").partition('id="add-contact"')[2]))
    assert len(answers) == 1


def test_i38_searching_is_limited(cast: Cast) -> None:
    with pytest.raises(TooMany) as refusal:
        for _ in range(int(FIND_RATE.count) * 2 + 2):
            find_external_user(member=cast.kim, query="sato-yui")
    assert 1 <= refusal.value.retry_after <= 60


def test_adding_saves_the_contact_and_opens_the_room_once(cast: Cast) -> None:
    for _ in range(2):
        assert signed_in(cast.kim).post(f"/contacts/add/{cast.sato.pk}/").status_code == 302
    assert ExternalContact.objects.get().person == cast.sato
    room = Room.objects.get()
    assert (room.is_external, room.frozen_at) == (True, None)
    assert [row.is_external for row in room_rows(cast.sato)] == [True]
    entries = AuditEntry.objects.filter(event="contact.added")
    assert set(entries.values_list("company", flat=True)) == {cast.alpha.pk, cast.beta.pk}


def test_i01_adding_strangers_answers_as_if_they_did_not_exist(cast: Cast) -> None:
    client = signed_in(cast.kim)
    block_external_user(member=cast.ito, person=cast.kim)
    missing = client.post("/contacts/add/987654/")
    for person in (cast.tran, cast.ito, cast.lee):
        answer = client.post(f"/contacts/add/{person.pk}/")
        assert answer.status_code == missing.status_code == 404
    assert not ExternalContact.objects.exists()


def test_notes_change_what_their_owner_sees_and_nothing_else(cast: Cast) -> None:
    contact = add_external_contact(member=cast.kim, person=cast.sato)
    client = signed_in(cast.kim)
    notes = {"name": "Yui of the docks", "phone": "1", "email": "y@x.example", "tags": "port", "memo": "likes tea"}
    assert client.post(f"/contacts/{contact.pk}/edit/", notes).status_code == 302
    cast.sato.refresh_from_db()
    assert cast.sato.name == "Sato Yui"
    for path in ("/contacts/", "/messages/"):
        assert "Yui of the docks" in client.get(path).content.decode()
    assert client.get("/contacts/names/").json() == {str(cast.sato.pk): "Yui of the docks"}
    assert "docks" not in signed_in(cast.sato).get("/messages/").content.decode()
    assert [len(contacts_of(cast.kim, query).groups) for query in ("docks", "beta", "port", "tea", "nothing")] == [
        1,
        1,
        1,
        1,
        0,
    ]
    bad = client.post(f"/contacts/{contact.pk}/edit/", {"name": "x" * 101, "email": "no address"})
    assert bad.status_code == 400
    assert "x" * 101 in bad.content.decode()


def test_i01_anothers_contact_answers_like_a_missing_one(cast: Cast) -> None:
    contact = add_external_contact(member=cast.kim, person=cast.sato)
    for stranger in (cast.lee, cast.sato, cast.tran, cast.admin_alpha):
        client = signed_in(stranger)
        foreign, missing = client.get(f"/contacts/{contact.pk}/edit/"), client.get("/contacts/987654/edit/")
        assert foreign.status_code == missing.status_code == 404
        assert client.post(f"/contacts/{contact.pk}/edit/", {"name": "mine"}).status_code == 404
    contact.refresh_from_db()
    assert contact.name == ""


def test_i15_a_block_stops_both_ways_and_is_listed_and_lifted(cast: Cast) -> None:
    add_external_contact(member=cast.kim, person=cast.sato)
    client = signed_in(cast.kim)
    assert client.post(f"/contacts/block/{cast.sato.pk}/").status_code == 302
    assert "Sato Yui" in client.get("/contacts/blocked/").content.decode()
    assert "Sato Yui" not in signed_in(cast.lee).get("/contacts/blocked/").content.decode()
    with pytest.raises(Refused):
        add_external_contact(member=cast.kim, person=cast.sato)
    with pytest.raises(NotFound):
        add_external_contact(member=cast.sato, person=cast.kim)
    assert client.post(f"/contacts/unblock/{cast.sato.pk}/").status_code == 302
    assert not Block.objects.exists()
    assert client.post(f"/contacts/block/{cast.tran.pk}/").status_code == 404
    assert client.post(f"/contacts/block/{cast.lee.pk}/").status_code == 404


def test_the_list_takes_a_constant_number_of_queries(cast: Cast, django_assert_max_num_queries: object) -> None:
    for number in range(40):
        add_external_contact(member=cast.kim, person=make_member(cast.beta, f"Person {number}"))
    client = signed_in(cast.kim)
    with django_assert_max_num_queries(8):
        text = client.get("/contacts/").content.decode()
    assert text.count(">Message</button>") == 40
    set_external_connection(company=cast.beta, allows=False, actor=None)
    with django_assert_max_num_queries(12):
        text = client.get("/contacts/").content.decode()
    assert text.count("row--closed") == 40


@pytest.mark.parametrize("cause", ["our company", "their company", "their grant"])
def test_i11_i13_a_closed_contact_is_shown_with_the_reason_and_comes_back_only_on_purpose(
    cast: Cast, cause: str
) -> None:
    contact = add_external_contact(member=cast.kim, person=cast.sato)
    edit_external_contact(contact=contact, name="Yui")
    if cause == "their grant":
        set_member_grant(company=cast.beta, grant_to="chosen", actor=cast.admin_beta)
        back = lambda: grant_members(company=cast.beta, members=[cast.sato], actor=cast.admin_beta)  # noqa: E731
    else:
        company = cast.alpha if cause == "our company" else cast.beta
        set_external_connection(company=company, allows=False, actor=None)
        back = lambda: set_external_connection(company=company, allows=True, actor=None)  # noqa: E731
    client = signed_in(cast.kim)
    assert "row--closed" in client.get("/contacts/").content.decode()
    assert client.post(f"/contacts/add/{cast.sato.pk}/").status_code == 404
    back()
    contact.refresh_from_db()
    assert contact.closed_at is not None
    assert Room.objects.get().frozen_at is not None
    assert client.post(f"/contacts/add/{cast.sato.pk}/").status_code == 302
    contact.refresh_from_db()
    assert (contact.closed_at, contact.name) == (None, "Yui")
    assert Room.objects.get().frozen_at is None


def test_a_closed_contact_says_what_is_in_the_way_now(cast: Cast) -> None:
    add_external_contact(member=cast.kim, person=cast.sato)
    add_external_contact(member=cast.sato, person=cast.kim)

    def says(member: User, text: str) -> bool:
        return text in signed_in(member).get("/contacts/").content.decode()

    deactivate_member(member=cast.kim, actor=None)
    assert says(cast.sato, "account is no longer active")
    reactivate_member(member=cast.kim, actor=None)
    # It was never Sato who went, and Kim is back.
    for member in (cast.kim, cast.sato):
        assert not says(member, "no longer active")
        assert says(member, "You can reach each other again.")
    set_external_connection(company=cast.beta, allows=False, actor=None)
    assert says(cast.kim, "The other company has not allowed external connection with yours.")
    assert says(cast.sato, "Your administrator has not allowed external connection for your company.")


def test_i09_the_database_refuses_contacts_that_nobody_allowed(cast: Cast) -> None:
    for owner, person in ((cast.kim, cast.tran), (cast.tran, cast.kim)):
        with pytest.raises(DatabaseError), transaction.atomic():
            ExternalContact.objects.create(owner=owner, person=person)
    withdrawn = add_external_contact(member=cast.kim, person=cast.sato)
    set_external_connection(company=cast.beta, allows=False, actor=None)
    with pytest.raises(DatabaseError), transaction.atomic():
        ExternalContact.objects.filter(pk=withdrawn.pk).update(closed_at=None)


def test_withdrawing_a_grant_takes_the_features_with_the_reason(cast: Cast) -> None:
    set_member_grant(company=cast.alpha, grant_to="chosen", actor=cast.admin_alpha)
    text = signed_in(cast.kim).get("/contacts/").content.decode()
    assert "has not granted you" in text
    assert "Add external contact" not in text
    grant_members(company=cast.alpha, members=[cast.kim], actor=cast.admin_alpha)
    assert "Add external contact</button>" in signed_in(cast.kim).get("/contacts/").content.decode()
    withdraw_members(company=cast.alpha, members=[cast.kim], actor=cast.admin_alpha)
    assert "Add external contact</button>" not in signed_in(cast.kim).get("/contacts/").content.decode()


def test_unblocking_someone_who_cannot_be_reached_any_more_still_works(cast: Cast) -> None:
    block_external_user(member=cast.kim, person=cast.sato)
    set_external_connection(company=cast.beta, allows=False, actor=None)
    assert signed_in(cast.kim).post(f"/contacts/unblock/{cast.sato.pk}/").status_code == 302
    assert not Block.objects.exists()
    unblock_external_user(member=cast.kim, person=cast.sato)
