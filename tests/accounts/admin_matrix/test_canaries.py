"""I1: no answer contains anything of another company, or reveals it by what is missing."""

import re
from collections.abc import Iterator

import pytest
from django.contrib import admin
from django.urls import reverse

from tests.accounts.admin_matrix.addresses import Address, addresses, filled
from tests.accounts.admin_matrix.answers import Answer, Browser, differences, none_of
from tests.accounts.admin_matrix.canaries import PARTNER, STRANGER, seen_in
from tests.accounts.admin_matrix.questions import NOBODY, PLAIN, links_on, look_ups, searches, to_fields
from tests.accounts.admin_matrix.rows import all_models
from tests.accounts.admin_matrix.whose import OTHER, OWN, numbers_of_strangers, visible, who
from tests.accounts.admin_matrix.world import World, more_of_strangers

pytestmark = pytest.mark.django_db
NUMBER = re.compile(r"\d{7}")


def strange(world: World, role: str, answer: Answer, strangers: set[str]) -> list[str]:
    """What of an answer the one who asked should not have seen."""
    seen = [one for one in seen_in(answer.text) if role == OWN or PARTNER not in one]
    return [*seen, *(strangers & set(NUMBER.findall(answer.text)))]


@pytest.mark.parametrize("role", [OWN, OTHER])
def test_i01_no_page_shows_anything_of_another_company(world: World, role: str) -> None:
    browser, actor, strangers, told = Browser(world.clients[role]), who(world, role), numbers_of_strangers(world), []
    for address in addresses():
        numbers = {model: visible(world, actor, model)[:2] or [world.missing[model]] for model in address.rows.values()}
        for values in filled(address, numbers):
            answer = browser.ask("get", address.path(values))
            told += [f"{address.path(values)}: {one}" for one in strange(world, role, answer, strangers)]
    none_of(told)


def test_i01_no_figure_of_any_page_counts_what_strangers_do(world: World) -> None:
    browser, told = Browser(world.clients[OWN]), []
    paths = [path for address in addresses() for path in own_paths(world, address)]
    paths += [f"{path}?_facets=True&all=" for path, _model in lists()]
    before = {path: browser.ask("get", path) for path in paths}
    more_of_strangers(world)
    for path, answer in before.items():
        told += [f"{path}: {one}" for one in differences(browser.ask("get", path), answer)]
    none_of(told)


def own_paths(world: World, address: Address) -> Iterator[str]:
    """The address with a row of alpha's."""
    numbers = {model: visible(world, world.cast.admin_alpha, model)[:1] for model in address.rows.values()}
    yield from (address.path(values) for values in filled(address, numbers))


def lists() -> Iterator[tuple[str, type]]:
    """The address of each list, and its table."""
    for model in admin.site._registry:
        yield reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"), model


def test_i01_no_order_filter_page_or_pop_up_of_a_list_shows_anything_of_another_company(world: World) -> None:
    browser, strangers, told = Browser(world.clients[OWN]), numbers_of_strangers(world), []
    for path, model in lists():
        first = browser.ask("get", f"{path}?_facets=True")
        for question in [*PLAIN, *to_fields(model), *links_on(first.body)]:
            answer = browser.ask("get", f"{path}?{question}")
            told += [f"{path}?{question}: {one}" for one in strange(world, OWN, answer, strangers)]
    none_of(told)


def test_i01_no_look_up_and_no_search_tells_what_another_company_has(world: World) -> None:
    browser, told = Browser(world.clients[OWN]), []
    for path, model in lists():
        for asked, nobody in [*searches(), *look_ups(model)]:
            answer = browser.ask("get", f"{path}?{asked}", hide=[asked, *NOBODY])
            # A look-up that is refused is refused for its name.
            if answer.status != 400:
                other = browser.ask("get", f"{path}?{nobody}", hide=[nobody, *NOBODY.values()])
                told += [f"{path}?{asked}: {one}" for one in differences(answer, other)]
    none_of(told)


def test_i01_no_autocompletion_offers_anything_of_another_company(world: World) -> None:
    browser, strangers, told = Browser(world.clients[OWN]), numbers_of_strangers(world), []
    forge = f'{{"company": "{world.forge.pk}"}}'
    for model in all_models():
        for one in model._meta.get_fields():
            if not one.is_relation or not one.concrete:
                continue
            for term in ("", STRANGER):
                asked = {
                    "app_label": model._meta.app_label,
                    "model_name": model._meta.model_name,
                    "field_name": one.name,
                    "term": term,
                    "forward": forge,
                }
                answer = browser.ask("get", "/admin/autocomplete/", asked, hide=[term])
                told += [f"{asked}: {found}" for found in strange(world, OWN, answer, strangers)]
    none_of(told)
