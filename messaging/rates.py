"""Rate limits for expensive actions."""

from worksbridge.live.rate_limits import Rate

SEND_RATE = Rate(60, 10)
# Each hesitation while typing is one.
SEARCH_RATE = Rate(60, 60)
# Making, filling and changing rooms: each may carry a photo, and tells up to 500 people.
CHANGE_RATE = Rate(30, 60)
