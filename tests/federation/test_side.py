"""A company's side, changed as a whole by one save of the admin's page."""

import pytest

from accounts.models import AuditEntry, Notification
from contacts.actions.add import add_external_contact
from contacts.models import ExternalContact
from federation.actions.partners import decide, set_partner_rule
from federation.actions.switch import set_external_connection, set_member_grant
from federation.models import ExternalPolicy, Link
from federation.policies import may_reach
from federation.signals import access_ended
from messaging.models import Room
from tests.agreeing import posted
from tests.cast import Cast, signed_in

pytestmark = pytest.mark.django_db


def save(cast: Cast, **values: str) -> None:
    """Save the page of alpha's administrator."""
    policy = ExternalPolicy.objects.get(company=cast.alpha)
    values = {"grant_to": "all", "partner_rule": "any", **values}
    url = f"/admin/federation/externalpolicy/{policy.pk}/change/"
    answer = posted(signed_in(cast.admin_alpha), url, values)
    assert answer.status_code == 302


@pytest.fixture
def contact(cast: Cast) -> ExternalContact:
    return add_external_contact(member=cast.kim, person=cast.sato)


def test_approved_only_and_this_one_approved_in_one_save_ends_nothing(cast: Cast, contact: ExternalContact) -> None:
    save(cast, allows="on", partner_rule="approved", **{f"decision_{cast.beta.pk}": "allow"})
    contact.refresh_from_db()
    assert contact.closed_at is None
    assert Room.objects.get().frozen_at is None
    assert Link.objects.values_list("is_open", "epoch").get(company_a=cast.alpha, company_b=cast.beta) == (True, 0)


def test_and_back_to_the_policy_in_one_save_ends_nothing_either(cast: Cast, contact: ExternalContact) -> None:
    decide(company=cast.alpha, partner=cast.beta, decision="allow", actor=cast.admin_alpha)
    set_partner_rule(company=cast.alpha, rule="approved", actor=cast.admin_alpha)
    save(cast, allows="on", partner_rule="any", **{f"decision_{cast.beta.pk}": "policy"})
    contact.refresh_from_db()
    assert contact.closed_at is None


def test_off_and_granted_to_all_in_one_save_tells_nobody_that_it_is_available(cast: Cast) -> None:
    set_member_grant(company=cast.alpha, grant_to="chosen", actor=cast.admin_alpha)
    Notification.objects.all().delete()
    save(cast, grant_to="all")
    assert not Notification.objects.exists()
    assert not may_reach(cast.kim, cast.sato)


def test_one_save_sends_one_signal_and_audits_each_decision(cast: Cast, contact: ExternalContact) -> None:
    earlier = set(AuditEntry.objects.values_list("pk", flat=True))
    sent = []

    def follow(reason: str, **kwargs: object) -> None:
        # What ended is already true when the signal comes.
        sent.append((reason, Link.objects.filter(is_open=True).exists()))

    access_ended.connect(follow)
    try:
        save(cast, grant_to="chosen", partner_rule="approved", **{f"decision_{cast.beta.pk}": "deny"})
    finally:
        access_ended.disconnect(follow)
    # Once for the preview, and once when it is agreed to.
    assert sent == [("company_off", False)] * 2
    entries = AuditEntry.objects.exclude(pk__in=earlier).filter(company=cast.alpha, actor=cast.admin_alpha)
    events = entries.values_list("event", flat=True)
    assert {"external_connection.off", "member_grant.changed", "partner_rule.changed", "partner.decided"} <= set(events)


def test_a_save_that_changes_nothing_writes_and_tells_nothing(cast: Cast, contact: ExternalContact) -> None:
    earlier = set(AuditEntry.objects.values_list("pk", flat=True))
    save(cast, allows="on", **{f"decision_{cast.beta.pk}": "policy"})
    assert {entry.event for entry in AuditEntry.objects.exclude(pk__in=earlier)} <= {"member.signed_in"}


def test_a_suspended_company_allows_nothing(cast: Cast) -> None:
    cast.gamma.is_active = False
    cast.gamma.save()
    set_external_connection(company=cast.gamma, allows=True, actor=cast.admin_gamma)
    assert not may_reach(cast.kim, cast.tran)
    assert not Link.objects.filter(company_b=cast.gamma, is_open=True).exists()


def test_a_bulk_action_says_when_the_choice_does_not_count_yet(cast: Cast) -> None:
    chosen = {"_selected_action": [cast.kim.pk], "action": "withdraw_external"}
    client = signed_in(cast.admin_alpha)
    page = client.post("/admin/accounts/user/", chosen, follow=True)
    assert "All members of alpha have external connection" in page.content.decode()
    set_member_grant(company=cast.alpha, grant_to="chosen", actor=cast.admin_alpha)
    page = client.post("/admin/accounts/user/", chosen, follow=True)
    told = [str(message) for message in page.context["messages"]]
    assert len(told) == 1
    assert "None of them was chosen" in told[0]


def test_who_saves_over_somebody_elses_decision_is_told_first(cast: Cast) -> None:
    url = f"/admin/federation/externalpolicy/{ExternalPolicy.objects.get(company=cast.alpha).pk}/change/"
    client = signed_in(cast.admin_alpha)
    seen = client.get(url).context["form"].now
    set_external_connection(company=cast.alpha, allows=False, actor=cast.admin_alpha)
    stale = {"allows": "on", "grant_to": "all", "partner_rule": "approved", "seen": seen}
    answer = client.post(url, stale)
    assert answer.status_code == 400
    assert "This page has changed since you opened it" in answer.content.decode()
    policy = ExternalPolicy.objects.get(company=cast.alpha)
    assert (policy.allows, policy.partner_rule) == (False, "any")
    assert posted(client, url, stale | {"seen": answer.context["form"].now}).status_code == 302
    assert ExternalPolicy.objects.get(company=cast.alpha).allows
