"""Addresses in messages lead where they seem to, and end where the text around them begins."""

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.message.markup import shown, to_html


def links(text: str) -> list[tuple[str, str]]:
    """The text and the address of each link in the message."""
    found = re.findall(
        r'<a href="([^"]*)" target="_blank" rel="noopener noreferrer nofollow">([^<]*)</a>', to_html(text)
    )
    return [(unescape(shown_text), unescape(href)) for href, shown_text in found]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("https://example.com에서", "https://example.com"),
        ("https://example.com:8080에서", "https://example.com:8080"),
        ("https://example.co.kr입니다.", "https://example.co.kr"),
        ("https://example.com/path를", "https://example.com/path"),
        ("https://example.com/path에서는 안 돼요", "https://example.com/path"),
        ("https://example.com/a에서확인하세요", "https://example.com/a"),
        ("https://example.com/를", "https://example.com/"),
        ("https://example.com/x?id=1으로", "https://example.com/x?id=1"),
        ("https://example.com/a#b입니다", "https://example.com/a#b"),
        ("https://example.com/a(참고)", "https://example.com/a"),
        ("「https://example.com/a」を見て", "https://example.com/a"),
        ("（https://example.com/a）", "https://example.com/a"),
        ("https://example.comを", "https://example.com"),
        ("https://example.com/aを見て", "https://example.com/a"),
        ("https://example.com/aは次", "https://example.com/a"),
        ("https://a.example/x。次は", "https://a.example/x"),
        ("https://a.example/x！", "https://a.example/x"),
        ("https://a.example/x，然后", "https://a.example/x"),
        ("https://a.example/x.", "https://a.example/x"),
        ("https://a.example/x?", "https://a.example/x"),
        ("https://a.example/x?a=1&b=2#c, and", "https://a.example/x?a=1&b=2#c"),
        ("(https://a.example/x)", "https://a.example/x"),
        ("[문서](https://a.example/x)", "https://a.example/x"),
        ('"https://a.example/x"', "https://a.example/x"),
        ("<https://a.example/x>", "https://a.example/x"),
        ("**https://a.example/x**", "https://a.example/x"),
        ("링크:https://a.example/x", "https://a.example/x"),
        ("보세요https://a.example/x", "https://a.example/x"),
        ("https://a.example/x\u200b뒤", "https://a.example/x"),
        ("https://a.example/x\u202egpj", "https://a.example/x"),
        ("https://example.com\\@evil.example", "https://example.com"),
        ("ดูที่https://a.exampleนะครับ", "https://a.example"),
        ("https://example.comкак", "https://example.com"),
        ("https://a.exampleمرحبا", "https://a.example"),
        ("https://10.0.0.1입니다", "https://10.0.0.1"),
        ("http://intra에", "http://intra"),
        ("http://localhost에서", "http://localhost"),
        ("**https://example.com/doc**을", "https://example.com/doc"),
        ("https://a.example/x**중요**", "https://a.example/x"),
        ("'https://example.com/doc'에서", "https://example.com/doc"),
        ("[https://example.com/doc]에서", "https://example.com/doc"),
        ("https://a.example/x→확인", "https://a.example/x"),
        ("https://a.example/x🙏", "https://a.example/x"),
        ("https://a.example/xㅋㅋㅋ", "https://a.example/x"),
        ("(https://a.example/x)؛", "https://a.example/x"),
        ("https://a.example/x보세요", "https://a.example/x"),
    ],
)
def test_an_address_ends_where_the_text_goes_on(text: str, address: str) -> None:
    assert links(text) == [(address, address)]
    assert "".join(shown(text).split("*")) == "".join(text.split("*"))


@pytest.mark.parametrize(
    "address",
    [
        "https://ko.wikipedia.org/wiki/서울_(대한민국)",
        "https://ja.wikipedia.org/wiki/東京_(曖昧さ回避)",
        "https://ja.wikipedia.org/wiki/C言語",
        "https://ko.wikipedia.org/wiki/SQL문",
        "https://example.com/사내-규정",
        "https://example.com/x?q=서울",
        "https://a.example/%E2%80%AE",
        "https://a.example/%EC%84%9C%EC%9A%B8",
        "http://localhost:8000/x",
        "http://groupware/notice",
        "http://192.168.0.1/x",
        "http://[::1]:80/x",
        "https://a.example/(x)",
        "https://a.example/a,b;c:d@e!f$g'h",
        "https://xn--80ak6aa92e.com",
        "HTTPS://A.Example/X",
        "https://docs.google.com/d/1-_a/edit#gid=0",
        "https://a.example/مرحبا",
        "https://example.com/p/참고",
        "https://example.com/?next=https://b.example/x",
    ],
)
def test_an_address_stays_whole(address: str) -> None:
    for around in ("{}", "앞 {} 뒤", "({})", "「{}」", "{}。", "{}, x"):
        assert links(around.format(address)) == [(address, address)]


def test_several_addresses_are_several_links() -> None:
    text = "https://a.example/x、https://b.example/y, kim@c.example 그리고 www.d.example"
    assert [shown_text for shown_text, _href in links(text)] == [
        *("https://a.example/x", "https://b.example/y", "kim@c.example", "www.d.example")
    ]


@pytest.mark.parametrize(
    "text",
    [
        "https://a.example/x,https://b.example/y",
        "https://a.example/x·https://b.example/y",
        "https://a.example/x와https://b.example/y",
    ],
)
def test_addresses_that_follow_directly_are_two(text: str) -> None:
    assert [shown_text for shown_text, _href in links(text)] == ["https://a.example/x", "https://b.example/y"]


@pytest.mark.parametrize(
    ("text", "shown_text", "href"),
    [
        ("kim@company.example으로", "kim@company.example", "mailto:kim@company.example"),
        ("메일:kim.lee+x@a.co.kr입니다", "kim.lee+x@a.co.kr", "mailto:kim.lee+x@a.co.kr"),
        ("www.example.com입니다", "www.example.com", "http://www.example.com"),
        ("WWW.example.com/a를", "WWW.example.com/a", "http://WWW.example.com/a"),
        ("https://한국.kr에서", "https://한국.kr", "https://xn--3e0b707e.kr"),
        ("https://도메인.한국에서", "https://도메인.한국", "https://xn--hq1bm8jm9l.xn--3e0b707e"),
        ("https://bücher.example", "https://bücher.example", "https://xn--bcher-kva.example"),
        ("https://пример.рф/x", "https://пример.рф/x", "https://xn--e1afmkfd.xn--p1ai/x"),
    ],
)
def test_what_is_written_without_a_scheme_or_in_other_letters(text: str, shown_text: str, href: str) -> None:
    assert links(text) == [(shown_text, href)]


@pytest.mark.parametrize("host", ["аррӏе.com", "gооgle.com", "ɢoogle.com", "ράураl.com"])
def test_a_host_that_imitates_another_shows_what_it_is(host: str) -> None:
    [(shown_text, href)] = links(f"https://{host}/sign-in")
    assert shown_text == href
    assert shown_text.isascii()
    assert "xn--" in shown_text


@pytest.mark.parametrize(
    "text",
    [
        "README.md",
        "manage.py",
        "done.So",
        "확인했습니다.It",
        "네.To",
        "a.example/x",
        "ftp://a.example/x",
        "javascript://a.example/%0aalert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "https://google.com@evil.example/x",
        "https://user:pw@a.example",
        "postgres://u:p@db.example/x",
        "https://",
        "https://.com",
        "xhttps://a.example",
        "www.",
        "www",
        "@kim",
        "kim@beta",
        "a@b.c1",
        "sato.yui@beta",
        "kim@@a.example",
    ],
)
def test_what_is_no_address(text: str) -> None:
    assert links(text) == []
    assert shown(text) == text


AFTER = [
    "에서 보세요",
    "를 참고",
    "입니다.",
    "」です",
    "、次",
    "。",
    "！",
    "？",
    "）",
    "】",
    ", x",
    ") y",
    " z",
    "…",
    "\n다음",
]


@given(
    st.sampled_from(
        ["https://a.example/x", "https://a.example", "www.a.example", "kim@a.example", "http://a.co.kr/?b=1"]
    ),
    st.sampled_from(AFTER),
    st.sampled_from(["", "앞 ", "「", "(", "링크: ", "→", "・"]),
)
def test_text_around_an_address_is_never_of_it(address: str, after: str, before: str) -> None:
    assert [shown_text for shown_text, _href in links(f"{before}{address}{after}")] == [address]
