"""A message as HTML. The text in it, line for line, is what was typed but for the marks.

All of it is one flow of text: line ends are characters that `white-space: pre-wrap` shows, and quotes and code stand on
lines of their own in it. Blocks would add line ends of theirs when a message is read or copied.
"""

import html
from collections.abc import Iterable

from messaging.message.markup.blocks import parse
from messaging.message.markup.marked import may_have_marks
from messaging.message.markup.nodes import Block, Code, CodeBlock, Emphasis, Inline, Lines, Link


def to_html(text: str) -> str:
    """Clean text as HTML. All text in it is escaped, and an address begins with http, https or mailto."""
    inner = _blocks(parse(text)) if may_have_marks(text) else html.escape(text)
    return f'<div dir="auto">{inner}</div>'


def _blocks(blocks: Iterable[Block]) -> str:
    return "\n".join(map(_block, blocks))


def _block(block: Block) -> str:
    match block:
        case Lines(lines):
            return "\n".join("".join(map(_inline, line)) for line in lines)
        case CodeBlock(text, language):
            name = f'<span class="code__name">{html.escape(language)}</span>\n' if language else ""
            return f'<code class="code" dir="ltr">{name}{html.escape(text)}</code>'
    return f'<blockquote dir="auto">{_blocks(block.blocks)}</blockquote>'


def _inline(node: Inline) -> str:
    match node:
        case Code(text):
            return f"<code>{html.escape(text)}</code>"
        case Link(href, text):
            address = html.escape(href)
            return f'<a href="{address}" target="_blank" rel="noopener noreferrer nofollow">{html.escape(text)}</a>'
        case Emphasis(children, is_bold, is_italic):
            inner = "".join(map(_inline, children))
            inner = f"<em>{inner}</em>" if is_italic else inner
            return f"<strong>{inner}</strong>" if is_bold else inner
    return html.escape(node.text)
