"""The page that takes part in a call."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class Device:
    """A page, by the UUID that it has given itself, and what it has switched on."""

    id: UUID
    mic: bool = True
    camera: bool = False
