"""The forms on a page, read as a browser reads them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin

TEXTS = {"text", "email", "search", "url", "tel", "textarea", ""}
Data = dict[str, list[Any]]


@dataclass
class Field:
    """One field: what it says now, and what else could be chosen."""

    name: str
    kind: str
    values: list[str] = field(default_factory=list)
    options: list[str] = field(default_factory=list)


@dataclass
class Form:
    """One form: where it goes, its fields, and its buttons that say something."""

    path: str
    method: str
    fields: dict[str, Field] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)

    def data(self) -> Data:
        """What is sent when nothing is changed."""
        return {one.name: list(one.values) for one in self.fields.values() if one.values and one.kind != "file"}

    def texts(self) -> list[Field]:
        """The fields into which anything can be typed, or put by a file."""
        return [one for one in self.fields.values() if one.kind in TEXTS] + self.files()

    def files(self) -> list[Field]:
        """The fields that take a file."""
        return [one for one in self.fields.values() if one.kind == "file"]

    def submissions(self) -> Iterator[Data]:
        """What is sent by each button; of a list's actions, by each action."""
        sent = self.data()
        actions = [name for name in self.fields.get("action", Field("", "")).options if name]
        for action in actions or [None]:
            given = sent | ({"action": [action]} if action else {})
            for name, value in [("", ""), *self.buttons] if not actions else [("index", "0")]:
                yield given | ({name: [value]} if name else {})

    def choices(self) -> Iterator[Data]:
        """What is sent when one thing is chosen otherwise: a box ticked or not, another option."""
        sent = next(self.submissions())
        for one in self.fields.values():
            others = [text for text in one.options if text not in one.values]
            for text in others[:1] + others[1:][-1:]:
                yield sent | {one.name: [text]}
            if one.kind == "checkbox" and one.values:
                yield {name: values for name, values in sent.items() if name != one.name}


class _Reader(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.page = page
        self.forms: list[Form] = []
        self.open: Form | None = None
        self.select: Field | None = None
        self.area: Field | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given: dict[str, Any] = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.open = Form(urljoin(self.page, given.get("action", "")), given.get("method", "get").lower())
            self.forms.append(self.open)
        if self.open is None or "disabled" in given:
            return
        name = given.get("name", "")
        if tag == "input" and name:
            self._input(name, given)
        elif tag == "button" and name:
            self.open.buttons.append((name, given.get("value", "")))
        elif tag == "select" and name:
            self.select = self.open.fields.setdefault(name, Field(name, "select"))
        elif tag == "option" and self.select is not None:
            self.select.options.append(given.get("value", ""))
            if "selected" in given:
                self.select.values.append(given.get("value", ""))
        elif tag == "textarea" and name:
            self.area = self.open.fields.setdefault(name, Field(name, "textarea", [""]))

    def _input(self, name: str, given: dict[str, Any]) -> None:
        assert self.open is not None
        kind = given.get("type", "text").lower()
        if kind == "submit":
            self.open.buttons.append((name, given.get("value", "")))
            return
        one = self.open.fields.setdefault(name, Field(name, kind))
        value = given.get("value", "on" if kind == "checkbox" else "")
        if kind in ("checkbox", "radio"):
            one.options.append(value)
            one.values += [value] if "checked" in given else []
        else:
            one.values.append(value)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.open = None
        elif tag == "select":
            self.select = None
        elif tag == "textarea":
            self.area = None

    def handle_data(self, data: str) -> None:
        if self.area is not None:
            self.area.values = [self.area.values[0] + data]


def forms_on(page: str, html: str) -> list[Form]:
    """The forms of a page that lead to the administrators' pages."""
    reader = _Reader(page)
    reader.feed(html)
    return [form for form in reader.forms if form.path.startswith("/admin/")]
