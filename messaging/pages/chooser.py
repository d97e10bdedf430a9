"""The chooser: people ticked in one form, over several searches, with and without scripts."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import Company, User
from accounts.requests import MemberRequest
from contacts.policies import names_for
from federation.group_policy import companies_of
from federation.policies import is_available
from messaging.admission import MOST_MEMBERS, Missing, choosable
from messaging.models import Membership, Room
from worksbridge.errors import Code, WorksBridgeError
from worksbridge.ui.numbers import whole_number
from worksbridge.ui.searching import searched

MAX_ROWS = 100


@dataclass
class Choice:
    """The parsed form of one request of the chooser."""

    source: str
    query: str
    chosen: list[User]
    missing: bool


def read_choice(request: MemberRequest) -> Choice:
    """The chosen people, the search and the list they are chosen from. Raises WorksBridgeError for malformed input.

    Ids of people the member may not choose are left out, and `missing` says that there were some.
    """
    sent = request.POST if request.method == "POST" else request.GET
    source = sent.get("do") if sent.get("do") in ("members", "external") else sent.get("from")
    # Another list begins unsearched: what was looked for is hardly in both.
    switched = sent.get("do") in ("members", "external")
    query = "" if switched else searched(sent.get("q", ""))
    # A chip's own button takes that person out.
    wanted = [value for value in sent.getlist("people") if value != sent.get("drop")]
    ids = list(dict.fromkeys(whole_number(value, "people") for value in wanted))
    if len(ids) > MOST_MEMBERS:
        raise WorksBridgeError(_("A room can have at most %d members.") % MOST_MEMBERS, code=Code.TOO_MANY_MEMBERS)
    known = choosable(request.user).filter(pk__in=ids).select_related("company", "department") if ids else []
    people = {person.pk: person for person in known}
    chosen = [people[pk] for pk in ids if pk in people]
    return Choice("external" if source == "external" else "members", query, chosen, missing=len(chosen) < len(ids))


def require_someone(choice: Choice) -> None:
    """Raises WorksBridgeError when no one is chosen, or someone who may not be; the same whoever it is."""
    if choice.missing:
        raise Missing
    if not choice.chosen:
        raise WorksBridgeError(_("Choose at least one person."), code=Code.NOBODY)


def chooser_context(request: MemberRequest, choice: Choice, *, without: Room | None = None) -> dict[str, Any]:
    """The context of the chooser's template; members of the room `without` are not offered."""
    found = _people(request.user, choice, without)
    names = names_for(request.user, [person.pk for person in (*found, *choice.chosen)])
    return {
        "here": request.path,
        "source": choice.source,
        "query": choice.query,
        "people": found[:MAX_ROWS],
        "more": len(found) > MAX_ROWS,
        "chosen": choice.chosen,
        "chosen_ids": [person.pk for person in choice.chosen],
        "names": names,
    }


def _people(member: User, choice: Choice, without: Room | None) -> list[User]:
    if choice.source == "external" and not is_available(member):
        return []
    people = _matching(member, _from(member, choice.source), choice.query)
    if without is not None:
        people = people.exclude(pk__in=Membership.objects.live().filter(room=without).values("member"))
    return list(people.select_related("company", "department").order_by("name", "pk")[: MAX_ROWS + 1])


def _from(member: User, source: str) -> QuerySet[User]:
    people = choosable(member)
    return (
        people.exclude(company=member.company_id) if source == "external" else people.filter(company=member.company_id)
    )


def _matching(member: User, people: QuerySet[User], query: str) -> QuerySet[User]:
    if not query:
        return people
    # A colleague's handle may be found in parts; of anyone else it is known exactly or not at all.
    found = Q(name__icontains=query) | Q(title__icontains=query)
    found |= Q(handle__icontains=query, company=member.company_id)
    found |= Q(department__name__icontains=query)
    named = member.external_contacts.filter(name__icontains=query).values("person")
    outside = Q(company__name__icontains=query) & ~Q(company=member.company_id)
    return people.filter(found | outside | Q(pk__in=named))


def companies_outside(member: User, people: Iterable[User]) -> list[Company]:
    """The companies of these people, without the member's own, by name."""
    return list(Company.objects.filter(pk__in=companies_of(people)).exclude(pk=member.company_id or 0))
