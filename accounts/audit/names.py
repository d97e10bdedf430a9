"""Names for what entries hold as ids: looked up for a whole page of entries at once."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext

from accounts.audit.sentences import sentence
from accounts.models import AuditEntry, Company, Department, User

# So many names in one sentence; the others are counted.
MOST = 5
# What was chosen on the External connection page, in its words.
CHOICES = {
    "allow": _lazy("allow"),
    "deny": _lazy("deny"),
    "policy": _lazy("leave to the policy"),
    "all": _lazy("all members"),
    "chosen": _lazy("chosen members and departments"),
    "any": _lazy("any company that also allows us"),
    "approved": _lazy("approved partners only"),
}
NAMED = {"member", "members", "person", "partner", "partners", "department", "departments"}


class Names:
    """The names that these entries need, in three queries for any number of them.

    Of people who belong to another company than the entry only what the entry itself tells is shown.
    """

    def __init__(self, entries: Iterable[AuditEntry]) -> None:
        entries = list(entries)
        people = {pk for entry in entries for pk in _people(entry)}
        self._people = {
            pk: (name, company)
            for pk, name, company in User.objects.filter(pk__in=people).values_list("pk", "name", "company_id")
        }
        departments = {pk for entry in entries for pk in _ids(entry, "department", "departments")}
        self._departments = {
            pk: (name, company)
            for pk, name, company in Department.objects.filter(pk__in=departments).values_list(
                "pk", "name", "company_id"
            )
        }
        companies = {pk for entry in entries for pk in _ids(entry, "partner", "partners")}
        companies |= {pk for entry in entries for pk in [entry.company_id, *_told_companies(entry)]}
        self._companies = dict(Company.objects.filter(pk__in=companies).values_list("pk", "name"))

    def company(self, pk: int) -> str:
        """A company's name."""
        return self._companies.get(pk) or _("a company")

    def who(self, entry: AuditEntry) -> str:
        """Who did it, as far as the entry tells; empty when it does not."""
        by = entry.actor_id or entry.data.get("by")
        return self._person(entry, by) if by else ""

    def what(self, entry: AuditEntry) -> str:
        """The entry in a plain sentence."""
        who = self.who(entry)
        text = sentence(entry.event, with_who=bool(who))
        return " ".join(text.format_map(_Values(self, entry, who)).split())

    def named(self, entry: AuditEntry, key: str) -> str:
        """What an entry has under `key`, when that is ids of something that has a name; else empty."""
        return _Values(self, entry, "")[key] if key in NAMED else ""

    def people(self, entry: AuditEntry, ids: Sequence[int]) -> str:
        """Some names, and how many more there are."""
        shown = ", ".join(self._person(entry, pk) for pk in ids[:MOST])
        more = len(ids) - MOST
        return shown if more <= 0 else ngettext("%s and %d more", "%s and %d more", more) % (shown, more)

    def departments(self, entry: AuditEntry, ids: Sequence[int]) -> str:
        """The names of the company's own departments."""
        found = [self._departments.get(pk, ("", 0)) for pk in ids]
        return ", ".join(name if company == entry.company_id else _("a department") for name, company in found)

    def _person(self, entry: AuditEntry, pk: int) -> str:
        told = entry.data.get("people", {}).get(str(pk))
        if told:
            return f"{told[0]} ({self.company(told[1])})"
        name, company = self._people.get(pk, ("", 0))
        if company == entry.company_id:
            return name
        # An operator has no company, and is named to nobody.
        return _("an operator") if company is None else _("somebody of another company")


class _Values(dict[str, str]):
    """What stands in the places of a sentence."""

    def __init__(self, names: Names, entry: AuditEntry, who: str) -> None:
        super().__init__(who=who)
        self._names = names
        self._entry = entry

    def __missing__(self, key: str) -> str:
        data = self._entry.data
        if key in ("member", "person"):
            return self._names.people(self._entry, [data[key]]) if data.get(key) else _("somebody")
        if key == "members":
            return self._names.people(self._entry, data.get(key) or [])
        if key in ("partner", "partners"):
            return ", ".join(self._names.company(pk) for pk in _ids(self._entry, "partner", "partners"))
        if key in ("department", "departments"):
            return self._department()
        return _plain(key, data)

    def _department(self) -> str:
        data = self._entry.data
        # One that was removed or renamed since is known by the name that it had then.
        name = (data.get("after") or {}).get("name") or (data.get("before") or {}).get("name")
        return str(name or self._names.departments(self._entry, _ids(self._entry, "department", "departments")))


def _plain(key: str, data: dict[str, Any]) -> str:
    if key == "room":
        return f"“{data['room_name']}”" if data.get("room_name") else _("room %s") % data.get("room", "")
    if key == "rooms":
        count = len(data.get("rooms", ()))
        return ngettext("%d room", "%d rooms", count) % count
    if key == "count":
        return str(data.get("count", len(data.get("contacts", data.get("members", ())))))
    if key == "fields":
        return ", ".join(data.get("fields") or data.get("after") or ())
    if key == "now":
        return _chosen(data.get("after") or {})
    return str(data.get(key, ""))


def _chosen(after: dict[str, Any]) -> str:
    """What holds after a decision, and until which day."""
    words = [str(CHOICES.get(value, value)) for name, value in after.items() if value and name != "expires_at"]
    if after.get("expires_at"):
        last = timezone.localdate(datetime.fromisoformat(after["expires_at"]) - timedelta(seconds=1))
        words.append(_("until %s") % last.isoformat())
    return ", ".join(words)


def _ids(entry: AuditEntry, one: str, several: str) -> list[int]:
    found = [entry.data.get(one), *(entry.data.get(several) or [])]
    return [pk for pk in found if isinstance(pk, int)]


def _people(entry: AuditEntry) -> set[int]:
    some = [*_ids(entry, "member", "members")[: MOST + 1], entry.data.get("person"), entry.data.get("by")]
    return {pk for pk in (*some, entry.actor_id) if isinstance(pk, int)}


def _told_companies(entry: AuditEntry) -> set[int]:
    return {told[1] for told in entry.data.get("people", {}).values() if told[1]}
