"""Which rows an administrator may name, and which are not theirs."""

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.test import RequestFactory

from accounts.models import Company, User
from federation.access import known_links
from tests.accounts.admin_matrix.numbering import FIRST
from tests.accounts.admin_matrix.rows import all_models, rows_of
from tests.accounts.admin_matrix.world import World

OWN, OTHER, STRANGER = (
    "administrator of the own company",
    "administrator of another company",
    "administrator of a stranger",
)


def who(world: World, role: str) -> User:
    """The administrator who asks."""
    return {OWN: world.cast.admin_alpha, OTHER: world.cast.admin_beta, STRANGER: world.forge_admin}[role]


def visible(world: World, actor: User, model: type[Model]) -> list[int]:
    """The numbers of the rows that an administrator may name: those of their own company, and companies they know."""
    if model is Company:
        known = {link.partner_id(actor.company_id) for link in known_links(actor.company_id)}
        return [_company(actor).pk, *sorted(known)]
    found = rows_of(model, [_company(actor)])
    if model in admin.site._registry:
        request = RequestFactory().get("/admin/")
        request.user = actor
        found = admin.site._registry[model].get_queryset(request).order_by("pk")
    return list(found.values_list("pk", flat=True))


def hidden(world: World, actor: User, model: type[Model]) -> list[int]:
    """Rows that the administrator may not name: one of a stranger, of another company, of their own, an operator's."""
    others = model._base_manager.exclude(pk__in=visible(world, actor, model)).order_by("pk")
    found: list[int] = []
    for companies in (world.strangers, [world.cast.alpha, world.cast.beta, world.halted], [_company(actor)]):
        those = others.filter(pk__in=rows_of(model, companies).values("pk")).exclude(pk__in=found)
        found += those.values_list("pk", flat=True)[:1]
    if model is User:
        found += [world.cast.operator.pk, world.operator_in_alpha.pk]
    return list(dict.fromkeys(found))


def _company(actor: User) -> Company:
    assert actor.company is not None
    return actor.company


def numbers_of_strangers(world: World) -> set[str]:
    """The numbers of all their rows."""
    found: set[Any] = set()
    for model in all_models():
        found |= set(rows_of(model, world.strangers).values_list("pk", flat=True))
    return {str(pk) for pk in found if isinstance(pk, int) and pk >= FIRST}
