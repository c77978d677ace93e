"""A real SSH server and client on loopback; the server runs commands on a terminal of their own, as sshd does."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import pty
import struct
import subprocess
import termios
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import asyncssh
import pyte

_SIZE = (80, 24)


class SshHost:
    """A machine to log in to. Each login runs `command` with a controlling terminal, so that the kernel sends
    SIGHUP when the connection is lost."""

    def __init__(self, command: Sequence[str], environ: Mapping[str, str]) -> None:
        self._command = list(command)
        self.environ = {**environ, "TERM": "xterm-256color", "LANG": "C.UTF-8", "SSH_TTY": "/dev/pts/0"}
        """Variables of the next login."""
        self.processes: list[subprocess.Popen[bytes]] = []
        self.port = 0

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[SshHost]:
        key = asyncssh.generate_private_key("ssh-ed25519")
        server = await asyncssh.listen(
            "127.0.0.1", 0, server_host_keys=[key], process_factory=self._run, encoding=None,
            server_factory=_Anybody, line_editor=False,
        )  # fmt: skip
        self.port = server.get_port()
        try:
            yield self
        finally:
            server.close()
            await server.wait_closed()
            for process in self.processes:
                process.kill()
                process.wait()

    async def _run(self, login: asyncssh.SSHServerProcess[bytes]) -> None:
        master, process = self._started()
        self.processes.append(process)
        loop = asyncio.get_running_loop()
        ended = asyncio.Event()

        def readable() -> None:
            try:
                data = os.read(master, 65536)
            except OSError:
                data = b""
            if data:
                login.stdout.write(data)
            else:
                ended.set()

        loop.add_reader(master, readable)

        async def typed() -> None:
            with contextlib.suppress(asyncssh.Error, OSError):
                while data := await login.stdin.read(4096):
                    os.write(master, data)
            ended.set()  # the client is gone: so is the terminal

        reading = asyncio.create_task(typed())
        await ended.wait()
        loop.remove_reader(master)
        os.close(master)
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        with contextlib.suppress(asyncssh.Error, OSError):
            login.exit(process.poll() or 0)

    def _started(self) -> tuple[int, subprocess.Popen[bytes]]:
        """The command on a new terminal, and the terminal's other end."""
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", _SIZE[1], _SIZE[0], 0, 0))
        process = subprocess.Popen(
            self._command, stdin=slave, stdout=slave, stderr=slave, env=self.environ,
            start_new_session=True, preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )  # fmt: skip
        os.close(slave)
        return master, process

    @asynccontextmanager
    async def login(self, port: int = 0) -> AsyncIterator[SshTerminal]:
        """A person at the other end; `port` is where a line begins that leads here."""
        connection = await asyncssh.connect(
            "127.0.0.1", port or self.port, known_hosts=None, username="me", password="-",
            compression_algs=["none"],
        )  # fmt: skip
        process = await connection.create_process(term_type="xterm-256color", term_size=_SIZE, encoding=None)
        terminal = SshTerminal(connection, process)
        try:
            yield terminal
        finally:
            await terminal.vanish()


class _Anybody(asyncssh.SSHServer):
    def begin_auth(self, username: str) -> bool:
        return False


class SshTerminal:
    """What the person sees and types."""

    def __init__(
        self, connection: asyncssh.SSHClientConnection, process: asyncssh.SSHClientProcess[bytes]
    ) -> None:
        self._connection = connection
        self._process = process
        self._screen = pyte.Screen(*_SIZE)
        self._stream = pyte.ByteStream(self._screen)
        self.received = 0
        """Bytes that came over the line."""
        self._painted_at = 0.0
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        with contextlib.suppress(asyncssh.Error, OSError):
            while data := await self._process.stdout.read(65536):
                at = time.perf_counter()
                self.received += len(data)
                self._screen.dirty.clear()
                self._stream.feed(data)
                if self._screen.dirty:
                    self._painted_at = at

    @property
    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self._screen.display)

    @property
    def title(self) -> str:
        """The window's title as it was last set."""
        return str(self._screen.title)

    def type(self, keys: str) -> None:
        self._process.stdin.write(keys.encode())

    async def answer(self, keys: str, *, quiet: float = 0.1, patience: float = 20.0) -> float:
        """Type `keys`; seconds until the last byte of what they painted came, after which nothing was painted
        for `quiet` seconds. Titles of the window do not count. AssertionError when nothing is painted."""
        start = time.perf_counter()
        self._painted_at = 0.0
        self.type(keys)
        await until(lambda: self._painted_at, patience, lambda: f"{keys!r} painted nothing\n{self.text}")
        while (left := self._painted_at + quiet - time.perf_counter()) > 0:  # noqa: ASYNC110 - it moves on
            await asyncio.sleep(left)
        return self._painted_at - start

    async def wait_for(self, wanted: str, seconds: float = 40.0) -> None:
        await until(
            lambda: wanted in self.text, seconds, lambda: f"never on the screen: {wanted}\n{self.text}"
        )

    async def wait_end(self, seconds: float = 30.0) -> None:
        """The program ended, and the server has said so."""
        await asyncio.wait_for(self._process.wait_closed(), seconds)

    async def vanish(self) -> None:
        """The line is cut: no goodbye."""
        self._connection.abort()
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)


async def until(true: Callable[[], object], seconds: float, why: Callable[[], str]) -> None:
    """Wait for it; AssertionError with `why()` when it never comes."""
    end = asyncio.get_running_loop().time() + seconds
    while not true():
        assert asyncio.get_running_loop().time() < end, why()
        await asyncio.sleep(0.05)


def dexup_command(*arguments: str | Path) -> list[str]:
    """The command of a login."""
    import sys

    return [sys.executable, "-m", "tui", *map(str, arguments)]
