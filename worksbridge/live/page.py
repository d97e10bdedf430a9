"""An open page, as those see it who have something for it: the socket under it is in `worksbridge.live.socket`."""

from typing import Any, Protocol

from worksbridge.errors import WorksBridgeError
from worksbridge.live.transport import Frame


class Page(Protocol):
    """One open page of one member."""

    member_id: int
    company_id: int | None
    session_key: str

    def write(self, frame: Frame) -> None:
        """Send a frame that other pages get, too; frames that come close together are sent together."""

    def reply(self, frame: dict[str, Any]) -> None:
        """Send a frame to this page alone."""

    def reply_text(self, text: str) -> None:
        """The same for a frame that is JSON already."""

    async def refuse(self, error: WorksBridgeError, frame: dict[str, Any] | None = None) -> None:
        """Tell the page why its frame was not carried out."""

    async def close(self, code: int) -> None:
        """End the socket."""

    async def still_signed_in(self) -> bool:
        """Whether its session is still there; asked now and then."""
        ...
