"""What would become of each row: new, unchanged, or refused and why."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.addresses import ADDRESS_TAKEN, HANDLE, HANDLE_TAKEN, clean_address, propose_handles, refused_addresses
from accounts.csv_export import STARTS, unmarked
from accounts.importing.columns import MAX_LENGTHS
from accounts.importing.parsing import Row
from accounts.models import LANGUAGES, Company, Department, User, time_zones
from accounts.names import TURNING, clean_name

PHONE = re.compile(r"\+?[0-9()./ -]{3,40}")
# With spaces around it: a department may be called R/D.
SPLIT = re.compile(r"\s+/\s+")
# Control characters, and what else begins a new line.
BREAKS = {"Cc", "Zl", "Zp"}
# What stands for a character that could not be kept.
LOST = "\N{REPLACEMENT CHARACTER}"


@dataclass
class Outcome:
    """One row: `state` is new, unchanged or refused; `text` says why."""

    line: int
    values: dict[str, str]
    state: str = "new"
    text: str = ""

    def refuse(self, text: object) -> None:
        """The first reason is the one that is told."""
        if self.state != "refused":
            self.state, self.text = "refused", str(text)


@dataclass
class Checked:
    """All rows of a file."""

    outcomes: list[Outcome] = field(default_factory=list)

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
    checked = Checked([_clean(row, members) for row in rows])
    _once(checked, "email", _("This address is in line %d already."))
    _once(checked, "handle", _("This handle is in line %d already."))
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
    emails = {row.cells["email"].strip().lower() for row in rows}
    return set(User.objects.filter(company=company, email__in=emails).values_list("email", flat=True))


def _clean(row: Row, members: set[str]) -> Outcome:
    cells = {name: unmarked(cell.translate(TURNING).strip()) for name, cell in row.cells.items()}
    values = dict.fromkeys(("handle", "title", "department", "phone", "language", "time_zone"), "") | cells
    one = Outcome(row.line, values)
    if row.error:
        one.refuse(row.error)
        return one
    if cells["email"].lower() in members:
        # Nothing else of the row is looked at: it changes nothing.
        values["email"] = cells["email"].lower()
        one.state, one.text = "unchanged", _("Is a member already, and stays as they are.")
        return one
    for name, cell in cells.items():
        _check_text(one, name, cell)
    if one.state != "refused":
        _check_values(one)
    return one


def _check_text(one: Outcome, name: str, cell: str) -> None:
    if any(unicodedata.category(character) in BREAKS for character in cell):
        one.refuse(_("There is a line break or another control character in “%s”.") % name)
    elif LOST in cell:
        one.refuse(_("A character of “%s” was lost when the file was saved. Save it as CSV UTF-8.") % name)
    elif _visible(cell).startswith(STARTS) and not (name == "phone" and PHONE.fullmatch(cell)):
        one.refuse(_("“%s” begins like a formula.") % name)
    elif len(cell) > MAX_LENGTHS.get(name, 64):
        one.refuse(
            _("“%(name)s” is longer than %(most)d characters.") % {"name": name, "most": MAX_LENGTHS.get(name, 64)}
        )


def _visible(cell: str) -> str:
    """The cell from its first character that is seen: what comes before makes no formula harmless."""
    return cell.lstrip("".join(c for c in set(cell) if c.isspace() or unicodedata.category(c) == "Cf"))


def _check_values(one: Outcome) -> None:
    values = one.values
    try:
        values["name"] = clean_name(values["name"])
        values["email"] = clean_address(values["email"])
    except ValidationError as error:
        one.refuse(" ".join(error.messages))
        return
    values["handle"] = values["handle"].lower().removeprefix("@")
    values["language"] = values["language"].lower()
    if values["handle"] and not HANDLE.fullmatch(values["handle"]):
        one.refuse(_("A handle has small letters, digits, dots, - and _ only, at least two."))
    if values["phone"] and not PHONE.fullmatch(values["phone"]):
        one.refuse(_("A phone number has digits, spaces, and + ( ) . / - only."))
    if values["language"] and values["language"] not in dict(LANGUAGES):
        one.refuse(_("The language is one of %s.") % ", ".join(dict(LANGUAGES)))
    if values["time_zone"] and values["time_zone"] not in _ZONES:
        one.refuse(_("The time zone is not known. Write it like Asia/Seoul."))


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
    places = {one.name.lower(): one.parent.name.lower() if one.parent else "" for one in _all(company)}
    for one in checked.of("new"):
        above = ""
        for name in path_of(one.values["department"]):
            place = places.get(name.lower())
            if _visible(name).startswith(STARTS):
                one.refuse(_("“%s” begins like a formula.") % "department")
            if len(name) > MAX_LENGTHS["name"]:
                one.refuse(_("“%(name)s” is longer than %(most)d characters.") % {"name": "department", "most": 100})
            elif place is not None and above and place != above:
                one.refuse(_("The department “%s” is somewhere else in your company.") % name)
            places.setdefault(name.lower(), above)
            above = name.lower()


def path_of(text: str) -> list[str]:
    """The names in `Sales / Export`, from the top."""
    return [name for name in (" ".join(part.split()) for part in SPLIT.split(text)) if name]


def _all(company: Company) -> list[Department]:
    return list(Department.objects.filter(company=company).select_related("parent"))
