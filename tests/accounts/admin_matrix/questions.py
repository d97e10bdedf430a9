"""What can be asked of a list by its address: every look-up, order, search, filter and pop-up."""

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

from django.db import models
from django.db.models import Model

from tests.accounts.admin_matrix.canaries import ALL

# Of the same length, so that the two answers may not even differ in that.
NOBODY = {canary: f"{canary[:-1]}{'w' if canary[-1] != 'w' else 'y'}" for canary in ALL}
PLAIN = ["e=1", "o=1", "o=-1.2.3", "o=99", "o=x", "p=1", "p=99", "all=", "_facets=True", "_popup=1"]
LINK = re.compile(r'href="(\?[^"]*)"')


def to_fields(model: type[Model]) -> Iterator[str]:
    """Questions for a pop-up that answers with another column than the number."""
    for one in model._meta.concrete_fields:
        yield f"_to_field={one.name}&_popup=1"


def look_ups(model: type[Model]) -> Iterator[tuple[str, str]]:
    """For each column of the table and of those next to it, a question about the canaries and one about nobody."""
    canaries, nobody = f"({'|'.join(ALL)})", f"({'|'.join(NOBODY.values())})"
    for path in columns(model):
        yield f"{path}__iregex={canaries}", f"{path}__iregex={nobody}"


def searches() -> Iterator[tuple[str, str]]:
    """The same in the search box."""
    for canary, other in NOBODY.items():
        yield f"q={canary}", f"q={other}"
        yield f"q={canary}&_facets=True", f"q={other}&_facets=True"


def columns(model: type[Model]) -> list[str]:
    """The texts of a row and of what is tied to it, on both sides."""
    found = [one.name for one in _texts(model)]
    for one in model._meta.get_fields():
        other: Any = one.related_model
        if isinstance(other, type):
            name = one.name if one.concrete else one.field.related_query_name()
            found += [f"{name}__{text.name}" for text in _texts(other)]
    return found


def _texts(model: type[Model]) -> list[Any]:
    return [
        one
        for one in model._meta.concrete_fields
        if isinstance(one, (models.CharField, models.TextField)) and not one.choices and one.name != "password"
    ]


def links_on(page: str) -> list[str]:
    """The questions that a list offers itself: its filters, orders and pages."""
    return list(dict.fromkeys(unescape(link)[1:] for link in LINK.findall(page) if link != "?"))
