"""Periodic jobs of messaging, in every web process."""

from messaging.search.indexing import index_round
from worksbridge.live.database import in_thread
from worksbridge.live.periodic import every


@every(1)
async def index_messages() -> None:
    """Index recent messages for search."""
    await in_thread(index_round)
