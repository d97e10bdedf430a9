"""What counts as a word, in the scripts that put spaces between words and in those that do not.

Scripts without spaces, and Korean, whose words carry particles, become single characters and bigrams of neighbours:
"서울에서" is 서, 울, 에, 서, 서울, 울에, 에서, and so is found by "서울" with an index and without a dictionary. All
other text becomes whole words. Nothing is stemmed.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from worksbridge.characters import digits

# Longer "words" are addresses and keys; what is longer is found by its beginning.
MAX_LENGTH = 64
# Signs like ㍿ unfold into several characters; PostgreSQL keeps at most a megabyte of words for one message.
LONGEST_TEXT = 20_000
# Hangul, kana, ideographs, Bopomofo, Thai and Lao, Burmese, Khmer, and pictures.
_GRAM = (
    "\u1100-\u11ff\u3131-\u318e\ua960-\ua97c\uac00-\ud7fb"
    "\u3041-\u3096\u3099\u309a\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff"
    "\u3005-\u3007\u3021-\u3029\u3105-\u312f\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
    "\u0e01-\u0e4e\u0e81-\u0ece\u1000-\u1049\u1780-\u17d3"
    "\u2600-\u27bf\U0001f000-\U0001faff"
)
# Vowel signs and points, which are no letters to Python but stand within words.
_SIGNS = "\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0900-\u0963\u0971-\u0dff"
_GRAMS = re.compile(f"([{_GRAM}]+)")
_WORDS = re.compile(rf"(?:[^\W_]|[{_SIGNS}])+")
# Names and figures with signs in them, which say more than their words: C++, C#, node.js, R&D, 10%.
SIGNED = re.compile(r"(?<![^\W_])[a-z0-9]+(?:(?:[.&+][a-z0-9]+)+[+#%]*|[+#%]+)", re.ASCII)
# Numbers of telephones, with at most one sign between digits: found by their digits alone.
NUMBERS = re.compile(r"(?<!\d)\d(?:[-. ()]{0,2}\d){6,14}(?!\d)")
# Accents over letters. The marks that make が of か are others, and mean another sound.
_ACCENTS = re.compile("[\u0300-\u036f]+")


def normalise(text: str) -> str:
    """The text without differences that a search ignores: case, accents, width and variant forms."""
    if text.isascii():
        return text.lower()
    bare = _ACCENTS.sub("", unicodedata.normalize("NFKD", text))
    return unicodedata.normalize("NFKC", bare.casefold())


@lru_cache(maxsize=16_384)
def normalise_one(character: str) -> str:
    """`normalise` of a character, remembered: a text has few different ones."""
    return normalise(character)


class Token(NamedTuple):
    """A stretch of a folded text that is searched, and whether it `is_cut` into bigrams; otherwise it is one word."""

    text: str
    is_cut: bool
    start: int = 0


def runs(folded: str) -> Iterator[Token]:
    """All stretches of a folded text, in order."""
    start = 0
    for number, part in enumerate(_GRAMS.split(folded)):
        if number % 2:
            yield Token(part, is_cut=True, start=start)
        else:
            for word in _WORDS.finditer(part):
                yield Token(word[0][:MAX_LENGTH], is_cut=False, start=start + word.start())
        start += len(part)


def bigrams(run: str) -> Iterator[str]:
    """Each two neighbours of a stretch."""
    return (run[i : i + 2] for i in range(len(run) - 1))


def words_of(text: str) -> set[str]:
    """All words of a text, and numbers by their digits: at most two for each of its characters."""
    folded = normalise(text)[:LONGEST_TEXT]
    found = {digits(number) for number in NUMBERS.findall(folded)}
    for run in runs(folded):
        if run.is_cut:
            found.update(run.text)
            found.update(bigrams(run.text))
        else:
            found.add(run.text)
    return found
