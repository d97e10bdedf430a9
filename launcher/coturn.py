"""A coturn server of our own, for tests: it relays to this machine too, which no real one may."""

import contextlib
import secrets
import socket
import struct
from pathlib import Path

from .debian import Program
from .media_server import MediaServer

PORT = 3478
PID_FILE = "turnserver.pid"
# RFC 8489: a request of the Binding method and its success response.
BINDING_REQUEST, BINDING_SUCCESS = 0x0001, 0x0101
MAGIC_COOKIE = 0x2112A442


class Coturn(MediaServer):
    """The coturn server of one folder."""

    name = "coturn"

    def __init__(self, program: Program, data: Path, address: str) -> None:
        """It listens on `address` and relays from there."""
        super().__init__(program, data, address)
        self._secret = secrets.token_urlsafe(24)
        self._pid_file = Path()

    @property
    def env(self) -> dict[str, str]:
        """Also the number of its process, for tests that halt it: a network that is cut looks the same."""
        urls = (f"turn:{self.address}:{PORT}?transport={transport}" for transport in ("udp", "tcp"))
        return {
            "TURN_URLS": ",".join(urls),
            "TURN_SECRET": self._secret,
            "TURN_PID": self._pid_file.read_text().strip(),
            "TURN_PROGRAM": str(self.program.path),
            "TURN_LIBRARIES": str(self.program.libraries or ""),
        }

    def files(self, folder: Path) -> dict[str, str]:
        self._pid_file = folder / PID_FILE
        self._pid_file.unlink(missing_ok=True)
        lines = [
            f"listening-ip={self.address}",
            f"listening-port={PORT}",
            f"relay-ip={self.address}",
            "min-port=49152",
            "max-port=50151",
            "realm=worksbridge.test",
            "use-auth-secret",
            f"static-auth-secret={self._secret}",
            "allow-loopback-peers",
            "no-tls",
            "no-dtls",
            "no-cli",
            "log-file=stdout",
            "simple-log",
            f"userdb={folder / 'turndb'}",
            f"pidfile={self._pid_file}",
        ]
        return {"turnserver.conf": "\n".join([*lines, ""])}

    def command(self, folder: Path) -> list[str | Path]:
        return [self.program.path, "-c", folder / "turnserver.conf"]

    def answers(self) -> bool:
        return answers_stun(self.address, PORT) and self._pid_file.exists()


def answers_stun(address: str, port: int) -> bool:
    """Tell whether a STUN server answers there over UDP: coturn takes TCP connections before it reads packets."""
    transaction = secrets.token_bytes(12)
    with contextlib.suppress(OSError), socket.socket(type=socket.SOCK_DGRAM) as client:
        client.settimeout(1)
        client.connect((address, port))
        client.send(struct.pack("!HHI", BINDING_REQUEST, 0, MAGIC_COOKIE) + transaction)
        answer = client.recv(2048)
        return answer[:2] == struct.pack("!H", BINDING_SUCCESS) and answer[8:20] == transaction
    return False
