"""How long this process waits for servers that say nothing."""

import socket
import sys
from typing import Any


def valkey_keepalive(address: str) -> dict[str, Any]:
    """Options of a connection to Valkey over a network, so that a server that is gone without a word is noticed.

    Subscriptions only listen: without these they would wait for ever on a connection that is dead.
    """
    if address.startswith("unix:") or not sys.platform.startswith("linux"):
        return {}
    options = {socket.TCP_KEEPIDLE: 10, socket.TCP_KEEPINTVL: 5, socket.TCP_KEEPCNT: 3, socket.TCP_USER_TIMEOUT: 10_000}
    return {"socket_keepalive": True, "socket_keepalive_options": options}
