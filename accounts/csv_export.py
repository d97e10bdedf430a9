"""CSV files whose cells no spreadsheet runs as formulas."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO

from django.http import HttpRequest, StreamingHttpResponse

from worksbridge.ui.streaming import streamed

# What makes a spreadsheet take a cell for a formula: https://owasp.org/www-community/attacks/CSV_Injection
# The wide ones do in East Asian editions.
STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
MARK = "'"
# So many rows are made and sent at a time: each piece goes through another thread.
PIECE = 500


def harmless(value: object) -> str:
    """The value as a cell that no spreadsheet runs."""
    text = "" if value is None else str(value)
    return MARK + text if text.startswith(STARTS) else text


def unmarked(cell: str) -> str:
    """The value of a cell before it was escaped."""
    return cell[1:] if cell.startswith(MARK) and cell[1:].startswith(STARTS) else cell


def csv_answer(
    request: HttpRequest, name: str, head: Sequence[str], rows: Iterable[Sequence[object]]
) -> StreamingHttpResponse:
    """A streamed file `name`.csv. It begins with the byte order mark by which Excel recognises UTF-8."""
    return streamed(request, _pieces(head, rows), content_type="text/csv; charset=utf-8", name=f"{name}.csv")


def _pieces(head: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    piece = StringIO()
    piece.write("\ufeff")
    # All of them quoted: a list separator within a cell would else begin another cell, which might be a formula.
    writer = csv.writer(piece, quoting=csv.QUOTE_ALL)
    writer.writerow(head)
    for number, row in enumerate(rows, 1):
        writer.writerow([harmless(value) for value in row])
        if number % PIECE == 0:
            yield piece.getvalue()
            piece.seek(0)
            piece.truncate()
    yield piece.getvalue()
