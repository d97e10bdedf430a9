"""What is in a line: code, addresses, and bold and italic text.

The rules for `*` and `_` are stricter than CommonMark's where those take signs for marks ("2*3*4", "__init__", masked
names like 김*수), and wider where those leave marks beside scripts without spaces ("**강조(emphasis)**는").
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

from messaging.message.markup.links import find_links
from messaging.message.markup.marked import may_have_marks
from messaging.message.markup.nodes import Code, Emphasis, Inline, Line, Text

LONGEST_RUN = 3
# Before a mark that opens, beside spaces, pictures and the start of the line; the second ones before bold text alone.
_BEFORE = frozenset("([{<\"'“‘«‹„「『（【〈《〔［｛-–—:,;|、>。，．：；！？…※•→*_")
_BEFORE_BOLD = _BEFORE | frozenset("&+=~·・／⇒₩$¥€£")
# Just inside marks, beside letters, numbers and pictures.
_OPENING = frozenset("([{<\"'“‘«‹„「『（【〈《〔［｛@#$₩¥€£+-")
_OPENING_BOLD = _OPENING | frozenset("~※→_")
_CLOSING = frozenset(")]}>\"'”’»›“」』）】〉》〕］｝.!?:%…。！？：℃°؟٪")
_CLOSING_BOLD = _CLOSING | frozenset("+#~-=,;、；，،؛_")
# After a mark that closes, beside spaces, pictures, scripts without spaces and the end of the line.
_AFTER = frozenset(")]}>\"'”’»›“」』）】〉》〕］｝.!?,:;/|…。、，．！？：；・-–—~*_([{（「『【〈《〔［｛·&+=^→⇒／،؛؟٪")
# What parts names of which letters were left out: 김**·이**.
_PARTING = frozenset(",/、，；·・→|+&-(（")
# Scripts whose words have no spaces between them, and Korean, whose particles follow directly.
_NO_SPACES = re.compile(
    "[\u1100-\u11ff\u3131-\u318e\uac00-\ud7fb\u3005-\u3007\u3041-\u30ff\u3105-\u312f\u31f0-\u31ff\u3400-\u4dbf"
    "\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff\u0e01-\u0e4e\u0e81-\u0ece\u1000-\u1049\u1780-\u17d3]"
)
# Letters of which faces are made, and no words: single jamo, the voicing marks of half-width kana.
_OF_FACES = re.compile("[\u3131-\u318e\uff9e\uff9f]")
# What ends a picture: the selector of coloured ones, the frame of a keycap, colours of skin.
_PICTURE_END = re.compile("[\ufe0f\u20e3\U0001f3fb-\U0001f3ff]")
# An acute accent by itself stands in faces, (`・ω・´), and in no code.
_FACE = "´"
_QUOTES = frozenset("\"'")
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
    if not may_have_marks(line):
        return (Text(line),) if line else ()
    parts: list[Inline | _Mark] = []
    at = 0
    opaque = list(_opaque(line))
    codes = frozenset(place for start, end, node in opaque if isinstance(node, Code) for place in (start, end))
    for start, end, node in [*opaque, (len(line), len(line), Text(""))]:
        for mark in _RUNS.finditer(line, at, start):
            parts += [Text(line[at : mark.start()]), _mark(line, *mark.span(), codes)]
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
    if not any(closing):
        return []
    counts = _TickCounts(
        faces=_counts(character == _FACE for character in line),
        spaces=_counts(character == " " for character in line),
        words=_counts(character.isalnum() for character in line),
    )
    found = []
    at = 0
    for number, (start, end) in enumerate(runs):
        close = closing[number]
        if start >= at and close is not None and end - start <= LONGEST_RUN and _begins(line, start, end):
            stop = runs[close]
            if not _is_of_faces(counts, end, stop[0]):
                found.append((start, stop[1], Code(line[end : stop[0]])))
                at = stop[1]
    return found


class _TickCounts(NamedTuple):
    """How many characters of a kind stand before each place of a line with ticks."""

    faces: Sequence[int]
    spaces: Sequence[int]
    words: Sequence[int]


def _is_of_faces(counts: _TickCounts, start: int, end: int) -> bool:
    """Whether what is between two ticks is of faces that have them, (`・ω・´) (`-ω-´), and no code."""
    faces, spaces, words = (kind[end] - kind[start] for kind in counts)
    return faces > 0 or (spaces > 0 and not words)


def _begins(line: str, start: int, end: int) -> bool:
    before, after = line[start - 1 : start], line[end : end + 1]
    is_edge = _is_edge(before, _BEFORE_BOLD | {"/"}) or _NO_SPACES.match(before) is not None
    return is_edge and bool(after) and not after.isspace()


def _ends(line: str, start: int, end: int) -> bool:
    before, after = line[start - 1 : start], line[end : end + 1]
    return bool(before) and not before.isspace() and not (after.isascii() and after.isalnum())


def _is_edge(character: str, edges: frozenset[str]) -> bool:
    if not character or character.isspace() or character in edges:
        return True
    return unicodedata.category(character) == "So" or _PICTURE_END.match(character) is not None


def _mark(line: str, start: int, end: int, codes: frozenset[int]) -> Inline | _Mark:
    """A run of marks as what it may do; text when it may do nothing. `codes`: where pieces of code begin and end."""
    run, before, after = line[start:end], line[start - 1 : start], line[end : end + 1]
    # A star with a selector is the key of a telephone.
    if len(run) > (LONGEST_RUN if run[0] == "*" else 1) or _is_mentioned(before, after) or after == "\ufe0f":
        return Text(run)
    bold = len(run) > 1
    # One letter at the beginning of a word is a name of which the rest was left out: 김**님.
    in_word = bold and all(map(_NO_SPACES.match, (before, line[start - 2 : start - 1])))
    is_edge = _is_edge(before, _BEFORE_BOLD if bold else _BEFORE)
    if run == "_" and before == "*":
        # Italic within bold; *_* is a face.
        is_edge = line[start - 2 : start - 1] == "*"
    # Between marks a stroke parts words; elsewhere it begins a comment.
    is_edge = is_edge or (bold and before == "/" and line[start - 2 : start - 1] == "*")
    inner = end in codes or _is_inner(run, after, _OPENING_BOLD if bold else _OPENING)
    opens = inner and (in_word or is_edge)
    follows = _is_edge(after, _AFTER) or (run[0] == "*" and _NO_SPACES.match(after) is not None)
    inner = start in codes or _is_inner(run, before, _CLOSING_BOLD if bold else _CLOSING)
    closes = inner and follows and not _goes_on(line, run, end)
    return _Mark(run, start, end, opens, closes, in_word) if opens or closes else Text(run)


def _is_mentioned(before: str, after: str) -> bool:
    """Whether the signs themselves are meant: '*', or **** with parts of a number beside them."""
    return before == after and before in {*_QUOTES, "-"}


def _goes_on(line: str, run: str, end: int) -> bool:
    """Whether what follows makes a name of a file of it: *_최종*.hwp, _old_/."""
    after, next_one = line[end : end + 1], line[end + 1 : end + 2]
    if run[0] == "_" and (after == "/" or (after == "*" and next_one != "*")):
        return True
    return after == "." and next_one.isascii() and next_one.isalnum()


def _is_inner(run: str, character: str, edges: frozenset[str]) -> bool:
    """Whether marked text can begin or end with the character."""
    if not character or character.isspace() or character in "\uff9e\uff9f":
        return False
    if run[0] == "_":
        return character.isalnum() or character in ".!?*"
    if character.isalnum() or character in edges or _PICTURE_END.match(character):
        return True
    return unicodedata.category(character) in ("So", "Mn", "Mc", "Me")


def _paired(line: str, parts: Sequence[Inline | _Mark]) -> list[Inline]:
    """Marks that belong together become emphasis, all others text."""
    counts = _Counts(
        spaces=_counts(character.isspace() or character in _PARTING for character in line),
        letters=_counts(character.isalpha() and not _OF_FACES.match(character) for character in line),
        digits=_counts(character.isdigit() for character in line),
        tabs=_counts(character == "\t" for character in line),
        blanks=_counts(character.isspace() for character in line),
        lines=_counts(character == "_" for character in line),
    )
    found: list[Inline | _Mark] = []
    # For each kind of mark the places in `found` of those that wait for their other half.
    waiting: dict[str, list[int]] = {}
    for part in parts:
        if not isinstance(part, _Mark):
            found.append(part)
            continue
        places = waiting.setdefault(part.run, [])
        opening = found[places[-1]] if part.closes and places else None
        if isinstance(opening, _Mark) and _belong(line, opening, part, counts):
            place = places[-1]
            inner = tuple(_joined(found[place + 1 :]))
            del found[place:]
            for others in waiting.values():
                while others and others[-1] >= place:
                    others.pop()
            bold, italic = len(part.run) > 1, len(part.run) != 2  # noqa: PLR2004
            found.append(Emphasis(inner, is_bold=bold, is_italic=italic))
            continue
        if isinstance(opening, _Mark) and _around(line, opening, part) in _NOT_MARKED:
            # The two are a pair, but of something else: nothing after it belongs to the first.
            places.pop()
        if part.opens:
            places.append(len(found))
        found.append(part)
    return [Text(part.run) if isinstance(part, _Mark) else part for part in found]


def _counts(flags: Iterable[bool]) -> list[int]:
    return list(accumulate(flags, initial=0))


class _Counts(NamedTuple):
    """How many characters of a kind stand before each place of a line."""

    spaces: Sequence[int]
    letters: Sequence[int]
    digits: Sequence[int]
    tabs: Sequence[int]
    blanks: Sequence[int]
    lines: Sequence[int]


# What is around a wildcard that fills quotes, and around a face: "*서울*", (*uωu*), .:*☆*:.
_NOT_MARKED = frozenset({"''", '""', "()", "::"})


def _around(line: str, opening: _Mark, closing: _Mark) -> str:
    return line[opening.start - 1 : opening.start] + line[closing.end : closing.end + 1]


def _belong(line: str, opening: _Mark, closing: _Mark, counts: _Counts) -> bool:
    """Whether two marks mark what is between them: words, and not a face, a number, a file or cells of a table."""
    start, end = opening.end, closing.start
    around = _around(line, opening, closing)
    has = {name: found[start] != found[end] for name, found in counts._asdict().items() if end > start}
    if not has or has["tabs"] or (opening.in_word and has["spaces"]):
        return False
    if opening.run[0] == "_":
        return has["letters"] and around not in _NOT_MARKED and (has["blanks"] or not has["lines"])
    if len(opening.run) > 1:
        return has["letters"] or has["digits"]
    return has["letters"] and around not in _NOT_MARKED


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
