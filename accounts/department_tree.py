"""Departments as a tree."""

from collections.abc import Iterable, Mapping

from django.db.models import QuerySet, TextField
from django.db.models.expressions import RawSQL

from accounts.models import Department

# The separator in a path: a character that no name contains and that sorts before all others.
STEP = "\x01"
PATH = """(
    WITH RECURSIVE up AS (
        SELECT one.parent_id, lower(one.name) AS path, 1 AS depth
        FROM accounts_department one WHERE one.id = accounts_department.id
        UNION ALL
        SELECT above.parent_id, lower(above.name) || E'\\x01' || up.path, up.depth + 1
        FROM up JOIN accounts_department above ON above.id = up.parent_id WHERE up.depth < 50
    ) SELECT path FROM up WHERE parent_id IS NULL OR depth = 50 LIMIT 1
)"""
PEOPLE = """(
    WITH RECURSIVE below AS (
        SELECT accounts_department.id AS id
        UNION
        SELECT child.id FROM below JOIN accounts_department child ON child.parent_id = below.id
    ) SELECT count(*) FROM accounts_user person JOIN below ON person.department_id = below.id WHERE person.is_active
)"""


def in_tree_order(departments: QuerySet[Department]) -> QuerySet[Department]:
    """Each department after the one above it, with `path` and, below included, its active `people`. One query."""
    found = departments.annotate(path=RawSQL(PATH, [], output_field=TextField()), people=RawSQL(PEOPLE, []))  # noqa: S611
    return found.order_by("path", "pk")


def depth_of(department: Department) -> int:
    """How many departments are above one that came `in_tree_order`."""
    return str(getattr(department, "path", "")).count(STEP)


def indented(department: Department) -> str:
    """Its name as a choice of a list in tree order."""
    return "\N{NO-BREAK SPACE}\N{NO-BREAK SPACE}\N{NO-BREAK SPACE}" * depth_of(department) + department.name


def with_those_below(company_id: int, department_ids: Iterable[int]) -> set[int]:
    """These departments and all that are below them, by id. One query."""
    above = dict(Department.objects.filter(company=company_id).values_list("pk", "parent_id"))
    chosen = set(department_ids)
    return {pk for pk in above if _reaches(pk, chosen, above)}


def _reaches(pk: int | None, chosen: set[int], above: Mapping[int, int | None]) -> bool:
    # No department is above itself, but a row changed by hand might be.
    seen: set[int] = set()
    while pk is not None and pk not in seen:
        if pk in chosen:
            return True
        seen.add(pk)
        pk = above.get(pk)
    return False
