"""A server on a real loopback socket whose every byte and silence a test decides."""

from __future__ import annotations

import asyncio
import json
import os
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager


class Exchange:
    """One connection, from the server's side."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.method = ""
        self.target = ""
        self.headers: dict[str, str] = {}

    async def read_head(self) -> None:
        """The request line and the headers."""
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        self.method, self.target, _ = head[0].split(" ")
        self.headers = {
            name.lower(): value.strip()
            for name, _, value in (line.partition(":") for line in head[1:] if line)
        }

    async def read_body(self) -> bytes:
        """The whole body, by its Content-Length."""
        return await self.reader.readexactly(int(self.headers.get("content-length", "0")))

    async def answer(self, status: int, document: object = None, *, body: bytes | None = None) -> None:
        """A whole answer, JSON unless `body` is given."""
        data = json.dumps(document).encode() if body is None else body
        kind = "application/json" if body is None else "text/html"
        head = f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {len(data)}\r\n\r\n"
        self.writer.write(head.encode() + data)
        await self.writer.drain()

    def in_the_clear(self, data: bytes) -> None:
        """Bytes straight into the socket, under the TLS of the connection."""
        os.write(self.writer.get_extra_info("socket").fileno(), data)

    def reset(self) -> None:
        """Cut the connection at once."""
        self.writer.transport.abort()


@asynccontextmanager
async def wire_server(
    serve: Callable[[Exchange], Awaitable[None]], tls: ssl.SSLContext | None = None
) -> AsyncIterator[str]:
    """The address of a server that calls `serve` for each connection, and closes it afterwards."""
    tasks: set[asyncio.Task[None]] = set()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await serve(Exchange(reader, writer))
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass  # the other side went away, or the test is over
        finally:
            writer.transport.abort() if writer.is_closing() else writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    try:
        yield f"https://localhost:{port}" if tls else f"http://127.0.0.1:{port}"
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()
