"""The command line: `python -m launcher run | exec | chromium | programs`."""

import argparse
import sys

from . import chromium, programs
from .errors import LocalError
from .execute import execute
from .run import run
from .signals import stop_with_parent


def _port(text: str) -> int:
    port = int(text)
    if not 0 < port < 2**16:
        raise ValueError
    return port


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m launcher", description=__doc__)
    parser.add_argument("--with-parent", action="store_true", help="stop when the parent process ends")
    commands = parser.add_subparsers(dest="name", required=True)
    running = commands.add_parser("run", help="run the product until a signal")
    running.add_argument("--port", type=_port, default=8000)
    executing = commands.add_parser("exec", help="run a command with Postgres and Valkey")
    executing.add_argument("--test", action="store_true", help="use services and data of a test run")
    executing.add_argument("--media", action="store_true", help="also coturn and Janus, in a network of their own")
    executing.add_argument("command", nargs="+")
    commands.add_parser("chromium", help="find or fetch a browser for the tests, and print its path")
    commands.add_parser("programs", help="find or fetch coturn, Janus and nginx for the tests, and print their paths")
    return parser


def _do(options: argparse.Namespace) -> int:
    if options.with_parent:
        stop_with_parent()
    if options.name == "run":
        return run(options.port)
    if options.name == "exec":
        return execute(options.command, test=options.test, calls=options.media)
    if options.name == "programs":
        return programs.main()
    return chromium.main()


def main() -> int:
    """Do what the arguments ask; return the exit code."""
    try:
        return _do(_parser().parse_args())
    except LocalError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
