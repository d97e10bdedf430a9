"""A page's way of talking to Janus, without media."""

import json
import os
import time
from contextlib import ExitStack
from typing import Any, Self

from websockets.sync.client import connect
from websockets.typing import Subprotocol

from calls import janus

# How long, in seconds, is waited for what has to come.
PATIENCE = 30


def left(call_id: int, count: int) -> list[int]:
    """The feeds in the call's room, once no more than `count` are: whose session was closed leaves a moment later."""
    deadline = time.monotonic() + PATIENCE
    while len(found := janus.participants(call_id)) > count and time.monotonic() < deadline:
        time.sleep(0.02)
    return found


class JanusClient:
    """One session; `token` goes into every request."""

    def __init__(self, token: str, url: str = "") -> None:
        self.token = token
        self._url = url or os.environ["JANUS_URL"]
        self._session: dict[str, int] = {}
        self._exits = ExitStack()

    def open(self, plugin: str = "janus.plugin.videoroom") -> "Handle":
        """Open the session if need be, and one handle in it; answers with an error raise it."""
        if not self._session:
            self._session = {"session_id": self.ask("create")["data"]["id"]}
        return Handle(self, self.ask("attach", plugin=plugin)["data"]["id"])

    def ask(self, request: str, /, **body: object) -> dict[str, Any]:
        """Ask, and wait for more than an acknowledgement."""
        asked = {"janus": request, "transaction": os.urandom(6).hex(), "token": self.token}
        self._socket.send(json.dumps(asked | self._session | body))
        while True:
            answer = json.loads(self._socket.recv(timeout=PATIENCE))
            if answer.get("transaction") == asked["transaction"] and answer["janus"] != "ack":
                break
        if answer["janus"] == "error":
            raise JanusError(answer["error"]["code"])
        return answer

    def hear(self) -> dict[str, Any]:
        """Wait for something that the plugin says by itself."""
        while True:
            heard = json.loads(self._socket.recv(timeout=PATIENCE))
            if heard["janus"] == "event" and "transaction" not in heard:
                said: dict[str, Any] = heard["plugindata"]["data"]
                return said

    def __enter__(self) -> Self:
        # Janus does not answer when a connection is closed.
        opened = connect(self._url, subprotocols=[Subprotocol("janus-protocol")], close_timeout=0.1)
        self._socket = self._exits.enter_context(opened)
        return self

    def __exit__(self, *_: object) -> None:
        self._exits.close()


class Handle:
    """A handle of a session at the video room plugin."""

    def __init__(self, client: JanusClient, number: int) -> None:
        self._client = client
        self._number = number

    def say(self, request: str, /, *, offer: str = "", **body: object) -> dict[str, Any]:
        """Ask the plugin, with the offer of a connection when there is one. Raises JanusError with its number."""
        message: dict[str, object] = {"body": {"request": request, **body}}
        if offer:
            message["jsep"] = {"type": "offer", "sdp": offer}
        answer = self._client.ask("message", handle_id=self._number, **message)
        data: dict[str, Any] = answer["plugindata"]["data"]
        if "error_code" in data:
            raise JanusError(data["error_code"])
        return data

    def join(self, access: dict[str, Any], **other: object) -> dict[str, Any]:
        """Join to publish, as a page does."""
        body = {"ptype": "publisher", "room": access["room"], "id": access["feed"], "token": access["pin"]}
        return self.say("join", **body | other)


class JanusError(Exception):
    """Janus' refusal, with its number."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code
