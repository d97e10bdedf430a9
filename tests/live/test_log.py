"""What a real web process writes into its log, and what never."""

import http.client
import json
import logging
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import psycopg
import pytest
import redis
from django.db import DataError, IntegrityError, OperationalError

from messaging.actions.rooms import open_direct_room
from messaging.models import Message
from tests.cast import Cast
from tests.live.test_socket import connect, run, session_of, until
from tests.live.web import WebProcess
from worksbridge.live.database import in_thread
from worksbridge.logs.configuration import configuration
from worksbridge.logs.scrubbing import Scrub, hide_addresses, told

SECRET = "Zwetschgenknoedel"


def fetch(web: WebProcess, path: str, body: str | None = None, **headers: str) -> tuple[int, dict[str, str], str]:
    connection = http.client.HTTPConnection("127.0.0.1", web.port, timeout=10)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request("POST" if body else "GET", path, body, named)
    answer = connection.getresponse()
    return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read().decode()


def lines(web: WebProcess) -> list[dict[str, Any]]:
    return [json.loads(line) for line in web.log.read_text().splitlines()]


@pytest.mark.django_db(transaction=True)
def test_each_request_has_a_line_that_says_whose_it_was_and_how_it_went(cast: Cast, web: WebProcess) -> None:
    kim = session_of(cast.kim)
    status, headers, _body = fetch(
        web, "/messages/?q=quince", Cookie=f"sessionid={kim}", X_Request_ID="edge-0123456789"
    )
    assert (status, headers["x-request-id"]) == (200, "edge-0123456789")
    _status, headers, _body = fetch(web, "/messages/", X_Request_ID='no"good')
    made = headers["x-request-id"]
    assert re.fullmatch("[0-9a-f]{32}", made)
    fetch(web, "/invitation/as-good-as-a-password/")
    found = [line for line in lines(web) if line["event"] == "request"]
    first, second, third = found
    assert {"method": "GET", "path": "/messages/", "route": "messaging:home", "status": 200}.items() <= first.items()
    assert (first["request"], first["member"], first["company"]) == ("edge-0123456789", cast.kim.pk, cast.alpha.pk)
    assert first["ms"] > 0
    assert (second["request"], second["status"]) == (made, 302)
    assert "member" not in second
    assert third["path"] == "/invitation/…/"
    text = web.log.read_text()
    assert not [word for word in ("quince", "as-good-as-a-password", kim, cast.kim.email) if word in text]


@pytest.mark.django_db(transaction=True)
def test_lines_of_a_socket_say_which_and_whose(cast: Cast, web: WebProcess) -> None:
    kim = session_of(cast.kim)

    async def scenario() -> None:
        async with connect(web, kim) as socket:
            await socket.send('{"type":"heartbeat","rooms":[]}')
            await until(socket, "heads")

    run(scenario)
    web.stop()
    opened, closed = (line for line in lines(web) if line["event"].startswith("socket "))
    assert (opened["event"], closed["event"]) == ("socket opened", "socket closed")
    assert re.fullmatch("[0-9a-f]{32}", opened["socket"])
    assert opened["socket"] == closed["socket"]
    assert {(line["member"], line["company"]) for line in (opened, closed)} == {(cast.kim.pk, cast.alpha.pk)}


@pytest.mark.parametrize("debug", ["0", "1"])
@pytest.mark.django_db(transaction=True)
def test_what_people_write_never_appears_also_when_everything_is_logged(
    cast: Cast, transactional_db: None, tmp_path: Path, debug: str
) -> None:
    room = open_direct_room(member=cast.kim, other=cast.sato)
    kim, sato = session_of(cast.kim), session_of(cast.sato)
    web = WebProcess(tmp_path / "web.log", DEBUG=debug, LOG_LEVEL="DEBUG", PYTHONASYNCIODEBUG="1")
    web.start()
    body = f"{SECRET} **{SECRET}** <{SECRET}>"

    async def scenario() -> None:
        async with connect(web, kim) as one, connect(web, sato) as two:
            await two.send('{"type":"heartbeat","rooms":[]}')
            await until(two, "heads")
            await one.send(json.dumps({"type": "send", "room": room.pk, "client_id": str(uuid4()), "body": body}))
            await until(one, "ack")
            await until(two, "room")
            # Refused in the middle: PostgreSQL and Python have their say about it.
            await one.send(json.dumps({"type": "send", "room": room.pk, "client_id": SECRET, "body": body}))
            await until(one, "nack")
            await one.send(json.dumps({"type": SECRET, "body": body + "\ud800"}))
            await until(one, "nack")
        _status, headers, _page = fetch(web, f"/messages/{room.pk}/", Cookie=f"sessionid={kim}")
        token = headers["set-cookie"].partition("csrftoken=")[2].partition(";")[0]
        form = urlencode({"csrfmiddlewaretoken": token, "body": body, "client_id": str(uuid4())})
        cookie = f"sessionid={kim}; csrftoken={token}"
        told = {"Content_Type": "application/x-www-form-urlencoded", "Origin": web.origin, "Cookie": cookie}
        status, _headers, _page = await in_thread(lambda: fetch(web, f"/messages/{room.pk}/send", form, **told))
        assert status in (200, 302)

    try:
        run(scenario)
    finally:
        web.stop()
    assert Message.objects.filter(body__contains=SECRET).count() == 2
    log = web.log.read_text()
    assert "request" in log
    for word in (SECRET, kim, sato, cast.kim.email):
        assert word not in log


class TestScrubbing:
    ROW = 'null value violates\nDETAIL:  Failing row contains (1, "Zwetschgen\nknoedel").'

    @pytest.mark.parametrize("kind", [IntegrityError, DataError, psycopg.errors.NotNullViolation])
    def test_keeps_the_first_line_of_what_the_database_says(self, kind: type[Exception]) -> None:
        record = logging.LogRecord("x", 30, "x.py", 1, "lost: %s", (kind(self.ROW),), None)
        Scrub().filter(record)
        assert record.getMessage() == "lost: null value violates"
        error = RuntimeError()
        error.__cause__ = kind(self.ROW)
        text = told((type(error), error, None))
        assert "null value violates" in text
        assert "knoedel" not in text

    @pytest.mark.parametrize("error", [OperationalError("away"), redis.ConnectionError("away")])
    def test_an_outage_is_a_line_and_no_traceback(self, error: Exception) -> None:
        record = logging.LogRecord("x", 40, "x.py", 1, "failed", (), (type(error), error, None))
        Scrub().filter(record)
        assert (record.getMessage(), record.exc_info) == (f"failed: {type(error).__name__}: away", None)

    def test_hides_addresses(self) -> None:
        event = hide_addresses(None, "", {"event": "refused: {'kim.minseo@alpha.example': (550, b'no')}", "ms": 1})
        assert event == {"event": "refused: {'…@…': (550, b'no')}", "ms": 1}

    def test_libraries_are_never_asked_for_more_than_what_they_do(self) -> None:
        made = configuration(debug=True, level="DEBUG")
        assert made["root"]["level"] == made["loggers"]["django"]["level"] == "INFO"
        assert made["loggers"]["messaging"]["level"] == "DEBUG"
