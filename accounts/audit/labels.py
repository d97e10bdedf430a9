"""Plain words for what entries store: the one table of their fields, and the codes that some fields hold."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from accounts.models.users import LANGUAGES

LABELS: dict[str, Any] = {
    # Members, profiles, and notes on contacts.
    "address": _lazy("address"),
    "department_id": _lazy("department"),
    "email": _lazy("e-mail"),
    "handle": _lazy("handle"),
    "is_active": _lazy("active"),
    "is_administrator": _lazy("administrator"),
    "language": _lazy("language"),
    "memo": _lazy("memo"),
    "name": _lazy("name"),
    "new_photo": _lazy("photo"),
    "phone": _lazy("phone number"),
    "photo": _lazy("photo"),
    "remove_photo": _lazy("photo"),
    "tags": _lazy("tags"),
    "time_zone": _lazy("time zone"),
    "title": _lazy("title"),
    # Departments and companies.
    "domains": _lazy("domains"),
    "parent_id": _lazy("department above"),
    "slug": _lazy("slug"),
    # A company's side.
    "allows": _lazy("external connection"),
    "closing": _lazy("closing number"),
    "decision": _lazy("decision"),
    "expires_at": _lazy("until"),
    "grant_to": _lazy("who may use it"),
    "grants": _lazy("chosen for external connection"),
    "partner_rule": _lazy("partners"),
    # Rooms.
    "description": _lazy("description"),
    "external": _lazy("with external users"),
    "hosting": _lazy("hosting company"),
    "newcomers": _lazy("new members see"),
    # Whom and what an entry is about.
    "code": _lazy("code"),
    "contacts": _lazy("contacts"),
    "count": _lazy("how many"),
    "department": _lazy("department"),
    "departments": _lazy("departments"),
    "domain": _lazy("domain"),
    "fields": _lazy("what was changed"),
    "filters": _lazy("filters"),
    "imported": _lazy("from a file"),
    "member": _lazy("member"),
    "members": _lazy("members"),
    "partner": _lazy("partner"),
    "partners": _lazy("partners"),
    "path": _lazy("page"),
    "person": _lazy("person"),
    "reason": _lazy("reason"),
    "room": _lazy("room"),
    "rooms": _lazy("rooms"),
    "text": _lazy("answer"),
    # Filters of a list.
    "about": _lazy("subject"),
    "event": _lazy("event"),
    "from": _lazy("from"),
    "of": _lazy("company"),
    "q": _lazy("search"),
    "until": _lazy("until"),
}
# By field: one code may mean different things in two of them.
WORDS: dict[str, Mapping[str, Any]] = {
    "decision": {"allow": _lazy("allow"), "deny": _lazy("deny"), "policy": _lazy("use default")},
    "grant_to": {"all": _lazy("all members"), "chosen": _lazy("chosen members and departments")},
    "language": dict(LANGUAGES),
    "newcomers": {"all": _lazy("all messages"), "joined": _lazy("messages sent after they join")},
    "partner_rule": {
        "any": _lazy("any company that also allows us"),
        "approved": _lazy("approved partners only"),
    },
    # As people are told them. Which of the two companies decided is not disclosed.
    "reason": {
        "company_off": _lazy("one of the two companies has turned external connection off"),
        "deactivated": _lazy("an account is no longer active"),
        "grant_withdrawn": _lazy("external connection is no longer available to someone"),
        "no_host": _lazy("no one from the hosting company is left"),
        "partner_closed": _lazy("the link between the two companies was closed"),
    },
}


def label(field: str) -> str:
    """The name of a field for people; for an unknown one its name in words."""
    return str(LABELS.get(field) or field.replace("_", " "))


def word(field: str, value: object) -> str:
    """A single value of a field in words, a date as a day in the viewer's time zone; anything else unchanged."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if field == "expires_at" and isinstance(value, str):
        return last_day(value)
    return str(WORDS.get(field, {}).get(value, value) if isinstance(value, str) else value)


def last_day(expires_at: str) -> str:
    """The last full day before this moment (ISO 8601), in the viewer's time zone."""
    return timezone.localdate(datetime.fromisoformat(expires_at) - timedelta(seconds=1)).isoformat()


def chosen(after: Mapping[str, Any]) -> str:
    """What a decision set, and until which day."""
    words = [word(name, value) for name, value in after.items() if value and name != "expires_at"]
    if after.get("expires_at"):
        words.append(_("until %s") % last_day(after["expires_at"]))
    return ", ".join(words)
