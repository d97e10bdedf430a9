"""What is in a line: code, addresses, and bold and italic text.

The rules for `*` and `_` are stricter than CommonMark's where those take signs for marks ("2*3*4", "__init__", masked
names like 김*수), and wider where those leave marks beside scripts without spaces ("**강조(emphasis)**는").
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from messaging.message.markup.links import find_links
from messaging.message.markup.nodes import Code, Emphasis, Inline, Line, Text

LONGEST_RUN = 3
# Before a mark that opens, beside spaces, pictures and the start of the line.
_BEFORE = frozenset("([{<\"'“‘«‹「『（【〈《〔［｛-–—:,;|、>。，．：；！？…※•→*_")
# Just inside marks, beside letters, numbers and pictures.
_OPENING = frozenset("([{<\"'“‘«‹「『（【〈《〔［｛@#$₩¥€£+-_`")
_CLOSING = frozenset(")]}>\"'”’»›」』）】〉》〕］｝.!?,:;%…。、！？：；℃°_`")
# After a mark that closes, beside spaces, pictures, scripts without spaces and the end of the line.
_AFTER = frozenset(")]}>\"'”’»›」』）】〉》〕］｝.!?,:;/|…。、，．！？：；・-–—~*_")
# Scripts whose words have no spaces between them, and Korean, whose particles follow directly.
_NO_SPACES = re.compile(
    "[\u1100-\u11ff\u3131-\u318e\uac00-\ud7fb\u3005-\u3007\u3041-\u30ff\u3105-\u312f\u31f0-\u31ff\u3400-\u4dbf"
    "\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff\u0e01-\u0e4e\u0e81-\u0ece\u1000-\u1049\u1780-\u17d3]"
)
_TICKS = re.compile("`+")
_RUNS = re.compile(r"\*+|_+")


@dataclass(slots=True)
class _Mark:
    """A run of `*` or `_` that may open or close. `start` and `end` are its places in the line."""

    run: str
    start: int
    end: int
    opens: bool
    closes: bool
    # Whether a letter of a script without spaces stands directly before it.
    in_word: bool


def parse_line(line: str) -> Line:
    """The parts of a line, in order. Joined, their texts and marks are the line."""
    parts: list[Inline | _Mark] = []
    at = 0
    for start, end, node in [*_opaque(line), (len(line), len(line), Text(""))]:
        for mark in _RUNS.finditer(line, at, start):
            parts += [Text(line[at : mark.start()]), _mark(line, *mark.span())]
            at = mark.end()
        parts += [Text(line[at:start]), node]
        at = end
    return tuple(_joined(_paired(line, parts)))


def _opaque(line: str) -> Iterator[tuple[int, int, Inline]]:
    """Code and addresses, in which nothing is a mark, with their places."""
    at = 0
    for start, end, code in [*_codes(line), (len(line), len(line), None)]:
        yield from find_links(line, at, start)
        if code is not None:
            yield start, end, code
        at = end


def _codes(line: str) -> list[tuple[int, int, Code]]:
    runs = [run.span() for run in _TICKS.finditer(line)]
    # For each length the nearest run that could close; from the end, so that each run is looked at once.
    nearest: dict[int, int] = {}
    closing: list[int | None] = [None] * len(runs)
    for number in range(len(runs) - 1, -1, -1):
        start, end = runs[number]
        closing[number] = nearest.get(end - start)
        if _ends(line, start, end):
            nearest[end - start] = number
    found = []
    at = 0
    for number, (start, end) in enumerate(runs):
        close = closing[number]
        if start >= at and close is not None and end - start <= LONGEST_RUN and _begins(line, start, end):
            stop = runs[close]
            found.append((start, stop[1], Code(line[end : stop[0]])))
            at = stop[1]
    return found


def _begins(line: str, start: int, end: int) -> bool:
    before, after = line[start - 1 : start], line[end : end + 1]
    inside = bool(after) and not after.isspace() and after not in _CLOSING - {"."}
    return inside and (_is_edge(before, _BEFORE) or _NO_SPACES.match(before) is not None)


def _ends(line: str, start: int, end: int) -> bool:
    before, after = line[start - 1 : start], line[end : end + 1]
    inside = bool(before) and not before.isspace() and before not in _OPENING - _CLOSING - {"$", "+", "-", "@", "#"}
    return inside and not (after.isascii() and after.isalnum())


def _is_edge(character: str, edges: frozenset[str]) -> bool:
    return not character or character.isspace() or character in edges or unicodedata.category(character) == "So"


def _mark(line: str, start: int, end: int) -> Inline | _Mark:
    run, before, after = line[start:end], line[start - 1 : start], line[end : end + 1]
    if len(run) > (LONGEST_RUN if run[0] == "*" else 1):
        return Text(run)
    in_word = len(run) > 1 and _NO_SPACES.match(before) is not None
    opens = _is_inner(run, after, _OPENING) and (in_word or _is_edge(before, _BEFORE))
    follows = _is_edge(after, _AFTER) or (run[0] == "*" and _NO_SPACES.match(after) is not None)
    closes = _is_inner(run, before, _CLOSING) and follows
    return _Mark(run, start, end, opens, closes, in_word) if opens or closes else Text(run)


def _is_inner(run: str, character: str, edges: frozenset[str]) -> bool:
    """Whether marked text can begin or end with the character."""
    if not character or character.isspace():
        return False
    if run[0] == "_":
        return character.isalnum() or character in ".!?*`"
    return character.isalnum() or character in edges or unicodedata.category(character) in ("So", "Mn", "Mc", "Sk")


def _paired(line: str, parts: Sequence[Inline | _Mark]) -> list[Inline]:
    """Marks that belong together become emphasis, all others text."""
    spaces = _counts(character.isspace() or character in ",/" for character in line)
    letters = _counts(character.isalpha() for character in line)
    found: list[Inline | _Mark] = []
    # For each kind of mark the places in `found` of those that wait for their other half.
    waiting: dict[str, list[int]] = {}
    for part in parts:
        if not isinstance(part, _Mark):
            found.append(part)
            continue
        places = waiting.setdefault(part.run, [])
        opening = found[places[-1]] if part.closes and places else None
        if isinstance(opening, _Mark) and _belong(opening, part, spaces, letters):
            place = places[-1]
            inner = tuple(_joined(found[place + 1 :]))
            del found[place:]
            for others in waiting.values():
                while others and others[-1] >= place:
                    others.pop()
            bold, italic = len(part.run) > 1, len(part.run) != 2  # noqa: PLR2004
            found.append(Emphasis(inner, is_bold=bold, is_italic=italic))
            continue
        if part.opens:
            places.append(len(found))
        found.append(part)
    return [Text(part.run) if isinstance(part, _Mark) else part for part in found]


def _counts(flags: Iterable[bool]) -> list[int]:
    return list(accumulate(flags, initial=0))


def _belong(opening: _Mark, closing: _Mark, spaces: Sequence[int], letters: Sequence[int]) -> bool:
    """Whether what is between two marks is marked by them, and not a number or names with letters left out."""
    start, end = opening.end, closing.start
    if start >= end:
        return False
    if opening.in_word and spaces[start] != spaces[end]:
        return False
    return len(opening.run) > 1 or letters[start] != letters[end]


def _joined(parts: Iterable[Inline | _Mark]) -> Iterator[Inline]:
    """Neighbours that are text become one; empty ones go."""
    text = ""
    for part in parts:
        if isinstance(part, Text | _Mark):
            text += part.text if isinstance(part, Text) else part.run
            continue
        if text:
            yield Text(text)
            text = ""
        yield part
    if text:
        yield Text(text)
