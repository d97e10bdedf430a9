"""Which rooms and memberships end with a right, by the table "When a right ends"."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Exists, F, OuterRef, Q

from accounts.models import User
from federation.impact import Impact
from federation.models import Closing
from federation.reasons import Reason
from messaging.models import Membership, Room


@dataclass(frozen=True)
class AccessEnd:
    """A right that ended: `company` closed its links with `partners`, `members` lost external connection.

    The rows that end point to `closing`; what they are is written into `impact`.
    """

    company: int
    partners: Collection[int]
    members: Collection[int]
    reason: str
    actor: User | None
    closing: Closing | None
    impact: Impact

    def direct_rooms(self) -> list[int]:
        """The external 1:1 rooms across the closed links, and those of the members."""
        company, partners = self.company, self.partners
        across = Q(low__company=company, high__company__in=partners)
        across |= Q(high__company=company, low__company__in=partners)
        live = Room.objects.filter(kind=Room.Kind.DIRECT, is_external=True, frozen_at=None)
        return list(
            live.filter(across | Q(low__in=self.members) | Q(high__in=self.members)).values_list("pk", flat=True)
        )

    def memberships(self) -> dict[int, int]:
        """The memberships in External Group rooms that end, each with its room."""
        live = Membership.objects.live().filter(room__kind=Room.Kind.GROUP, room__is_external=True)
        return dict(live.filter(self._losing() | self._parted()).values_list("pk", "room_id"))

    def held_rooms(self) -> list[int]:
        """The group rooms with a deactivated Master; deactivated members stay in internal rooms."""
        if self.reason != Reason.DEACTIVATED:
            return []
        held = Membership.objects.live().filter(member__in=self.members, member__is_active=False)
        masters = held.filter(role=Membership.Role.MASTER, room__kind=Room.Kind.GROUP)
        return list(masters.values_list("room_id", flat=True))

    def _losing(self) -> Q:
        losing = Q(member__in=self.members)
        # When a company switches off, its own people keep the rooms it hosts, as internal ones.
        at_home = Q(room__hosting_company=F("member__company"))
        return losing & ~at_home if self.reason == Reason.COMPANY_OFF else losing

    def _parted(self) -> Q:
        """Guests of each other across the closed links, and `company` wherever it meets a partner as a guest."""
        company, partners = self.company, self.partners
        guests = Q(room__hosting_company=company, member__company__in=partners)
        guests |= Q(room__hosting_company__in=partners, member__company=company)
        beside = Membership.objects.live().filter(room=OuterRef("room"), member__company__in=partners)
        return guests | (Q(member__company=company) & ~Q(room__hosting_company=company) & Q(Exists(beside)))
