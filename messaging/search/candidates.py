"""The index's matches for a query in some rooms, before checking who may see them.

The planner cannot know how rare a pair of characters is, and would go through everything from the newest on for a word
that no one ever wrote. So it is asked twice: for the newest stretch, which holds enough of whatever is frequent, and
is short; then for all that is older, without the choice to go through it in order. No other table takes part: about
this one alone its statistics are right.
"""

from django.db.models import F, Max, Q, QuerySet

from messaging.models import SearchEntry
from messaging.search.fields import Among
from messaging.search.query import Query

# How many messages, of everybody's, are gone through from the newest on.
NEWEST = 5_000
Entry = tuple[int, int]


def candidates(query: Query, seen_from: dict[int, int], before: int | None, most: int) -> list[Entry]:
    """At most so many entries, newest first, each as the message's id and the revision it was indexed with.

    They match the query but for its phrases, and lie in one of the rooms after the revision given with it.
    """
    if before is None:
        before = (SearchEntry.objects.aggregate(last=Max("message"))["last"] or 0) + 1
    edge = before - NEWEST
    matching = _matching(query, seen_from)
    found = _first(matching.filter(message__lt=before, message__gte=edge).order_by("-message"), most)
    if len(found) < most:
        # Ordered by a sum, which no index has in order.
        older = matching.filter(message__lt=edge).order_by((F("message") + 0).desc())
        found += _first(older, most - len(found))
    return found


def _first(entries: QuerySet[SearchEntry], most: int) -> list[Entry]:
    return list(entries.values_list("message", "rev")[:most])


def _matching(query: Query, seen_from: dict[int, int]) -> QuerySet[SearchEntry]:
    found = SearchEntry.objects.filter(words__matches=query.tsquery, room__in=list(seen_from))
    later = {room: seq for room, seq in seen_from.items() if seq}
    if later:
        whole = [room for room in seen_from if room not in later]
        found = found.filter(Q(room__in=whole) | Q(seq__gt=Among("room", later)))
    return found
