"""Bars of the last days, drawn on the server: geometry in numbers, colours from the style sheet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from itertools import pairwise

from django.utils import timezone
from django.utils.functional import Promise

DAYS = 14
# The drawing's own units; it is stretched to its card.
BAR = 7.0
STEP = 10.0
HEIGHT = 100.0
Text = str | Promise


@dataclass(frozen=True)
class Day:
    """A day in the viewer's time zone: from `start` until before `end`."""

    date: date
    start: datetime
    end: datetime


def last_days(count: int = DAYS) -> list[Day]:
    """The last days in the viewer's time zone, today the last of them."""
    today = timezone.localdate()
    dates = [today - timedelta(days=back) for back in range(count - 1, -2, -1)]
    # Midnights are looked up one by one: a day on which the clocks change has 23 or 25 hours.
    midnights = [timezone.make_aware(datetime.combine(day, time.min)) for day in dates]
    return [Day(day, start, end) for day, (start, end) in zip(dates, pairwise(midnights), strict=False)]


@dataclass(frozen=True)
class Bar:
    """One day's bar."""

    date: date
    value: int
    left: float
    x: float
    y: float
    height: float
    is_today: bool


@dataclass(frozen=True)
class Chart:
    """Numbers of the last days with their heading, and where to go on from them."""

    key: str
    label: Text
    text: Text
    url: str
    link: Text
    values: Sequence[tuple[date, int]]

    @cached_property
    def total(self) -> int:
        """All days together."""
        return sum(value for _day, value in self.values)

    @cached_property
    def most(self) -> int:
        """The highest bar."""
        return max((value for _day, value in self.values), default=0)

    @property
    def width(self) -> float:
        """Of the drawing, in its own units."""
        return STEP * len(self.values)

    @cached_property
    def bars(self) -> list[Bar]:
        """The position of each day's bar."""
        return [self._bar(place, day, value) for place, (day, value) in enumerate(self.values)]

    def _bar(self, place: int, day: date, value: int) -> Bar:
        # A day with anything at all is seen, however small it is beside the others.
        height = max(HEIGHT * value / self.most, 2.0) if value else 0.0
        left = place * STEP
        x = left + (STEP - BAR) / 2
        return Bar(day, value, left, x, HEIGHT - height, height, is_today=place == len(self.values) - 1)


def by_day(days: Sequence[Day], counts: Mapping[date, int]) -> list[tuple[date, int]]:
    """Each of the days with its number, 0 where there is none."""
    return [(day.date, counts.get(day.date, 0)) for day in days]
