"""Every address under /admin/, read from the URL configuration."""

import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from django.urls import URLPattern, URLResolver
from django.urls.resolvers import RegexPattern, RoutePattern

from accounts.models import Company, Department, MemberImport, User
from federation.models import Closing, Link, PartnerRequest
from tests.accounts.admin_matrix.rows import all_models

ROOT = "/admin/"
# What a name in an address stands for: the number of a row of this table. `object_id` and `pk` stand for a row of the
# table whose pages it is among.
ROWS: dict[str, type[Model]] = {
    "company": Company,
    "company_id": Company,
    "partner": Company,
    "partner_id": Company,
    "member": User,
    "member_id": User,
    "department_id": Department,
    "closing": Closing,
    "closing_id": Closing,
    "link_id": Link,
    "request_id": PartnerRequest,
    # Of a file that waits to be imported.
    "number": MemberImport,
}
OF_THE_TABLE = ("object_id", "pk", "id")
# Other names, with their possible values.
WORDS: dict[str, list[str]] = {}
# Addresses without a page: the answers must not reveal which ones exist.
INVENTED = ["nowhere/", "nowhere", "accounts/nowhere/1/change/", "auth/user/", "accounts/user"]
TEACH = (
    "{route}: nobody has said what “{name}” stands for. Say it in ROWS (the number of a row of a table) or in WORDS "
    "(one of some words) of tests/accounts/admin_matrix/addresses.py; then this address is tested like all the others."
)
PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")


@dataclass(frozen=True)
class Address:
    """One address: its pattern, its name, and the table it belongs to."""

    route: str
    name: str
    model: type[Model] | None

    def __str__(self) -> str:
        return ROOT + self.route

    @property
    def parameters(self) -> list[str]:
        """What has to be filled in, in order."""
        return PARAMETER.findall(self.route)

    @property
    def rows(self) -> dict[str, type[Model]]:
        """The table of each parameter that is the number of a row. Fails for one without an explanation."""
        found = {}
        for name in self.parameters:
            if name in OF_THE_TABLE and self.model is not None:
                found[name] = self.model
            elif name in ROWS:
                found[name] = ROWS[name]
            else:
                assert name in WORDS, TEACH.format(route=self, name=name)
        return found

    def path(self, values: Mapping[str, object]) -> str:
        """The address with these values; words not given are the first ones."""
        words = {name: texts[0] for name, texts in WORDS.items()}
        return ROOT + PARAMETER.sub(lambda found: quote(str((words | dict(values))[found[1]]), safe="%"), self.route)


def addresses() -> list[Address]:
    """All of them, but those of `contenttypes`, which take two numbers at once (`on_site`)."""
    return [one for one in _walk(admin.site.get_urls()) if one.name != "view_on_site"]


def on_site() -> list[Address]:
    """The address that leads from any row of any table to its page, once for each table."""
    kinds = ContentType.objects.all().order_by("pk")
    return [
        Address(f"r/{kind.pk}/<path:object_id>/", "view_on_site", kind.model_class())
        for kind in kinds
        if kind.model_class() in all_models()
    ]


def _walk(patterns: list[Any], before: str = "", model: type[Model] | None = None) -> Iterator[Address]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            route = before + _route(pattern.pattern)[0]
            yield from _walk(pattern.url_patterns, route, _model_of(route) or model)
        else:
            for route in _route(pattern.pattern):
                yield Address(before + route, _name(pattern), model)


def _route(pattern: Any) -> list[str]:
    """The pattern as one or more routes. Regular expressions are those of Django's own two patterns."""
    if isinstance(pattern, RoutePattern):
        return [str(pattern)]
    assert isinstance(pattern, RegexPattern)
    choice = re.fullmatch(r"\^\(\?P<app_label>([\w|]+)\)/\$", str(pattern))
    if choice:
        return [f"{label}/" for label in choice[1].split("|")]
    assert str(pattern) == "(?P<url>.*)$", f"{pattern}: write it with path(), so that the matrix can fill it in."
    return INVENTED


def _name(pattern: URLPattern) -> str:
    return str(pattern.name or pattern.lookup_str.rpartition(".")[2])


def _model_of(route: str) -> type[Model] | None:
    return next(
        (model for model in admin.site._registry if route == f"{model._meta.app_label}/{model._meta.model_name}/"), None
    )


def filled(address: Address, numbers: Mapping[type[Model], list[int]]) -> Iterator[dict[str, object]]:
    """Every way to fill in the address with these numbers of rows, and with all words."""
    choices = {name: numbers[model] for name, model in address.rows.items()}
    words = {name: WORDS[name] for name in address.parameters if name in WORDS}
    names = [*choices, *words]
    for values in itertools.product(*choices.values(), *words.values()):
        yield dict(zip(names, values, strict=True))
