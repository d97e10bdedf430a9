"""Text that people write: checked, and made into safe HTML."""

import html
import re
import unicodedata

import nh3
from django.utils.translation import gettext_lazy as _
from markdown_it import MarkdownIt

from accounts.names import TURNING
from worksbridge.errors import Code, WorksBridgeError

MAX_LENGTH = 10_000
PREVIEW_LENGTH = 120
# Whatever could be Markdown or an address. Text without any of it takes the short way.
_MARKED = re.compile(r"[*_`>\[\]~#\\+:@-]|\d[.)]\s|www\.|\.[a-z]{2,}", re.IGNORECASE)
# The control characters (Cc), but for tabulators and line ends.
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]+")
# Marks of quotes and lists at the start of a line, and of bold, italic and code around words.
_MARKS = re.compile(r"(?m)^[ \t]*(?:>|[-*+]|\d+[.)])[ \t]+|`+|\*\*|(?<!\w)\*(\S[^*\n]*)\*(?!\w)")
_TAGS = {"p", "br", "strong", "em", "code", "pre", "blockquote", "ul", "ol", "li", "a", "s"}
_markdown = (
    MarkdownIt("zero", {"html": False, "linkify": True, "breaks": True})
    .enable(["emphasis", "strikethrough", "backticks", "fence", "blockquote", "list", "linkify", "newline", "escape"])
    .enable(["entity"], ignoreInvalid=True)
)


class BadText(WorksBridgeError):
    """Text that cannot be a message."""

    code = Code.BAD_TEXT


def clean(text: object) -> str:
    """The text as it will be stored: line ends as \\n, no control characters, no space around it.

    Raises BadText when it is empty, too long or not valid Unicode.
    """
    if not isinstance(text, str):
        raise BadText(_("A message is text."))
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise BadText(_("This text has a broken character in it. Please remove it and send again.")) from error
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = _CONTROLS.sub("", text).strip()
    if not text:
        raise BadText(_("There is nothing to send: the message is empty."), code=Code.EMPTY)
    if len(text) > MAX_LENGTH:
        raise BadText(
            _("The message has %(length)s characters; %(max)s is the most. Please shorten it or send it in parts.")
            % {"length": f"{len(text):,}", "max": f"{MAX_LENGTH:,}"},
            code=Code.TOO_LONG,
        )
    return text


def to_html(text: str) -> str:
    """Clean text as HTML: bold, italic, code, quotes, lists and links; nothing else survives."""
    if not _MARKED.search(text):
        return "<p>" + html.escape(text).replace("\n", "<br>\n") + "</p>"
    return nh3.clean(
        _markdown.render(text),
        tags=_TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}},
    ).strip()


def plain(text: str) -> str:
    """A message on one line, without the marks of Markdown."""
    return " ".join(_MARKS.sub(r"\1", text).split())


def preview(text: str) -> str:
    """The first words of a message on one line, without the marks of Markdown."""
    line = plain(text[: PREVIEW_LENGTH * 2])
    return line if len(line) <= PREVIEW_LENGTH else line[: PREVIEW_LENGTH - 1] + "…"


def clean_line(text: str) -> str:
    """Text for a name or a short description: one line, no control characters, nothing that turns its direction."""
    kept = (character for character in text.translate(TURNING) if unicodedata.category(character) not in ("Cc", "Cs"))
    return " ".join("".join(character if character.isprintable() else " " for character in kept).split())
