"""The audit log as rows of a table, read while they are sent: a log may be longer than the memory."""

import json
from collections.abc import Iterator
from datetime import tzinfo

from django.db.models import QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.audit.names import Names
from accounts.models import AuditEntry

PIECE = 500
Row = list[object]


def headings() -> list[str]:
    """The column headings."""
    names = [_("number"), _("when"), _("company"), _("what"), _("who"), _("address"), _("event")]
    return [*names, _("before"), _("after"), _("details"), _("hash")]


def audit_rows(entries: QuerySet[AuditEntry]) -> Iterator[Row]:
    """The entries that there are now, newest first, in the viewer's language and time zone."""
    entries = entries.select_related("seal").order_by("-id")
    newest = entries.values_list("pk", flat=True).first() or 0
    return _rows(entries, newest + 1, translation.get_language() or "en", timezone.get_current_timezone())


def _rows(entries: QuerySet[AuditEntry], before: int, language: str, zone: tzinfo) -> Iterator[Row]:
    # The log never changes, so reading it in pieces gives the same result.
    while piece := list(entries.filter(pk__lt=before)[:PIECE]):
        before = piece[-1].pk
        with translation.override(language), timezone.override(zone):
            names = Names(piece)
            rows = [_row(entry, names) for entry in piece]
        yield from rows


def _row(entry: AuditEntry, names: Names) -> Row:
    when = timezone.localtime(entry.created_at).isoformat(sep=" ", timespec="seconds")
    seal = getattr(entry, "seal", None)
    told = [names.company(entry.company_id), names.what(entry), names.who(entry), entry.address, entry.event]
    details = {key: value for key, value in entry.data.items() if key not in ("before", "after")}
    parts = (entry.data.get("before"), entry.data.get("after"), details)
    return [seal and seal.number, when, *told, *(_json(part) for part in parts), seal and seal.hash]


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False) if value else ""
