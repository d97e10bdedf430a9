"""From the text of a file to rows with the lines they begin in."""

import csv
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from io import StringIO

from django.utils.translation import gettext as _

from accounts.importing.columns import COLUMNS, REQUIRED, column_of, head_of
from accounts.importing.decoding import BadFile

MOST_ROWS = 20_000
# The first line with which spreadsheets say what stands between cells.
_SEPARATOR = re.compile(r'\ufeff?"?sep=(.)"?[ ,;\t]*\r?\n', re.IGNORECASE)
# For a name in two columns: in these scripts the family name comes first, without a space.
_FAMILY_FIRST = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
# What stands in a cell that has nothing to say.
_EMPTY = re.compile(r"[-\u2010-\u2015\u2212\uff0d\u30fc]+")


@dataclass(frozen=True)
class Row:
    """The cells of one person by column, and the line of the file in which they begin."""

    line: int
    cells: dict[str, str]
    error: str = ""


@dataclass
class Table:
    """The rows of a file, the heads of columns that are `ignored`, and how many cells had nothing but `dashes`."""

    rows: list[Row] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    dashes: int = 0


# For each column the places of its cells in a row, the best source first.
_Sources = Mapping[str, Sequence[int]]


def read_table(text: str) -> Table:
    """The rows of a file. Raises BadFile for one without the needed columns, without rows, or with too many."""
    separator = _SEPARATOR.match(text)
    # The line stays, empty, so that the others keep their numbers.
    text = f"\n{text[separator.end() :]}" if separator else text
    delimiter = separator[1] if separator else _delimiter(text)
    lines = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    began = 1
    table = Table()
    places: _Sources = {}
    width = 0
    try:
        for cells in lines:
            if any(cell.strip() for cell in cells):
                if places:
                    table.rows.append(_row(began, cells, places, width, table))
                else:
                    places, table.ignored = _places(began, cells)
                    width = len(cells)
            began = lines.line_num + 1
    except csv.Error as error:
        raise BadFile(_broken(str(error)) % began) from error
    if not places:
        _places(1, [])
    if not table.rows:
        raise BadFile(_("The file has a header but no members."))
    return table


def _broken(reason: str) -> str:
    if "field limit" in reason:
        return _("Line %d: a cell is too long.")
    return _("Line %d: a quotation mark is not closed, or is in the wrong place.")


def _delimiter(text: str) -> str:
    """Comma, semicolon or tab: what stands most often in the first line that has anything."""
    first = next((line for line in re.split("[\r\n]+", text) if line.strip(",;\t \ufeff")), "")
    bare = re.sub('"[^"]*"', "", first)
    return max(",;\t", key=bare.count)


def _places(line: int, head: Sequence[str]) -> tuple[_Sources, list[str]]:
    found: dict[str, list[tuple[int, int]]] = {}
    ignored: list[str] = []
    names: Counter[str] = Counter()
    for place, cell in enumerate(head):
        column = column_of(cell)
        if column is not None:
            found.setdefault(column[0], []).append((column[1], place))
            names[head_of(cell)] += 1
        elif head_of(cell):
            # Spreadsheets leave columns without a name behind.
            ignored.append(" ".join(cell.split())[:40])
    twice = sorted(name for name, count in names.items() if count > 1)
    if twice:
        named = ", ".join(f"“{name}”" for name in twice)
        raise BadFile(_("Line %(line)d: duplicate column %(names)s.") % {"line": line, "names": named})
    known = {*found, *(["name"] if "given_name" in found or "family_name" in found else [])}
    missing = [name for name in REQUIRED if name not in known]
    if missing:
        named = ", ".join(f"“{name}”" for name in missing)
        raise BadFile(_("Line %(line)d: missing column %(names)s.") % {"line": line, "names": named})
    return {column: [place for _rank, place in sorted(places)] for column, places in found.items()}, ignored


def _row(line: int, cells: Sequence[str], places: _Sources, width: int, table: Table) -> Row:
    if len(table.rows) >= MOST_ROWS:
        raise BadFile(_("Line %(line)d: a file can have at most %(most)d members.") % {"line": line, "most": MOST_ROWS})
    error = ""
    if any(cell.strip() for cell in cells[width:]):
        told = _("%(found)d cells, but the header has %(wanted)d columns.")
        error = told % {"found": len(cells), "wanted": width}
    bare = ["" if _EMPTY.fullmatch(cell.strip()) else cell for cell in cells]
    table.dashes += sum(was != now for was, now in zip(cells, bare, strict=True))
    found = {column: _first(bare, where) for column, where in places.items()}
    if not found.get("name", "").strip():
        found["name"] = _whole_name(found.get("given_name", ""), found.get("family_name", ""))
    return Row(line, {name: found[name] for name in COLUMNS if name in found}, error)


def _first(cells: Sequence[str], places: Sequence[int]) -> str:
    """The first of these cells that says something; one that the row does not have is empty."""
    found = [cells[place] for place in places if place < len(cells)]
    return next((cell for cell in found if cell.strip()), "")


def _whole_name(given: str, family: str) -> str:
    given, family = given.strip(), family.strip()
    return f"{family}{given}" if _FAMILY_FIRST.match(family or given) else f"{given} {family}".strip()
