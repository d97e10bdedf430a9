"""Names for the ids in entries, looked up for a whole page of entries together."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, ngettext_lazy

from accounts.audit.labels import chosen, label, last_day
from accounts.audit.references import Kind, held
from accounts.audit.rooms import told_rooms
from accounts.audit.sentences import sentence
from accounts.models import AuditEntry, Company, Department, User

# So many names in one sentence; the others are counted.
MAX_NAMES = 5
# What a sentence counts instead of naming it.
COUNTED: dict[str, Any] = {
    "contact_count": ngettext_lazy("%d contact", "%d contacts"),
    "member_count": ngettext_lazy("%d member", "%d members"),
    "rooms": ngettext_lazy("%d room", "%d rooms"),
}
# A name, and the id of the company to which it belongs.
Owned = tuple[str, int | None]


class Names:
    """The names that these entries need, in three queries whatever their number.

    For people at other companies, only what the entry itself says is shown. `whole` also looks up the names that
    sentences leave out, in one more query.
    """

    def __init__(self, entries: Iterable[AuditEntry], *, whole: bool = False) -> None:
        entries = list(entries)
        ids: defaultdict[Kind, set[int]] = defaultdict(set)
        self._rooms = told_rooms(_rooms(entries)) if whole else {}
        for entry in entries:
            _collect(ids, entry, None if whole else MAX_NAMES)
        for entry in self._rooms.values():
            _collect(ids, entry, MAX_NAMES)
        people = User.objects.filter(pk__in=ids[Kind.PERSON]).values_list("pk", "name", "company_id")
        parts = Department.objects.filter(pk__in=ids[Kind.DEPARTMENT]).values_list("pk", "name", "company_id")
        self._people: dict[int, Owned] = {pk: (name, company) for pk, name, company in people}
        self._departments: dict[int, Owned] = {pk: (name, company) for pk, name, company in parts}
        self._companies = dict(Company.objects.filter(pk__in=ids[Kind.COMPANY]).values_list("pk", "name"))

    def who(self, entry: AuditEntry) -> str:
        """Who did it, or an empty string when the entry does not say."""
        by = entry.actor_id or entry.data.get("by")
        return self.person(entry, by) if by else ""

    def what(self, entry: AuditEntry) -> str:
        """The entry as a sentence."""
        who = self.who(entry)
        text = sentence(entry.event, with_who=bool(who), variant=_variant(entry.data))
        return " ".join(text.format_map(_Values(self, entry, who)).split())

    def name(self, entry: AuditEntry, kind: Kind, pk: int) -> str:
        """The name of something, as far as the entry's company may know it."""
        if kind is Kind.COMPANY:
            return self.company(pk)
        return {Kind.PERSON: self.person, Kind.DEPARTMENT: self.department, Kind.ROOM: self.room}[kind](entry, pk)

    def company(self, pk: int) -> str:
        """A company's name."""
        return self._companies.get(pk) or _("a company")

    def person(self, entry: AuditEntry, pk: int) -> str:
        """A person's name, with their company when it is another one."""
        told = entry.data.get("people", {}).get(str(pk))
        if told:
            return f"{told[0]} ({self.company(told[1])})"
        name, company = self._people.get(pk, ("", 0))
        if company == entry.company_id:
            return name
        # An operator has no company, and is never named.
        return _("an operator") if company is None else _("someone at another company")

    def people(self, entry: AuditEntry, ids: Sequence[int]) -> str:
        """Some names, and how many more there are."""
        shown = ", ".join(self.person(entry, pk) for pk in ids[:MAX_NAMES])
        more = len(ids) - MAX_NAMES
        return shown if more <= 0 else ngettext("%s and %d more", "%s and %d more", more) % (shown, more)

    def department(self, entry: AuditEntry, pk: int) -> str:
        """The name of one of the company's own departments."""
        if pk == entry.data.get("department") and (name := _department_then(entry.data)):
            return name
        name, company = self._departments.get(pk, ("", 0))
        return name if company == entry.company_id else _("a department")

    def room(self, entry: AuditEntry, pk: int) -> str:
        """What the company's log calls a room: by its name, or by the two people of a 1:1 room."""
        here = entry if entry.data.get("room") == pk and "room_name" in entry.data else None
        told = here or self._rooms.get((entry.company_id, pk))
        if told is not None and "room_name" in told.data:
            return f"“{told.data['room_name']}”"
        two = told.data.get("members", ()) if told is not None else ()
        return " – ".join(self.person(told or entry, member) for member in two) or _("room %s") % pk


class _Values(dict[str, str]):
    """The values of a sentence's placeholders."""

    def __init__(self, names: Names, entry: AuditEntry, who: str) -> None:
        super().__init__(who=who)
        self._names = names
        self._entry = entry

    def __missing__(self, key: str) -> str:
        data = self._entry.data
        if key in ("member", "person"):
            return self._names.people(self._entry, [data[key]]) if data.get(key) else _("someone")
        if key == "members":
            return self._names.people(self._entry, data.get(key) or [])
        if key in ("partner", "partners"):
            return ", ".join(self._names.company(pk) for pk in _ids(data, "partner", "partners"))
        if key in ("department", "departments"):
            return self._departments()
        return _plain(key, data)

    def _departments(self) -> str:
        ids = _ids(self._entry.data, "department", "departments")
        return ", ".join(self._names.department(self._entry, pk) for pk in ids)


def _plain(key: str, data: dict[str, Any]) -> str:
    if key in COUNTED:
        return str(COUNTED[key] % _count(key, data))
    if key == "room":
        return f"“{data['room_name']}”" if data.get("room_name") else _("room %s") % data.get("room", "")
    if key == "fields":
        return ", ".join(dict.fromkeys(label(name) for name in data.get("fields") or data.get("after") or ()))
    if key == "now":
        return chosen(data.get("after") or {})
    if key == "last_day":
        return last_day(data["after"]["expires_at"])
    return str(data.get(key, ""))


def _count(key: str, data: dict[str, Any]) -> int:
    if key == "rooms":
        return len(data.get("rooms", ()))
    return int(data.get("count", len(data.get("contacts", data.get("members", ())))))


def _variant(data: dict[str, Any]) -> str:
    """Which of the sentences of a decision is meant."""
    after = data.get("after") or {}
    return "allow_until" if after.get("expires_at") else str(after.get("decision", ""))


def _department_then(data: dict[str, Any]) -> str:
    """A department removed or renamed since keeps the name it had then."""
    return str((data.get("after") or {}).get("name") or (data.get("before") or {}).get("name") or "")


def _ids(data: dict[str, Any], one: str, several: str) -> list[int]:
    found = [data.get(one), *(data.get(several) or [])]
    return [pk for pk in found if isinstance(pk, int)]


def _collect(ids: defaultdict[Kind, set[int]], entry: AuditEntry, most: int | None) -> None:
    for kind, pk in held(entry.data, most):
        ids[kind].add(pk)
    if entry.actor_id:
        ids[Kind.PERSON].add(entry.actor_id)
    told = entry.data.get("people", {}).values()
    ids[Kind.COMPANY] |= {entry.company_id, *(company for _name, company in told if company)}


def _rooms(entries: Iterable[AuditEntry]) -> set[tuple[int, int]]:
    found = ((entry.company_id, kind, pk) for entry in entries for kind, pk in held(entry.data))
    return {(company, pk) for company, kind, pk in found if kind is Kind.ROOM}
