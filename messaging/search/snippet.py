"""The piece of a message around what was found, in parts, so that a template can mark and escape each."""

import re
import unicodedata
from dataclasses import dataclass

from messaging.message.markup import plain
from messaging.search.query import Query, pattern_of
from messaging.search.words import NUMBERS, Token, normalise_one, runs
from worksbridge.characters import digits

BEFORE = 24
LENGTH = 120
# A character with the marks that belong to it, also those of half-width kana.
_CHARACTERS = re.compile("(?s).[\u0300-\u036f\u3099\u309a\uff9e\uff9f]*")


@dataclass(frozen=True)
class Part:
    """A stretch of text, found or not."""

    text: str
    is_hit: bool


def snippet(query: Query, body: str) -> list[Part]:
    """At most `LENGTH` characters of the message in one line, from shortly before the first hit, all hits marked."""
    characters = _CHARACTERS.findall(unicodedata.normalize("NFC", plain(body)))
    hits = _hits(query, characters)
    start = _start(characters, min(hits, default=0))
    end = min(len(characters), start + LENGTH)
    parts = [Part("…", is_hit=False)] if start else []
    parts += _parts(characters, hits, start, end)
    return [*parts, Part("…", is_hit=False)] if end < len(characters) else parts


def _start(characters: list[str], hit: int) -> int:
    """Where to begin: not in the middle of a word, where there are spaces."""
    start = max(0, hit - BEFORE)
    if start and " " in characters[start:hit]:
        start = characters.index(" ", start) + 1
    return start


def _parts(characters: list[str], hits: set[int], start: int, end: int) -> list[Part]:
    parts: list[Part] = []
    since = start
    for at in range(start, end + 1):
        if at == end or (at > since and (at in hits) != (since in hits)):
            if at > since:
                parts.append(Part("".join(characters[since:at]), since in hits))
            since = at
    return parts


def _hits(query: Query, characters: list[str]) -> set[int]:
    """The numbers of the characters that were found."""
    # A folded character may be longer or shorter than it was: where each place of the folded text came from.
    folded = [normalise_one(character) for character in characters]
    text = "".join(folded)
    places = [number for number, piece in enumerate(folded) for _ in piece]
    hits = [match.span() for run in query.cut for match in re.finditer(re.escape(run), text)]
    hits += [match.span(1) for signed in query.signed for match in re.finditer(pattern_of(signed), text)]
    hits += [hit for run in runs(text) if not run.is_cut and (hit := _hit(query, run))]
    hits += [number.span() for number in NUMBERS.finditer(text) if _hit(query, _digits(number[0]))]
    return {places[at] for start, end in hits for at in range(start, end)}


def _digits(number: str) -> Token:
    return Token(digits(number), is_cut=False)


def _hit(query: Query, run: Token) -> tuple[int, int] | None:
    """Where a word was found, whole or as a prefix."""
    if run.text in query.whole:
        return run.start, run.start + len(run.text)
    if query.beginning and run.text.startswith(query.beginning):
        return run.start, run.start + len(query.beginning)
    return None
