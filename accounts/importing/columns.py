"""The columns of a file of members, and what the tools that people export from call them."""

import re
import unicodedata

from worksbridge.characters import one_line

REQUIRED = ("name", "email")
COLUMNS = ("name", "email", "handle", "title", "department", "phone", "language", "time_zone")
# For each column its other names, the better source first: a file may have several, and an empty cell leaves the next.
# English, Korean and Japanese lists; the exports of Microsoft Entra ID and Google Workspace.
SOURCES = {
    "name": (
        *("name", "full name", "display name", "displayname", "이름", "성명", "사원명", "직원명", "성함"),
        *("氏名", "名前", "お名前", "社員名", "表示名"),
    ),
    "email": (
        *("email", "e-mail", "mail", "email address", "e-mail address", "mail address", "primary email", "work email"),
        *("이메일", "이메일 주소", "메일", "메일 주소", "전자우편", "회사 이메일", "e메일"),
        *("メール", "メールアドレス", "eメール", "電子メール", "電子メールアドレス"),
        *("user principal name", "userprincipalname"),
    ),
    "handle": ("handle", "id", "user name", "username", "아이디", "사번 아이디", "ユーザー名", "ユーザーid"),
    "title": (
        *("title", "job title", "jobtitle", "position", "employee title", "직위", "직급", "직함", "직책"),
        *("役職", "職位", "肩書", "肩書き"),
    ),
    "department": (
        *("department", "dept", "department name", "부서", "부서명", "소속", "소속 부서", "팀", "조직"),
        *("部署", "部署名", "部門", "所属", "所属部署"),
    ),
    "phone": (
        *("phone", "phone number", "telephone", "telephone number", "telephonenumber", "work phone", "business phones"),
        *(
            "businessphones",
            "mobile",
            "mobile phone",
            "mobilephone",
            "전화",
            "전화번호",
            "연락처",
            "휴대폰",
            "휴대전화",
        ),
        *("휴대폰 번호", "핸드폰", "사내전화", "電話", "電話番号", "携帯", "携帯電話", "内線"),
    ),
    "language": ("language", "preferred language", "preferredlanguage", "언어", "言語"),
    "time_zone": ("time_zone", "time zone", "timezone", "시간대", "표준 시간대", "タイムゾーン"),
    # A name in two columns, as Google Workspace and Entra ID have it.
    "given_name": ("given name", "givenname", "first name", "firstname", "이름(名)", "名"),
    "family_name": ("family name", "surname", "last name", "lastname", "성", "姓"),
}
_COLUMN_OF = {head: (column, rank) for column, heads in SOURCES.items() for rank, head in enumerate(heads)}
# Entra ID's own identifier of an account is no handle, and its state no column of ours.
_NOT_MEANT = {"id"}
MAX_LENGTHS = {"name": 100, "email": 254, "handle": 40, "title": 100, "department": 300, "phone": 40}
_NOTE = re.compile(r"\s*(?:\[[^\]]*\]|\([^)]*\)|（[^）]*）|\*)\s*$")


def head_of(cell: str) -> str:
    """A cell of the head as it is compared: one line, small letters, without notes such as “[Required]”."""
    head = unicodedata.normalize("NFKC", one_line(cell)).strip().lower().strip("\"'“”:")
    bare = _NOTE.sub("", head)
    return " ".join((head if head in _COLUMN_OF else bare).replace("_", " ").split()) if head != "time_zone" else head


def column_of(cell: str) -> tuple[str, int] | None:
    """The column that a cell of the head names, and how good a source it is (0 is best); None when it names none."""
    head = head_of(cell)
    return None if head in _NOT_MEANT else _COLUMN_OF.get(head)
