"""The figures of this process, for those who may see them."""

import ipaddress
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.db import connections
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

CONTENT_TYPE = CONTENT_TYPE_LATEST


def may_scrape(scope: dict[str, Any]) -> bool:
    """Whether the caller may see the figures: from an allowed network, and not through a proxy.

    What came through a proxy came from outside, whatever address it says of itself.
    """
    if any(name == b"x-forwarded-for" for name, _value in scope["headers"]):
        return False
    try:
        address = ipaddress.ip_address((scope.get("client") or [""])[0])
    except ValueError:
        return False
    address = getattr(address, "ipv4_mapped", None) or address
    return any(address in network for network in settings.METRICS_ALLOW)


def figures() -> bytes:
    """All figures, in Prometheus' text format."""
    return generate_latest(REGISTRY)


class Pool(Collector):
    """The database pool, queried only during a scrape."""

    def describe(self) -> Iterator[GaugeMetricFamily]:
        yield from ()

    def collect(self) -> Iterator[GaugeMetricFamily]:
        pool = connections["default"].pool  # type: ignore[attr-defined]  # of the PostgreSQL backend
        stats = pool.get_stats() if pool else {}
        size = stats.get("pool_size", 0)
        for name, text, value in (
            ("in_use", "Database connections in use", size - stats.get("pool_available", 0)),
            ("open", "Database connections open", size),
            ("max", "Database connections that may be open", stats.get("pool_max", 0)),
            ("waiting", "Threads that wait for a database connection", stats.get("requests_waiting", 0)),
        ):
            yield GaugeMetricFamily(f"worksbridge_database_pool_{name}", text, value=value)


REGISTRY.register(Pool())
