"""Lists as real tools save them: what is plainly meant is taken, and said before anything is written."""

import unicodedata

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse

from accounts.importing.decoding import BadFile, decode
from accounts.importing.parsing import read_table
from accounts.models import Department, User
from tests.cast import Cast, signed_in

pytestmark = pytest.mark.django_db
IMPORT = "/admin/accounts/user/import/"
KOREAN = (
    "성명,이메일,부서,직위\n김민준,minjun@alpha.example,영업부,과장\n이서연,seoyeon@alpha.example,해외영업부,대리\n"
)
JAPANESE = "氏名,メール,部署,役職\n佐藤 健,ken@alpha.example,営業部,課長\n髙橋 花子,hanako@alpha.example,総務部,係長\n"
ENTRA = (
    "userPrincipalName,displayName,surname,mail,givenName,id,userType,jobTitle,department,accountEnabled,usageLocation,"
    "telephoneNumber,mobilePhone,creationType\n"
    "minjun@alpha.example,김민준,김,,민준,3f2,Member,과장,영업부,TRUE,KR,,+82 10-5550-0111,\n"
    "x_gmail.com#EXT#@alpha.onmicrosoft.example,Emma Clarke,Clarke,emma@alpha.example,Emma,9aa,Member,,,TRUE,GB,"
    "+44 20 5550 0100,,Invitation\n"
)
GOOGLE = (
    "First Name [Required],Last Name [Required],Email Address [Required],Password [Required],"
    "Password Hash Function [UPLOAD ONLY],Org Unit Path [Required],Work Phone,Employee Title,Department\n"
    "민준,김,minjun@alpha.example,****,,/Sales,02-555-0111,과장,영업부\n"
    "Emma,Clarke,emma@alpha.example,****,,/,,,\n"
)


def upload(cast: Cast, content: str | bytes) -> HttpResponse:
    data = content if isinstance(content, bytes) else content.encode()
    page = signed_in(cast.admin_alpha).post(IMPORT, {"file": SimpleUploadedFile("members.csv", data)}, follow=True)
    assert page.status_code == 200
    return page


def rows(page: HttpResponse) -> list[tuple[str, ...]]:
    """Name, address, department, title and phone of each row, none of which may be refused."""
    assert page.context["refused"] == []
    names = ("name", "email", "department", "title", "phone")
    return [tuple(one.values[name] for name in names) for one in page.context["others"]]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("encoding", "said"),
    [
        ("utf-8", ""),
        ("utf-8-sig", ""),
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16"),
        ("utf-16-be", "UTF-16"),
        ("cp949", "CP949"),
        ("euc_kr", "CP949"),
    ],
)
def test_korean_lists_in_every_encoding(cast: Cast, encoding: str, said: str, end: str) -> None:
    page = upload(cast, KOREAN.replace("\n", end).encode(encoding))
    assert rows(page) == [
        ("김민준", "minjun@alpha.example", "영업부", "과장", ""),
        ("이서연", "seoyeon@alpha.example", "해외영업부", "대리", ""),
    ]
    assert (f"The file is read as {said}." in page.context["notes"]) == bool(said)


@pytest.mark.parametrize(("encoding", "said"), [("utf-8", ""), ("cp932", "Shift_JIS"), ("utf-16", "UTF-16")])
def test_japanese_lists_in_every_encoding(cast: Cast, encoding: str, said: str) -> None:
    page = upload(cast, JAPANESE.encode(encoding))
    assert [row[:2] for row in rows(page)] == [
        ("佐藤 健", "ken@alpha.example"),
        ("髙橋 花子", "hanako@alpha.example"),
    ]
    assert (f"The file is read as {said}." in page.context["notes"]) == bool(said)


@pytest.mark.parametrize(
    ("text", "encoding", "said"),
    [
        ("name,email\n김민준,a@alpha.example\n", "cp949", "CP949"),
        (
            "name,email\n똠방각하,a@alpha.example\n김민준박지훈이서연,c@alpha.example\n",
            "cp949",
            "CP949",
        ),
        ("name,email\n佐藤,a@alpha.example\n", "cp932", "Shift_JIS"),
        ("name,email\nサトウ ケン,a@alpha.example\n", "cp932", "Shift_JIS"),
        ("name;email\n東京 太郎;a@alpha.example\n", "cp932", "Shift_JIS"),
    ],
)
def test_names_alone_tell_the_encoding(text: str, encoding: str, said: str) -> None:
    assert decode(text.encode(encoding)) == (text, said)


@pytest.mark.parametrize(
    "content",
    [
        "name,email\nJosé Müller,a@alpha.example\n".encode("latin-1"),
        "name,email\nKim,a@alpha.example\n".encode("utf-32"),
        b"name,email\n\xb1\xe8\xff\xfe,a@alpha.example\n",
        b"\x89PNG\r\n\x1a\n" + bytes(range(128, 256)),
    ],
)
def test_what_cannot_be_told_is_refused(content: bytes) -> None:
    with pytest.raises(BadFile) as error:
        decode(content)
    assert "Line " in str(error.value)


def test_the_export_of_entra_id(cast: Cast) -> None:
    page = upload(cast, ENTRA)
    assert rows(page) == [
        ("김민준", "minjun@alpha.example", "영업부", "과장", "+82 10-5550-0111"),
        ("Emma Clarke", "emma@alpha.example", "", "", "+44 20 5550 0100"),
    ]
    [note] = [note for note in page.context["notes"] if "ignored" in note]
    assert "“userType”" in note
    assert "“accountEnabled”" in note
    assert "department" not in note


def test_the_export_of_google_workspace(cast: Cast) -> None:
    page = upload(cast, GOOGLE)
    assert rows(page) == [
        ("김민준", "minjun@alpha.example", "영업부", "과장", "02-555-0111"),
        ("Emma Clarke", "emma@alpha.example", "", "", ""),
    ]
    assert any("Org Unit Path" in note for note in page.context["notes"])


@pytest.mark.parametrize(
    "content",
    [
        "sep=;\nname;email;phone\nKim;a@alpha.example;1 2 3\n",
        '"sep=;"\r\nname;email;phone\r\nKim;a@alpha.example;1 2 3\r\n',
        "\ufeffsep=;\nname;email;phone\nKim;a@alpha.example;1 2 3\n",
        "\n\nname,email,phone\nKim,a@alpha.example,1 2 3\n",
        ",,,,\nname,email,phone,,\nKim,a@alpha.example,1 2 3,,\n",
        "name,email,phone\nKim,a@alpha.example,1 2 3,,,\n",
        "phone,email,name,title,department\n1 2 3,a@alpha.example,Kim\n",
        "name\temail\tphone\nKim\ta@alpha.example\t1 2 3\n",
        '"name, full";email;phone\n"Kim";a@alpha.example;1 2 3\n'.replace("name, full", "name"),
        "Na\u200bme,E-mail\u00a0address,Ｐｈｏｎｅ\nKim,a@alpha.example,1 2 3\n",
    ],
)
def test_what_spreadsheets_do_to_a_list(content: str) -> None:
    [row] = read_table(content).rows
    assert (row.cells["name"], row.cells["email"], row.cells["phone"], row.error) == (
        *("Kim", "a@alpha.example", "1 2 3", ""),
    )


def test_lines_keep_their_numbers_below_a_line_that_is_left_out() -> None:
    assert [row.line for row in read_table("sep=,\n\nname,email\nKim,a@alpha.example\n").rows] == [4]


@pytest.mark.parametrize(
    ("typed", "phone"),
    [
        ("02\u00a0555\u00a00111", "02 555 0111"),
        ("０２－５５５－０１１１", "02-555-0111"),
        ("02‐555‑0111", "02-555-0111"),
        ("02–555—0111", "02-555-0111"),
        ("０３ー５５５５ー０１００", "03-5555-0100"),
        ("02-555-0111 내선 12", "02-555-0111 내선 12"),
        ("02-555-0111(내선 12)", "02-555-0111(내선 12)"),
        ("내선 12", "내선 12"),
        ("+1 555 010 0100 ext. 12", "+1 555 010 0100 ext. 12"),
        ("03-5555-0100 内線12", "03-5555-0100 内線12"),
        ("＋82 2 555 0111", "+82 2 555 0111"),
        ("\u200e+82 2 555 0111\u200b", "+82 2 555 0111"),
        ("-", ""),
        ("–", ""),
    ],
)
def test_phone_numbers_as_people_write_them(cast: Cast, typed: str, phone: str) -> None:
    page = upload(cast, f"name,email,phone\nKim,a@alpha.example,{typed}\n")
    assert rows(page) == [("Kim", "a@alpha.example", "", "", phone)]


@pytest.mark.parametrize(
    "typed",
    [
        "a@alpha.example\u200b",
        "A@Alpha.Example",
        "ａ＠ａｌｐｈａ．ｅｘａｍｐｌｅ",
        "Kim <a@alpha.example>",
        "mailto:a@alpha.example",
        "a@al\u00adpha.example",
    ],
)
def test_addresses_as_people_paste_them(cast: Cast, typed: str) -> None:
    page = upload(cast, f"name,email\nKim,{typed}\n")
    assert rows(page) == [("Kim", "a@alpha.example", "", "", "")]
    assert any("invisible or full-width" in note for note in page.context["notes"])


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        ("Kim,a@alpha.example,02-555-O111", "“O” is at place 8"),
        ('"K\nim",a@alpha.example,', "(U+000A), at place 2"),
        ("Kim,a,b@alpha.example", "valid e-mail"),
    ],
)
def test_what_is_refused_names_the_character_and_its_place(cast: Cast, cells: str, why: str) -> None:
    page = upload(cast, f"name,email,phone\n{cells}\n")
    [refused] = page.context["refused"]
    assert why in refused.text


@pytest.mark.parametrize("language", ["ko-KR", "KO", "Korean", "한국어", "ko_KR"])
def test_languages_as_directories_write_them(cast: Cast, language: str) -> None:
    page = upload(cast, f"name,email,language\nKim,a@alpha.example,{language}\n")
    assert [one.values["language"] for one in page.context["others"]] == ["ko"]


def test_departments_are_not_doubled_by_another_way_to_write_them(cast: Cast) -> None:
    Department.objects.create(company=cast.alpha, name="영업부")
    apart = unicodedata.normalize("NFD", "영업부")
    page = upload(
        cast,
        f"name,email,department\nA,a@alpha.example,{apart}\nB,b@alpha.example,영업부\u200b / 수출팀\nC,c@alpha.example,"
        f"{apart} / {unicodedata.normalize('NFD', '수출팀')}\n",
    )
    client = signed_in(cast.admin_alpha)
    assert client.post(page.redirect_chain[-1][0]).status_code == 302
    assert set(Department.objects.values_list("name", flat=True)) == {"영업부", "수출팀"}
    assert User.objects.filter(company=cast.alpha, department__name="수출팀").count() == 2


def test_a_name_that_was_typed_in_parts_is_stored_composed(cast: Cast) -> None:
    page = upload(cast, f"name,email\n{unicodedata.normalize('NFD', '김민준')},a@alpha.example\n")
    signed_in(cast.admin_alpha).post(page.redirect_chain[-1][0])
    assert User.objects.get(email="a@alpha.example").name == "김민준"
