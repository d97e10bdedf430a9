"""What coturn and Janus have in common: a program from Debian, and an address in the network that calls use."""

from abc import abstractmethod
from collections.abc import Mapping
from pathlib import Path

from .debian import Program
from .local_server import LocalServer


class MediaServer(LocalServer):
    """A server in a network of its own."""

    grace = 2

    def __init__(self, program: Program, data: Path, address: str) -> None:
        """`address` is this machine's in the network that calls use."""
        super().__init__(data)
        self.program = program
        self.address = address

    @property
    @abstractmethod
    def env(self) -> dict[str, str]:
        """What the product and its tests need to know of the started server."""

    def environment(self) -> Mapping[str, str] | None:
        """What a program needs that is unpacked and not installed."""
        return self.program.env
