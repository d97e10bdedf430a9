"""A TCP proxy between pages and web processes: deals connections out in turn, and can be cut like a network."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from itertools import count

CHUNK = 64 * 1024


class Proxy:
    """Listens on a loopback port of its own; each new connection goes to the next web process that takes it."""

    def __init__(self, port: int, backends: list[int]) -> None:
        self._port = port
        self._backends = backends
        self._turn = count()
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._tasks: set[asyncio.Task[None]] = set()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """It listens until the end of the block."""
        server = await asyncio.start_server(self._accept, "127.0.0.1", self._port)
        try:
            yield
        finally:
            server.close()
            for task in list(self._tasks):
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def cut(self) -> None:
        """From now on nothing gets through, in no connection, old or new; none is closed."""
        self._flowing.clear()

    def mend(self) -> None:
        """What was held back gets through, as when a network comes back before TCP gives up."""
        self._flowing.set()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._connect(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._flowing.wait()
            far_reader, far_writer = await self._backend()
            try:
                await asyncio.gather(self._pipe(reader, far_writer), self._pipe(far_reader, writer))
            finally:
                far_writer.close()
        except OSError:
            pass
        finally:
            writer.close()

    async def _backend(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection to the next web process that listens. Raises OSError when none does."""
        for _ in self._backends:
            port = self._backends[next(self._turn) % len(self._backends)]
            with contextlib.suppress(OSError):
                return await asyncio.open_connection("127.0.0.1", port)
        raise OSError("no web process listens")

    async def _pipe(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(CHUNK):
                await self._flowing.wait()
                writer.write(data)
                await writer.drain()
        finally:
            await self._flowing.wait()
            writer.close()
