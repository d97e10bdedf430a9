"""What of a message is read: its text without the marks, for lists and search."""

from messaging.message.markup.blocks import parse
from messaging.message.markup.marked import may_have_marks
from messaging.message.markup.nodes import Block, CodeBlock, Emphasis, Inline, Line, Lines

PREVIEW_LENGTH = 120
# What is looked at for a preview: longer than it by any marks and spaces that it leaves out.
_LOOKED_AT = 1_000


def shown(text: str) -> str:
    """The text of a message as a page shows it and as copying gives it."""
    if not may_have_marks(text):
        return text
    return "\n".join(_block(block) for block in parse(text))


def plain(text: str) -> str:
    """A message on one line, as it is shown."""
    return " ".join(shown(text).split())


def preview(text: str) -> str:
    """The first words of a message on one line, as they are shown."""
    line = plain(text[:_LOOKED_AT])
    return line if len(line) <= PREVIEW_LENGTH else line[: PREVIEW_LENGTH - 1] + "…"


def _block(block: Block) -> str:
    match block:
        case Lines(lines):
            return "\n".join(_line(line) for line in lines)
        case CodeBlock(text, language):
            return f"{language}\n{text}" if language else text
    return "\n".join(_block(inner) for inner in block.blocks)


def _line(line: Line) -> str:
    return "".join(map(_inline, line))


def _inline(node: Inline) -> str:
    return _line(node.children) if isinstance(node, Emphasis) else node.text
