"""From the bytes of a file to its text: as spreadsheets of many countries save it."""

from collections.abc import Callable
from typing import NamedTuple

from django.utils.translation import gettext as _

from accounts.importing.columns import column_of
from worksbridge.errors import Code, WorksBridgeError

HOW_TO_SAVE = "In Excel choose “Save as” and the type “CSV UTF-8”."
# What Excel saves as "CSV" on a Korean and on a Japanese Windows.
LOCAL = ("cp949", "cp932")
# So much of the letters must be usual ones of the language for a guess to be believed.
SURE = 0.9
# So many bytes tell whether every other one is zero.
_LOOKED_AT = 400


class BadFile(WorksBridgeError):
    """The file as a whole cannot be read; says in which line, and what to do."""

    code = Code.BAD_FILE


class Decoded(NamedTuple):
    """A text, and what it was saved as when that had to be found out (else empty)."""

    text: str
    encoding: str


def decode(content: bytes) -> Decoded:
    """The text of a file in UTF-8, UTF-16, or what Excel saves in Korea (CP949) and Japan (Shift_JIS).

    Raises BadFile naming the line for any other.
    """
    found = _utf16(content) or _utf8(content) or _local(content)
    if found is None:
        line = _line_of(content[: _first_odd(content)].decode("utf-8", "replace"))
        raise BadFile(_("Line %(line)d is not UTF-8. %(how)s") % {"line": line, "how": _(HOW_TO_SAVE)})
    if "\0" in found.text:
        raise BadFile(_("Line %d contains an invalid character.") % _line_of(found.text.partition("\0")[0]))
    return found


def _utf16(content: bytes) -> Decoded | None:
    order = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}.get(content[:2])
    if content.startswith(b"\xff\xfe\0\0"):
        # UTF-32, which no spreadsheet saves.
        return None
    if order is None:
        # Without a mark: separators, and the letters of addresses, have a zero beside each, on the same side.
        start = content[:_LOOKED_AT]
        before, after = (start[side::2].count(0) for side in (0, 1))
        if max(before, after) * 10 < len(start) or min(before, after) * 4 > max(before, after):
            return None
        order = "utf-16-le" if after > before else "utf-16-be"
    try:
        return Decoded(content.decode(order).removeprefix("\ufeff"), "UTF-16")
    except UnicodeDecodeError:
        return None


def _utf8(content: bytes) -> Decoded | None:
    try:
        return Decoded(content.decode("utf-8-sig"), "")
    except UnicodeDecodeError:
        return None


def _local(content: bytes) -> Decoded | None:
    """In which of the two it makes sense: many bytes are letters in both."""
    readings = []
    for encoding in LOCAL:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        readings.append((_likely(text, _USUAL[encoding]), _heads_in(text), encoding, text))
    if not readings:
        return None
    share, _heads, encoding, text = max(readings, key=lambda reading: (reading[1], reading[0]))
    return Decoded(text, {"cp949": "CP949", "cp932": "Shift_JIS"}[encoding]) if share >= SURE else None


def _likely(text: str, is_usual: Callable[[str], bool]) -> float:
    """Which part of the letters that are no ASCII is usual in a language."""
    letters = [character for character in text if not character.isascii()]
    return sum(map(is_usual, letters)) / len(letters) if letters else 0.0


def _heads_in(text: str) -> int:
    """How many words of the first line that are no ASCII name a column."""
    first = text.lstrip("\r\n,;\t ").split("\n", 1)[0]
    words = first.replace(";", ",").replace("\t", ",").split(",")
    return sum(column_of(word) is not None for word in words if not word.isascii())


def _is_korean(character: str) -> bool:
    # The 2,350 syllables of KS X 1001; what CP949 has besides hardly occurs in names.
    return "\uac00" <= character <= "\ud7a3" and _bytes("euc_kr", character) == 2  # noqa: PLR2004


def _is_japanese(character: str) -> bool:
    if "\u3041" <= character <= "\u30ff" or character in "々〆　、。・（）－":
        return True
    # The kanji of the first level of JIS X 0208, and the others.
    return "\u4e00" <= character <= "\u9fff" and _bytes("cp932", character) > 0


def _bytes(encoding: str, character: str) -> int:
    """How many bytes the character takes in an encoding; 0 when it is not in it."""
    try:
        return len(character.encode(encoding))
    except UnicodeEncodeError:
        return 0


_USUAL: dict[str, Callable[[str], bool]] = {"cp949": _is_korean, "cp932": _is_japanese}


def _first_odd(content: bytes) -> int:
    """Where the first byte is that UTF-8 does not have there."""
    try:
        content.removeprefix(b"\xef\xbb\xbf").decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start
    return len(content)


def _line_of(before: str) -> int:
    """The number of the line that goes on after this text, whatever ends its lines."""
    return len(f"{before}.".replace("\r\n", "\n").replace("\r", "\n").split("\n"))
