"""I10: whatever administrators send, they change only their own company, and gain no rights beyond it."""

from collections.abc import Iterator

import pytest

from tests.accounts.admin_matrix.answers import Answer, none_of
from tests.accounts.admin_matrix.asking import TABLES, Asker, forms, told_apart
from tests.accounts.admin_matrix.canaries import seen_in
from tests.accounts.admin_matrix.forms import Data, Form, forms_on
from tests.accounts.admin_matrix.world import World
from tests.depth import in_turn

pytestmark = pytest.mark.django_db
# The pages that must change something when their form is sent as it is, so that the rest means something.
CHANGING = {
    "accounts_user_add",
    "accounts_user_change",
    "accounts_user_changelist",
    "accounts_department_add",
    "accounts_department_change",
    "federation_externalpolicy_change",
}


def smuggled(world: World) -> Data:
    """What no form asks for."""
    forge = str(world.forge.pk)
    return {
        "company": [forge],
        "company_id": [forge],
        "company__id": [forge],
        "hosting_company": [forge],
        "is_superuser": ["on"],
        "is_staff": ["on"],
        "groups": ["1"],
        "user_permissions": ["1", "2"],
        "actor": [str(world.forge_admin.pk)],
        "user": [str(world.forge_admin.pk)],
        "pk": [str(world.forge.pk)],
        "id": [str(world.forge.pk)],
    }


@pytest.mark.parametrize("table", TABLES)
def test_i10_no_form_changes_another_company_or_raises_anybody(asker: Asker, table: str) -> None:
    told, changing = [], set()
    more = smuggled(asker.world)
    for name, form in forms(asker, table):
        for sent in everything(form, len(form.path)):
            answer, harm = asker.send(form, more | sent, look=name not in changing)
            changing |= {name} if asker.changed_own else set()
            told += [f"{form.path} {sent}: {one}" for one in [*harm, *seen_in(answer.text)]]
            told += confirmed(asker, form, answer)
    none_of(told)
    expected = {name for name in CHANGING if name.startswith(table.lower().replace(".", "_"))}
    assert changing >= expected, f"nothing was changed by {expected - changing}"


def everything(form: Form, turn: int) -> Iterator[Data]:
    """What can be sent with a form: by each button and action, with rows ticked or all of them, choices in turn."""
    ticked = form.fields["_selected_action"].options[-2:] if "_selected_action" in form.fields else []
    for sent in form.submissions():
        yield sent | ({"_selected_action": ticked} if ticked else {})
        if ticked:
            yield sent | {"_selected_action": ticked, "select_across": ["1"]}
    if not ticked:
        yield from in_turn(form.choices(), turn, of=2)


def confirmed(asker: Asker, form: Form, answer: Answer) -> Iterator[str]:
    """What is wrong when the page that asks again is agreed to, with everything smuggled in once more."""
    if answer.status != 200 or form.method == "get":
        return
    for again in forms_on(form.path, answer.body):
        if again.method == "post" and again.path == form.path and set(again.fields) != set(form.fields):
            for sent in again.submissions():
                _answer, harm = asker.send(again, smuggled(asker.world) | sent)
                yield from (f"{again.path} {sent}: {one}" for one in harm)
                yield from told_apart(asker, again, sent)
