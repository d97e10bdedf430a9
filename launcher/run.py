"""`make run`: the whole product on one machine, until it is stopped."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

from .errors import LocalError
from .locks import Lock
from .processes import Server, wait_until
from .services import DATA, ROOT, secret_key, services
from .signals import Stopped, stoppable

HOST = "127.0.0.1"
STEPS = (["migrate", "-v0"], ["demo"], ["collectstatic", "--noinput", "-v0"])
START_SECONDS = 60
# The process ends within ten seconds by itself; the guard must not lose patience before.
END_SECONDS = 11


def run(port: int) -> int:
    """Run the product on `port` of this machine until a signal; return the exit code, 0 when asked to stop."""
    with stoppable():
        try:
            with Lock(DATA / "run.lock", f"`make run` is running already in {ROOT}. Stop it first."):
                _refuse_taken(port)
                return _run(port)
        except Stopped:
            print("\nStopped.", flush=True)
            return 0


def _run(port: int) -> int:
    with services(DATA) as urls:
        env = _environment(port, urls)
        for step in STEPS:
            _manage(step, env)
        server = Server(_daphne(port), stop_signal=signal.SIGTERM, grace=END_SECONDS, env=env, cwd=ROOT)
        try:
            wait_until(
                lambda: _healthy(port), alive=lambda: server.running, seconds=START_SECONDS, what="The web server"
            )
            print(_welcome(port), flush=True)
            return _wait(server)
        finally:
            server.stop()


def _environment(port: int, urls: dict[str, str]) -> dict[str, str]:
    defaults = {"DEBUG": "1", "ORIGINS": f"http://localhost:{port},http://127.0.0.1:{port}"}
    # As in deploy/systemd, which says why.
    defaults["MALLOC_ARENA_MAX"] = "1"
    return {**defaults, **os.environ, **urls, "SECRET_KEY": secret_key(DATA), "PYTHONUNBUFFERED": "1"}


def _refuse_taken(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise LocalError(
                f"Port {port} cannot be used ({error.strerror}). Try `make run PORT={port + 1}`."
            ) from None


def _manage(step: list[str], env: dict[str, str]) -> None:
    done = subprocess.run([sys.executable, "manage.py", *step], cwd=ROOT, env=env, check=False)
    if done.returncode:
        raise LocalError(f"`manage.py {step[0]}` failed; what it says is above.")


def _daphne(port: int) -> list[str]:
    # Quiet (-v 0): the product writes a line for each request itself, without the query string.
    return [sys.executable, "-m", "daphne", "-v", "0", "-b", HOST, "-p", str(port), "worksbridge.asgi:application"]


def _healthy(port: int) -> bool:
    # Straight to this machine, whatever proxy the environment names.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"http://{HOST}:{port}/readyz", timeout=5) as answer:
            return bool(answer.status == 200)  # noqa: PLR2004 (the status for "fine")
    except urllib.error.HTTPError as error:
        raise LocalError(f"The web server answers but is not well: {error.read().decode(errors='replace')}") from None
    except OSError:
        return False


def _wait(server: Server) -> int:
    while server.running:
        time.sleep(0.2)
    print(f"The web server ended by itself (exit code {server.exit_code}).", file=sys.stderr)
    return server.exit_code or 1


def _welcome(port: int) -> str:
    return f"""
WorksBridge runs at http://localhost:{port}

  Companies        alpha and beta allow each other; gamma does not allow external connection yet
  Administrators   admin@alpha.example  admin@beta.example  admin@gamma.example
  Members          member1@alpha.example to member5@alpha.example; the same for beta and gamma
  Operator         operator@worksbridge.example
  Password         worksbridge-demo (for all of them)

Data stays in .data/. Ctrl-C stops everything.
"""
