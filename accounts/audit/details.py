"""An entry's full content in plain words, as rows for its own page."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from accounts.audit.labels import chosen, label, word
from accounts.audit.names import Names
from accounts.audit.references import KINDS, PARTS, decided_about, numbers
from accounts.models import AuditEntry

EMPTY = "–"
# Already shown by the sentence and the table of changes.
SHOWN = {"before", "after", "people", "room_name", "by"}


def change_rows(entry: AuditEntry, names: Names) -> list[tuple[str, str, str]]:
    """What was changed: the field, its value before and its value after."""
    before, after = entry.data.get("before") or {}, entry.data.get("after") or {}
    return [
        (
            _field(name, names),
            _value(entry, names, name, before.get(name)),
            _value(entry, names, name, after.get(name)),
        )
        for name in dict.fromkeys([*before, *after])
    ]


def detail_rows(entry: AuditEntry, names: Names) -> list[tuple[str, str]]:
    """Everything else: the field and its value."""
    rest = [(name, value) for name, value in entry.data.items() if name not in SHOWN]
    return [(_field(name, names), _value(entry, names, name, value)) for name, value in rest]


def _field(name: str, names: Names) -> str:
    partner = decided_about(name)
    return label(name) if partner is None else _("decision about %s") % names.company(partner)


def _value(entry: AuditEntry, names: Names, name: str, value: Any) -> str:
    if value in (None, "", [], {}):
        return EMPTY
    if isinstance(value, dict):
        return _parts(entry, names, name, value)
    if name == "contacts":
        return _counted((" – ".join(names.person(entry, pk) for pk in numbers(pair)) for pair in value), "; ")
    if name in KINDS and (ids := list(numbers(value))):
        return _counted((names.name(entry, KINDS[name], pk) for pk in ids), ", ")
    if isinstance(value, list):
        return ", ".join(dict.fromkeys(_value(entry, names, name, part) for part in value))
    return label(str(value)) if name == "fields" else word(name, value)


def _counted(texts: Iterable[str], separator: str) -> str:
    """The texts, each once: of people of other companies it may be said only that they are."""
    counts = Counter(texts)
    return separator.join(text if count == 1 else f"{text} (×{count})" for text, count in counts.items())


def _parts(entry: AuditEntry, names: Names, name: str, parts: dict[str, Any]) -> str:
    if decided_about(name) is not None:
        return chosen(parts)
    if name == "rooms":
        # For each room the people it is about.
        rows = [(names.room(entry, int(pk)), _value(entry, names, "members", people)) for pk, people in parts.items()]
    elif name in PARTS:
        rows = [(label(key), _value(entry, names, key, part)) for key, part in parts.items() if part]
    else:
        rows = [(label(key), str(part)) for key, part in parts.items()]
    return "; ".join(f"{key}: {part}" for key, part in rows)
