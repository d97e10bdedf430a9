"""Whether a request changed anything that is only for others to change."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from accounts.models import Company, User
from federation.models import Link
from tests.accounts.admin_matrix.rows import Watch, all_models, rows_of
from tests.accounts.admin_matrix.world import World
from tests.written import rows_by_table

# What follows for a partner from what one's own company decides: rooms freeze, people are told, both logs say so.
# Everything else of a partner is its own to change.
CONSEQUENCES = {
    "accounts.Notification",
    "accounts.AuditEntry",
    "accounts.AuditSeal",
    "accounts.AuditChain",
    "federation.Link",
    "contacts.ExternalContact",
    "messaging.Room",
    "messaging.Membership",
    "messaging.Message",
    "messaging.Withheld",
    "calls.Call",
    "calls.Participant",
}
WRITES = ("INSERT", "UPDATE", "DELETE")


class Sides:
    """What must be as it was after anything that an administrator of `own` does."""

    def __init__(self, world: World, own: Company, partner: Company) -> None:
        self.own, self.partner = own, partner
        models = all_models()
        operators: QuerySet[Any] = User.objects.filter(is_superuser=True)
        among_them = Link.objects.filter(company_a__in=world.strangers, company_b__in=world.strangers)
        self.known = [partner, *world.strangers]
        self.strangers = Watch(
            [rows_of(model, world.strangers) for model in models if model is not Link] + [among_them, operators]
        )
        theirs = [rows_of(model, [partner]) for model in models if model._meta.label not in CONSEQUENCES]
        self.theirs = Watch(theirs)
        self.ours = Watch([rows_of(model, [own]) for model in models])
        self.before = self._state()

    def harm(self, written: Collection[str]) -> list[str]:
        """What was changed in these tables that is not the own company's to change, in words."""
        found = [f"changed a stranger's {table}" for table in self.strangers.changed(written)]
        found += [f"changed the partner's {table}" for table in self.theirs.changed(written)]
        return [*found, *(f"{what}: {after}" for what, after in self._state().items() if after != self.before[what])]

    def _state(self) -> dict[str, Any]:
        people = User.objects.filter(Q(is_superuser=True) | ~Q(company=self.own)).order_by("pk")
        return {
            "who is an operator, or of another company": list(people.values_list("pk", "company_id", "is_superuser")),
            "who has rights of Django's": [
                model._base_manager.count() for model in (User.groups.through, User.user_permissions.through)
            ],
            "what others have decided": [
                link.side(other.pk) for other in self.known for link in Link.objects.filter(between(self.own, other))
            ],
        }


def between(one: Company, other: Company) -> Q:
    """The link of two companies."""
    return Q(company_a=one, company_b=other) | Q(company_a=other, company_b=one)


class Written:
    """Whether anything was written, and to which tables, by triggers too."""

    def __init__(self) -> None:
        self.any = False
        self.tables: set[str] = set()
        self._before: dict[str, int] = {}

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        start = str(sql).lstrip()[:6].upper()
        if not self.any and start in WRITES and "django_session" not in str(sql):
            self.any = True
            self._before = rows_by_table()
        return execute(sql, params, many, context)

    def look(self) -> None:
        """Find out which tables it were."""
        if self.any:
            self.tables = {table for table, rows in rows_by_table().items() if rows != self._before.get(table)}


@contextmanager
def writing() -> Iterator[Written]:
    """Record writes while it lasts: without any, nothing has to be compared."""
    written = Written()
    with connection.execute_wrapper(written):
        yield written
    written.look()
