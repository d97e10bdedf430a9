"""Names show what they are: nothing invisible, nothing that turns what stands beside them, and nothing lost."""

import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Company, Department, User
from accounts.names import clean_name
from contacts.actions.add import add_external_contact
from contacts.models import ExternalContact
from messaging.models import Room
from tests.cast import Cast, signed_in
from worksbridge.characters import comparable, lines, one_line, shows_nothing

pytestmark = pytest.mark.django_db
# What shows nothing, and is no name.
NOTHING = ["\u3164", "\u115f", "\uffa0", "\u200b", "\u2800", "\u3164 \u115f", "\u202e", "\u200d", "\ufe0f", "\u00ad"]
# As typed, and as kept.
KEPT = [
    ("Kim\u200b Minseo", "Kim Minseo"),
    ("Sales \u202e", "Sales"),
    ("\u202eolleH", "olleH"),
    ("Kim\u3164Minseo", "KimMinseo"),
    ("  Kim \t Minseo\u00a0", "Kim Minseo"),
    ("Kim\u2028Minseo", "Kim Minseo"),
    ("Kim\x00\x1bMinseo", "KimMinseo"),
    (unicodedata.normalize("NFD", "김민준 Café"), "김민준 Café"),
    ("\u200dKim\u200d", "Kim"),
    ("Kim\U000e0041\U000e0042", "Kim"),
]
# Emoji, and words in which a joiner changes what is seen.
WHOLE = ["👩🏽‍💻 Dev", "👨‍👩‍👧‍👦 가족", "می‌خواهم", "🏴󠁧󠁢󠁥󠁮󠁧󠁿 England", "❤️ Kim", "क्‍ष", "O’Brien-Müller", "李 小龍", "1️⃣ Team"]


@pytest.mark.parametrize(("typed", "kept"), [*KEPT, *((name, name) for name in WHOLE)])
def test_one_rule(typed: str, kept: str) -> None:
    assert one_line(typed) == kept
    assert clean_name(typed) == kept


@pytest.mark.parametrize("typed", NOTHING)
def test_what_shows_nothing_is_no_name(typed: str) -> None:
    assert shows_nothing(typed)
    assert one_line(typed) == ""
    assert lines(f"{typed}\n{typed}") == ""


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=60))
def test_any_name_is_one_line_that_stays_as_it_is(text: str) -> None:
    name = one_line(text)
    assert one_line(name) == name
    assert "\n" not in name
    assert name == name.strip()
    assert not name or not shows_nothing(name)
    assert not set(name) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")
    assert comparable(name) == comparable(text)


@pytest.mark.parametrize("typed", ["김민준", "Ａｌｐｈａ", "Straße", "CAFÉ", "ﾐｰﾃｨﾝｸﾞ"])
def test_what_people_take_for_the_same_compares_as_the_same(typed: str) -> None:
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        assert comparable(unicodedata.normalize(form, typed)) == comparable(typed)
    assert comparable(f"\u200b{typed.upper()}\ufe0f ") == comparable(typed)


def profile(cast: Cast, name: str) -> str | None:
    form = {"name": name, "handle": cast.kim.handle, "language": "en", "time_zone": "Asia/Seoul"}
    answer = signed_in(cast.kim).post("/profile/", form)
    return None if answer.status_code != 302 else User.objects.get(pk=cast.kim.pk).name


def member(cast: Cast, name: str) -> str | None:
    form = {"name": name, "email": "new@alpha.example", "language": "en", "time_zone": "Asia/Seoul"}
    answer = signed_in(cast.admin_alpha).post("/admin/accounts/user/add/", form)
    return None if answer.status_code != 302 else User.objects.get(email="new@alpha.example").name


def company(cast: Cast, name: str) -> str | None:
    form = {"name": name, "domains": "alpha.example"}
    answer = signed_in(cast.operator).post(f"/admin/accounts/company/{cast.alpha.pk}/change/", form)
    return None if answer.status_code != 302 else Company.objects.get(pk=cast.alpha.pk).name


def department(cast: Cast, name: str) -> str | None:
    answer = signed_in(cast.admin_alpha).post("/admin/accounts/department/add/", {"name": name})
    return None if answer.status_code != 302 else Department.objects.get().name


def room(cast: Cast, name: str) -> str | None:
    form = {"people": [cast.lee.pk, cast.admin_alpha.pk], "name": name, "description": ""}
    answer = signed_in(cast.kim).post("/messages/new/create/", form)
    made = Room.objects.filter(kind="group").first()
    return None if answer.status_code >= 400 or made is None else made.name


def note(cast: Cast, name: str) -> str | None:
    add_external_contact(member=cast.kim, person=cast.sato)
    contact = ExternalContact.objects.get()
    assert signed_in(cast.kim).post(f"/contacts/{contact.pk}/edit/", {"name": name}).status_code == 302
    return ExternalContact.objects.get().name or None


WAYS_IN: list[Callable[[Cast, str], str | None]] = [profile, member, company, department, room, note]


@pytest.mark.parametrize("way", WAYS_IN, ids=lambda way: way.__name__)
@pytest.mark.parametrize(("typed", "kept"), [KEPT[0], KEPT[1], KEPT[7], *((name, name) for name in WHOLE[:4])])
def test_every_way_in_keeps_it(cast: Cast, way: Callable[[Cast, str], str | None], typed: str, kept: str) -> None:
    assert way(cast, typed) == kept


@pytest.mark.parametrize("way", WAYS_IN, ids=lambda way: way.__name__)
@pytest.mark.parametrize("typed", NOTHING[:3])
def test_every_way_in_refuses_nothing(cast: Cast, way: Callable[[Cast, str], str | None], typed: str) -> None:
    assert way(cast, typed) is None


def test_a_room_may_be_called_by_a_picture(cast: Cast) -> None:
    assert room(cast, "👨‍👩‍👧‍👦") == "👨‍👩‍👧‍👦"
