"""A message's blocks: lines as they are, quotes, and code between lines of three backticks."""

import re
from collections.abc import Sequence

from messaging.message.markup.inline import parse_line
from messaging.message.markup.nodes import Block, CodeBlock, Lines, Quote

# Quotes in quotes beyond this keep their marks: there is no room for more bars in a bubble.
DEEPEST = 4
# A mark of a quote: at the start of a line, with a space after it. ">_<" and ">100" are none.
_QUOTED = re.compile(r"> (?=.)")
# An empty line of a quote, between others that have the mark.
_QUOTED_EMPTY = re.compile(r">[ \t]*$")
_FENCE = re.compile(r"```[ \t]*([\w+#.-]{0,20})[ \t]*$")
_FENCE_END = re.compile(r"```[ \t]*$")


def parse(text: str, depth: int = 0) -> tuple[Block, ...]:
    """The blocks of a message. Every line of it is in one of them."""
    return tuple(_blocks(text.split("\n"), depth))


def _blocks(lines: Sequence[str], depth: int) -> list[Block]:
    found: list[Block] = []
    waiting: list[str] = []
    at = 0
    while at < len(lines):
        end = _code_end(lines, at) or (_quote_end(lines, at) if depth < DEEPEST else 0)
        if not end:
            waiting.append(lines[at])
            at += 1
            continue
        found += _plain(waiting)
        waiting = []
        found.append(_code(lines[at:end]) if lines[at].startswith("`") else _quote(lines[at:end], depth))
        at = end
    return found + _plain(waiting)


def _plain(lines: Sequence[str]) -> list[Block]:
    return [Lines(tuple(parse_line(line) for line in lines))] if lines else []


def _code_end(lines: Sequence[str], at: int) -> int:
    """Where the code that begins at a line is over; 0 when none begins there, or it never ends."""
    if not _FENCE.match(lines[at]):
        return 0
    closing = (end for end in range(at + 1, len(lines)) if _FENCE_END.match(lines[end]))
    end = next(closing, 0)
    # Between two marks with nothing there is no code to show.
    return end + 1 if end > at + 1 else 0


def _code(lines: Sequence[str]) -> CodeBlock:
    opening = _FENCE.match(lines[0])
    return CodeBlock("\n".join(lines[1:-1]), opening[1] if opening else "")


def _quote_end(lines: Sequence[str], at: int) -> int:
    """Where the quote that begins at a line is over; 0 when none begins there."""
    if not _QUOTED.match(lines[at]):
        return 0
    end = at + 1
    while end < len(lines) and (_QUOTED.match(lines[end]) or _is_between(lines, end)):
        end += 1
    return end


def _is_between(lines: Sequence[str], at: int) -> bool:
    """Whether a line is an empty one of a quote that goes on after it."""
    while at < len(lines) and _QUOTED_EMPTY.match(lines[at]):
        at += 1
        if at < len(lines) and _QUOTED.match(lines[at]):
            return True
    return False


def _quote(lines: Sequence[str], depth: int) -> Quote:
    bare = [line[2:] if _QUOTED.match(line) else "" for line in lines]
    return Quote(tuple(_blocks(bare, depth + 1)))
