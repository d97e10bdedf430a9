"""Requests to Janus' admin interface, which only the server can reach."""

import http.client
import json
import secrets
from collections.abc import Collection
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from worksbridge.errors import Code, WorksBridgeError

SECONDS = 3
PLUGIN = "janus.plugin.videoroom"


class Unavailable(WorksBridgeError):
    """Janus does not answer in time, or not as it should."""

    code = Code.UNAVAILABLE
    status = 503
    text = _("Calls with more than four people do not work right now. Please try again in a minute.")


class Admin:
    """One connection for a few requests; use as a context manager. Everything in it may raise Unavailable."""

    def __init__(self) -> None:
        """Nothing is connected before the first request."""
        address = urlsplit(settings.JANUS_ADMIN_URL)
        kind = http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
        self._path = address.path.rstrip("/")
        self._connection = kind(address.hostname or "", address.port, timeout=SECONDS)

    def room(self, request: str, room: int, /, *, fine: Collection[int] = (), **body: object) -> dict[str, Any]:
        """Ask the video room plugin. `fine` has the numbers of errors that are none here."""
        message = {"plugin": PLUGIN, "request": {"request": request, "room": room, **body}}
        answer: dict[str, Any] = self.ask("message_plugin", **message).get("response", {})
        if "error_code" in answer and answer["error_code"] not in fine:
            raise Unavailable from ValueError(f"Janus: {answer.get('error')}")
        return answer

    def ask(self, request: str, /, *path: int, **body: object) -> dict[str, Any]:
        """Ask about the server, about one of its sessions, or about a handle of a session (`path`).

        What is gone by now answers nothing.
        """
        asked = {"janus": request, "transaction": secrets.token_hex(8), "admin_secret": settings.JANUS_ADMIN_SECRET}
        try:
            answer = self._post("/".join([self._path, *map(str, path)]), {**asked, **body})
        except (OSError, http.client.HTTPException, ValueError, TypeError) as error:
            raise Unavailable from error
        if answer.get("janus") == "success":
            return answer
        if path:
            return {}
        raise Unavailable from ValueError(f"Janus: {answer.get('error')}")

    def _post(self, path: str, body: dict[str, object]) -> dict[str, Any]:
        self._connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
        # Anything but an object is of some other server: dict() raises ValueError or TypeError.
        return dict(json.loads(self._connection.getresponse().read()))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._connection.close()
