"""Files of members that are wrong in one way each: refused with the line, and nothing is written."""

import re
from collections.abc import Callable

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from accounts.models import AccountMail, AuditEntry, Department, MemberImport, User
from tests.cast import Cast, make_member, signed_in

pytestmark = pytest.mark.django_db
IMPORT = "/admin/accounts/user/import/"
TOO_LONG = "x" * 300
FORMULAS = ["=1+1", "+cmd|' /C calc'!A0", "-1+1", "@SUM(1)", "＝1", "＋1", "－1", "＠SUM(1)", " =1", '"\t=1"', "'=1+1"]


def upload(client: Client, content: str | bytes) -> HttpResponse:
    data = content if isinstance(content, bytes) else content.encode()
    return client.post(IMPORT, {"file": SimpleUploadedFile("members.csv", data)}, follow=True)


def refused(answer: HttpResponse) -> list[tuple[int, str]]:
    return [(one.line, one.text) for one in answer.context["refused"]]


@pytest.fixture
def written(cast: Cast) -> Callable[[], tuple[int, ...]]:
    """How much there is of all that an import writes, counted when called."""
    models = (User, Department, AccountMail, AuditEntry)
    return lambda: tuple(model.objects.count() for model in models)


@pytest.mark.parametrize("column", ["name", "email", "handle", "title", "department", "phone", "language", "time_zone"])
def test_a_formula_is_refused_in_every_column(cast: Cast, column: str) -> None:
    rows = [
        {"name": "Good", "email": f"good{number}@alpha.example"} | {column: cell}
        for number, cell in enumerate(FORMULAS)
    ]
    lines = [",".join(rows[0]), *(",".join(cells.values()) for cells in rows)]
    found = refused(upload(signed_in(cast.admin_alpha), "\n".join([*lines, ""])))
    assert [line for line, _text in found] == list(range(2, len(FORMULAS) + 2))
    assert all("formula" in text for _line, text in found)


@pytest.mark.parametrize("phone", ["+82 2-555-0111", "+1 (555) 010-0100", "(02) 555.0111", "02-555-0111"])
def test_a_phone_number_is_no_formula(cast: Cast, phone: str) -> None:
    page = upload(signed_in(cast.admin_alpha), f"name,email,phone\nGood,good@alpha.example,{phone}\n")
    assert dict(page.context["counts"]) == {"new": 1}


@pytest.mark.parametrize("column", ["name", "email", "handle", "title", "department", "phone", "language", "time_zone"])
def test_three_hundred_characters_are_too_many_in_every_column(cast: Cast, column: str) -> None:
    long = f"{TOO_LONG}@alpha.example" if column == "email" else TOO_LONG
    cells = {"name": "Good", "email": "good@alpha.example"} | {column: long}
    page = upload(signed_in(cast.admin_alpha), f"{','.join(cells)}\n{','.join(cells.values())}\n")
    assert [line for line, _text in refused(page)] == [2]
    assert "longer than" in refused(page)[0][1]


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("name,email\n김민준,a@alpha.example\n".encode("utf-32"), 1),
        (b"name,email\nJos\xe9 P\xe9rez,a@alpha.example\n", 2),
        (b"name,email\rKim,a@alpha.example\r\xb1,b@alpha.example\r", 3),
        (b"name,email\r\n" + b"Good,a@alpha.example\r\n" * 3 + b"Andr\xe9,b@alpha.example\r\n", 5),
        (b"PK\x03\x04\x14\x00\x06\x00\x08\x00\x00\x00!\x00\xb5\xe3", 1),
    ],
)
def test_another_encoding_is_refused_with_its_line(cast: Cast, content: bytes, line: int) -> None:
    answer = upload(signed_in(cast.admin_alpha), content)
    assert answer.status_code == 400
    assert re.search(rf"Line {line}\b", answer.content.decode())
    assert not MemberImport.objects.exists()


def test_seven_bit_japanese_is_refused_by_row(cast: Cast) -> None:
    page = upload(signed_in(cast.admin_alpha), "name,email\n佐藤,a@alpha.example\n".encode("iso2022_jp"))
    assert refused(page) == [(2, "“name” contains a line break or another control character (U+001B), at place 1.")]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_are_counted_over_empty_ones_and_cells_of_several_lines(cast: Cast, end: str) -> None:
    lines = ["name,email", "Good,good@alpha.example", "", '"Two', 'Lines",two@alpha.example', ",empty@alpha.example"]
    found = refused(upload(signed_in(cast.admin_alpha), end.join(lines) + end))
    assert [line for line, _text in found] == [4, 6]


def test_each_bad_row_is_told_and_a_good_one_beside_it_does_not_get_in(
    cast: Cast, written: Callable[[], tuple[int, ...]]
) -> None:
    rows = [f"Person {n},p{n}@alpha.example,Made {n % 5}" for n in range(300)]
    rows[99], rows[299] = "=1,p99@alpha.example,Made 1", "Last,p0@alpha.example,Made 1"
    client = signed_in(cast.admin_alpha)
    before = written()
    page = upload(client, "name,email,department\n" + "\n".join(rows))
    assert refused(page) == [(101, "“name” starts like a formula."), (301, "This address is already in line 2.")]
    assert dict(page.context["counts"]) == {"new": 298, "refused": 2}
    assert client.post(page.redirect_chain[-1][0], {"invite": "on"}).status_code == 400
    assert written() == before


def test_i01_nothing_is_learnt_of_other_companies(cast: Cast) -> None:
    """Somebody's address, a free one of the same domain, a deactivated member's and an operator's sound the same."""
    gone = make_member(cast.beta, "Gone One", is_active=False)
    addresses = [cast.sato.email, "free@beta.example", gone.email, cast.operator.email, cast.admin_gamma.email]
    rows = "".join(f"Kim,{address}\n" for address in addresses)
    found = refused(upload(signed_in(cast.admin_alpha), "name,email\n" + rows))
    assert found == [(line, "This address cannot be used here.") for line in range(2, 7)]
    handles = [cast.sato.handle, gone.handle, cast.kim.handle, cast.operator.handle]
    rows = "".join(f"Kim,n{n}@alpha.example,{handle}\n" for n, handle in enumerate(handles))
    found = refused(upload(signed_in(cast.admin_alpha), "name,email,handle\n" + rows))
    assert found == [(line, "This handle cannot be used. Choose another.") for line in range(2, 6)]


def test_a_file_larger_than_a_body_may_be_is_refused(cast: Cast) -> None:
    answer = upload(signed_in(cast.admin_alpha), b"name,email\n" + b"x" * settings.BODY_LIMIT)
    assert answer.status_code == 413
    assert not MemberImport.objects.exists()


def test_the_example_file_is_one_that_can_be_imported(cast: Cast) -> None:
    client = signed_in(cast.admin_alpha)
    content = b"".join(client.get(f"{IMPORT}example/").streaming_content)
    assert dict(upload(client, content).context["counts"]) == {"new": 3}


def test_i10_a_bad_file_tells_a_stranger_nothing(cast: Cast) -> None:
    for client in (signed_in(cast.kim), Client()):
        for content in (b"name,email\nKim,good@alpha.example\n", b"\xff\xfe", b""):
            answer = client.post(IMPORT, {"file": SimpleUploadedFile("a.csv", content)})
            assert (answer.status_code, "Line" in answer.content.decode()) == (302, False)
        assert client.get(f"{IMPORT}example/").status_code == 302
    assert not MemberImport.objects.exists()
