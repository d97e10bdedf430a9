"""An operator sees every company: what administrators must not see is there to be seen, and this test would see it."""

import pytest
from django.contrib import admin
from django.urls import reverse

from tests.accounts.admin_matrix.addresses import addresses, filled
from tests.accounts.admin_matrix.answers import METHODS, Browser, none_of
from tests.accounts.admin_matrix.canaries import PARTNER, STRANGER, seen_in
from tests.accounts.admin_matrix.rows import rows_of
from tests.accounts.admin_matrix.world import World

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("method", METHODS)
def test_every_address_answers_an_operator(world: World, method: str) -> None:
    browser = Browser(world.clients["operator"])
    for address in addresses():
        numbers = {
            model: [*rows_of(model, world.strangers).values_list("pk", flat=True)[:1], world.missing[model]]
            for model in address.rows.values()
        }
        for values in filled(address, numbers):
            assert browser.ask(method, address.path(values)).status < 500


def test_an_operator_finds_the_strangers_rows_in_every_list(world: World) -> None:
    browser, missed = Browser(world.clients["operator"]), []
    for model in admin.site._registry:
        path = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        if not any(STRANGER in one for one in seen_in(browser.ask("get", f"{path}?all=").text)):
            missed.append(path)
    none_of(missed)


def test_an_administrator_finds_what_is_theirs(world: World) -> None:
    for role, word in (("administrator of another company", PARTNER), ("administrator of a stranger", STRANGER)):
        page = Browser(world.clients[role]).ask("get", "/admin/accounts/user/")
        assert any(word in one for one in seen_in(page.text)), role
