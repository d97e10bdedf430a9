"""Pushing from actions: after the commit, to members named one by one."""

import json
import logging
from collections.abc import Iterable
from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction

from worksbridge.live.hub import hub
from worksbridge.live.relay import GROUP

logger = logging.getLogger(__name__)


def push(recipients: Iterable[int], frame: dict[str, Any]) -> None:
    """Send `frame` to all open pages of the members with these ids, once the running transaction has committed."""
    push_text(recipients, json.dumps(frame, ensure_ascii=False, separators=(",", ":")))


def push_text(recipients: Iterable[int], text: str) -> None:
    """The same for a frame that is JSON already."""
    to = list(set(recipients))
    if to:
        transaction.on_commit(lambda: publish({"type": "deliver", "to": to, "frame": text}), robust=True)


def push_to_session(session_key: str) -> None:
    """Close the sockets of one session after commit, because it was signed out."""
    transaction.on_commit(lambda: publish({"type": "cut", "session": session_key}), robust=True)


def cut_sessions(member_ids: Iterable[int]) -> None:
    """Close all sockets of these members after commit. A page that still may will come back by itself."""
    members = list(member_ids)
    transaction.on_commit(lambda: publish({"type": "cut", "members": members}), robust=True)


def publish(message: dict[str, Any]) -> None:
    """Hand a message to the hubs of all processes. Never raises: a push is a hint.

    A web process has a hub, and never waits here: not even when its loop has ended, because whoever waited for a
    loop that has ended would keep the process from ending.
    """
    if hub.loop is not None:
        hub.offer(message)
        return
    try:
        async_to_sync(get_channel_layer().group_send)(GROUP, {"type": "pushes", "pushes": [message]})
    except Exception as error:  # the change is committed; pages find out by their heartbeat
        logger.warning("push lost: %s", error)
