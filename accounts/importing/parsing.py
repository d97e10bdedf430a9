"""From the bytes of a file to rows with the lines they begin in."""

import csv
from dataclasses import dataclass
from io import StringIO

from django.utils.translation import gettext as _

from accounts.importing.columns import COLUMNS, IGNORED, REQUIRED, column_of
from worksbridge.errors import Code, WorksBridgeError

MOST_ROWS = 20_000
HOW_TO_SAVE = "In Excel choose “Save as” and the type “CSV UTF-8”."


class BadFile(WorksBridgeError):
    """The file as a whole cannot be read; says in which line, and what to do."""

    code = Code.BAD_FILE


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
        # What the error counts from begins after Excel's mark.
        line = _line_of(error.object[: error.start].decode("utf-8", "replace"))
        raise BadFile(_("Line %(line)d is not UTF-8. %(how)s") % {"line": line, "how": _(HOW_TO_SAVE)}) from error
    if "\0" in text:
        raise BadFile(_("Line %d has a character that no text has.") % _line_of(text[: text.index("\0")]))
    return text


def _line_of(before: str) -> int:
    """The number of the line that goes on after this text, whatever ends its lines."""
    return len(f"{before}.".replace("\r\n", "\n").replace("\r", "\n").split("\n"))


def read_rows(text: str) -> list[Row]:
    """The rows of a file. Raises BadFile for one without the needed columns, without rows, or with too many."""
    lines = csv.reader(StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    began = 1
    rows: list[Row] = []
    columns: list[str] = []
    try:
        for cells in lines:
            if any(cell.strip() for cell in cells):
                if columns:
                    rows.append(_row(began, cells, columns, len(rows)))
                else:
                    columns = _columns(began, cells)
            began = lines.line_num + 1
    except csv.Error as error:
        raise BadFile(_broken(str(error)) % began) from error
    if not columns:
        columns = _columns(1, [])
    if not rows:
        raise BadFile(_("The file has a head but no members below it."))
    return rows


def _broken(reason: str) -> str:
    if "field limit" in reason:
        return _("Line %d: a cell is too long.")
    return _("Line %d: a quotation mark is opened there and not closed, or stands alone.")


def _delimiter(text: str) -> str:
    """Comma, semicolon or tab: what stands most often in the first line."""
    first = text.split("\n", 1)[0]
    return max(",;\t", key=first.count)


def _columns(line: int, head: list[str]) -> list[str]:
    columns = [column_of(cell) for cell in head]
    missing = [name for name in REQUIRED if name not in columns]
    if missing:
        named = ", ".join(f"“{name}”" for name in missing)
        raise BadFile(_("Line %(line)d: there is no column %(names)s.") % {"line": line, "names": named})
    # Spreadsheets leave columns without a name behind.
    unknown = [cell for cell, name in zip(head, columns, strict=True) if name not in (*COLUMNS, *IGNORED, "")]
    if unknown:
        named = ", ".join(f"“{name.strip()[:40]}”" for name in unknown)
        raise BadFile(_("Line %(line)d: the column %(names)s is not known.") % {"line": line, "names": named})
    twice = {name for name in columns if name and columns.count(name) > 1}
    if twice:
        named = ", ".join(f"“{name}”" for name in sorted(twice))
        raise BadFile(_("Line %(line)d: there are two columns %(names)s.") % {"line": line, "names": named})
    return columns


def _row(line: int, cells: list[str], columns: list[str], before: int) -> Row:
    if before >= MOST_ROWS:
        raise BadFile(_("Line %(line)d: more than %(most)d members at once.") % {"line": line, "most": MOST_ROWS})
    error = ""
    if len(cells) != len(columns):
        told = _("%(found)d cells, but the head has %(wanted)d columns.")
        error = told % {"found": len(cells), "wanted": len(columns)}
    found = dict(zip(columns, cells, strict=False))
    return Row(line, {name: found.get(name, "") for name in COLUMNS if name in columns}, error)
