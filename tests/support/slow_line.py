"""A line between a client and a server that is as slow as a modem: bytes wait their turn, then travel."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

_CHUNK = 1024


@dataclass
class SlowLine:
    """Both ways alike. `sent` and `received` count what the client sent and got."""

    bits_per_second: int
    latency: float
    """Seconds that a byte travels; a round trip takes twice as long."""
    buffer: int = 8192
    """Bytes that wait at an end of the line before its writer is held up."""
    sent: int = 0
    received: int = 0

    @asynccontextmanager
    async def to(self, port: int) -> AsyncIterator[int]:
        """A port on loopback behind which the line leads to `port`."""
        serving: set[asyncio.Task[None]] = set()

        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port)
            both = [
                asyncio.create_task(self._carry(reader, far_writer, up=True)),
                asyncio.create_task(self._carry(far_reader, writer, up=False)),
            ]
            serving.update(both)
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            for end in (writer, far_writer):
                end.close()

        server = await asyncio.start_server(connected, "127.0.0.1", 0, limit=_CHUNK)
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            server.close()
            for task in serving:
                task.cancel()
            await asyncio.gather(*serving, return_exceptions=True)

    async def _carry(self, source: asyncio.StreamReader, target: asyncio.StreamWriter, *, up: bool) -> None:
        loop = asyncio.get_running_loop()
        on_the_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(max(1, self.buffer // _CHUNK))

        async def arrive() -> None:
            while True:
                at, data = await on_the_way.get()
                await asyncio.sleep(max(0.0, at - loop.time()))
                target.write(data)

        arriving = asyncio.create_task(arrive())
        free_at = 0.0
        try:
            with contextlib.suppress(OSError):
                while data := await source.read(_CHUNK):
                    free_at = max(loop.time(), free_at) + len(data) * 8 / self.bits_per_second
                    if up:
                        self.sent += len(data)
                    else:
                        self.received += len(data)
                    await on_the_way.put((free_at + self.latency, data))
        finally:
            arriving.cancel()
            await asyncio.gather(arriving, return_exceptions=True)
