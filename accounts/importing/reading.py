"""From the bytes of a file to rows with the lines they begin in."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from typing import Any

from django.utils.translation import gettext as _

from accounts.importing.columns import COLUMNS, IGNORED, REQUIRED, column_of
from worksbridge.errors import WorksBridgeError

MOST_ROWS = 20_000
HOW_TO_SAVE = "In Excel choose “Save as” and the type “CSV UTF-8”."


class BadFile(WorksBridgeError):
    """The file as a whole cannot be read; says in which line, and what to do."""

    code = "bad_file"


@dataclass(frozen=True)
class Row:
    """The cells of one person by column, and the line of the file in which they begin."""

    line: int
    cells: dict[str, str]
    error: str = ""


def decode(content: bytes) -> str:
    """The text of a UTF-8 file. Raises BadFile naming the line for any other."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise BadFile(_("Line 1: the file is saved as UTF-16. %s") % _(HOW_TO_SAVE))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise BadFile(_("Line %(line)d is not UTF-8. %(how)s") % {"line": line, "how": _(HOW_TO_SAVE)}) from error
    if "\0" in text:
        raise BadFile(_("Line %d has a character that no text has.") % (text[: text.index("\0")].count("\n") + 1))
    return text


def read_rows(text: str) -> list[Row]:
    """The rows of a file. Raises BadFile for one without the needed columns, without rows, or with too many."""
    lines = csv.reader(StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    try:
        head = next(lines, [])
        columns = _columns(head)
        rows = list(_rows(lines, columns))
    except csv.Error as error:
        raise BadFile(
            _("Line %d: a quotation mark is opened and not closed, or stands alone.") % lines.line_num
        ) from error
    if not rows:
        raise BadFile(_("The file has a head but no members below it."))
    return rows


def _delimiter(text: str) -> str:
    """Comma, semicolon or tab: what stands most often in the first line."""
    first = text.split("\n", 1)[0]
    return max(",;\t", key=first.count)


def _columns(head: list[str]) -> list[str]:
    columns = [column_of(cell) for cell in head]
    missing = [name for name in REQUIRED if name not in columns]
    if missing:
        raise BadFile(_("Line 1: there is no column %s.") % ", ".join(f"“{name}”" for name in missing))
    unknown = [cell for cell, name in zip(head, columns, strict=True) if name not in (*COLUMNS, *IGNORED)]
    if unknown:
        raise BadFile(
            _("Line 1: the column %s is not known.") % ", ".join(f"“{name.strip()[:40]}”" for name in unknown)
        )
    twice = {name for name in columns if columns.count(name) > 1}
    if twice:
        raise BadFile(_("Line 1: there are two columns %s.") % ", ".join(f"“{name}”" for name in sorted(twice)))
    return columns


def _rows(lines: Any, columns: list[str]) -> Iterator[Row]:
    before, count = 1, 0
    for cells in lines:
        line, before = before + 1, lines.line_num
        if not any(cell.strip() for cell in cells):
            continue
        count += 1
        if count > MOST_ROWS:
            raise BadFile(_("Line %(line)d: more than %(most)d members at once.") % {"line": line, "most": MOST_ROWS})
        wrong = len(cells) != len(columns)
        told = _("%(found)d cells, but the head has %(wanted)d columns.")
        error = told % {"found": len(cells), "wanted": len(columns)} if wrong else ""
        found = dict(zip(columns, cells, strict=False))
        yield Row(line, {name: found.get(name, "") for name in COLUMNS if name in columns}, error)
