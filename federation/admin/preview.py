"""Shows what a change will end, then does exactly that once confirmed."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Company, User
from federation.actions.dry_run import do_if_shown, fingerprint
from federation.impact import Impact, figures

# The most members of one's own company to name.
NAMED = 100


@dataclass(frozen=True)
class Asked:
    """How to ask: the page's title and words, where Cancel leads, and what is sent again with "yes"."""

    title: str
    confirm: str
    back: str
    hidden: Sequence[tuple[str, Any]]
    crumbs: Sequence[tuple[str, str]] = ()
    text: str = ""
    ask_always: bool = False
    undoable: bool = True
    # The targets: rows that join the selection in the meantime were never shown.
    about: str = ""


def confirmed(
    request: HttpRequest, company: Company | None, act: Callable[[], object], asked: Asked, context: dict[str, Any]
) -> HttpResponse | None:
    """Do `act` if it ends nothing or just what was agreed to; None when it is done, else the page that asks."""
    shown = request.POST.get("shown", "")
    done, impact = do_if_shown(act, shown, ask_always=asked.ask_always, about=asked.about)
    if done:
        return None
    if shown:
        messages.warning(request, _("This has changed in the meantime. Please check again what will end."))
    page = {
        **context,
        "title": asked.title,
        "crumbs": asked.crumbs,
        "text": asked.text or _("Immediately, for everyone affected:"),
        "effects": [f"{part[:1].upper()}{part[1:]}." for part in figures(impact)]
        or [_("No external connection ends.")],
        "people": people_rows(impact, company),
        "confirm": asked.confirm,
        "kind": "stop",
        "back": asked.back,
        "hidden": [*asked.hidden, ("shown", fingerprint(impact, asked.about))],
        "undoable": asked.undoable,
    }
    return TemplateResponse(request, "admin/federation/confirm.html", page)


def confirmed_for_rows(
    page: ModelAdmin,
    request: HttpRequest,
    company: Company | None,
    act: Callable[[], object],
    **asked: Any,
) -> HttpResponse | None:
    """`confirmed` for an action of a list: what was chosen in it is sent again with "yes". `asked`: fields of Asked."""
    names = ("action", "select_across", "index", ACTION_CHECKBOX_NAME)
    chosen = [(name, value) for name in names for value in request.POST.getlist(name)]
    question = Asked(back=request.get_full_path(), hidden=chosen, **asked)
    return confirmed(request, company, act, question, page.admin_site.each_context(request))


@dataclass(frozen=True)
class PersonRow:
    """One's own member, or the people of another company together, and what they lose."""

    name: str
    is_external: bool
    losses: list[str]


def people_rows(impact: Impact, company: Company | None) -> list[PersonRow]:
    """Who loses what: one's own people by name, the others as companies. Two queries."""
    frozen = Counter(person for pair in impact.frozen for person in pair)
    calls = Counter(person for people in impact.calls.values() for person in people)
    everyone = {*frozen, *calls, *impact.excluded}
    people = User.objects.filter(pk__in=everyone).select_related("company").order_by("name", "pk")
    rows: list[PersonRow] = []
    others: dict[str, list[int]] = {}
    for person in people:
        if company is None or person.company_id == company.pk:
            rows.append(PersonRow(str(person), is_external=False, losses=_losses([person.pk], frozen, impact, calls)))
        elif person.company is not None:
            others.setdefault(person.company.name, []).append(person.pk)
    rest = [
        PersonRow(f"{name} ({_people(len(ids))})", is_external=True, losses=_losses(ids, frozen, impact, calls))
        for name, ids in sorted(others.items())
    ]
    more = len(rows) - NAMED
    unnamed = [PersonRow(ngettext("%d more", "%d more", more) % more, is_external=False, losses=[])] if more > 0 else []
    return [*rows[:NAMED], *unnamed, *rest]


def _people(count: int) -> str:
    return ngettext("%d person", "%d people", count) % count


def _losses(ids: Sequence[int], frozen: Counter[int], impact: Impact, calls: Counter[int]) -> list[str]:
    rooms, places, cut = (sum(counted[pk] for pk in ids) for counted in (frozen, impact.excluded, calls))
    parts = [
        (rooms, ngettext("%d frozen 1:1 room", "%d frozen 1:1 rooms", rooms)),
        (places, ngettext("%d group room membership", "%d group room memberships", places)),
        (cut, ngettext("%d ongoing call", "%d ongoing calls", cut)),
    ]
    return [text % number for number, text in parts if number]
