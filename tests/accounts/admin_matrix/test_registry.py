"""What a new page of the administrators' site needs before the matrix means something for it."""

import pytest
from django.contrib import admin
from django.urls import reverse

from accounts.admin.scope import OperatorOnly, OwnCompany
from accounts.models import Company
from messaging.models import Membership
from tests.accounts.admin_matrix.addresses import addresses
from tests.accounts.admin_matrix.answers import Browser
from tests.accounts.admin_matrix.rows import all_models, paths_to_company, rows_of
from tests.accounts.admin_matrix.whose import visible
from tests.accounts.admin_matrix.world import World

pytestmark = pytest.mark.django_db
# Only an operator has anything to do with these, and why.
ONLY_OPERATORS = {Company: "an administrator's company is theirs already, and the others are none of their business"}


def test_i01_every_registered_admin_keeps_to_ones_own_company() -> None:
    for model, page in admin.site._registry.items():
        wanted = OperatorOnly if model in ONLY_OPERATORS else OwnCompany
        assert isinstance(page, wanted), (
            f"{type(page).__name__} shows {model._meta.label} of every company. Derive it from accounts.admin.scope."
            f"{wanted.__name__}, or, when it is for operators alone, add it to ONLY_OPERATORS with the reason."
        )
        is_reasoned = model in ONLY_OPERATORS
        assert isinstance(page, OperatorOnly) == is_reasoned, f"{model._meta.label}: say why in ONLY_OPERATORS."


def test_every_address_can_be_filled_in() -> None:
    for address in addresses():
        assert address.rows is not None


def test_every_table_is_known_to_belong_to_somebody() -> None:
    for model in all_models():
        assert paths_to_company(model), (
            f"Nothing leads from {model._meta.label} to a company. If it is about nobody, add it to WITHOUT_COMPANY of "
            "tests/accounts/admin_matrix/rows.py."
        )


def test_there_is_something_to_find_behind_every_page(world: World) -> None:
    for model in admin.site._registry:
        told = f"Make a row of {model._meta.label} for {{}} in tests/accounts/admin_matrix/world.py."
        assert visible(world, world.cast.admin_alpha, model), told.format("one's own company")
        assert rows_of(model, world.strangers).exists(), told.format("the stranger's")


def test_i01_an_administrators_rows_are_their_companys(world: World) -> None:
    for model in admin.site._registry:
        if model in ONLY_OPERATORS:
            continue
        for actor in (world.cast.admin_alpha, world.cast.admin_beta, world.forge_admin):
            page = admin.site._registry[model]
            shown = model._base_manager.filter(pk__in=visible(world, actor, model))
            assert not shown.exclude(**{page.company_path: actor.company_id}).exists(), (model, actor)


def test_internal_rooms_and_past_memberships_are_not_shown(world: World) -> None:
    """An administrator may take members out of External Group rooms; the other rooms are their members' own."""
    shown = Membership.objects.filter(pk__in=visible(world, world.cast.admin_alpha, Membership))
    assert set(shown.values_list("room__kind", "room__is_external", "ended_at")) == {("group", True, None)}
    path = reverse("admin:messaging_membership_changelist")
    page = Browser(world.clients["administrator of the own company"]).ask("get", path).body
    assert "Osaka launch" in page
    assert "Among us" not in page
