"""What waits for sockets is written when the loop comes round, whatever is wrong with one of them."""

import asyncio

from worksbridge.live.write_batching import Outgoing


class Recorded:
    """A socket that counts how often it was flushed, and may be broken."""

    def __init__(self, *, broken: bool = False) -> None:
        self.broken = broken
        self.flushed = 0

    def flush(self) -> None:
        """Count, then fail when broken."""
        self.flushed += 1
        if self.broken:
            raise RuntimeError("broken")


def test_i26_a_broken_socket_keeps_nothing_from_the_others() -> None:
    sockets = [Recorded(), Recorded(broken=True), Recorded()]
    outgoing = Outgoing()

    async def twice() -> None:
        for _ in range(2):
            for socket in sockets:
                outgoing.flush_soon(socket)
            await asyncio.sleep(0)

    asyncio.run(twice())
    assert [socket.flushed for socket in sockets] == [2, 2, 2]


def test_a_loop_that_ended_before_holds_up_nothing() -> None:
    first, second, outgoing = Recorded(), Recorded(), Outgoing()
    loop = asyncio.new_event_loop()
    loop.call_soon(outgoing.flush_soon, first)
    loop.call_soon(loop.stop)
    loop.run_forever()
    loop.close()

    async def go_on() -> None:
        outgoing.flush_soon(second)
        await asyncio.sleep(0)

    asyncio.run(go_on())
    assert second.flushed == 1
