"""Sending every form there is, and seeing what comes of it."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib import admin
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.db.models import Model

from tests.accounts.admin_matrix.addresses import Address, addresses, filled
from tests.accounts.admin_matrix.answers import Answer, Browser, differences
from tests.accounts.admin_matrix.forms import Data, Field, Form, forms_on
from tests.accounts.admin_matrix.numbering import EACH, FIRST
from tests.accounts.admin_matrix.sides import Sides, writing
from tests.accounts.admin_matrix.whose import hidden, visible
from tests.accounts.admin_matrix.world import World

NO_TABLE = "no table"
TABLES = [NO_TABLE, *(model._meta.label for model in admin.site._registry)]
Sent = tuple[Answer, list[str]]
NUMBER = re.compile(r"(?<!\d)7\d{6}(?!\d)")
# What is typed into a field that is empty, by its name.
TYPED = {
    "email": "fresh@alpha.example",
    "handle": "fresh",
    "slug": "fresh",
    "domain": "fresh.example",
    "member": "kim-minseo",
}
# The company asked by its domain is notified.
TOLD = [f"changed a stranger's accounts_{table}" for table in ("notification", "auditentry", "auditseal", "auditchain")]


@dataclass
class Asker:
    """alpha's administrator, who sends forms and looks what comes of it."""

    world: World
    browser: Browser
    sides: Sides
    changed_own: bool = False

    def send(self, form: Form, data: Data, hide: tuple[object, ...] = (), *, look: bool = False) -> Sent:
        """The answer, and the harm done; undone again. `look` also at whether one's own company was changed."""
        with transaction.atomic():
            with writing() as written:
                if form.method == "get":
                    answer = self.browser.do("get", f"{form.path}?{urlencode(data, doseq=True)}", hide=hide)
                else:
                    answer = self.followed(
                        form, self.browser.do("post", form.path, with_file(form, data), hide=hide), hide
                    )
            harm = self.sides.harm(written.tables) if written.any else []
            if form.path.endswith("/ask/"):
                harm = [one for one in harm if one not in TOLD]
            self.changed_own = look and bool(self.sides.ours.changed(written.tables))
            transaction.set_rollback(True)
        return answer, harm

    def followed(self, form: Form, answer: Answer, hide: tuple[object, ...]) -> Answer:
        """The answer; of a file that was sent, together with the page that asks whether to use it, and with its use."""
        where = dict(answer.headers).get("Location")
        if where is None or not form.files():
            return answer
        page = self.browser.do("get", where, hide=hide)
        used = [
            self.browser.do("post", again.path, sent, hide=hide)
            for again in forms_on(where, page.body)
            for sent in again.submissions()
        ]
        texts = (text for one in (page, *used) for text in one.messages)
        return Answer(page.status, page.headers, "".join(one.body for one in (page, *used)), tuple(texts), ())

    def table(self, number: str) -> type[Model]:
        """The table that a number in a form belongs to: each has its own."""
        first = (int(number) - FIRST) // EACH * EACH + FIRST
        return next(model for model, missing in self.world.missing.items() if missing == first + EACH - 1)

    def others(self, number: str) -> tuple[list[str], str]:
        """Numbers of rows that are not the administrator's, in this number's place, and that of no row."""
        model = self.table(number)
        found = hidden(self.world, self.world.cast.admin_alpha, model)
        return [str(pk) for pk in found], str(self.world.missing[model])


def pages(asker: Asker, table: str) -> Iterator[tuple[str, str, Answer]]:
    """Every page about a table that the administrator may open, with its name."""
    actor = asker.world.cast.admin_alpha
    for address in addresses():
        if label_of(address) != table:
            continue
        numbers = {model: visible(asker.world, actor, model)[-1:] for model in address.rows.values()}
        for values in filled(address, numbers):
            path = address.path(values)
            answer = asker.browser.ask("get", path)
            if answer.status == 200 and "<form" in answer.body:
                yield address.name, path, answer


def label_of(address: Address) -> str:
    """The table about which a page is."""
    return address.model._meta.label if address.model else NO_TABLE


def forms(asker: Asker, table: str) -> Iterator[tuple[str, Form]]:
    """Every form on the pages of a table, the empty fields filled in, with the name of its page."""
    for name, path, answer in pages(asker, table):
        for form in forms_on(path, answer.body):
            for one in form.fields.values():
                fill(one)
            yield name, form


def fill(one: Field) -> None:
    """Fill in empty fields."""
    if one.kind == "textarea" or (one.kind in ("text", "email", "search", "") and not any(one.values)):
        one.values = [next((text for name, text in TYPED.items() if name in one.name), "Fresh")]
    elif one.kind == "select" and not one.values and one.options:
        one.values = one.options[:1]


def told_apart(asker: Asker, form: Form, sent: Data) -> Iterator[str]:
    """For each number in a form: a foreign one must be answered like an unknown one, and change nothing."""
    for one in form.fields.values():
        numbers = [text for text in [*one.values, *one.options] if NUMBER.fullmatch(str(text))]
        if numbers:
            yield from compared(asker, form, numbers[0], lambda pk, name=one.name: sent | {name: [pk]})
        named = NUMBER.search(one.name)
        if named:
            values = one.options[-1:] or one.values
            there = lambda pk, one=one, was=named[0], now=values: sent | {one.name.replace(was, pk): now}  # noqa: E731
            yield from compared(asker, form, named[0], there)


def compared(asker: Asker, form: Form, number: str, with_number: Callable[[str], Data]) -> Iterator[str]:
    """What can be told apart when other numbers are sent in this one's place, and the harm done by them."""
    others, missing = asker.others(number)
    nothing, _harm = asker.send(form, with_number(missing), (missing,))
    for foreign in others:
        answer, harm = asker.send(form, with_number(foreign), (foreign,))
        found = [*harm, *differences(numberless(answer), numberless(nothing))]
        yield from (f"{form.path} {with_number(foreign)}: {each}" for each in found)


def numberless(answer: Answer) -> Answer:
    """The answer without the numbers of rows that it has made."""
    return Answer(
        answer.status,
        tuple((name, NUMBER.sub("#", value)) for name, value in answer.headers if name != "Content-Length"),
        NUMBER.sub("#", answer.body),
        tuple(NUMBER.sub("#", text) for text in answer.messages),
        answer.cookies,
    )


def with_file(form: Form, data: Data) -> Data:
    """What is sent, with a file of members in which something stands that was to be typed."""
    sent = dict(data)
    for one in form.files():
        typed = data.get(one.name, ["fresh@alpha.example"])[0]
        row = f"Fresh,{typed},," if "@" in typed else f"Fresh,fresh@alpha.example,{typed},{typed}"
        sent[one.name] = [SimpleUploadedFile("people.csv", f"name,email,handle,department\n{row}\n".encode())]
    return sent
