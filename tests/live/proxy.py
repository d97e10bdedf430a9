"""What `deploy/` describes, on loopback ports: nginx with its configuration before several web processes."""

import datetime as dt
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from launcher.debian import Program
from launcher.programs import find
from tests.live.web import ROOT, WebProcess, free_port

MAIN = """
daemon off; master_process on; worker_processes 2; pid {folder}/nginx.pid; error_log {folder}/error.log info; {user}
events {{ worker_connections 1024; }}
http {{
    access_log {folder}/access.log;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    include {folder}/worksbridge.conf;
}}
"""
DAY = dt.timedelta(days=1)


class BehindProxy(WebProcess):
    """A web process as the unit in `deploy/` starts it."""

    arguments = ("--proxy-headers",)


class Nginx:
    """nginx with the configuration of `deploy/`, before processes on these ports."""

    def __init__(self, folder: Path, ports: Sequence[int], static: Path) -> None:
        """`static` is the folder of collected files."""
        self.port, self.plain_port = free_port(), free_port()
        self.origin = f"https://localhost:{self.port}"
        self.certificate = folder / "certificate.pem"
        # What nginx would write without being told not to.
        self.access_log = folder / "access.log"
        self._folder = folder
        self._ports, self._static = ports, static
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it listens. Fails with its log."""
        program = find("nginx", "nginx")
        _certify(self._folder)
        self._configure(program)
        log = self._folder / "error.log"
        command = [program.path, "-p", self._folder, "-c", self._folder / "nginx.conf", "-e", log]
        checked = subprocess.run([*command, "-t"], env=program.env, capture_output=True, text=True, check=False)
        assert checked.returncode == 0, checked.stderr
        self._process = subprocess.Popen(command, env=program.env)
        deadline = time.monotonic() + 10
        while not (self._folder / "nginx.pid").exists():
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)

    def stop(self) -> None:
        """Stop it at once."""
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(10)

    def _configure(self, program: Program) -> None:
        # Of the system, or of the folder that the package was unpacked into.
        shutil.copy(program.path.parents[2] / "etc" / "nginx" / "mime.types", self._folder)
        user = "user root;" if os.geteuid() == 0 else ""
        (self._folder / "nginx.conf").write_text(MAIN.format(folder=self._folder, user=user))
        (self._folder / "worksbridge.conf").write_text(self._rendered())

    def _rendered(self) -> str:
        """The deployment's own file; only ports, names and paths are this machine's."""
        lines = (ROOT / "deploy/nginx/worksbridge.conf").read_text().splitlines()
        text = "\n".join(line for line in lines if "listen [::]" not in line)
        letsencrypt = "/etc/letsencrypt/live/chat.example.com"
        changes = {
            "listen 443": f"listen 127.0.0.1:{self.port}",
            "listen 80": f"listen 127.0.0.1:{self.plain_port}",
            f"{letsencrypt}/fullchain.pem": str(self.certificate),
            f"{letsencrypt}/privkey.pem": str(self._folder / "key.pem"),
            "chat.example.com": "localhost",
            "/var/lib/worksbridge/static": str(self._static),
            **{f"127.0.0.1:{8001 + number}": f"127.0.0.1:{port}" for number, port in enumerate(self._ports)},
        }
        for old, new in changes.items():
            assert old in text, old
            text = text.replace(old, new)
        return text


def _certify(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + DAY)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "certificate.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    form = serialization.PrivateFormat.PKCS8
    plain = serialization.NoEncryption()
    (folder / "key.pem").write_bytes(key.private_bytes(serialization.Encoding.PEM, form, plain))
