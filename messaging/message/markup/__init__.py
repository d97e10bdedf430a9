"""What a message looks like: bold, italic, code, quotes and links; all else is shown as it was typed.

Formatting adds looks. It takes away only the marks of bold, italic, code and quotes, and those only where they clearly
are marks: a line that begins with "2026. 11. 30." or "- 5" is no list, "2*3*4" is no italic, a backslash stays.
"""

from messaging.message.markup.blocks import parse
from messaging.message.markup.html import to_html
from messaging.message.markup.shown import plain, preview, shown

__all__ = ["parse", "plain", "preview", "shown", "to_html"]
