"""A line between a client and servers on this machine: one uplink, shared by all connections, and a round trip.

Run as a process of its own (`python -m tests.bench.line ...`), so that neither end shares its interpreter.
What is emulated: the added delay of both directions, one more round trip for each new connection, the uplink's
speed, and the queue of the router before it, which all connections share. A sender meets it as it meets a real
one: the queue fills, then its own socket does. Not emulated: loss, and the slow start of a connection.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import signal
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

_READ = 16 * 1024
_RECEIVE_BUFFER = 32 * 1024


@dataclass(frozen=True, slots=True)
class Line:
    """What a line is like."""

    name: str
    round_trip: float
    """Seconds."""
    up: float
    """Bits a second, of payload."""
    queue: float = 0.1
    """Seconds of data that the router before the uplink holds."""

    @property
    def words(self) -> str:
        return f"{self.name} ({self.round_trip * 1000:.0f} ms, {self.up / 1e6:g} Mbit/s)"

    def floor(self, size: int) -> float:
        """Seconds that `size` bytes need at least."""
        return size * 8 / self.up


A = Line("A", 0.020, 100e6)
B = Line("B", 0.120, 20e6)
C = Line("C", 0.250, 5e6)


class _Uplink:
    """Bytes leave one after the other, whoever sent them."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._loop = asyncio.get_running_loop()
        self._free_at = 0.0

    async def room(self) -> None:
        """Until the router's queue takes more."""
        ahead = self._free_at - self._loop.time() - self._line.queue
        if ahead > 0:
            await asyncio.sleep(ahead)

    def departs(self, size: int) -> float:
        """When `size` bytes more will have left."""
        self._free_at = max(self._free_at, self._loop.time()) + size * 8 / self._line.up
        return self._free_at


async def _carry(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay: float, first: float, up: _Uplink | None
) -> None:
    """Bytes of one direction, each `delay` seconds late; those of the first `first` seconds are later still."""
    loop = asyncio.get_running_loop()
    waiting: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
    ready_at = loop.time() + first

    async def deliver() -> None:
        while True:
            at, data = await waiting.get()
            if (left := at - loop.time()) > 0:
                await asyncio.sleep(left)
            if not data:
                if writer.can_write_eof():
                    writer.write_eof()
                return
            writer.write(data)
            await writer.drain()

    task = asyncio.create_task(deliver())
    try:
        while True:
            if up is not None:
                await up.room()
            data = await reader.read(_READ)
            left = max(ready_at, up.departs(len(data)) if up is not None else loop.time())
            waiting.put_nowait((left + delay, data))
            if not data:
                break
        await task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _serve(line: Line, target: int, reverse: int) -> None:
    up = _Uplink(line)
    half = line.round_trip / 2

    def handler(port: int, uplink_is_down: bool) -> Handler:
        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                there, back = await asyncio.open_connection("127.0.0.1", port, limit=2 * _READ)
            except OSError:
                writer.close()
                return
            back.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            outward, inward = (None, up) if uplink_is_down else (up, None)
            with contextlib.suppress(OSError, asyncio.CancelledError):
                await asyncio.gather(
                    _carry(reader, back, half, line.round_trip, outward),
                    _carry(there, writer, half, 0.0, inward),
                )
            for end in (writer, back):
                end.close()

        return connected

    ports = []
    servers = []
    for port, down in ((target, False), (reverse, True)):
        if not port:
            continue
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER)
        listener.bind(("127.0.0.1", 0))
        server = await asyncio.start_server(handler(port, down), sock=listener, limit=2 * _READ)
        servers.append(server)
        ports.append(listener.getsockname()[1])
    print(json.dumps(ports), flush=True)
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    await ended.wait()


@contextmanager
def running(line: Line, target: int, reverse: int = 0, *, before: Sequence[str] = ()) -> Iterator[list[int]]:
    """The line to the server on port `target` as a process; its port, or ports. `before` goes before its command.

    A server on port `reverse` is on the near side, with dexup, and somebody far away logs in to it: what it
    answers goes through the same uplink.
    """
    command = [
        *before,
        sys.executable,
        "-m",
        "tests.bench.line",
        f"--round-trip={line.round_trip}",
        f"--up={line.up}",
    ]
    command += [f"--queue={line.queue}", f"--target={target}", f"--reverse={reverse}"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())
    finally:
        process.terminate()
        process.communicate()


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--round-trip", type=float, required=True)
    parser.add_argument("--up", type=float, required=True)
    parser.add_argument("--queue", type=float, default=0.1)
    parser.add_argument("--target", type=int, required=True)
    parser.add_argument("--reverse", type=int, default=0)
    given = parser.parse_args(arguments)
    line = Line("line", given.round_trip, given.up, given.queue)
    asyncio.run(_serve(line, given.target, given.reverse))


if __name__ == "__main__":
    main()
