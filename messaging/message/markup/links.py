"""Addresses in text: where one begins, where it ends, and how it shows.

An address has a scheme (http, https) or begins with www., or is an e-mail address. It ends before what people write
directly after one: particles of Korean and Japanese, brackets and stops of any script.
"""

import re
from collections.abc import Iterator

from messaging.message.markup.hosts import HOST, end_of_host, imitates
from messaging.message.markup.nodes import Link
from worksbridge.characters import UNSEEN
from worksbridge.domains import ascii_host

_START = re.compile(
    r"(?<![A-Za-z0-9])https?://|(?<![A-Za-z0-9_@./-])www\.(?=[^\s.])|"
    r"(?<![A-Za-z0-9._%+@/-])(?P<email>[A-Za-z0-9][A-Za-z0-9._%+-]{0,63}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+"
    r"(?:[A-Za-z]{2,63}|xn--[A-Za-z0-9-]{2,59})(?![A-Za-z0-9_@-]|\.[A-Za-z0-9]))",
    re.IGNORECASE,
)
# What no address has in it: spaces, quotes, brackets and stops of other scripts, and what nobody sees.
_RUN = re.compile(
    rf"[^{UNSEEN}<>\"`\\^{{|}}\xab\xb7\xbb\u060c\u061b\u061f\u2010-\u205e\u2190-\u23ff\u2460-\u2bff\u3001-\u3003\u3008-\u3020"
    r"\u3030\u303d\u30fb\u3131-\u318e\ufe10-\ufe6f\uff00-\uff0f\uff1a-\uff65\ufff9-\uffff\U0001f000-\U0001faff]*"
)
# Before an @ stands a name, not a host.
_NAMED = re.compile("[^/?#@]*@")
# Stops of a sentence and marks of emphasis at the end of an address belong to the text around it.
_TRAILING = ".,;:!?'*~…&"
# How often the end of an address is looked at again, after something was taken from it: "(…/a), …/b')를."
_ROUNDS = 8
_PORT = re.compile(r":\d{1,5}(?!\d)")
_BRACKETS = {")": "(", "]": "["}
# Korean particles and endings, as they follow a word directly.
_KOREAN = (
    "에서는|에서도|에서의|에서|에게서|에게|에는|에도|에|으로는|으로도|으로|로는|로도|로|을|를|이나|이랑|이라고|이라는|이란|이며|이고|"
    "이에요|이예요|이었|입니다|입니까|인데|인지|이|가|은|는|와|과|의|도|만|까지|부터|보다|처럼|마다|조차|밖에|나|랑|하고|예요|에요|"
    "라고|라는|란|며|고|임|요|참고|참조|확인|에있어요|한테|보세요|여기요|네요|이네요|인가요|죠|이죠|였습니다|이었습니다|라서요"
)
_KOREAN_END = re.compile(rf"(?<=[A-Za-z0-9_=&%~#?)\]'/+-])(?:{_KOREAN}){{1,4}}$")
# After a slash one syllable may be the name of a page.
_KOREAN_ALONE = re.compile("[가이은의도만나로과와고]|참고|참조|확인")
_KOREAN_GOES_ON = re.compile(r"(?<=[A-Za-z0-9_=&%~#?)+-])(?:에서|으로|입니다|까지|부터|에게|이라고|이라는)[가-힣]+$")
# Japanese and Chinese particles after Latin letters; what follows them has no space before it either.
_JAPANESE = re.compile(
    r"(?<=[A-Za-z0-9_=&%~#?)+-])(?:[をはがにでとのもへや]|から|まで|より|です|だ|って|など|的|是|在|和)|(?<=/)を"
)
# Where the text around an address goes on: marks of emphasis, a quote before a particle, a link of Markdown, the next
# address, and what explains this one: "(참고)" directly after it. "_(대한민국)" is a part of one.
_ELSE = re.compile(
    r"\*\*|[*'](?=[^\x00-\x7f]|$)|\]\(|(?<=[,;·]|[^\x00-\x7f])https?://|(?<=\])\)?\[|"
    r"(?<=[A-Za-z0-9/])\((?=[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3])",
    re.IGNORECASE,
)


def find_links(line: str, start: int, end: int) -> Iterator[tuple[int, int, Link]]:
    """The addresses between two places of a line, in order, each with its own places."""
    while (found := _START.search(line, start, end)) is not None:
        begin, start = found.span()
        if found["email"] and line.find("://", line.rfind(" ", 0, begin) + 1, begin) >= 0:
            # Of an address with a name in it, which is none.
            continue
        if found["email"]:
            yield begin, start, Link(f"mailto:{found['email']}", found["email"])
            continue
        run = _RUN.match(line, start, end)
        limit = run.end() if run else start
        if _NAMED.match(line, start, limit):
            # Nobody writes such addresses but to mislead.
            start = limit
            continue
        stop = _end(line, start, limit, has_scheme="/" in found[0])
        if stop > start:
            yield begin, stop, _link(line[begin:stop])
            start = stop


def _end(line: str, start: int, end: int, *, has_scheme: bool) -> int:
    """Where the address ends whose host begins at `start`; `start` itself when it is none."""
    host = HOST.match(line, start, end)
    if host is None:
        return start
    stop, is_whole = end_of_host(line, start, host.end("host"), has_scheme=has_scheme)
    if stop == start or not is_whole:
        return stop
    port = _PORT.match(line, stop, end)
    stop = port.end() if port else stop
    return _end_of_path(line, start, end) if stop < end and line[stop] in "/?#" else stop


def _end_of_path(line: str, start: int, end: int) -> int:
    """Without what was written directly after the address."""
    found = _ELSE.search(line, start, end)
    text = line[start : found.start() if found else end]
    for _round in range(_ROUNDS):
        before = text
        text = _without_particles(_balanced(text.rstrip(_TRAILING)))
        if text == before:
            break
    return start + len(text)


def _balanced(text: str) -> str:
    """Without closing brackets at the end that nothing in the address opens."""
    too_many = {closing: text.count(closing) - text.count(opening) for closing, opening in _BRACKETS.items()}
    end = len(text)
    while end and too_many.get(text[end - 1], 0) > 0:
        too_many[text[end - 1]] -= 1
        end -= 1
    return text[:end]


def _without_particles(text: str) -> str:
    japanese = _JAPANESE.search(text)
    if japanese:
        text = text[: japanese.start()]
    korean = _KOREAN_END.search(text) or _KOREAN_GOES_ON.search(text)
    if korean and not (text[korean.start() - 1] == "/" and _KOREAN_ALONE.fullmatch(korean[0])):
        text = text[: korean.start()]
    return text


def _link(address: str) -> Link:
    """Where the address leads, and its text: as typed, but for a host that looks like another."""
    scheme, host, rest = _split(address)
    if host.isascii():
        return Link(f"{scheme or 'http://'}{host}{rest}", address)
    try:
        plain = ascii_host(host)
    except ValueError:
        plain = host
    return Link(f"{scheme or 'http://'}{plain}{rest}", f"{scheme}{plain}{rest}" if imitates(host) else address)


def _split(address: str) -> tuple[str, str, str]:
    found = re.fullmatch(r"(https?://)?([^/?#:]*|\[[^\]]*\])((?:[/?#:].*)?)", address, re.IGNORECASE | re.DOTALL)
    return (found[1] or "", found[2], found[3]) if found else ("", address, "")
