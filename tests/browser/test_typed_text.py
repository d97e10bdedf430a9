"""What a browser shows of a message, and what copying it gives, is what was typed."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Page, expect

from messaging.message.markup import shown, to_html
from messaging.models import Room
from messaging.text import BadText, clean
from tests.browser.conftest import Person
from tests.cast import Cast, say
from tests.depth import depth

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TYPED = Path(__file__).parents[1] / "messaging" / "typed"
# What is seen of a piece of HTML in a bubble, and what its copy is: the pages' own styles decide about both.
READ = """(pieces) => {
    const bubble = document.querySelector(".bubble");
    const selection = getSelection();
    return pieces.map((piece) => {
        bubble.innerHTML = piece;
        const range = document.createRange();
        range.selectNodeContents(bubble);
        selection.removeAllRanges();
        selection.addRange(range);
        return [bubble.innerText, selection.toString(), bubble.textContent.length ? bubble.offsetHeight : 0];
    });
}"""
ANY_TEXT = st.text(
    alphabet=st.one_of(
        st.sampled_from("*_`>~\\#-+.:/@|[]()!\"' \n\n\tabAB12가나ア重ابא"),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=80,
)


@pytest.fixture
def page(cast: Cast, room: Room, someone: Callable[..., Person]) -> Page:
    """A room with one message."""
    say(room, cast.kim, "text")
    page = someone().sign_in(cast.sato.email, f"/messages/{room.pk}/")
    expect(page.locator(".bubble")).to_have_count(1)
    return page


def read(page: Page, texts: Sequence[str]) -> list[tuple[str, str]]:
    return [(seen, copied) for seen, copied, _height in page.evaluate(READ, [to_html(text) for text in texts])]


def test_office_text_is_seen_and_copied_as_typed(page: Page) -> None:
    texts = [line for path in sorted(TYPED.glob("*.txt")) for line in path.read_text(encoding="utf-8").split("\n")[:-1]]
    texts = [clean(line.split("\t")[0] if "<" in line else line) for line in texts]
    texts += ["\n".join(texts[start : start + 9]) for start in range(0, len(texts), 9)]
    wanted = [shown(text) for text in texts]
    assert len(texts) > 1_000
    assert [seen for seen, _copied in read(page, texts)] == wanted
    assert [copied for _seen, copied in read(page, texts)] == wanted


def test_lines_quotes_and_code_are_copied_line_for_line(page: Page) -> None:
    texts = [
        "one\ntwo\n\n\nthree",
        "> quoted\n> twice\nanswer",
        "answer\n\n> quoted\n\nanswer",
        "> a\n\n> b",
        "> a\n\n\n> b",
        "> > a\n> b\nc",
        "```\nx = 1\n\ny = 2\n```\nafter",
        "before\n```python\n\n  x\n```",
        "  a\n\tb\tc\n    d",
    ]
    for text, (seen, copied) in zip(texts, read(page, texts), strict=True):
        assert seen == shown(text), text
        assert copied == shown(text), text


def test_any_text_is_seen_and_copied_as_it_is_shown(page: Page) -> None:
    @settings(
        max_examples=depth(test=150, soak=3_000),
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    )
    @given(ANY_TEXT)
    def look(text: str) -> None:
        try:
            text = clean(text)
        except BadText:
            return
        [(seen, copied)] = read(page, [text])
        assert seen.rstrip("\n") == shown(text).rstrip("\n")
        assert copied.rstrip("\n") == shown(text).rstrip("\n")

    look()


def test_empty_lines_take_their_room(page: Page) -> None:
    """A line that is there in a copy is there to be seen, too."""
    texts = ["a\nb", "a\n\nb", "> q\n\na", "a\n\n> q", "> q\na", "a\n> q", "> a\n\n> b", "> a\n> b"]
    heights = [height for _seen, _copied, height in page.evaluate(READ, [to_html(text) for text in texts])]
    two, three, after, before, close_after, close_before, between, quote = heights
    line = three - two
    assert line > 10
    assert after - close_after == line
    assert before - close_before == line
    assert between > quote


@pytest.mark.parametrize("text", ["مرحبا 12 Kim", "שלום Kim!"])
def test_a_line_runs_as_its_first_letter_does(page: Page, text: str) -> None:
    sides = page.evaluate(
        """(html) => {
            const bubble = document.querySelector(".bubble");
            bubble.innerHTML = html;
            const range = document.createRange();
            const side = (start, end) => {
                range.setStart(bubble.firstChild.firstChild, start);
                range.setEnd(bubble.firstChild.firstChild, end);
                return range.getBoundingClientRect().left;
            };
            const length = bubble.textContent.indexOf("\\n");
            return [side(0, 1), side(length - 1, length), side(length + 1, length + 2), side(length + 3, length + 4)];
        }""",
        to_html(f"{text}\nabcd"),
    )
    first, last, latin_first, latin_last = sides
    assert first > last
    assert latin_first < latin_last


def test_stacked_marks_stay_in_their_bubble(page: Page) -> None:
    page.evaluate("(html) => document.querySelector('.bubble').innerHTML = html", to_html("Z" + "\u0301\u0316" * 200))
    assert page.evaluate("getComputedStyle(document.querySelector('.bubble')).overflow") == "clip"
