"""Message search results, shown below the rooms found."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from accounts.models import User
from accounts.requests import MemberRequest
from contacts.policies import names_for
from messaging.models import Message
from messaging.rates import SEARCH_RATE
from messaging.search.matches import find_messages
from messaging.search.query import Query, parse
from messaging.search.snippet import Part, snippet
from worksbridge.errors import TooMany
from worksbridge.live.rate_limits import limit
from worksbridge.ui.numbers import whole_number
from worksbridge.ui.searching import searched


@dataclass
class Hit:
    """A message that was found, as this member sees it."""

    message: Message
    room_name: str
    parts: list[Part]


def found_context(request: MemberRequest) -> dict[str, Any]:
    """What the messages found for `q` of the address need, before the message with the id `older` if that is given.

    Empty without `q`; with the error when the member searches too often.
    """
    text = searched(request.GET.get("q", ""))
    if not text:
        return {}
    before = whole_number(request.GET["older"], "older") if "older" in request.GET else None
    context: dict[str, Any] = {"query": text, "searched": True, "is_continued": before is not None}
    try:
        limit(f"search:{request.user.pk}", SEARCH_RATE)
    except TooMany as error:
        return context | {"search_error": error}
    query = parse(text)
    found = find_messages(request.user, query, before=before)
    hits, names = _hits(request.user, query, found.messages)
    return context | {"hits": hits, "found_names": names, "more": found.before, "is_partial": found.is_partial}


def _hits(member: User, query: Query, messages: list[Message]) -> tuple[list[Hit], dict[int, str]]:
    others = {message.pk: message.room.other_than(member) for message in messages}
    people = {person.pk for person in others.values() if person} | {message.author_id or 0 for message in messages}
    names = names_for(member, people)
    hits = [Hit(message, message.room.name_for(member, names), snippet(query, message.body)) for message in messages]
    return hits, names


def answer(request: MemberRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """The page of results; status 429, with a text, when the member searches too often."""
    response = render(request, template, context)
    error = context.get("search_error")
    if error is not None:
        response.status_code = error.status
        response.headers["Retry-After"] = str(error.retry_after)
    return response
