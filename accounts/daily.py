"""How many a day: days that are over keep their number in the cache, so only what is new is counted."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta

from django.core.cache import cache
from django.db.models import Count, QuerySet
from django.db.models.functions import TruncDate
from django.utils import timezone

from accounts.charts import Day, by_day

# What is being written while midnight passes still belongs to the day before.
SETTLED = timedelta(minutes=10)
KEPT = timedelta(days=30).total_seconds()
Counting = Callable[[datetime, datetime], Mapping[date, int]]


def daily(name: str, company_id: int | None, days: Sequence[Day], count: Counting) -> list[tuple[date, int]]:
    """Each of `days` with its number.

    `count` is asked once, for a span of time, and gives the numbers by date in the viewer's time zone. `name` and
    `company_id` (None: all) say whose numbers they are.
    """
    keys = {day.date: _key(name, company_id, day) for day in days}
    kept = cache.get_many(keys.values())
    counts = {day: kept[key] for day, key in keys.items() if key in kept}
    missing = [day for day in days if day.date not in counts]
    if missing:
        counts |= _count(missing, count, keys)
    return by_day(days, counts)


def _count(missing: Sequence[Day], count: Counting, keys: Mapping[date, str]) -> dict[date, int]:
    found = count(missing[0].start, missing[-1].end)
    counts = {day.date: found.get(day.date, 0) for day in missing}
    over = timezone.now() - SETTLED
    settled = {keys[day.date]: counts[day.date] for day in missing if day.end <= over}
    if settled:
        cache.set_many(settled, timeout=int(KEPT))
    return counts


def _key(name: str, company_id: int | None, day: Day) -> str:
    # Two zones share a day's number only where their days are the same hours.
    return f"daily:{name}:{company_id or 'all'}:{day.start.timestamp():.0f}:{day.end.timestamp():.0f}"


def dates(rows: QuerySet, field: str = "created_at") -> dict[date, int]:
    """How many of the rows fall on each date in the viewer's time zone. One query."""
    counted = rows.order_by().annotate(day=TruncDate(field)).values("day").annotate(number=Count("pk"))
    return dict(counted.values_list("day", "number"))
