"""What federation adds to the dashboard: who may use external connection, and with which companies."""

from django.db.models import Count, F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.dashboard_registry import Figure, Scope, column, figure
from accounts.models import Domain, User
from federation.access import known_links
from federation.models import Availability, Link, PartnerRequest


@figure(order=20)
def granted(scope: Scope) -> Figure:
    """Members who have external connection, of all active ones."""
    available = Availability.objects.live().filter(**scope.of_company("member__company")).count()
    active = User.objects.filter(is_active=True, company__isnull=False, **scope.of_company("company")).count()
    return Figure(
        label=_("External connection"),
        value=available,
        of=active,
        text=_("Active members who can message and call external users."),
        url=reverse("admin:federation_externalpolicy_changelist"),
        link=_("Change who may use it") if scope.company_id else _("See the companies' settings"),
    )


@figure(order=30)
def open_links(scope: Scope) -> Figure:
    """Companies one can talk with, and those whose answer, or ours, is awaited."""
    return _all_links() if scope.company_id is None else _own_links(scope.company_id)


def _all_links() -> Figure:
    one_side = Q(a_allows=True, b_allows=False) | Q(a_allows=False, b_allows=True)
    counted = Link.objects.aggregate(open=Count("pk", filter=Q(is_open=True)), waiting=Count("pk", filter=one_side))
    return Figure(
        label=_("Open links"),
        value=counted["open"],
        parts=[(counted["waiting"], _("waiting"))],
        text=_("Pairs of companies that have both allowed it. Waiting: only one side has so far."),
        url=reverse("admin:federation_externalpolicy_changelist"),
        link=_("See the companies' settings"),
    )


def _own_links(company_id: int) -> Figure:
    we_allow = Q(company_a=company_id, a_allows=True) | Q(company_b=company_id, b_allows=True)
    counted = known_links(company_id).aggregate(
        open=Count("pk", filter=Q(is_open=True)), waiting=Count("pk", filter=Q(is_open=False) & we_allow)
    )
    domains = Domain.objects.filter(company=company_id).values("name")
    asked = PartnerRequest.objects.filter(answer="").aggregate(
        them=Count("pk", filter=Q(company=company_id)), us=Count("pk", filter=Q(domain__in=domains))
    )
    return Figure(
        label=_("Open links"),
        value=counted["open"],
        parts=[
            (counted["waiting"] + asked["them"], _("waiting for them")),
            (asked["us"], _("waiting for your answer")),
        ],
        text=_("Companies that have allowed external connection with yours, as yours has with them."),
        url=reverse("admin:federation_externalpolicy_changelist"),
        link=_("See partner companies"),
    )


@column(order=20, label=_("External connection"))
def granted_of(company_ids: list[int]) -> dict[int, int]:
    """Members with external connection by company."""
    live = Availability.objects.live().filter(member__company__in=company_ids)
    counted = live.order_by().values(company=F("member__company")).annotate(number=Count("pk"))
    return dict(counted.values_list("company", "number"))


@column(order=30, label=_("Open links"))
def open_links_of(company_ids: list[int]) -> dict[int, int]:
    """Open links by company."""
    numbers = dict.fromkeys(company_ids, 0)
    sides = Q(company_a__in=company_ids) | Q(company_b__in=company_ids)
    for pair in Link.objects.filter(sides, is_open=True).values_list("company_a", "company_b"):
        for company in set(pair) & numbers.keys():
            numbers[company] += 1
    return numbers
