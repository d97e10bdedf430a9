"""The clock of consent, in every web process: several may do the same, which changes nothing twice."""

from federation.actions.expiring import tend_expiries
from worksbridge.live.database import in_thread
from worksbridge.live.periodic import every


@every(20)
async def tend() -> None:
    """End decisions that have expired, and remind of those that will."""
    await in_thread(tend_expiries)
