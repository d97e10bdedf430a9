"""The outcome of each row: new, unchanged, or refused with a reason."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.addresses import ADDRESS_TAKEN, HANDLE, HANDLE_TAKEN, propose_handles, refused_addresses
from accounts.csv_export import STARTS, unmarked
from accounts.importing.columns import MAX_LENGTHS
from accounts.importing.parsing import Row
from accounts.models import LANGUAGES, Company, Department, User, time_zones
from accounts.names import clean_name
from worksbridge.characters import comparable, one_line, without_direction, without_unseen
from worksbridge.mail_addresses import address_or_text, clean_address

# A number, and an extension as it is written in Korea, Japan and elsewhere; or an extension alone.
_EXTENSION = r"(?:내선|내선번호|교환|内線|구내|ext\.?|x|#)\s*\d{1,8}"
PHONE = re.compile(rf"\+?[0-9()./ -]{{3,40}}(?:[,;]?\s*\(?{_EXTENSION}\)?)?|{_EXTENSION}", re.IGNORECASE)
_DASHES = re.compile("[\u2010-\u2015\u2212\u30fc\uff0d\ufe63]")
# With spaces around it: a department may be called R/D.
SPLIT = re.compile(r"\s+/\s+")
# Control characters and line separators.
BREAKS = {"Cc", "Zl", "Zp"}
# The replacement for a character that could not be decoded.
LOST = "\N{REPLACEMENT CHARACTER}"
# Languages as directories write them: "ko-KR", "ja_JP", or by name.
_LANGUAGES = {
    "korean": "ko",
    "한국어": "ko",
    "japanese": "ja",
    "日本語": "ja",
    "일본어": "ja",
    "english": "en",
    "영어": "en",
}


@dataclass
class Outcome:
    """One row: `state` is new, unchanged or refused; `text` says why."""

    line: int
    values: dict[str, str]
    state: str = "new"
    text: str = ""

    def refuse(self, text: object) -> None:
        """Keep the first reason given."""
        if self.state != "refused":
            self.state, self.text = "refused", str(text)


@dataclass
class Checked:
    """All rows of a file, and how many cells were `mended`: written otherwise than they were plainly meant."""

    outcomes: list[Outcome] = field(default_factory=list)
    mended: int = 0

    def of(self, state: str) -> list[Outcome]:
        """The rows in one state."""
        return [one for one in self.outcomes if one.state == state]

    @property
    def counts(self) -> Counter[str]:
        """How many rows are in each state."""
        return Counter(one.state for one in self.outcomes)


def check_rows(company: Company, rows: Sequence[Row]) -> Checked:
    """Check each row for `company`. Writes nothing; the same number of queries for any number of rows."""
    members = _members(company, rows)
    checked = Checked()
    for row in rows:
        cells = {name: _meant(name, cell) for name, cell in row.cells.items()}
        checked.mended += sum(cells[name] != cell.strip() for name, cell in row.cells.items())
        checked.outcomes.append(_clean(row, cells, members))
    _once(checked, "email", _("This address is already in line %d."))
    _once(checked, "handle", _("This handle is already in line %d."))
    _against_accounts(company, checked)
    _departments(company, checked)
    fresh = checked.of("new")
    given = {one.values["handle"] for one in fresh if one.values["handle"]}
    handles = propose_handles([one.values["email"] for one in fresh if not one.values["handle"]], given)
    for one in fresh:
        one.values["handle"] = one.values["handle"] or handles[one.values["email"]]
    return checked


def _members(company: Company, rows: Sequence[Row]) -> set[str]:
    """The addresses in the file that members of the company have already."""
    emails = {address_or_text(row.cells.get("email", "")) for row in rows}
    return set(User.objects.filter(company=company, email__in=emails).values_list("email", flat=True))


def _meant(name: str, cell: str) -> str:
    """What a cell says, without what invisible or wide characters make of it. Line breaks within it stay."""
    cell = cell.strip()
    if any(unicodedata.category(character) in BREAKS for character in cell):
        return cell
    cell = unmarked(unicodedata.normalize("NFC", without_unseen(without_direction(cell)).strip()))
    match name:
        case "email":
            return address_or_text(cell)
        case "phone":
            return " ".join(_DASHES.sub("-", unicodedata.normalize("NFKC", _DASHES.sub("-", cell))).split())
        case "language":
            word = cell.lower()
            region = re.fullmatch("([a-z]{2,3})[-_][a-z0-9_-]+", word)
            return _LANGUAGES.get(word) or (region[1] if region else word)
        case "handle":
            return comparable(cell)
    return one_line(cell)


def _clean(row: Row, cells: dict[str, str], members: set[str]) -> Outcome:
    values = dict.fromkeys(("handle", "title", "department", "phone", "language", "time_zone"), "") | cells
    one = Outcome(row.line, values)
    if row.error:
        one.refuse(row.error)
        return one
    if cells["email"] in members:
        # Nothing else of the row is looked at: it changes nothing.
        one.state, one.text = "unchanged", _("Already a member. Nothing changes.")
        return one
    for name, cell in cells.items():
        _check_text(one, name, cell)
    if one.state != "refused":
        _check_values(one)
    return one


def _check_text(one: Outcome, name: str, cell: str) -> None:
    odd = next((place for place, character in enumerate(cell) if unicodedata.category(character) in BREAKS), None)
    if odd is not None:
        text = _("“%(name)s” contains a line break or another control character (%(code)s), at place %(place)d.")
        one.refuse(text % {"code": f"U+{ord(cell[odd]):04X}", "name": name, "place": odd + 1})
    elif LOST in cell:
        one.refuse(_("A character of “%s” was lost when the file was saved. Save it as CSV UTF-8.") % name)
    elif cell.startswith(STARTS) and not (name == "phone" and PHONE.fullmatch(cell)):
        one.refuse(_("“%s” starts like a formula.") % name)
    elif len(cell) > MAX_LENGTHS.get(name, 64):
        one.refuse(
            _("“%(name)s” is longer than %(most)d characters.") % {"name": name, "most": MAX_LENGTHS.get(name, 64)}
        )


def _check_values(one: Outcome) -> None:
    values = one.values
    try:
        values["name"] = clean_name(values["name"])
        values["email"] = clean_address(values["email"])
    except ValidationError as error:
        one.refuse(" ".join(error.messages))
        return
    values["handle"] = values["handle"].removeprefix("@")
    if values["handle"] and not HANDLE.fullmatch(values["handle"]):
        one.refuse(_("A handle has at least two characters: lowercase letters, digits, dots, - and _."))
    if values["phone"] and not PHONE.fullmatch(values["phone"]):
        one.refuse(_bad_phone(values["phone"]))
    if values["language"] and values["language"] not in dict(LANGUAGES):
        one.refuse(_("The language must be one of %s.") % ", ".join(dict(LANGUAGES)))
    if values["time_zone"] and values["time_zone"] not in _ZONES:
        one.refuse(_("Unknown time zone. Use a name like Asia/Seoul."))


def _bad_phone(phone: str) -> str:
    odd = next((place for place, character in enumerate(phone) if character not in "0123456789()./ -+"), None)
    text = _("A phone number can only contain digits, spaces and + ( ) . / -.")
    if odd is None:
        return text
    return f"{text} " + _("“%(character)s” is at place %(place)d.") % {"character": phone[odd], "place": odd + 1}


_ZONES = frozenset(name for name, _label in time_zones())


def _once(checked: Checked, name: str, text: str) -> None:
    lines: dict[str, int] = {}
    for one in checked.outcomes:
        value = one.values.get(name, "")
        if one.state == "refused" or not value:
            continue
        if value in lines:
            one.refuse(text % lines[value])
        else:
            lines[value] = one.line


def _against_accounts(company: Company, checked: Checked) -> None:
    rows = checked.of("new")
    emails = [one.values["email"] for one in rows]
    refused = refused_addresses(company.pk, emails)
    handles = {one.values["handle"] for one in rows if one.values["handle"]}
    taken = set(User.objects.filter(handle__in=handles).values_list("handle", flat=True))
    for one in rows:
        if one.values["email"] in refused:
            one.refuse(ADDRESS_TAKEN)
        elif one.values["handle"] in taken:
            one.refuse(HANDLE_TAKEN)


def _departments(company: Company, checked: Checked) -> None:
    """A path names departments from the top; names are unique in a company, so each has one place."""
    places = {comparable(one.name): comparable(one.parent.name) if one.parent else "" for one in _all(company)}
    for one in checked.of("new"):
        above = ""
        for name in path_of(one.values["department"]):
            place = places.get(comparable(name))
            if name.startswith(STARTS):
                one.refuse(_("“%s” starts like a formula.") % "department")
            if len(name) > MAX_LENGTHS["name"]:
                one.refuse(_("“%(name)s” is longer than %(most)d characters.") % {"name": "department", "most": 100})
            elif place is not None and above and place != above:
                one.refuse(_("The department “%s” is already elsewhere in your company.") % name)
            places.setdefault(comparable(name), above)
            above = comparable(name)


def path_of(text: str) -> list[str]:
    """The names in `Sales / Export`, from the top."""
    return [name for name in map(one_line, SPLIT.split(text)) if name]


def _all(company: Company) -> list[Department]:
    return list(Department.objects.filter(company=company).select_related("parent"))
