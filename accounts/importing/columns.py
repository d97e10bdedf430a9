"""The columns of a file of members."""

REQUIRED = ("name", "email")
COLUMNS = ("name", "email", "handle", "title", "department", "phone", "language", "time_zone")
# What people, and the export, call them besides.
ALSO = {
    "e-mail": "email",
    "e-mail address": "email",
    "email address": "email",
    "mail": "email",
    "time zone": "time_zone",
    "timezone": "time_zone",
    "phone number": "phone",
    "telephone": "phone",
    "이름": "name",
    "이메일": "email",
    "부서": "department",
    "직함": "title",
    "전화번호": "phone",
    "氏名": "name",
    "名前": "name",
    "メールアドレス": "email",
    "部署": "department",
    "役職": "title",
    "電話番号": "phone",
}
# Columns of the export that the import leaves alone.
IGNORED = ("company", "administrator", "state")
MAX_LENGTHS = {"name": 100, "email": 254, "handle": 40, "title": 100, "department": 300, "phone": 40}


def column_of(head: str) -> str:
    """The column that a cell of the head names; the cell itself when it is none."""
    name = " ".join(head.strip().lower().split())
    return ALSO.get(name, name.replace(" ", "_") if name.replace(" ", "_") in COLUMNS else name)
