"""Telling a company's administrators something."""

import zoneinfo
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.utils import timezone, translation

from accounts.actions.notify import notify
from accounts.models import User


@contextmanager
def speaking_to(person: User) -> Iterator[None]:
    """Sentences and dates in the person's language and time zone."""
    with translation.override(person.page_language), timezone.override(zoneinfo.ZoneInfo(person.time_zone)):
        yield


def tell_administrators(company_ids: list[int], kind: str, text: Callable[[], str], url: str) -> list[User]:
    """Notify the active administrators of these companies; `text` makes the sentence, as each of them reads it.

    Returns the administrators that were told.
    """
    found = list(User.objects.filter(company__in=company_ids, is_administrator=True, is_active=True).order_by("pk"))
    alike: defaultdict[tuple[str, str], list[User]] = defaultdict(list)
    for person in found:
        alike[person.language, person.time_zone].append(person)
    for people in alike.values():
        with speaking_to(people[0]):
            notify(people, kind, {"text": text()}, url=url)
    return found
