"""Who has allowed external connection: companies, pairs of companies, members."""

from federation.models.closings import UNDO, Closing
from federation.models.links import Decision, Link, Side
from federation.models.requests import PartnerRequest
from federation.models.sides import Availability, ExternalPolicy, MemberGrant

__all__ = [
    "UNDO",
    "Availability",
    "Closing",
    "Decision",
    "ExternalPolicy",
    "Link",
    "MemberGrant",
    "PartnerRequest",
    "Side",
]
