"""The administrators' front page: figures and charts that each app adds for its own part, in its `dashboard.py`.

Everything registered here is given a Scope and answers in a constant number of queries, whatever the size.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.core.paginator import Page, Paginator
from django.utils.functional import Promise

from accounts.charts import Chart
from accounts.models import Company, User

# Companies on one page of the operator's list.
COMPANIES = 25
Text = str | Promise


@dataclass(frozen=True)
class Scope:
    """Whose figures: those of one company, or (None) of the whole deployment."""

    company_id: int | None

    def of_company(self, path: str) -> dict[str, int]:
        """The lookup that keeps a query to this company's rows; nothing to look up for the whole deployment."""
        return {} if self.company_id is None else {path: self.company_id}


@dataclass(frozen=True)
class Figure:
    """One number, what it means, and where to go on from it."""

    label: Text
    value: int
    text: Text
    url: str
    link: Text
    # Of how many, when the number is a part of something.
    of: int | None = None
    # Further numbers of the same kind, as (number, word).
    parts: Sequence[tuple[int, Text]] = ()


Numbers = Mapping[int, int]


class Column(NamedTuple):
    """One figure of the operator's list of companies: the numbers of many companies, by company id."""

    label: Text
    numbers: Callable[[list[int]], Numbers]


_figures: list[tuple[int, Callable[[Scope], Figure]]] = []
_charts: list[tuple[int, Callable[[Scope], Chart]]] = []
_columns: list[tuple[int, Column]] = []


def figure(*, order: int) -> Callable[[Callable[[Scope], Figure]], Callable[[Scope], Figure]]:
    """Show what the function returns among the figures."""

    def register(make: Callable[[Scope], Figure]) -> Callable[[Scope], Figure]:
        _figures.append((order, make))
        return make

    return register


def chart(*, order: int) -> Callable[[Callable[[Scope], Chart]], Callable[[Scope], Chart]]:
    """Show what the function returns among the charts."""

    def register(make: Callable[[Scope], Chart]) -> Callable[[Scope], Chart]:
        _charts.append((order, make))
        return make

    return register


def column(*, order: int, label: Text) -> Callable[[Callable[[list[int]], Numbers]], Callable[[list[int]], Numbers]]:
    """Show what the function returns in the operator's list of companies."""

    def register(numbers: Callable[[list[int]], Numbers]) -> Callable[[list[int]], Numbers]:
        _columns.append((order, Column(label, numbers)))
        return numbers

    return register


def dashboard(viewer: User, page: str = "") -> dict[str, Any]:
    """What the front page shows `viewer`: their own company, or everything for an operator."""
    scope = Scope(None if viewer.is_superuser else viewer.company_id)
    context: dict[str, Any] = {
        "figures": [make(scope) for make in _in_order(_figures)],
        "charts": [make(scope) for make in _in_order(_charts)],
        "company": None if viewer.is_superuser else viewer.company,
    }
    if viewer.is_superuser:
        context |= _companies(page)
    return context


def _in_order(registered: Iterable[tuple[int, Any]]) -> list[Any]:
    return [entry for _order, entry in sorted(registered, key=lambda pair: pair[0])]


@dataclass(frozen=True)
class Row:
    """One company in the operator's list."""

    company: Company
    numbers: list[int]
    labels: list[Text]

    def cells(self) -> Iterator[tuple[Text, int]]:
        """Each number with its label."""
        return zip(self.labels, self.numbers, strict=True)


def _companies(page: str) -> dict[str, Any]:
    shown: Page[Company] = Paginator(Company.objects.all(), COMPANIES).get_page(page)
    ids = [company.pk for company in shown]
    columns: list[Column] = _in_order(_columns)
    found = [column.numbers(ids) for column in columns]
    labels = [column.label for column in columns]
    rows = [Row(company, [numbers.get(company.pk, 0) for numbers in found], labels) for company in shown]
    return {"companies": shown, "columns": labels, "rows": rows}
