"""How often things may be done: token buckets in this process, counters shared by all processes."""

import time
from dataclasses import dataclass, field

from django.conf import settings
from django.core.cache import cache

from worksbridge.errors import TooMany


@dataclass(frozen=True)
class Rate:
    """`count` times in `seconds`, in one burst or spread out."""

    count: float
    seconds: float


@dataclass
class Bucket:
    """Fills steadily, is emptied one by one."""

    rate: Rate
    level: float = field(init=False)
    at: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.level = self.size

    @property
    def size(self) -> float:
        """The burst size."""
        return self.rate.count * settings.LIVE_RATE_FACTOR

    def take(self) -> bool:
        """Whether one more is allowed now; takes it when so."""
        now = time.monotonic()
        self.level = min(self.size, self.level + (now - self.at) * self.size / self.rate.seconds)
        self.at = now
        if self.level < 1:
            return False
        self.level -= 1
        return True


def limit(key: str, rate: Rate) -> None:
    """Count one use of `key` (who and what) over all processes.

    Raises TooMany with the seconds to wait. Without Valkey nothing is counted: people can go on working.
    """
    window = int(time.time() // rate.seconds)
    name = f"limit:{key}:{window}"
    try:
        cache.add(name, 0, timeout=int(rate.seconds) + 1)
        count = cache.incr(name)
    except Exception:  # the counter is protection, not function: an unreachable Valkey must not stop people
        return
    if count > rate.count * settings.LIVE_RATE_FACTOR:
        raise TooMany(retry_after=max(1, int((window + 1) * rate.seconds - time.time())))
