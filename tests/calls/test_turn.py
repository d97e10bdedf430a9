"""TURN credentials against a real coturn: good ones relay, all others do not, and the deployment's file keeps it out
of private networks.
"""

import os
import socket
import time
from collections.abc import Iterator

import pytest

from accounts.models import Company, User
from calls import turn
from launcher.coturn import answers_stun
from tests.calls.servers import DEPLOY, filled_in, running
from tests.calls.turn_client import Refused, TurnClient

UNAUTHORIZED, FORBIDDEN = 401, 403


@pytest.fixture
def kim() -> User:
    return User(pk=7, company=Company(slug="alpha"))


@pytest.fixture
def sato() -> User:
    return User(pk=8, company=Company(slug="beta"))


class TestIceServers:
    @pytest.fixture(autouse=True)
    def configured(self, settings):
        settings.STUN_URLS = []
        settings.TURN_URLS = ["turn:turn.example.com:3478?transport=udp"]
        settings.TURN_SECRET = "north"
        settings.TURN_SECONDS = 600
        settings.CALLS_RELAY_ONLY = []

    def test_name_says_until_when_and_whose(self, kim):
        (server,) = turn.ice_servers(kim)
        until, member = server["username"].split(":")
        assert server["urls"] == ["turn:turn.example.com:3478?transport=udp"]
        assert member == str(kim.pk)
        assert 590 < int(until) - time.time() <= 600

    def test_password_is_what_the_scheme_says(self, monkeypatch, kim):
        monkeypatch.setattr(time, "time", lambda: 1_700_000_000.0)
        # printf 1700000600:7 | openssl dgst -sha1 -hmac north -binary | base64
        assert turn.credentials(kim) == ("1700000600:7", "L0yC7/asGQikCAeB+RbDnSboTiI=")

    def test_differs_between_members(self, kim, sato):
        assert turn.credentials(kim) != turn.credentials(sato)

    def test_without_servers_there_are_none(self, settings, kim):
        settings.TURN_URLS = []
        assert turn.ice_servers(kim) == []

    def test_stun_servers_need_no_credentials(self, settings, kim):
        settings.STUN_URLS = ["stun:stun.example.com"]
        assert turn.ice_servers(kim)[0] == {"urls": ["stun:stun.example.com"]}

    def test_companies_hide_addresses_by_their_slug(self, settings, kim, sato):
        settings.CALLS_RELAY_ONLY = [kim.company.slug]
        assert turn.relay_only(kim)
        assert not turn.relay_only(sato)

    def test_a_deployment_hides_all_addresses(self, settings, kim, sato):
        settings.CALLS_RELAY_ONLY = ["*"]
        assert turn.relay_only(kim)
        assert turn.relay_only(sato)


def running_coturn() -> tuple[str, int]:
    """Return the address of the running coturn."""
    host, port = os.environ["TURN_URLS"].removeprefix("turn:").partition("?")[0].split(":")
    return host, int(port)


@pytest.fixture
def server() -> tuple[str, int]:
    return running_coturn()


@pytest.mark.media
class TestCoturn:
    def test_relays_for_a_member(self, server, kim):
        with TurnClient(server, *turn.credentials(kim)) as client, socket.socket(type=socket.SOCK_DGRAM) as peer:
            relayed = client.allocate()
            peer.bind((server[0], 0))
            peer.settimeout(20)
            client.permit(server[0])
            client.send(peer.getsockname(), b"hello")
            assert peer.recvfrom(100) == (b"hello", relayed)

    def test_refuses_expired_credentials(self, server, settings, kim):
        settings.TURN_SECONDS = -10
        assert refusal(server, turn.credentials(kim)) == UNAUTHORIZED

    def test_refuses_credentials_of_another_secret(self, server, settings, kim):
        settings.TURN_SECRET = "another"
        assert refusal(server, turn.credentials(kim)) == UNAUTHORIZED

    def test_refuses_a_longer_life_than_was_given(self, server, kim):
        name, password = turn.credentials(kim)
        until, member = name.split(":")
        assert refusal(server, (f"{int(until) + 3600}:{member}", password)) == UNAUTHORIZED

    @pytest.mark.parametrize("name", ["", ":", "never:1", "99999999999999999999:1", "1:2:3", "x" * 500])
    def test_refuses_malformed_credentials(self, server, name):
        assert refusal(server, (name, "password")) in (400, UNAUTHORIZED)


def refusal(server: tuple[str, int], credentials: tuple[str, str]) -> int:
    with TurnClient(server, *credentials) as client, pytest.raises(Refused) as refused:
        client.allocate()
    return refused.value.code


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    """A coturn with the deployment's configuration, its secret filled in, on ports of its own."""
    folder = tmp_path_factory.mktemp("coturn")
    configuration = folder / "turnserver.conf"
    changes = {"static-auth-secret=FILL-IN": f"static-auth-secret={os.environ['TURN_SECRET']}"}
    configuration.write_text(filled_in(DEPLOY / "coturn" / "turnserver.conf", changes))
    host, port = running_coturn()[0], 4478
    arguments = ["-c", configuration, "--userdb", folder / "db", "--pidfile", folder / "pid"]
    arguments += ["--listening-ip", host, "--listening-port", str(port), "--tls-listening-port", str(port + 1)]
    arguments += ["--relay-ip", host, "--relay-ip", "::1"]
    with running("TURN", arguments, lambda: answers_stun(host, port), folder):
        yield host, port


@pytest.mark.media
class TestDeployedConfiguration:
    @pytest.mark.parametrize(
        "peer",
        [
            "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.77.0.1", "172.16.0.1", "172.31.255.254", "192.168.1.1",
            "169.254.169.254", "100.64.0.1", "192.0.0.8", "198.18.0.1", "224.0.0.251", "239.1.1.1", "255.255.255.255",
        ],
    )  # fmt: skip
    def test_does_not_relay_inside(self, deployed, kim, peer):
        assert self.answer(deployed, kim, peer) == FORBIDDEN

    @pytest.mark.parametrize(
        "peer",
        [
            "::1", "::", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::a00:1",
            "2002:7f00:1::", "2001::1", "fc00::1", "fd12:3456::1", "fe80::1", "fec0::1", "ff02::1",
        ],
    )  # fmt: skip
    def test_does_not_relay_inside_by_ipv6(self, deployed, kim, peer):
        assert self.answer(deployed, kim, peer, family=6) == FORBIDDEN

    @pytest.mark.parametrize(("peer", "family"), [("9.9.9.9", 4), ("172.32.0.1", 4), ("2620:fe::fe", 6)])
    def test_relays_to_the_internet(self, deployed, kim, peer, family):
        assert self.answer(deployed, kim, peer, family=family) is None

    def test_refuses_expired_credentials(self, deployed, settings, kim):
        settings.TURN_SECONDS = -10
        assert refusal(deployed, turn.credentials(kim)) == UNAUTHORIZED

    @staticmethod
    def answer(server: tuple[str, int], member: object, peer: str, family: int = 4) -> int | None:
        with TurnClient(server, *turn.credentials(member)) as client:
            client.allocate(family)
            try:
                client.permit(peer)
            except Refused as refused:
                return refused.code
        return None
