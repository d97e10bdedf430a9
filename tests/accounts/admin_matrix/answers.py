"""One request, undone again, and what of its answer anybody could tell apart."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, quote_plus, unquote

import pytest
from django.contrib.messages import get_messages
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.utils.html import escape

TOKENS = re.compile(r'(csrfmiddlewaretoken" value=|csrf-token" content=|data-csrf=)"[^"]*"')
# These say when it was asked; and how long it may be kept is looked at by itself.
OF_THE_MOMENT = {"Expires", "Last-Modified", "Date", "Cache-Control", "X-Request-ID"}
PRIVATE = {"private", "no-store"}
# The most findings to report.
MOST = 60
# How a page repeats what was typed: as text, in an address, in an address within an address.
WAYS = (
    escape,
    quote,
    quote_plus,
    unquote,
    lambda text: quote(text, safe=""),
    lambda text: quote_plus(quote_plus(text)),
)
METHODS = ("get", "head", "post", "put", "delete")


@dataclass(frozen=True)
class Answer:
    """Status, headers, page, messages for the next page, and the names of the cookies."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: str
    messages: tuple[str, ...]
    cookies: tuple[str, ...]

    @property
    def text(self) -> str:
        """All in which something could be read."""
        return "\n".join([*(f"{name}: {value}" for name, value in self.headers), *self.messages, self.body])


class Browser:
    """A person's browser. Every change by a request is rolled back."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.client.raise_request_exception = False
        # Not what an earlier answer wanted to be said on the next page.
        self.cookies = {name: cookie.value for name, cookie in client.cookies.items() if name != "messages"}

    def ask(self, method: str, path: str, data: Any = None, *, hide: Iterable[object] = (), **headers: str) -> Answer:
        """The answer; `hide` is what was asked for, in whose place a dot is put."""
        with transaction.atomic():
            answer = self.do(method, path, data, hide=hide, **headers)
            transaction.set_rollback(True)
        return answer

    def do(self, method: str, path: str, data: Any = None, *, hide: Iterable[object] = (), **headers: str) -> Answer:
        """As `ask`, within a transaction of the caller's."""
        # Limits count what is asked; every question is meant to be the first.
        cache.clear()
        self.client.cookies.clear()
        self.client.cookies.load(self.cookies)
        if method in ("get", "head"):
            response = getattr(self.client, method)(path, data, headers=headers)
        elif method == "post":
            response = self.client.post(path, data or {}, headers=headers)
        else:
            response = getattr(self.client, method)(path, headers=headers)
        problem = f"{method} {path} {data or ''}"
        assert response.status_code < 500, (problem, getattr(response, "exc_info", None) or response.content[:500])
        kept = response.headers["Cache-Control"]
        assert set(kept.split(", ")) >= PRIVATE, (problem, kept)
        return _answer(response, path, hide)


def _answer(response: Any, path: str, hide: Iterable[object]) -> Answer:
    body = response.getvalue().decode(errors="replace")
    said = [f"{one.level} {one}" for one in get_messages(response.wsgi_request)._queued_messages]
    names = sorted(repeated([f"?next={path}", *hide]), key=len, reverse=True)
    headers = sorted((name, value) for name, value in response.headers.items() if name not in OF_THE_MOMENT)

    def clean(text: str) -> str:
        for name in names:
            text = text.replace(name, "…")
        return text

    return Answer(
        response.status_code,
        tuple((name, clean(value)) for name, value in headers),
        clean(TOKENS.sub(r'\1""', body)),
        tuple(clean(text) for text in said),
        tuple(sorted(name for name in response.cookies if name != "csrftoken")),
    )


def repeated(asked: Iterable[object]) -> set[str]:
    """What was asked for, in the ways in which a page can repeat it."""
    texts = {str(one) for one in asked if str(one)}
    return texts | {way(text) for text in texts for way in WAYS}


def differences(one: Answer, other: Answer) -> list[str]:
    """By what two answers can be told apart."""
    if one == other:
        return []
    pairs = ((one.status, other.status), (one.messages, other.messages), (one.cookies, other.cookies))
    found = [f"{this} / {that}" for this, that in pairs if this != that]
    if one.headers != other.headers:
        found.append(f"{set(one.headers) - set(other.headers)} / {set(other.headers) - set(one.headers)}")
    at = next((at for at, pair in enumerate(zip(one.body, other.body, strict=False)) if pair[0] != pair[1]), None)
    return found + ([f"{one.body[at - 40 : at + 60]!r} / {other.body[at - 40 : at + 60]!r}"] if at is not None else [])


def none_of(found: Iterable[str]) -> None:
    """Fail with what was found, one a line, the first ones only."""
    lines = list(dict.fromkeys(found))
    if lines:
        pytest.fail("\n".join([*lines[:MOST], f"{len(lines)} in all"]), pytrace=False)
