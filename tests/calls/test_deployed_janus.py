"""The deployment's own files for Janus: rooms work with them, and private networks are denied."""

import ipaddress
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from calls import janus
from launcher.local_server import listens
from tests.calls.janus_client import JanusClient, JanusError, left
from tests.calls.servers import DEPLOY, filled_in, running

pytestmark = pytest.mark.media

ADDRESS, PORT, ADMIN_PORT = "10.77.0.1", 8288, 7188
FEED = 111


@pytest.fixture
def deployed(tmp_path: Path, settings) -> Iterator[str]:
    """A Janus with the deployment's files, filled in, on ports of its own; the product is told of it."""
    admin_secret = {"FILL-IN-ADMIN-SECRET": settings.JANUS_ADMIN_SECRET}
    core = {"FILL-IN-TOKEN-SECRET": settings.JANUS_TOKEN_SECRET, '"eth0"': f'"{ADDRESS}"', **admin_secret}
    if os.environ["JANUS_LIBRARIES"]:  # unpacked: it does not know where its modules are
        modules = Path(os.environ["JANUS_LIBRARIES"]) / "janus"
        folders = {name: f'{name}_folder = "{modules / name}"' for name in ("plugins", "transports", "loggers")}
        core["general: {"] = "\n  ".join(["general: {", *folders.values()])
    for name, changes in {
        "janus": core,
        "janus.plugin.videoroom": admin_secret,
        "janus.transport.websockets": {"= 8188": f"= {PORT}"},
        "janus.transport.http": {"= 7088": f"= {ADMIN_PORT}"},
    }.items():
        file = f"{name}.jcfg"
        (tmp_path / file).write_text(filled_in(DEPLOY / "janus" / file, changes))
    settings.JANUS_URL = f"ws://127.0.0.1:{PORT}"
    settings.JANUS_ADMIN_URL = f"http://127.0.0.1:{ADMIN_PORT}/admin"
    arguments = ["-F", tmp_path, "-C", tmp_path / "janus.jcfg"]
    with running("JANUS", arguments, lambda: all(listens("127.0.0.1", port) for port in (PORT, ADMIN_PORT)), tmp_path):
        yield settings.JANUS_URL


def test_lets_in_and_puts_out(deployed):
    access = janus.access(1, 7, FEED)
    with JanusClient(access["token"], deployed) as client:
        handle = client.open()
        handle.join(access)
        assert janus.participants(1) == [FEED]
        with pytest.raises(JanusError):
            handle.say("create", room=99)
        janus.expel(1, FEED)
        assert left(1, 0) == []


def test_denies_the_networks_that_coturn_denies():
    text = (DEPLOY / "janus" / "nftables.conf").read_text()
    sets = re.findall(r"elements = \{(.*?)\}", text, re.DOTALL)
    denied = [ipaddress.ip_network(network.strip()) for elements in sets for network in elements.split(",")]
    ranges = re.findall(
        r"^denied-peer-ip=(.*)-(.*)$", (DEPLOY / "coturn" / "turnserver.conf").read_text(), re.MULTILINE
    )
    assert len(ranges) > 20
    for edges in ranges:
        for edge in map(ipaddress.ip_address, edges):
            assert any(edge in network for network in denied), edge
