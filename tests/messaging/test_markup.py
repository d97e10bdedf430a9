"""Formatting adds looks; all but its marks is shown as it was typed."""

import html
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from messaging.message.markup import preview, shown, to_html
from messaging.text import BadText, clean

TYPED = Path(__file__).parent / "typed"
MARKED = TYPED / "marked.txt"
# What people type at work, one message in each line, by kind. Nothing in it is meant as formatting.
KINDS = sorted(path.stem for path in TYPED.glob("*.txt") if path != MARKED)
QUOTE = '<blockquote dir="auto">'
# The marks that may go, with the space after that of a quote and the lines of code marks.
MARKS = set("*_`> \t\n")
# Letters of many scripts, every sign on a keyboard, and what does something special.
ANY_TEXT = st.text(
    alphabet=st.one_of(
        st.sampled_from("*_`>~\\#-+.:/@|[]()!\"' \n\tabAB12가나ア重"),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=120,
)


class Reader(HTMLParser):
    """The text in the HTML, and the tags in it."""

    def __init__(self, markup: str) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.tags: set[str] = set()
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            self.tags.add(f"{tag}.{name}")
            assert name != "href" or re.match(r"(?:https?://|mailto:)", value or "", re.IGNORECASE)

    def handle_data(self, data: str) -> None:
        self.text += data


def typed(kind: str) -> list[str]:
    return (TYPED / f"{kind}.txt").read_text(encoding="utf-8").split("\n")[:-1]


def formatted(markup: str) -> str:
    """The HTML within the one block that a line becomes."""
    found = re.fullmatch(r'<div dir="auto">(.*)</div>', markup, re.DOTALL)
    assert found, markup
    return found[1]


@pytest.mark.parametrize("kind", KINDS)
def test_what_people_type_is_shown_as_typed(kind: str) -> None:
    lines = typed(kind)
    assert len(lines) >= 100
    changed = [line for line in lines if formatted(to_html(clean(line))) != html.escape(clean(line))]
    assert changed == []
    assert [line for line in lines if shown(clean(line)) != clean(line)] == []


def test_marks_of_bold_italic_and_code_are_looks() -> None:
    pairs = [line.split("\t") for line in MARKED.read_text(encoding="utf-8").split("\n")[:-1]]
    assert len(pairs) >= 150
    assert [
        (text, wanted, formatted(to_html(text))) for text, wanted in pairs if formatted(to_html(text)) != wanted
    ] == []


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("> 인용", f"{QUOTE}인용</blockquote>"),
        ("> a\n>\n> b", f"{QUOTE}a\n\nb</blockquote>"),
        ("> > a", f"{QUOTE}{QUOTE}a</blockquote></blockquote>"),
        ("```\nx = 1\n```", '<code class="code" dir="ltr">x = 1</code>'),
        (
            "```python\nx = **1**\n```",
            '<code class="code" dir="ltr"><span class="code__name">python</span>\nx = **1**</code>',
        ),
        ("one\n  two", "one\n  two"),
        ("a\n\n> b\nc", f"a\n\n{QUOTE}b</blockquote>\nc"),
    ],
)
def test_blocks(text: str, wanted: str) -> None:
    assert formatted(to_html(text)) == wanted


@pytest.mark.parametrize(
    "text",
    [
        ">" * 25 + " words",
        "```\nnever closed",
        "```\n```",
        "``` two words\nx\n```",
        "text ```\nx\n```",
        ">",
        "> ",
        ">\n>",
        "a\n>\nb",
        "****",
        "**",
        "*",
        "_",
        "__",
        "`",
        "``",
        "** **",
        "* *",
        "*a",
        "a*",
        "**a*",
        "*a**",
        "a**b**c",
        "**a\nb**",
        "`a\nb`",
        "-",
        "---",
        "# a",
        "1. a\n3. b",
        "&amp; &#42; &lt;",
        "[a](javascript:alert(1))",
        "![a](https://)",
        "\\*a\\*",
    ],
)
def test_marks_that_mark_nothing_stay(text: str) -> None:
    assert shown(text) == text
    assert Reader(to_html(text)).text == text


def test_quotes_in_quotes_end_with_their_marks() -> None:
    assert shown("> " * 12 + "words") == "> " * 8 + "words"


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "javascript:alert(1)",
        '"><svg onload=alert(1)>',
        "![x](https://evil.example/x.png)",
        '<https://a.example/"onmouseover=alert(1)>',
        "https://a.example/'onmouseover='alert(1)",
        '```"><script>\nx\n```',
    ],
)
def test_nothing_runs(text: str) -> None:
    assert Reader(to_html(text)).tags <= ALLOWED


ALLOWED = {
    *("div", "div.dir", "blockquote", "blockquote.dir", "strong", "em"),
    *("code", "code.class", "code.dir", "span", "span.class"),
    *("a", "a.href", "a.target", "a.rel"),
}


def cleaned(text: str) -> str:
    try:
        return clean(text)
    except BadText:
        return "."


@given(ANY_TEXT)
@example("**a*b**c*d")
@example("> `a` \n>\n> ```\n> b\n> ```")
def test_only_marks_go(text: str) -> None:
    text = cleaned(text)
    markup = to_html(text)
    assert Reader(markup).tags <= ALLOWED
    assert Reader(markup).text == shown(text)
    # All that is typed is there, in order, but for marks: what is shown is found in the typed text, left to right.
    left = iter(text)
    gone = []
    for character in shown(text):
        for other in left:
            if other == character:
                break
            gone.append(other)
        else:
            pytest.fail(f"{character!r} was not typed there")
    gone += left
    # (A host that imitates another is the one thing that is written anew.)
    assert set(gone) <= MARKS or "xn--" in markup
    if not MARKS & set(gone):
        assert not gone or "xn--" in markup


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="*_`>@:."), max_size=200))
def test_text_without_marks_is_shown_as_typed(text: str) -> None:
    text = cleaned(text)
    assert shown(text) == text
    assert html.unescape(formatted(to_html(text))) == text


@given(ANY_TEXT, ANY_TEXT)
def test_a_line_does_not_change_the_next(first: str, second: str) -> None:
    one, two = (cleaned(text).split("\n")[0].replace("`", "") for text in (first, second))
    if one.startswith(">") or two.startswith(">"):
        return
    assert shown(f"{one}\n{two}") == f"{shown(one)}\n{shown(two)}"


@pytest.mark.parametrize(
    "text",
    [
        "*a " * 3_000,
        "`a " * 3_000,
        "`. " * 3_000 + "`",
        "**가" * 3_000,
        "_a_ " * 2_000,
        "> " * 5_000,
        "(" * 9_000,
        "https://a.example/" + "에서는" * 3_000 + "a",
        "https://a.example/" + "을)" * 4_000,
        "https://a.example/" + ".를" * 4_000,
        "https://a.example/" + "?" * 9_000 + "a",
        "https://a.example/x" + ")" * 9_000,
        "kim@a.example," * 600,
        "[x](https://a.example/y)" * 400,
    ],
)
def test_a_long_text_of_marks_is_read_in_one_go(text: str) -> None:
    """Work grows with the length: a few milliseconds, not minutes, so no limit of time is needed to see it."""
    assert shown(text)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("> Proofs on Thursday\n\nPerfect, **Friday**", "Proofs on Thursday Perfect, Friday"),
        ("- one\n- `two`", "- one - two"),
        ("2026. 11. 30. 회의합시다", "2026. 11. 30. 회의합시다"),
        ("2 * 3 * 4 and snake_case", "2 * 3 * 4 and snake_case"),
        ("*so* it is", "so it is"),
        ("이름:   홍길동\n   둘째 줄", "이름: 홍길동 둘째 줄"),
        ("", ""),
        ("**" + "가" * 200 + "**", "가" * 119 + "…"),
    ],
)
def test_a_preview_shows_the_words_in_one_line(text: str, wanted: str) -> None:
    assert preview(text) == wanted


@given(ANY_TEXT)
def test_a_preview_has_an_end(text: str) -> None:
    assert len(preview(text)) <= 120
    assert "\n" not in preview(text)
