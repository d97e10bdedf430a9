"""The parts of a message: blocks of lines, and what is in a line."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """Text as it was typed."""

    text: str


@dataclass(frozen=True, slots=True)
class Code:
    """A piece of code within a line."""

    text: str


@dataclass(frozen=True, slots=True)
class Link:
    """An address: where it leads, and the text that shows."""

    href: str
    text: str


@dataclass(frozen=True, slots=True)
class Emphasis:
    """Bold and italic text."""

    children: "tuple[Inline, ...]"
    is_bold: bool
    is_italic: bool


Inline = Text | Code | Link | Emphasis
Line = tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines one below the other."""

    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Quote:
    """What somebody else said: lines, and quotes in it."""

    blocks: "tuple[Block, ...]"


@dataclass(frozen=True, slots=True)
class CodeBlock:
    """Lines of code; `language` as it was typed after the first mark, if anything."""

    text: str
    language: str = ""


Block = Lines | Quote | CodeBlock
