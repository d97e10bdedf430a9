"""Why can't they talk? The administrator's page, the member's sentence and the database agree."""

import itertools
import re

import pytest
from django.db import transaction

from accounts.actions.members import deactivate_member
from accounts.models import User
from federation.actions.suspension import restore_company, suspend_company
from federation.actions.switch import grant_members, set_external_connection
from federation.conditions import Facts, conditions, obstacle
from federation.gate import require_open
from federation.group_policy import why_not_together
from federation.policies import why_not
from tests.cast import Cast, signed_in
from tests.decisions import decide, set_member_grant, set_partner_rule
from worksbridge.errors import Refused

pytestmark = pytest.mark.django_db
CHECK = "/admin/federation/externalpolicy/check/"


def lines(asker: User, member: str, other: str) -> list[tuple[str, str]]:
    """The conditions shown, each with its answer."""
    page = signed_in(asker).get(CHECK, {"member": member, "other": other})
    return [(line.text, line.answer) for line in page.context["lines"] or ()]


def passes(one: User, other: User) -> bool:
    try:
        with transaction.atomic():
            require_open(one.pk, other.pk)
    except Refused:
        return False
    return True


def test_i09_one_function_says_what_the_database_enforces(cast: Cast) -> None:
    changes = [
        lambda: set_external_connection(company=cast.alpha, allows=False, actor=None),
        lambda: set_member_grant(company=cast.beta, grant_to="chosen", actor=None),
        lambda: decide(company=cast.alpha, partner=cast.beta, decision="deny", actor=None),
        lambda: set_partner_rule(company=cast.beta, rule="approved", actor=None),
        lambda: deactivate_member(member=User.objects.get(pk=cast.sato.pk), actor=None),
        lambda: grant_members(company=cast.beta, members=[cast.ito], actor=None),
        lambda: suspend_company(company=cast.beta, actor=None),
    ]
    pairs = list(itertools.permutations([cast.kim, cast.sato, cast.ito, cast.tran], 2))
    for number in range(2 ** len(changes)):
        if number.bit_count() > 2:
            continue
        with transaction.atomic():
            for index, change in enumerate(changes):
                if number >> index & 1:
                    change()
            for one, other in pairs:
                asker, person = (User.objects.get(pk=each.pk) for each in (one, other))
                facts = Facts([asker, person])
                open_now = passes(asker, person)
                assert (obstacle(asker, person, facts) is None) == open_now, (number, asker, person)
                if asker.company_id != person.company_id:
                    assert all(check.holds for check in conditions(asker, person, facts)) == open_now
                assert (why_not(asker, person) is None) == open_now
                assert (why_not_together(asker, [person], [asker]) == {}) == open_now
            transaction.set_rollback(True)


def test_each_condition_is_shown_with_what_to_do(cast: Cast) -> None:
    assert {answer for _text, answer in lines(cast.admin_alpha, "kim-minseo", cast.sato.email)} == {"Yes"}
    set_member_grant(company=cast.alpha, grant_to="chosen", actor=cast.admin_alpha)
    grant_members(company=cast.alpha, members=[cast.lee], actor=cast.admin_alpha)
    shown = dict(lines(cast.admin_alpha, cast.kim.email, "@sato-yui"))
    assert shown["Kim Minseo has been granted external connection"] == "No"
    set_external_connection(company=cast.alpha, allows=False, actor=cast.admin_alpha)
    shown = dict(lines(cast.admin_alpha, "lee-jiho", cast.sato.email))
    assert shown["alpha allows external connection"] == "No"
    assert shown["Lee Jiho has been granted external connection"] == "Yes"
    # beta does allow alpha: while alpha is off nobody there may read that it did not.
    assert shown["The other company allows yours"] == "Not known"
    colleagues = signed_in(cast.admin_alpha).get(CHECK, {"member": "kim-minseo", "other": "lee-jiho"})
    assert "same company" in colleagues.content.decode()


def test_nothing_is_said_of_the_other_company_that_the_own_side_hides(cast: Cast) -> None:
    closed = "The other company has not allowed it."
    assert dict(lines(cast.admin_alpha, "kim-minseo", cast.tran.email))["The other company allows yours"] == closed
    decide(company=cast.alpha, partner=cast.beta, decision="deny", actor=cast.admin_alpha)
    by_address = dict(lines(cast.admin_alpha, "kim-minseo", cast.sato.email))
    assert by_address["alpha allows beta"] == "No"
    assert by_address["The other company allows yours"] == "Not known"
    # A handle does not say which company is meant: not that alpha allows it, nor that it does not allow alpha.
    by_handle = dict(lines(cast.admin_alpha, "kim-minseo", "@sato-yui"))
    assert by_handle == {
        "alpha allows external connection": "Yes",
        "The account of Kim Minseo is active": "Yes",
        "Kim Minseo has been granted external connection": "Yes",
        "The two companies allow each other": "Not known",
        "The person can be reached from outside": "Not known",
    }


def test_i01_who_does_not_exist_and_who_is_not_open_are_the_same(cast: Cast) -> None:
    set_member_grant(company=cast.beta, grant_to="chosen", actor=cast.admin_beta)
    grant_members(company=cast.beta, members=[cast.ito], actor=cast.admin_beta)
    client = signed_in(cast.admin_alpha)
    for real, none in (
        (cast.tran.email, "nobody@gamma.example"),
        (cast.tran.handle, "nobody-at-all"),
        (cast.sato.email, "nobody@beta.example"),
        (cast.sato.handle, "nobody-at-all"),
    ):
        answers = [client.get(CHECK, {"member": "kim-minseo", "other": each}) for each in (real, none)]
        texts = [re.sub(r'value="[^"]*"', "", answer.content.decode()) for answer in answers]
        assert texts[0] == texts[1], real


def test_i10_an_administrator_asks_about_their_own_members(cast: Cast) -> None:
    client = signed_in(cast.admin_alpha)
    foreign = client.get(CHECK, {"member": cast.sato.email, "other": cast.kim.email})
    missing = client.get(CHECK, {"member": "nobody@beta.example", "other": cast.kim.email})
    assert (foreign.status_code, missing.status_code) == (400, 400)
    texts = [re.sub(r'value="[^"]*"', "", answer.content.decode()) for answer in (foreign, missing)]
    assert texts[0] == texts[1]
    assert signed_in(cast.kim).get(CHECK).status_code == 302
    shown = dict(lines(cast.operator, cast.kim.email, cast.tran.email))
    assert shown["gamma allows external connection"] == "No"


def test_a_suspended_companys_links_close_and_open_again(cast: Cast) -> None:
    suspend_company(company=cast.beta, actor=cast.operator)
    assert "other company" in str(why_not(cast.kim, cast.sato))
    restore_company(company=cast.beta, actor=cast.operator)
    assert why_not(cast.kim, cast.sato) is None
