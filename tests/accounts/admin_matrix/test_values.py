"""I1, I10: a number or a word of another company in a form is answered like an unknown one."""

from itertools import count

import pytest

from tests.accounts.admin_matrix.answers import differences, none_of
from tests.accounts.admin_matrix.asking import TABLES, Asker, Sent, forms, numberless, told_apart
from tests.accounts.admin_matrix.canaries import STRANGER, seen_in
from tests.accounts.admin_matrix.forms import Data, Field, Form
from tests.accounts.admin_matrix.questions import NOBODY
from tests.accounts.admin_matrix.world import World
from tests.depth import in_turn

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("table", TABLES)
def test_i01_i10_a_foreign_number_in_a_form_is_answered_like_no_number(asker: Asker, table: str) -> None:
    told: list[str] = []
    for _name, form in forms(asker, table):
        for sent in form.submissions() if "action" in form.fields else [next(form.submissions())]:
            told += told_apart(asker, form, sent)
    none_of(told)


def taken(world: World) -> list[tuple[str, list[str]]]:
    """What a stranger has, and what a colleague or somebody of no company has of the same kind."""
    kim, operator, domain = world.cast.kim, world.cast.operator, world.forge.domains.get().name
    return [
        (world.forge_admin.email, [kim.email, operator.email]),
        (f"fresh@{domain}", [kim.email, operator.email]),
        (world.forge_admin.handle, [kim.handle]),
        (domain, [world.cast.alpha.domains.get().name]),
        (f"{STRANGER} part", ["Sales one"]),
    ]


@pytest.mark.parametrize("table", TABLES)
def test_i01_no_form_tells_what_another_company_has(asker: Asker, table: str) -> None:
    """It is answered as if it were unknown, or, where values are unique, as if it were taken."""
    told, turn = [], count()
    for _name, form in forms(asker, table):
        sent = next(form.submissions())
        for one in form.texts() if "q" not in form.fields else ():
            for theirs, ours in in_turn(taken(asker.world), next(turn), of=2):
                nobodys = theirs.replace(STRANGER, NOBODY[STRANGER])
                if one.kind == "email" and "@" not in theirs:
                    continue
                given = [answered(asker, form, sent, one, text) for text in (theirs, nobodys)]
                told += [f"{form.path} {one.name}={theirs}: {each}" for _answer, harm in given for each in harm]
                told += [f"{form.path} {one.name}={theirs}: {each}" for each in seen_in(given[0][0].text)]
                if given[0][0] != given[1][0]:
                    others = [answered(asker, form, sent, one, text)[0] for text in ours]
                    found = [] if given[0][0] in others else differences(given[0][0], others[-1])
                    told += [f"{form.path} {one.name}={theirs}: {each}" for each in found]
    none_of(told)


def answered(asker: Asker, form: Form, sent: Data, one: Field, text: str) -> Sent:
    """The answer to this value in the field, without the value itself."""
    domain = text.rpartition("@")[2]
    answer, harm = asker.send(form, sent | {one.name: [text]}, (text, *([domain] if "alpha" not in domain else [])))
    return numberless(answer), harm
