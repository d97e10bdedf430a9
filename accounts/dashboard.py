"""What accounts adds to the dashboard: members, who is here now, and what was refused."""

from datetime import date, datetime
from itertools import islice

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.charts import Chart, last_days
from accounts.daily import daily, dates
from accounts.dashboard_registry import Figure, Scope, chart, column, figure
from accounts.member_states import INVITED, NOT_INVITED, SIGNS_IN
from accounts.models import AuditEntry, User
from worksbridge.live.presence import online

REFUSED = "attempt.refused"
SIGN_IN_FAILED = "sign_in.failed"
# The number of members asked about in one query.
CHUNK = 2000


@figure(order=10)
def members(scope: Scope) -> Figure:
    """Who is in the company."""
    counted = User.objects.filter(company__isnull=False, **scope.of_company("company")).aggregate(
        active=Count("pk", filter=SIGNS_IN),
        invited=Count("pk", filter=INVITED),
        waiting=Count("pk", filter=NOT_INVITED),
        deactivated=Count("pk", filter=Q(is_active=False)),
    )
    return Figure(
        label=_("Members"),
        value=counted["active"],
        parts=[
            (counted["invited"], _("invited")),
            (counted["waiting"], _("not invited yet")),
            (counted["deactivated"], _("deactivated")),
        ],
        text=_("Members who can sign in. Invited members have not set a password yet."),
        url=reverse("admin:accounts_user_changelist"),
        link=_("See members"),
    )


@figure(order=50)
def live_connections(scope: Scope) -> Figure:
    """Who has a page open now."""
    active = User.objects.filter(is_active=True, company__isnull=False, **scope.of_company("company"))
    ids = list(active.order_by().values_list("pk", flat=True))
    here, members = 0, iter(ids)
    while chunk := list(islice(members, CHUNK)):
        here += len(online(chunk))
    return Figure(
        label=_("Live connections"),
        value=here,
        of=len(ids),
        text=_("Members with WorksBridge open in a browser right now."),
        url=reverse("admin:accounts_user_changelist") + "?state=active",
        link=_("See active members"),
    )


@chart(order=20)
def refused_attempts(scope: Scope) -> Chart:
    """Attempts that consent did not allow."""
    return _events(
        scope,
        REFUSED,
        label=_("Refused attempts"),
        text=_(
            "Attempts to add people to a room or to reconnect that were refused because external connection is not "
            "allowed."
        ),
    )


@chart(order=30)
def failed_sign_ins(scope: Scope) -> Chart:
    """Sign-ins with a wrong password."""
    return _events(
        scope,
        SIGN_IN_FAILED,
        label=_("Failed sign-ins"),
        text=_(
            "Failed attempts to sign in to members' accounts. Many in a short time can mean that someone is guessing "
            "passwords."
        ),
    )


def _events(scope: Scope, event: str, **words: object) -> Chart:
    def count(start: datetime, end: datetime) -> dict[date, int]:
        entries = AuditEntry.objects.filter(event=event, created_at__gte=start, created_at__lt=end)
        return dates(entries.filter(**scope.of_company("company")))

    return Chart(
        key=event.replace(".", "-"),
        url=f"{reverse('admin:accounts_auditentry_changelist')}?event={event}",
        link=_("See them in the audit log"),
        values=daily(event, scope.company_id, last_days(), count),
        **words,  # type: ignore[arg-type]
    )


@column(order=10, label=_("Members"))
def members_of(company_ids: list[int]) -> dict[int, int]:
    """Members who can sign in, by company."""
    active = User.objects.filter(SIGNS_IN, company__in=company_ids)
    return dict(active.order_by().values("company").annotate(number=Count("pk")).values_list("company", "number"))
