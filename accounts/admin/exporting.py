"""Members as a CSV file."""

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone

from accounts.actions.audit import audit_many
from accounts.csv_export import csv_answer
from accounts.importing.columns import COLUMNS
from accounts.models import Department, User
from accounts.requests import member_of

MORE = ("company", "administrator", "state")


def export_members(request: HttpRequest, members: QuerySet[User]) -> StreamingHttpResponse:
    """The members with the columns that the import takes, and some more. Each company's log says so."""
    companies = members.order_by().values_list("company_id", flat=True).distinct()
    chosen = [(pk, "members.exported", {"count": members.filter(company=pk).count()}) for pk in companies if pk]
    audit_many(chosen, member_of(request))
    day = timezone.localdate().isoformat()
    return csv_answer(request, f"members-{day}", [*COLUMNS, *MORE], _rows(members))


def _rows(members: QuerySet[User]) -> Iterator[list[Any]]:
    companies = members.order_by().values("company")
    departments = {one.pk: one for one in Department.objects.filter(company__in=companies)}
    for member in members.select_related("company").order_by("pk").iterator(chunk_size=1000):
        own = [
            member.name,
            member.email,
            member.handle,
            member.title,
            _path(departments.get(member.department_id or 0), departments),
            member.phone,
            member.language,
            member.time_zone,
        ]
        company = member.company.name if member.company else ""
        yield [*own, company, "yes" if member.is_administrator else "no", _state(member)]


def _state(member: User) -> str:
    if not member.is_active:
        return "deactivated"
    if member.invited_at:
        return "invited"
    return "active" if member.has_usable_password() else "not invited"


def _path(department: Department | None, departments: dict[int, Department]) -> str:
    names: list[str] = []
    while department is not None and len(names) < 50:  # noqa: PLR2004
        names.append(department.name)
        department = departments.get(department.parent_id or 0)
    return " / ".join(reversed(names))
