"""Decisions with a last day: the reminder before it, and the end itself."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.utils import timezone

from accounts.models import AuditEntry, Notification, User
from contacts.actions.add import add_external_contact
from contacts.models import ExternalContact
from federation.actions.expiring import tend_expiries
from federation.models import ExternalPolicy, Link
from federation.policies import may_reach
from tests.cast import Cast, signed_in
from tests.confirmation import posted
from tests.decisions import decide

pytestmark = pytest.mark.django_db


def allow_until(cast: Cast, expires_at: datetime) -> None:
    decide(company=cast.alpha, partner=cast.beta, decision="allow", actor=cast.admin_alpha, expires_at=expires_at)


def pass_time(by: timedelta) -> None:
    for link in Link.objects.exclude(a_expires_at=None):
        Link.objects.filter(pk=link.pk).update(a_expires_at=link.a_expires_at - by)


def test_i12_what_has_expired_closes_by_itself_and_says_so(cast: Cast) -> None:
    add_external_contact(member=cast.kim, person=cast.sato)
    allow_until(cast, timezone.now() + timedelta(days=3))
    tend_expiries()
    assert may_reach(cast.kim, cast.sato)
    pass_time(timedelta(days=3))
    Notification.objects.all().delete()
    tend_expiries()
    tend_expiries()
    assert not may_reach(cast.kim, cast.sato)
    assert ExternalContact.objects.get().closed_at is not None
    assert [one.recipient for one in Notification.objects.filter(kind="partner_expired")] == [cast.admin_alpha]
    entry = AuditEntry.objects.get(event="partner.expired")
    assert (entry.company, entry.actor, entry.data["after"]["decision"]) == (cast.alpha, None, "deny")
    link = Link.objects.get(company_a=cast.alpha, company_b=cast.beta)
    assert (link.a_decision, link.closed_by) == ("deny", cast.alpha)


def test_administrators_are_reminded_once_fourteen_days_before(
    cast: Cast, django_capture_on_commit_callbacks: object
) -> None:
    User.objects.filter(pk=cast.admin_alpha.pk).update(time_zone="Asia/Seoul")
    mail.outbox.clear()
    allow_until(cast, timezone.now() + timedelta(days=15))
    with django_capture_on_commit_callbacks(execute=True):
        tend_expiries()
    assert not mail.outbox
    allow_until(cast, datetime.combine(timezone.now().date() + timedelta(days=10), datetime.min.time(), tzinfo=UTC))
    for _round in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            tend_expiries()
    assert [one.to for one in mail.outbox] == [[cast.admin_alpha.email]]
    assert "/admin/federation/externalpolicy/" in mail.outbox[0].body
    told = Notification.objects.get(kind="partner_expiring")
    assert told.recipient == cast.admin_alpha
    assert "beta closes after" in told.data["text"]
    assert may_reach(cast.kim, cast.sato)


def test_a_last_day_is_typed_in_the_form_and_holds_to_its_end(cast: Cast) -> None:
    policy = ExternalPolicy.objects.get(company=cast.alpha)
    url = f"/admin/federation/externalpolicy/{policy.pk}/change/"
    client = signed_in(cast.admin_alpha)
    day = timezone.localdate() + timedelta(days=30)
    values = {"allows": "on", "grant_to": "all", "partner_rule": "any", f"decision_{cast.beta.pk}": "allow"}
    until = f"until_{cast.beta.pk}"
    assert posted(client, url, values | {until: day.isoformat()}).status_code == 302
    link = Link.objects.get(company_a=cast.alpha, company_b=cast.beta)
    # The end of that day in Seoul, where the administrator is.
    end = datetime.combine(day + timedelta(days=1), datetime.min.time(), tzinfo=UTC) - timedelta(hours=9)
    assert link.a_expires_at == end
    before = AuditEntry.objects.count()
    assert posted(client, url, values | {until: day.isoformat()}).status_code == 302
    assert AuditEntry.objects.count() == before
    for wrong in ({until: "2020-01-01"}, {until: "soon"}, {until: "2099-01-01", f"decision_{cast.beta.pk}": "deny"}):
        answer = client.post(url, values | wrong)
        assert answer.status_code == 400
        assert 'role="alert"' in answer.content.decode()
    link.refresh_from_db()
    assert link.a_expires_at == end
    assert (
        posted(client, url, values | {f"decision_{cast.beta.pk}": "policy", until: day.isoformat()}).status_code == 302
    )
    link.refresh_from_db()
    assert (link.a_decision, link.a_expires_at) == ("policy", None)
