"""I1, I10: people who are not administrators get one answer for every address under /admin/, and change nothing."""

from collections.abc import Iterator

import pytest
from django.test import Client

from tests.accounts.admin_matrix.addresses import addresses, filled, on_site
from tests.accounts.admin_matrix.answers import METHODS, Answer, Browser, differences, none_of
from tests.accounts.admin_matrix.sides import writing
from tests.accounts.admin_matrix.whose import hidden, visible
from tests.accounts.admin_matrix.world import World

pytestmark = pytest.mark.django_db
OUTSIDE = ["signed out", "plain member", "deactivated administrator", "administrator of a suspended company"]
# Doors, not pages: they lead to the product's own sign-in and sign-out, whatever is behind them.
DOORS = ("login", "logout")


def paths(world: World) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every address, with one's own, another's and no row, and the methods to try."""
    actor = world.cast.admin_alpha
    for address in [*addresses(), *on_site()]:
        known = {model: [*visible(world, actor, model)[:1], world.missing[model]] for model in address.rows.values()}
        if address.name != "view_on_site":
            known = {model: [*numbers, *hidden(world, actor, model)[:1]] for model, numbers in known.items()}
        for values in filled(address, known) if address.name not in DOORS else ():
            yield address.path(values), METHODS if not known else METHODS[:3:2]


@pytest.mark.parametrize("role", OUTSIDE)
def test_i01_i10_whoever_is_no_administrator_is_sent_to_the_sign_in_from_everywhere(world: World, role: str) -> None:
    browser, told = Browser(world.clients[role]), []
    known: dict[str, Answer] = {}
    for path, methods in paths(world):
        for method in methods:
            with writing() as written:
                answer = browser.ask(method, path, {"post": "yes"} if method == "post" else None)
            wanted = known.setdefault(method, answer)
            told += [f"{method} {path}: {one}" for one in differences(answer, wanted)]
            told += [f"{method} {path}: {answer.status}"] if answer.status != 302 else []
            told += [f"{method} {path}: changed something"] if written.any else []
    none_of(told)


def test_i01_a_plain_member_is_answered_as_if_signed_out(world: World) -> None:
    path = "/admin/accounts/user/"
    answers = {role: Browser(world.clients[role]).ask("get", path) for role in OUTSIDE}
    without_language = {
        role: (one.status, one.body, dict(one.headers)["Location"], one.messages) for role, one in answers.items()
    }
    assert len(set(without_language.values())) == 1, without_language


def test_behind_the_sign_in_there_is_no_way_in_either(world: World) -> None:
    answer = Browser(world.clients["plain member"]).ask("get", "/admin/login/?next=/admin/accounts/user/")
    assert answer.status == 403
    answer = Browser(Client()).ask("get", "/admin/login/?next=/admin/accounts/user/")
    assert dict(answer.headers)["Location"].startswith("/accounts/login/")
