"""Characters that show nothing, that turn what stands around them, or that can be written in more than one way."""

import re
import unicodedata

# Marks that turn the direction of the text after them. https://www.unicode.org/reports/tr9/#Directional_Formatting_Characters
DIRECTION = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
# Letters and signs that are drawn as nothing: the fillers of Hangul, Khmer's inherent vowels, the empty Braille cell.
_BLANK = "\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"
# Default_Ignorable_Code_Point, but for what else is named here. https://www.unicode.org/reports/tr44/
_IGNORED = (
    "\u00ad\u034f\u180b-\u180f\u200b\u2060-\u206f\ufeff\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e001f\U000e0080-\U000e00ff\U000e01f0-\U000e0fff"
)
_JOINERS = "\u200c\u200d"
_SELECTORS = "\ufe00-\ufe0f\U000e0100-\U000e01ef"
_TAGS = "\U000e0020-\U000e007f"
_CONTROLS = "\x00-\x1f\x7f-\x9f"

# All that is drawn as nothing, spaces too, for a class in a pattern.
UNSEEN = f"{DIRECTION}{_BLANK}{_IGNORED}{_JOINERS}{_SELECTORS}{_TAGS}{_CONTROLS}\\s\\ud800-\\udfff"

_DIRECTIONS = re.compile(f"[{DIRECTION}]+")
_UNSEEN = re.compile(f"[{UNSEEN}]+")
# What goes from a name. Joiners, selectors and tags stay where they have something to work on.
_NOT_IN_NAMES = re.compile(f"[{DIRECTION}{_BLANK}{_IGNORED}\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\\ud800-\\udfff]+")
_LOOSE = re.compile(
    rf"(?:(?<=\s)|^)[{_JOINERS}{_SELECTORS}]+|[{_JOINERS}]+(?=\s|$)|"
    # Tags spell the name of a flag's region after a black flag, and nothing anywhere else.
    rf"(?<![\U0001f3f4{_TAGS}])[{_TAGS}]+"
)
# Line ends that are not \n: Word's soft line break, form feeds, and those of Unicode.
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
# The controls that no text needs: all but tabulators and line ends.
_TEXT_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]+")


def without_direction(text: str) -> str:
    """The text without marks that turn its direction."""
    return _DIRECTIONS.sub("", text)


def without_unseen(text: str) -> str:
    """The text without all that is drawn as nothing, but for spaces and line ends."""
    return _UNSEEN.sub(lambda found: "".join(filter(str.isspace, found[0])), text)


def shows_nothing(text: str) -> bool:
    """Whether nobody would see anything of the text: only spaces, joiners, fillers, controls."""
    return _UNSEEN.fullmatch(text) is not None or not text


def one_line(text: str) -> str:
    """Text for a name: one line, composed (NFC), without what shows nothing or turns the text beside it.

    Joiners stay within a word or an emoji, where they change what is seen. Empty when nothing is left to see.
    """
    line = unicodedata.normalize("NFC", _NOT_IN_NAMES.sub("", text))
    line = _LOOSE.sub("", " ".join(line.split()))
    return "" if shows_nothing(line) else " ".join(line.split())


def lines(text: str) -> str:
    """Text for a description: its lines as typed, each like `one_line` but for the spaces in it; no empty end."""
    found = [_LOOSE.sub("", _NOT_IN_NAMES.sub("", line)).rstrip() for line in typed(text).split("\n")]
    whole = "\n".join(found).strip("\n")
    return "" if shows_nothing(whole) else whole


def typed(text: str) -> str:
    """Text as it is stored: composed (NFC), line ends as \\n, without controls that mean nothing to readers."""
    return unicodedata.normalize("NFC", _TEXT_CONTROLS.sub("", _LINE_ENDS.sub("\n", text)))


def digits(text: str) -> str:
    """The digits in the text: what two ways of writing a number have in common."""
    return "".join(filter(str.isdecimal, text))


def comparable(text: str) -> str:
    """What two texts have in common that people take for the same: width, case, invisible characters aside."""
    folded = unicodedata.normalize("NFKC", without_unseen(text)).casefold()
    return " ".join(unicodedata.normalize("NFKC", folded).split())
