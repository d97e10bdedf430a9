"""I1: whatever an administrator asks about a row that is not theirs is answered as if there were no such row."""

from collections.abc import Callable, Iterator

import pytest
from django.contrib.admin.utils import unquote

from accounts.models import User
from tests.accounts.admin_matrix.addresses import Address, addresses, on_site
from tests.accounts.admin_matrix.answers import METHODS, Browser, differences, none_of
from tests.accounts.admin_matrix.whose import OTHER, OWN, STRANGER, hidden, visible, who
from tests.accounts.admin_matrix.world import World
from tests.depth import in_turn

pytestmark = pytest.mark.django_db
# These views of Django's take a number as the form's does; with plain numbers they are asked like all others.
ALIKE = ("RedirectView", "_history", "_delete")
FORM = {"post": "yes", "confirm": "yes", "_save": "Save"}
Shape = Callable[[int], str]
# What is no number, a number that fits into no column, and other ways to write the same number.
SHAPES: dict[str, Shape] = {
    "negative": "-{}".format,
    "signed": "+{}".format,
    "in parts": lambda pk: f"{str(pk)[0]}_{str(pk)[1:]}",
    "with letters": "{}abc".format,
    "with a space": " {}".format,
    "huge": lambda pk: f"{pk}" * 40,
    "other digits": lambda pk: "".join(chr(0xFF10 + int(digit)) for digit in str(pk)),
    "quoted as the admin does": lambda pk: f"_3{str(pk)[0]}{str(pk)[1:]}",
    "encoded": lambda pk: "".join(f"%3{digit}" for digit in str(pk)),
    "encoded twice": lambda pk: "".join(f"%253{digit}" for digit in str(pk)),
    "with a null": "{}%00".format,
    "with a path": "{}/x".format,
}


def about(world: World, actor: User, address: Address) -> Iterator[tuple[dict[str, object], str, list[int], int]]:
    """For each number in the address: the other ones, its name, the rows that are not the actor's, and no row."""
    own = {name: (visible(world, actor, model) or [world.missing[model]])[0] for name, model in address.rows.items()}
    for name, model in address.rows.items():
        yield own, name, hidden(world, actor, model), world.missing[model]


@pytest.mark.parametrize(
    ("role", "method"), [*((OWN, method) for method in METHODS), (OTHER, "get"), (OTHER, "post"), (STRANGER, "post")]
)
def test_i01_somebody_elses_row_is_answered_like_no_row(world: World, role: str, method: str) -> None:
    browser, actor, told = Browser(world.clients[role]), who(world, role), []
    form = FORM if method == "post" else None
    for turn, address in enumerate([*addresses(), *(on_site() if (role, method) == (OWN, "get") else [])]):
        for own, name, rows, missing in about(world, actor, address):
            nothing = browser.ask(method, address.path(own | {name: missing}), form, hide=[missing])
            for foreign in in_turn(rows, turn, of=2 if method in ("get", "post") else len(rows)):
                path = address.path(own | {name: foreign})
                answer = browser.ask(method, path, form, hide=[foreign])
                told += [f"{method} {path}: {one}" for one in differences(answer, nothing)]
    none_of(told)


def test_i01_no_way_to_write_a_number_is_told_apart(world: World) -> None:
    browser, actor, told = Browser(world.clients[OWN]), world.cast.admin_alpha, []
    for address in addresses():
        for own, name, rows, missing in about(world, actor, address):
            for shape, write in SHAPES.items() if not address.name.endswith(ALIKE) else ():
                answers = []
                for pk in (rows[0], missing):
                    text = write(pk)
                    answers.append(browser.ask("get", address.path(own | {name: text}), hide=[text, pk, unquote(text)]))
                told += [f"{address} {shape}: {one}" for one in differences(*answers)]
    none_of(told)
