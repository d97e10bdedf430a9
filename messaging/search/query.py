"""A search query as words."""

import re
from dataclasses import dataclass

from messaging.search.words import SIGNED, bigrams, normalise, runs, words_of

# More does not narrow anything down.
MAX_TOKENS = 12
# A beginning of one letter would be that of everything.
SHORTEST_BEGINNING = 2
# Two neighbours are a pair of the index; of three it only knows the two bigrams, which may stand apart.
PAIR = 2


@dataclass(frozen=True)
class Query:
    """All of `words`, a word that begins with `beginning`, and each of `phrases` unbroken; order does not matter.

    `signed` are found as they were typed, signs included. `cut` and `whole` are the other stretches as they were typed,
    for showing them.
    """

    words: frozenset[str]
    beginning: str
    phrases: tuple[str, ...]
    cut: tuple[str, ...]
    whole: frozenset[str]
    signed: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.words or self.beginning)

    @property
    def tsquery(self) -> str:
        """The same for PostgreSQL; `phrases` are looked at apart."""
        parts = [_quoted(word) for word in sorted(self.words)]
        if self.beginning:
            parts.append(f"{_quoted(self.beginning)}:*")
        return " & ".join(parts)

    def finds(self, text: str) -> bool:
        """Whether a text matches, without the index."""
        found = words_of(text)
        if not self.words <= found:
            return False
        if self.beginning and not any(word.startswith(self.beginning) for word in found):
            return False
        if not self.phrases and not self.signed:
            return True
        folded = normalise(text)
        return all(phrase in folded for phrase in self.phrases) and all(
            re.search(pattern_of(signed), folded) for signed in self.signed
        )


def parse(text: str) -> Query:
    """The query that was typed; false when there is no word in it. The last word may be unfinished."""
    folded = normalise(text)
    signed = tuple(SIGNED.findall(folded)[:MAX_TOKENS])
    parts = {word.text for one in signed for word in runs(one)}
    found = list(runs(folded))[:MAX_TOKENS]
    cut = [run.text for run in found if run.is_cut]
    whole = [run.text for run in found if not run.is_cut]
    beginning = ""
    if found and not found[-1].is_cut and len(found[-1].text) >= SHORTEST_BEGINNING:
        beginning = whole.pop()
    words = {*whole, *(word for run in cut for word in (bigrams(run) if len(run) >= PAIR else run))}
    phrases = tuple(run for run in cut if len(run) > PAIR)
    return Query(frozenset(words), beginning, phrases, tuple(cut), frozenset(whole) - parts, signed)


def pattern_of(signed: str) -> str:
    """The regular expression, for Python and PostgreSQL, that finds a stretch with signs where it begins a word."""
    return rf"(?:^|[^a-z0-9])({re.escape(signed)})"


def _quoted(word: str) -> str:
    return "'" + word.replace("\\", "\\\\").replace("'", "''") + "'"
