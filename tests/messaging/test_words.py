"""What counts as a word, what a query means, and what is shown as found."""

import unicodedata

import pytest

from messaging.search.query import parse
from messaging.search.snippet import LENGTH, snippet
from messaging.search.words import normalise, words_of


@pytest.mark.parametrize(
    ("sought", "said"),
    [
        ("서울", "내일 서울에서 만나요"),
        ("서", "내일 서울에서 만나요"),
        ("서울에서", "내일 서울에서 만나요"),
        ("quarter", "The Quarterly Report"),
        ("REPORT quart", "The Quarterly Report"),
        ("東京", "明日は東京へ行きます"),
        ("ミーティング", "次のﾐｰﾃｨﾝｸﾞは三時"),
        ("会议", "明天下午开会议"),
        ("議", "会議の資料"),
        ("cafe", "Au Café à 8 h"),
        ("CAFÉ", "au cafe"),
        ("strasse", "Große Straße"),
        ("2026", "２０２６年の計画"),
        ("한글", unicodedata.normalize("NFD", "한글로 씁니다")),
        ("osaka 견적", "Osaka 견적서 첨부"),
        ("привет", "Привет, мир"),
        ("👍", "좋아요👍"),
        ("x" * 80, "key " + "X" * 80),
        ("C++", "Wir nutzen C++ und Rust"),
        ("c++", "C++17 표준"),
        ("C#", "C#으로 작성"),
        ("10%", "할인율 10% 적용"),
        ("３％", "금리 3% 인상"),
        ("node.js", "Node.js 설치"),
        ("R&D", "R&D 센터"),
        (".NET 8", "Upgrade to .NET 8"),
        ("01012345678", "연락처 010-1234-5678 입니다"),
        ("01012345678", "010 1234 5678"),
        ("01012345678", "01012345678"),
        ("1234 5678", "010-1234-5678"),
        ("025550111", "(02) 555-0111"),
        ("20261130", "2026-11-30 회의"),
    ],
)
def test_words_are_found(sought: str, said: str) -> None:
    query = parse(sought)
    assert query.finds(said)
    assert any(part.is_hit for part in snippet(query, said))


@pytest.mark.parametrize(
    ("sought", "said"),
    [
        ("서울", "서쪽 울산"),
        ("전세계약서", "전세계 계약 약서 세계약"),
        ("port", "The Quarterly Report"),
        ("quart report x", "The Quarterly Report"),
        ("report q", "The Quarterly Report"),
        ("か", "がっこう"),
        ("!?", "!?"),
        ("", "anything"),
        ("C++", "Vitamin C"),
        ("C++", "C# and C"),
        ("C#", "C major"),
        ("10%", "10 people"),
        ("10%", "110%"),
        ("node.js", "node and js"),
        ("R&D", "R and D"),
        ("01012345678", "010-1234-5679"),
        ("1012345678", "010-1234-5678"),
    ],
)
def test_other_words_are_not(sought: str, said: str) -> None:
    query = parse(sought)
    assert not query or not query.finds(said)


def test_a_text_has_at_most_two_words_for_each_character() -> None:
    ideographs = "".join(chr(0x4E00 + n) for n in range(10_000))
    assert len(words_of(ideographs)) == 19_999
    assert len(words_of("㍿" * 10_000)) < 10
    assert max(map(len, words_of("x" * 10_000))) == 64
    assert len(words_of("ﷺ" * 10_000)) < 10


def test_folding_twice_changes_nothing() -> None:
    for text in ("Große Straße", "ﾐｰﾃｨﾝｸﾞ", "İstanbul", "ΣΊΣΥΦΟΣ", unicodedata.normalize("NFD", "한글 がぎ"), "ﬁn"):
        assert normalise(normalise(text)) == normalise(text)


def test_a_snippet_is_one_line_around_the_first_hit_with_all_hits_marked() -> None:
    body = "앞 " * 200 + "**서울**에서\n만나요, 서울역 " + "뒤 " * 200
    parts = snippet(parse("서울"), body)
    text = "".join(part.text for part in parts)
    assert len(text) <= LENGTH + 2
    assert text.startswith("…앞 ")
    assert text.endswith("…")
    assert "\n" not in text
    assert "*" not in text
    assert [part.text for part in parts if part.is_hit] == ["서울", "서울"]


def test_only_the_beginning_that_was_typed_is_marked() -> None:
    parts = snippet(parse("quart"), "A Quarterly <b>quart</b>")
    assert [part.text for part in parts if part.is_hit] == ["Quart", "quart"]
    assert "".join(part.text for part in parts) == "A Quarterly <b>quart</b>"
