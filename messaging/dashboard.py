"""What messaging adds to the dashboard: rooms with people outside, and messages a day."""

from datetime import date, datetime

from django.db.models import Count, F, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.charts import Chart, last_days
from accounts.daily import daily, dates
from accounts.dashboard_registry import Figure, Scope, chart, column, figure
from messaging.models import Membership, Message, Room


def _live() -> QuerySet[Membership]:
    """Who is now in a room with people of several companies that can still be written to."""
    return Membership.objects.live().filter(room__is_external=True, room__frozen_at=None)


@figure(order=40)
def external_rooms(scope: Scope) -> Figure:
    """Rooms in which the company's members and external users are together."""
    mine = _live().filter(**scope.of_company("member__company"))
    counted = mine.aggregate(
        rooms=Count("room", distinct=True),
        groups=Count("room", distinct=True, filter=_kind(Room.Kind.GROUP)),
        direct=Count("room", distinct=True, filter=_kind(Room.Kind.DIRECT)),
    )
    return Figure(
        label=_("External rooms"),
        value=counted["rooms"],
        parts=[(counted["groups"], _("External Group rooms")), (counted["direct"], _("1:1"))],
        text=_("Rooms, not frozen, with members of your company and external users.")
        if scope.company_id
        else _("Rooms, not frozen, with members of several companies."),
        url=reverse("admin:messaging_membership_changelist"),
        link=_("See who is in them"),
    )


def _kind(kind: str) -> Q:
    return Q(room__kind=kind)


@chart(order=10)
def messages_a_day(scope: Scope) -> Chart:
    """What the company's members wrote."""

    def count(start: datetime, end: datetime) -> dict[date, int]:
        said = Message.objects.filter(kind=Message.Kind.TEXT, created_at__gte=start, created_at__lt=end)
        return dates(said.filter(**scope.of_company("author__company")))

    return Chart(
        key="messages",
        label=_("Messages"),
        text=_("Messages sent by members of your company, internal and external. Their text is not read for this.")
        if scope.company_id
        else _("Messages sent by all members. Their text is not read for this."),
        url=reverse("admin:messaging_membership_changelist"),
        link=_("See who is in external rooms"),
        values=daily("messages", scope.company_id, last_days(), count),
    )


@column(order=40, label=_("External rooms"))
def external_rooms_of(company_ids: list[int]) -> dict[int, int]:
    """External rooms by company."""
    mine = _live().filter(member__company__in=company_ids)
    counted = mine.order_by().values(company=F("member__company")).annotate(number=Count("room", distinct=True))
    return dict(counted.values_list("company", "number"))
