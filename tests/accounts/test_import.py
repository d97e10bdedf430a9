"""Members from a CSV file: all of it or nothing, each refusal with its line."""

import csv
import io
import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.actions.importing import NotImported, import_members
from accounts.models import AccountMail, AuditEntry, Department, MemberImport, User
from federation.policies import is_available
from tests.cast import Cast, signed_in

pytestmark = pytest.mark.django_db
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="[^"]*"')
IMPORT = "/admin/accounts/user/import/"
HEAD = "name,email,handle,title,department,phone,language,time_zone\n"
GOOD = HEAD + (
    "김민준,Minjun@alpha.example,,과장,Sales / Export,+82 2-555-0111,ko,Asia/Seoul\n"
    '"Sato, Ken",ken@alpha.example,ken.s,,Sales,,ja,\n'
)


def upload(client: Client, content: str | bytes, **fields: Any) -> HttpResponse:
    data = content if isinstance(content, bytes) else content.encode()
    return client.post(IMPORT, {"file": SimpleUploadedFile("members.csv", data), **fields}, follow=True)


def refused(answer: HttpResponse) -> list[tuple[int, str]]:
    return [(one.line, one.text) for one in answer.context["refused"]]


def test_a_file_is_shown_before_anything_is_written_and_imported_when_agreed(cast: Cast) -> None:
    client = signed_in(cast.admin_alpha)
    before = User.objects.count()
    page = upload(client, GOOD)
    assert dict(page.context["counts"]) == {"new": 2}
    text = page.content.decode()
    assert "김민준" in text
    assert "minjun@alpha.example" in text
    assert (User.objects.count(), Department.objects.count()) == (before, 0)
    url = page.redirect_chain[-1][0]
    assert client.post(url, {"invite": "on"}).status_code == 302
    made = User.objects.get(email="minjun@alpha.example")
    assert (made.company, made.name, made.handle, made.language) == (cast.alpha, "김민준", "minjun", "ko")
    assert (made.department.name, made.department.parent.name) == ("Export", "Sales")
    assert not made.has_usable_password()
    assert is_available(made)
    assert AccountMail.objects.filter(kind="invitation").count() == 2
    entries = AuditEntry.objects.filter(company=cast.alpha, event="member.created", data__imported=True)
    assert {entry.actor for entry in entries} == {cast.admin_alpha}
    assert entries.count() == 2
    assert MemberImport.objects.get().text == ""
    assert client.post(url, {}).status_code == 404
    again = upload(client, GOOD)
    assert dict(again.context["counts"]) == {"unchanged": 2}


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("Kim,kim2@alpha.example\nLee,KIM2@alpha.example", "already in line 2"),
        (",empty@alpha.example", "name with visible characters"),
        ("\u202e,empty@alpha.example", "name with visible characters"),
        ("Kim,not an address", "valid e-mail"),
        ("Kim,kim@exa_mple", "“exa_mple” is not a domain"),
        ("Kim,김@alpha.example", "“김” before the @"),
        ("Sato,sato-yui@beta.example", "cannot be used here"),
        ("Nobody,nobody@beta.example", "cannot be used here"),
        ("Operator,operator@worksbridge.example", "cannot be used here"),
        ("=HYPERLINK(1),a@alpha.example", "formula"),
        ("+cmd,a@alpha.example", "formula"),
        ("@SUM(1),a@alpha.example", "formula"),
        ("-1+1,a@alpha.example", "formula"),
        ("＝1,a@alpha.example", "formula"),
        ("\u200e=1,a@alpha.example", "formula"),
        ("\u200b=1,a@alpha.example", "formula"),
        ("'=1,a@alpha.example", "formula"),
        ("Kim,a@mail.beta.example", "cannot be used here"),
        ("K\ufffdm,a@alpha.example", "was lost"),
        ("a\u2028b,a@alpha.example", "control character"),
        ('"a\nb",a@alpha.example', "control character"),
        ('"a\tb",a@alpha.example', "control character"),
        (f"{'x' * 300},a@alpha.example", "longer than 100"),
        (f"Kim,{'x' * 250}@alpha.example", "longer than 254"),
        ("Kim,a@alpha.example,extra", "3 cells"),
        ("Kim", "valid e-mail"),
    ],
)
def test_a_bad_row_is_refused_with_its_line_and_nothing_is_written(cast: Cast, line: str, why: str) -> None:
    before = User.objects.count()
    client = signed_in(cast.admin_alpha)
    page = upload(client, f"name,email\n{line}\nGood One,good@alpha.example\n")
    found = refused(page)
    assert len(found) == 1
    assert why in found[0][1]
    assert found[0][0] == (3 if "already" in why else 2)
    answer = client.post(page.redirect_chain[-1][0], {"invite": "on"})
    assert answer.status_code == 400
    assert User.objects.count() == before
    assert not AccountMail.objects.exists()


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        ({"handle": "sato-yui"}, "cannot be used"),
        ({"handle": "No Spaces"}, "lowercase letters"),
        ({"handle": "=x"}, "formula"),
        ({"phone": "=1+1"}, "formula"),
        ({"phone": "call me"}, "phone number"),
        ({"language": "fr"}, "language must be one of"),
        ({"time_zone": "Mars/Olympus"}, "time zone"),
        ({"department": "Warehouse / Export"}, "already elsewhere"),
        ({"department": "x" * 101}, "longer than 100"),
        ({"department": "Sales / =1"}, "formula"),
    ],
)
def test_every_column_is_checked(cast: Cast, cells: dict[str, str], why: str) -> None:
    sales = Department.objects.create(company=cast.alpha, name="Sales")
    Department.objects.create(company=cast.alpha, name="Export", parent=sales)
    head = ["name", "email", *cells]
    page = upload(signed_in(cast.admin_alpha), f"{','.join(head)}\nKim,new@alpha.example,{','.join(cells.values())}\n")
    assert [line for line, _text in refused(page)] == [2]
    assert why in refused(page)[0][1]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("name,email\nJosé,a@alpha.example\n".encode("latin-1"), "Line 2 is not UTF-8"),
        (b"name,email\nKim\0,a@alpha.example\n", "Line 2 contains an invalid character"),
        (b"email\na@alpha.example\n", "missing column “name”"),
        (b"name;phone\nKim;1\n", "missing column “email”"),
        (b"name,email,E-Mail,email\nKim,a@alpha.example,b@alpha.example,\n", "duplicate column “email”"),
        (b"name,email\rKim,a@alpha.example\r\xff\xff,b@alpha.example\r", "Line 3 is not UTF-8"),
        (b'name,email\nLee,b@alpha.example\n"Kim,a@alpha.example\nC,c@alpha.example\n', "Line 3: a quotation mark"),
        (b"name,email\n" + b"x" * 140_000 + b",a@alpha.example\n", "Line 2: a cell is too long"),
        (b'name,email\n"Kim,a@alpha.example\n', "quotation mark"),
        (b'name,email\n"Kim" x,a@alpha.example\n', "quotation mark"),
        (b"name,email\n", "header but no members"),
        (b"", "empty"),
        (b"name,email\n" + b"Kim,a@alpha.example\n" * 20_001, "at most 20000"),
    ],
)
def test_a_file_that_cannot_be_read_says_where_and_what_to_do(cast: Cast, content: bytes, why: str) -> None:
    answer = upload(signed_in(cast.admin_alpha), content)
    assert answer.status_code == 400
    assert why in answer.content.decode()
    assert not MemberImport.objects.exists()


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_delimiters_heads_in_any_case_and_order_and_the_mark_of_excel(cast: Cast, mark: str) -> None:
    rows = [["E-Mail", " NAME ", "이름 없음"][:2], ["new@alpha.example", "Kim"]]
    content = "\ufeff" + "\r\n".join(mark.join(row) for row in rows) + "\r\n\r\n"
    assert dict(upload(signed_in(cast.admin_alpha), content).context["counts"]) == {"new": 1}


def test_what_spreadsheets_leave_behind_is_no_mistake(cast: Cast) -> None:
    content = '\n"e-mail\naddress",name,\na@alpha.example,Kim,\n\n\nb@beta.example,Lee,\n'
    assert refused(upload(signed_in(cast.admin_alpha), content)) == [(7, "This address cannot be used here.")]


def test_a_name_with_a_stroke_is_no_path_and_a_file_is_not_kept_for_long(cast: Cast) -> None:
    Department.objects.create(company=cast.alpha, name="R/D")
    client = signed_in(cast.admin_alpha)
    page = upload(client, "name,email,department\nKim,a@alpha.example,R/D\n")
    assert client.post(page.redirect_chain[-1][0]).status_code == 302
    assert Department.objects.count() == 1
    page = upload(client, GOOD)
    MemberImport.objects.update(created_at=timezone.now() - timedelta(days=2))
    assert client.get(page.redirect_chain[-1][0]).status_code == 404
    assert not MemberImport.objects.exists()


def test_what_changes_between_looking_and_importing_is_shown_and_nothing_is_written(cast: Cast) -> None:
    client = signed_in(cast.admin_alpha)
    page = upload(client, "name,email,handle\nKim,new@alpha.example,wanted\nLee,lee2@alpha.example,\n")
    User.objects.filter(pk=cast.sato.pk).update(handle="wanted")
    answer = client.post(page.redirect_chain[-1][0])
    assert answer.status_code == 400
    assert refused(answer) == [(2, "This handle cannot be used. Choose another.")]
    assert not User.objects.filter(email="lee2@alpha.example").exists()


def test_i01_an_import_is_its_companys_own(cast: Cast) -> None:
    page = upload(signed_in(cast.admin_alpha), GOOD)
    url = page.redirect_chain[-1][0]
    for stranger in (cast.admin_beta, cast.admin_gamma):
        client = signed_in(stranger)
        foreign, missing = client.get(url), client.get(f"{IMPORT}987654/")
        assert foreign.status_code == missing.status_code
        texts = [TOKEN.sub("", answer.content.decode()) for answer in (foreign, missing)]
        assert texts[0].replace(url, "…") == texts[1].replace(f"{IMPORT}987654/", "…")
        assert client.post(url).status_code == 404
    for path in (url, IMPORT):
        assert signed_in(cast.kim).get(path).status_code == 302
        assert Client().get(path).status_code == 302
    signed_in(cast.admin_beta).post(
        IMPORT, {"file": SimpleUploadedFile("a.csv", GOOD.encode()), "company": cast.alpha.pk}
    )
    assert not MemberImport.objects.filter(company=cast.alpha, made_by=cast.admin_beta).exists()
    assert not User.objects.filter(email="minjun@alpha.example").exists()


def test_an_operator_says_whose_members_they_are(cast: Cast) -> None:
    client = signed_in(cast.operator)
    assert upload(client, GOOD).status_code == 400
    page = upload(client, GOOD, company=cast.alpha.pk)
    client.post(page.redirect_chain[-1][0])
    assert User.objects.get(handle="ken.s").company == cast.alpha


def test_people_of_one_name_get_handles_of_their_own(cast: Cast) -> None:
    text = "name,email\n" + "".join(f"Kim,kim@sub{n}.alpha.example\n" for n in range(4))
    import_members(company=cast.alpha, text=text, actor=None, invite=False)
    handles = User.objects.filter(email__endswith=".alpha.example", email__startswith="kim@").values_list(
        "handle", flat=True
    )
    assert set(handles) == {"kim", "kim-2", "kim-3", "kim-4"}


def test_the_number_of_queries_does_not_grow_with_the_rows(cast: Cast) -> None:
    counts = []
    for size in (5, 50):
        text = "name,email,department\n" + "".join(f"P {n},p{size}x{n}@alpha.example,Sales\n" for n in range(size))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            import_members(company=cast.alpha, text=text, actor=cast.admin_alpha, invite=True)
        counts.append(len(queries))
    assert counts[1] <= counts[0]
    assert counts[0] < 45


def test_refused_by_the_action_too(cast: Cast) -> None:
    with pytest.raises(NotImported) as refusal:
        import_members(company=cast.alpha, text="name,email\nX,a@beta.example\n", actor=None, invite=False)
    assert refusal.value.checked.counts == {"refused": 1}


def test_the_export_is_harmless_and_comes_back_in(cast: Cast) -> None:
    User.objects.filter(pk=cast.lee.pk).update(title="=1+1", phone="+82 2")
    client = signed_in(cast.admin_alpha)
    answer = client.get("/admin/accounts/user/export/")
    content = b"".join(answer.streaming_content).decode()
    rows = list(csv.DictReader(io.StringIO(content.removeprefix("\ufeff"))))
    assert {row["email"] for row in rows} == {cast.kim.email, cast.lee.email, cast.admin_alpha.email}
    lee = next(row for row in rows if row["email"] == cast.lee.email)
    assert (lee["title"], lee["phone"]) == ("'=1+1", "'+82 2")
    assert AuditEntry.objects.get(event="members.exported").company == cast.alpha
    page = upload(client, content)
    assert dict(page.context["counts"]) == {"unchanged": 3}
    chosen = {"action": "export_chosen", "_selected_action": [cast.kim.pk, cast.sato.pk]}
    content = b"".join(client.post("/admin/accounts/user/", chosen).streaming_content).decode()
    assert cast.kim.email in content
    assert cast.sato.email not in content
    assert signed_in(cast.kim).get("/admin/accounts/user/export/").status_code == 302
