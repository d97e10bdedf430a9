"""What `deploy/` describes, tried: four web processes behind nginx with one Postgres and one Valkey."""

import asyncio
import contextlib
import json
import os
import re
import socket
import ssl
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.client import HTTPMessage
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from accounts.models import AuditEntry
from messaging.actions.groups import create_group_room
from messaging.actions.rooms import open_direct_room
from messaging.models import Message, Room
from tests.cast import Cast
from tests.faults.page import Page
from tests.live.proxy import BehindProxy, Nginx
from tests.live.test_probes import figure
from tests.live.test_socket import connect, run, session_of, until
from tests.live.web import ROOT
from worksbridge.live.database import in_thread

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]
PROCESSES = 4
FORGED = "203.0.113.9"
# Stands in for systemd: restarts the process of a unit as a unit does, and waits for its end, not for its start.
SYSTEMCTL = """#!/bin/sh
echo "$2" > {folder}/asked
while [ -e {folder}/asked ]; do sleep 0.05; done
"""


class Deployment:
    """Four processes and nginx before them."""

    def __init__(self, folder: Path, static: Path) -> None:
        (folder / "nginx").mkdir()
        shared = {"STATIC_HASHED": "1", "STATIC_ROOT": str(static), "LIVE_RATE_FACTOR": "1000", "DATABASE_POOL": "8"}
        self.folder = folder
        self.processes = [BehindProxy(folder / f"web-{number}.log", **shared) for number in range(PROCESSES)]
        self.nginx = Nginx(folder / "nginx", [process.port for process in self.processes], static)
        self.origin = self.nginx.origin
        for process in self.processes:
            process._environment |= {"ORIGINS": self.origin, "CHANNEL_PREFIX": f"test-{self.nginx.port}"}

    def start(self) -> None:
        for process in self.processes:
            process.launch()
        for process in self.processes:
            process.wait()
        self.nginx.start()

    def stop(self) -> None:
        self.nginx.stop()
        for process in self.processes:
            process.stop()

    def get(self, path: str, data: bytes | None = None, **headers: str) -> tuple[int, HTTPMessage, str]:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(self.origin + path, data, named)
        try:
            with opener().open(request, timeout=15) as answer:
                return answer.status, answer.headers, answer.read().decode(errors="replace")
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read().decode(errors="replace")


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args: Any) -> None:
        return None


def opener() -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(NoRedirect, urllib.request.ProxyHandler({}))


@pytest.fixture
def deployed(
    transactional_db: None, tmp_path: Path, collected_static: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Deployment]:
    deployment = Deployment(tmp_path, collected_static)
    # Whoever makes a connection from here on trusts this certificate.
    monkeypatch.setenv("SSL_CERT_FILE", str(deployment.nginx.certificate))
    try:
        deployment.start()
        yield deployment
    finally:
        deployment.stop()


def test_i40_pages_of_different_processes_talk_and_nobody_forges_where_they_are(
    cast: Cast, deployed: Deployment
) -> None:
    room = open_direct_room(member=cast.kim, other=cast.sato)
    people = [cast.kim, cast.sato] * 2
    sessions = [session_of(person) for person in people]

    async def scenario() -> None:
        async with contextlib.AsyncExitStack() as stack:
            sockets = [await stack.enter_async_context(connect(deployed, session)) for session in sessions]  # type: ignore[arg-type]
            for one in sockets:
                await one.send('{"type":"heartbeat","rooms":[]}')
                await until(one, "heads")
            spread = [figure(process, "worksbridge_open_sockets") for process in deployed.processes]
            print("sockets of each process:", spread)
            assert spread == [1, 1, 1, 1]
            frame = {"type": "send", "room": room.pk, "client_id": str(uuid4()), "body": "through nginx"}
            await sockets[0].send(json.dumps(frame))
            await until(sockets[0], "ack")
            for one in sockets[1:]:
                assert "through nginx" in (await until(one, "room"))["items"][0]["html"]

    run(scenario)
    _addresses(cast, deployed)
    _hidden(deployed)
    _limits(deployed)
    _static(deployed, sessions[0])


def _addresses(cast: Cast, deployed: Deployment) -> None:
    forged = {
        "X_Forwarded_For": FORGED,
        "X_Forwarded_Proto": "http",
        "Daphne_Root_Path": "/evil",
        "Forwarded": f"for={FORGED}",
    }
    status, headers, page = deployed.get("/accounts/login/", **forged)
    assert status == 200
    assert "/evil" not in page
    assert "max-age=31536000" in headers["Strict-Transport-Security"], "it knows that it was asked by https"
    token = re.search(r"csrftoken=(\w+)", str(headers["Set-Cookie"]))
    assert token
    body = f"csrfmiddlewaretoken={token[1]}&login={cast.kim.email}&password=wrong".encode()
    cookie = {"Cookie": f"csrftoken={token[1]}", "Referer": f"{deployed.origin}/accounts/login/"}
    assert deployed.get("/accounts/login/", body, **forged, **cookie)[0] == 200
    entry = AuditEntry.objects.get(event="sign_in.failed")
    assert entry.address == "127.0.0.1"


def _hidden(deployed: Deployment) -> None:
    for path in ("/metrics", "/readyz", "/metrics/", "/%6detrics", "//metrics"):
        assert deployed.get(path)[0] == 404, path
    assert deployed.get("/metrics", X_Forwarded_For="127.0.0.1")[0] == 404
    assert deployed.get("/healthz")[0] == 200
    with opener().open(f"http://127.0.0.1:{deployed.processes[0].port}/metrics") as answer:
        assert answer.status == 200
    with pytest.raises(urllib.error.HTTPError) as moved:
        opener().open(f"http://localhost:{deployed.nginx.plain_port}/messages/")
    assert (moved.value.code, moved.value.headers["Location"]) == (301, "https://localhost/messages/")
    # What must not be kept stands in addresses: words that are looked for, links as good as a password.
    for start in (deployed.origin, f"http://localhost:{deployed.nginx.plain_port}"):
        with contextlib.suppress(urllib.error.HTTPError):
            opener().open(f"{start}/messages/search/?q=a-secret-word")
    log = deployed.nginx.access_log.read_text()
    assert "a-secret-word" not in log
    assert "/accounts/login/" not in log


def _limits(deployed: Deployment) -> None:
    assert deployed.get("/messages/", b"x" * (9 * 1024 * 1024))[0] == 413
    context = ssl.create_default_context(cafile=str(deployed.nginx.certificate))
    context.check_hostname = False
    with socket.create_connection(("127.0.0.1", deployed.nginx.port)) as raw, context.wrap_socket(raw) as stranger:
        stranger.sendall(b"GET / HTTP/1.1\r\nHost: other.example\r\n\r\n")
        assert stranger.recv(100) == b""


def _static(deployed: Deployment, session: str) -> None:
    page = deployed.get("/messages/", Cookie=f"sessionid={session}")[2]
    paths = re.findall(r'"(/static/[^"#]+)', page)
    hashed = [path for path in paths if re.search(r"\.[0-9a-f]{12}\.\w+$", path)]
    assert {path.rpartition(".")[2] for path in hashed} >= {"css", "js", "svg"}
    assert set(paths) == set(hashed)
    for path in hashed[:3]:
        status, headers, _text = deployed.get(path)
        assert (status, headers["Cache-Control"]) == (200, "public, max-age=31536000, immutable")
    assert deployed.get("/static/js/main.js")[1]["Cache-Control"] == "no-cache"
    assert deployed.get("/static/manifest.webmanifest")[1]["Content-Type"] == "application/manifest+json"


class Systemd(threading.Thread):
    """Does what the stand-in for systemctl asks for."""

    def __init__(self, deployed: Deployment) -> None:
        super().__init__(daemon=True)
        self.asked = deployed.folder / "asked"
        self.units = {f"worksbridge@{process.port}": process for process in deployed.processes}
        self.over = False

    def run(self) -> None:
        while not self.over:
            time.sleep(0.05)
            if self.asked.exists() and (unit := self.asked.read_text().strip()):
                self.units[unit].stop()
                self.units[unit].launch()
                self.asked.unlink()


def test_i41_restarting_one_after_the_other_loses_nothing(
    cast: Cast, deployed: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    direct = open_direct_room(member=cast.kim, other=cast.sato)
    group = create_group_room(creator=cast.kim, members=[cast.sato, cast.ito], name="Osaka launch")
    people = [cast.kim, cast.sato, cast.ito] * 2
    rooms = {cast.kim: [direct.pk, group.pk], cast.sato: [direct.pk, group.pk], cast.ito: [group.pk]}
    pages = [Page(deployed.origin, session_of(person), rooms[person]) for person in people]
    (deployed.folder / "bin").mkdir()
    systemctl = deployed.folder / "bin" / "systemctl"
    systemctl.write_text(SYSTEMCTL.format(folder=deployed.folder))
    systemctl.chmod(0o755)
    environment = os.environ | {"PATH": f"{systemctl.parent}:{os.environ['PATH']}"}
    systemd = Systemd(deployed)
    systemd.start()
    cookie = f"sessionid={session_of(cast.lee)}"
    answers: list[int] = []
    running = True

    async def write() -> int:
        number = 0
        while running:
            page = pages[number % len(pages)]
            page.outbox.add(list(page.rooms)[number % len(page.rooms)], f"Message {number}")
            number += 1
            await asyncio.sleep(0.04)
        return number

    async def ask() -> None:
        while running:
            answers.append((await asyncio.to_thread(deployed.get, "/messages/", Cookie=cookie))[0])
            # Some eight times a second; without a pause it would take a core from the processes that restart.
            await asyncio.sleep(0.1)

    async def scenario() -> int:
        nonlocal running
        for page in pages:
            page.open()
        writing, asking = asyncio.create_task(write()), asyncio.create_task(ask())
        await asyncio.sleep(2)
        started = time.monotonic()
        command = [ROOT / "deploy" / "rolling-restart", *(str(process.port) for process in deployed.processes)]
        done = await asyncio.to_thread(subprocess.run, command, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        print(f"restarted {PROCESSES} processes in {time.monotonic() - started:.1f} s")
        await asyncio.sleep(2)
        running = False
        sent = await writing
        await asking
        deadline = time.monotonic() + 40
        while any(page.outbox.waiting() for page in pages) or not await _shown(pages):
            assert time.monotonic() < deadline, [
                (
                    len(page.outbox.waiting()),
                    page.outbox.retried,
                    page.outbox.refused[:1],
                    len(page.connected_at),
                    {room.pk: room.rev for room in page.rooms.values()},
                )
                for page in pages
            ]
            await asyncio.sleep(0.2)
        for page in pages:
            await page.close()
        return sent

    sent = asyncio.run(scenario())
    systemd.over = True
    failed = [status for status in answers if status != 200]
    connections = [len(page.connected_at) for page in pages]
    print(f"{sent} messages sent; {len(answers)} pages asked for, {len(failed)} failed; connections {connections}")
    assert not failed
    assert not any(page.outbox.refused for page in pages)
    clients = [str(one) for one in Message.objects.exclude(client_id=None).values_list("client_id", flat=True)]
    assert sorted(clients) == sorted(client for page in pages for client in page.outbox.acknowledged)
    assert len(clients) == sent


async def _shown(pages: list[Page]) -> bool:
    heads = await in_thread(lambda: dict(Room.objects.values_list("pk", "rev")))
    return all(room.rev == heads[pk] for page in pages for pk, room in page.rooms.items())
