"""What one company decides about another."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from federation.models import Decision


@dataclass(frozen=True)
class PartnerDecision:
    """A decision; "allow" may expire at `expires_at`.

    Raises ValueError for a decision that does not exist, and for an end of anything but "allow".
    """

    decision: str
    expires_at: datetime | None = None

    def __post_init__(self) -> None:
        if Decision(self.decision) != Decision.ALLOW and self.expires_at is not None:
            raise ValueError("only what is allowed can expire")

    @classmethod
    def of(cls, given: "PartnerDecision | str") -> "PartnerDecision":
        """A plain decision has no end."""
        return given if isinstance(given, PartnerDecision) else cls(given)

    def stored(self) -> dict[str, Any]:
        """As a closing and the audit log store it."""
        expires = self.expires_at.isoformat() if self.expires_at else None
        return {"decision": str(self.decision), "expires_at": expires}


def read_decided(stored: dict[str, Any]) -> PartnerDecision:
    """`PartnerDecision` from what a closing keeps."""
    expires = stored.get("expires_at")
    return PartnerDecision(stored["decision"], datetime.fromisoformat(expires) if expires else None)
