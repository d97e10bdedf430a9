"""What people write: kept whole, and refused when there is nothing to see in it."""

import unicodedata

import pytest

from messaging.text import BadText, clean

# Characters that are drawn as nothing: a zero-width space, fillers of Hangul, the empty Braille cell, a joiner …
UNSEEN = [*"\u200b\u3164\u115f\uffa0\u2800\u200d\ufeff\u00ad\u202e\ufe0f\U000e0041"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        (" \n\t ", "empty"),
        ("\0\x07", "empty"),
        ("\u00a0\u3000\u2003", "empty"),
        *((character, "empty") for character in UNSEEN),
        (f" {UNSEEN[0]}\n{UNSEEN[1]} ", "empty"),
        ("x" * 10_001, "too_long"),
        ("a\ud800b", "bad_text"),
        (None, "bad_text"),
    ],
)
def test_what_cannot_be_a_message(text: object, code: str) -> None:
    with pytest.raises(BadText) as error:
        clean(text)
    assert error.value.code == code


@pytest.mark.parametrize("text", ["👨‍👩‍👧‍👦", "❤️", "می‌خواهم", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "a\u200bb", "한\u3164글", ".", "\ue000", "\u0301"])
def test_what_shows_something_stays_whole(text: str) -> None:
    assert clean(text) == text


def test_control_characters_go_and_lines_stay() -> None:
    assert clean("a\x00b\r\nc\x1b[0m\rd") == "ab\nc[0m\nd"
    assert clean("x" * 10_000) == "x" * 10_000


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n", "\x0b", "\x0c", "\x85", "\u2028", "\u2029"])
def test_every_kind_of_line_end_is_one(end: str) -> None:
    assert clean(f"one{end}two") == "one\ntwo"


def test_spaces_before_the_first_word_stay_and_empty_lines_around_go() -> None:
    assert clean("\n  \n    x\n  y  \n\n") == "    x\n  y"
    assert clean("\t1\t2\n\t3\t4") == "\t1\t2\n\t3\t4"


def test_letters_are_stored_composed() -> None:
    assert clean(unicodedata.normalize("NFD", "한글 Café が")) == "한글 Café が"
