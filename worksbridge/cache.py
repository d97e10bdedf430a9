"""The cache in Valkey: shared connections, short waits, and an empty cache instead of an error while it is away.

It holds only hints and protective counters: people can work without them.
"""

import logging
import time
from collections.abc import Callable
from copy import copy
from functools import wraps
from typing import Any, ClassVar

import redis
from django.core.cache.backends.redis import RedisCache, RedisCacheClient

logger = logging.getLogger(__name__)
# After a failure Valkey is not asked for this many seconds, so that not every page waits for it.
PAUSE = 2
_MISSING = ("missing",)  # its copies are itself


def forgiving(method: Callable[..., Any], otherwise: Any) -> Callable[..., Any]:
    """The method of a cache, which gives `otherwise` instead of raising while Valkey is away."""

    @wraps(method)
    def call(cache: "Cache", *args: Any, **kwargs: Any) -> Any:
        if cache.is_left_alone():
            return copy(otherwise)
        try:
            return method(cache, *args, **kwargs)
        except redis.RedisError as error:
            cache.leave_alone(error)
            return copy(otherwise)

    return call


class SharedClient(RedisCacheClient):
    """A client whose connections serve the whole process.

    Django makes a client for each request and thread, and with it a pool of its own: a connection for each request.
    """

    _shared: ClassVar[dict[str, Any]] = {}
    # Known to Django's class, not to its type information.
    _servers: list[str]
    _pool_class: Any
    _pool_options: dict[str, Any]
    _get_connection_pool_index: Callable[[bool], int]

    def _get_connection_pool(self, write: bool) -> Any:
        address = self._servers[self._get_connection_pool_index(write)]
        if address not in self._shared:
            self._shared.setdefault(address, self._pool_class.from_url(address, **self._pool_options))
        return self._shared[address]


class Cache(RedisCache):
    """Django's Redis cache, empty and deaf while Valkey is away."""

    _away_until: ClassVar[dict[str, float]] = {}

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._address = server
        self._class = SharedClient

    def ping(self) -> None:
        """Ask Valkey whether it is there. Raises redis.RedisError."""
        self._cache.get_client().ping()

    def is_left_alone(self) -> bool:
        """Whether it failed a moment ago."""
        return time.monotonic() < self._away_until.get(self._address, 0)

    def leave_alone(self, error: Exception) -> None:
        """Do not ask it for a moment."""
        self._away_until[self._address] = time.monotonic() + PAUSE
        logger.warning("the cache does not answer: %s", error)

    def get(self, key: Any, default: Any = None, version: Any = None) -> Any:
        """The value under `key`, or `default`."""
        found = self._get(key, _MISSING, version)
        return default if found is _MISSING else found

    _get = forgiving(RedisCache.get, otherwise=_MISSING)
    add = forgiving(RedisCache.add, otherwise=True)
    set = forgiving(RedisCache.set, otherwise=None)
    touch = forgiving(RedisCache.touch, otherwise=False)
    delete = forgiving(RedisCache.delete, otherwise=False)
    has_key = forgiving(RedisCache.has_key, otherwise=False)
    incr = forgiving(RedisCache.incr, otherwise=1)
    get_many = forgiving(RedisCache.get_many, otherwise={})
    set_many = forgiving(RedisCache.set_many, otherwise=[])
    delete_many = forgiving(RedisCache.delete_many, otherwise=None)
    clear = forgiving(RedisCache.clear, otherwise=False)
