"""What people write: kept whole, made safe."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.text import BadText, clean, preview, to_html


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**bold** and *italic*", "<p><strong>bold</strong> and <em>italic</em></p>"),
        ("`code`", "<p><code>code</code></p>"),
        ("안녕하세요", "<p>안녕하세요</p>"),
        ("1 < 2 & 3", "<p>1 &lt; 2 &amp; 3</p>"),
        ("one\ntwo", "<p>one<br>\ntwo</p>"),
    ],
)
def test_simple_text_and_markdown(text: str, html: str) -> None:
    assert to_html(text) == html


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
    ],
)
def test_nothing_runs(text: str) -> None:
    html = to_html(text)
    assert "<script" not in html
    assert "<img" not in html
    assert "<svg" not in html
    assert 'href="javascript' not in html
    assert " onmouseover" not in html.replace("&quot;onmouseover", "").replace("%22onmouseover", "")


def test_links_are_clickable_and_leave_no_referrer() -> None:
    html = to_html("See https://example.com/a?b=1&c=2 and **www.example.org**")
    assert 'href="https://example.com/a?b=1&amp;c=2"' in html
    assert 'rel="noopener noreferrer nofollow"' in html


@pytest.mark.parametrize(
    ("text", "code"),
    [("", "empty"), (" \n\t ", "empty"), ("\0\x07", "empty"), ("x" * 10_001, "too_long"), ("a\ud800b", "bad_text")],
)
def test_what_cannot_be_a_message(text: str, code: str) -> None:
    with pytest.raises(BadText) as error:
        clean(text)
    assert error.value.code == code


def test_control_characters_go_and_lines_stay() -> None:
    assert clean("a\x00b\r\nc\x1b[0m\rd") == "ab\nc[0m\nd"
    assert clean("x" * 10_000) == "x" * 10_000


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("> Proofs on Thursday\n\nPerfect, **Friday**", "Proofs on Thursday Perfect, Friday"),
        ("- one\n- `two`", "one two"),
        ("2 * 3 * 4 and snake_case", "2 * 3 * 4 and snake_case"),
        ("*so* it is", "so it is"),
        ("", ""),
    ],
)
def test_a_preview_shows_words_and_no_marks(text: str, shown: str) -> None:
    assert preview(text) == shown


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=300))
def test_any_text_becomes_html_without_foreign_tags(text: str) -> None:
    html = to_html(text)
    assert "<script" not in html.lower()
    assert len(preview(text)) <= 120
