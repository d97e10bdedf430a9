"""What every web process does for its open pages again and again: ended sessions are cut, presence is renewed."""

import itertools

from worksbridge.live.database import in_thread
from worksbridge.live.hub import SESSION_OVER, hub
from worksbridge.live.periodic import every
from worksbridge.live.presence import RENEW, mark_online
from worksbridge.live.session import ended_sessions

_beats = itertools.count(1)


@every(3)
async def close_ended_sessions() -> None:
    """Close the sockets of ended sessions: the push that should have done it may be lost."""
    pages = hub.pages()
    if pages:
        ended = await in_thread(ended_sessions, {page.session_key: page.member_id for page in pages})
        for page in pages:
            if page.session_key in ended:
                await page.close(SESSION_OVER)


@every(1)
async def renew_presence() -> None:
    """Keep this process's members marked as online; those who just came within a second."""
    arrived = hub.arrived()
    members = hub.members() if next(_beats) % RENEW == 0 else arrived
    if members:
        await in_thread(mark_online, members)
