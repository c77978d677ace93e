"""`dexup` processes that kill themselves at a chosen point between them, the service and the ledger.

`Forge` starts one runner process that has imported everything; for each command the runner forks a child, so
that a whole process costs a few milliseconds. In the child every request and every ledger transaction is
counted, and at the chosen point the child sends itself SIGKILL. Waiting costs no time there: a clock of its
own jumps ahead.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

_ROOT = Path(__file__).resolve().parents[2]
_PATIENCE = 60.0
"""Seconds after which the runner ends a child that does not end by itself."""


@dataclass(frozen=True)
class Ended:
    """How a child ended."""

    code: int
    """Exit code; -9 when it was killed."""
    out: str
    err: str
    points: tuple[str, ...]
    """Every point that it came by, in order; of a killed one the last is where it died."""

    @property
    def killed(self) -> bool:
        return self.code == -signal.SIGKILL

    def __str__(self) -> str:
        last = self.points[-1] if self.points else "no point"
        return f"exit {self.code} at point {len(self.points)} ({last})\n{self.out}{self.err}"


class Forge:
    """Makes `dexup` processes by forking; a context manager."""

    def __init__(self) -> None:
        self._runner: subprocess.Popen[str] | None = None

    def __enter__(self) -> Forge:
        self._runner = subprocess.Popen(
            [sys.executable, "-m", "tests.support.killing"],
            cwd=_ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._runner is not None
        self._runner.communicate()  # the end of its input ends it
        assert self._runner.returncode == 0

    def run(self, home: Path, environ: dict[str, str], arguments: Sequence[str], kill_at: int = 0) -> Ended:
        """Run `dexup ARGUMENTS` until it ends, or until it reaches its point number `kill_at` (from 1)."""
        assert self._runner is not None and self._runner.stdin is not None and self._runner.stdout is not None
        home.mkdir(parents=True, exist_ok=True)
        files = {name: home / f"child.{name}" for name in ("out", "err", "points")}
        for file in files.values():
            file.write_bytes(b"")
        job = {
            "arguments": list(arguments),
            "environ": environ,
            "kill_at": kill_at,
            **{name: str(file) for name, file in files.items()},
        }
        self._runner.stdin.write(json.dumps(job) + "\n")
        self._runner.stdin.flush()
        answer = self._runner.stdout.readline()
        assert answer, "the runner has died"
        text = {name: file.read_text("utf-8", "replace") for name, file in files.items()}
        points = tuple(text["points"].splitlines())
        return Ended(int(json.loads(answer)["code"]), text["out"], text["err"], points)


class _Points:
    """Counts the points of this process and dies at the chosen one."""

    def __init__(self, path: str, kill_at: int) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND)
        self._left = kill_at
        self._lock = threading.Lock()  # requests and the ledger have threads of their own

    def __call__(self, label: str) -> None:
        with self._lock:
            os.write(self._file, f"{label}\n".encode())
            self._left -= 1
            if self._left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
                signal.pause()


def _count_requests(point: _Points) -> None:
    """A point before each request, in the middle of each body with pages, and after each answer."""
    from tui.mangadex import multipart, network

    send = network.Network.handle_async_request
    pieces = multipart.Multipart.__aiter__

    async def counted(self: Any, request: Any) -> Any:
        name = f"{request.method} {request.url.path}"
        point(f"before {name}")
        response = await send(self, request)
        point(f"after {name}")
        return response

    async def counted_pieces(self: Any) -> AsyncIterator[bytes]:
        left = self.length // 2
        async for piece in pieces(self):
            yield piece
            if left > 0 >= left - len(piece):
                point("in the middle of a body")
            left -= len(piece)

    network.Network.handle_async_request = counted  # type: ignore[method-assign]
    multipart.Multipart.__aiter__ = counted_pieces  # type: ignore[method-assign]


def _count_transactions(point: _Points) -> None:
    """A point before each transaction of the ledger, before its end and after it, and around its opening."""
    from tui.upload import ledger, ledger_file

    transaction, open_database = ledger.Ledger._transaction, ledger_file.open_database

    @contextmanager
    def counted(self: Any) -> Iterator[Any]:
        point("before a transaction")
        with transaction(self) as database:
            yield database
            point("at the end of a transaction")
        point("after a transaction")

    def opened(path: Path) -> Any:
        point("before the ledger is opened")
        found = open_database(path)
        point("after the ledger was opened")
        return found

    ledger.Ledger._transaction = counted  # type: ignore[method-assign]
    ledger.open_database = opened  # type: ignore[attr-defined]


def _jump_ahead() -> None:
    """Sleeping moves the clock instead of taking time."""
    import asyncio

    from tui.mangadex.clock import SystemClock

    ahead = 0.0

    async def sleep(self: SystemClock, seconds: float) -> None:
        nonlocal ahead
        ahead += max(0.0, seconds)
        await asyncio.sleep(0)

    SystemClock.sleep = sleep  # type: ignore[method-assign]
    SystemClock.now = lambda self: time.time() + ahead  # type: ignore[method-assign]
    SystemClock.monotonic = lambda self: time.monotonic() + ahead  # type: ignore[method-assign]


def _child(job: dict[str, Any]) -> int:
    from tui.cli import main

    signal.alarm(int(_PATIENCE))
    os.environ.clear()
    os.environ.update(job["environ"])
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for name, number in (("out", 1), ("err", 2)):
        os.dup2(os.open(job[name], os.O_WRONLY | os.O_APPEND), number)
    point = _Points(job["points"], job["kill_at"])
    _count_requests(point)
    _count_transactions(point)
    _jump_ahead()
    try:
        code = main(job["arguments"])
    except SystemExit as ended:  # argparse
        code = int(ended.code or 0)
    sys.stdout.flush()
    sys.stderr.flush()
    return code


def _preload() -> None:
    """Everything that the commands import, so that children do not; the certificates are read once too."""
    import asyncio.selector_events
    import concurrent.futures.thread
    import sqlite3
    import urllib.request

    import anyio._backends._asyncio
    import httpcore
    import PIL.Image
    import platformdirs.unix

    import tui.cli
    import tui.commands.edit
    import tui.commands.resume
    import tui.commands.upload
    import tui.commands.uploading
    from tui.mangadex import network

    network._trust()
    PIL.Image.init()
    loaded = (
        asyncio.selector_events, concurrent.futures.thread, sqlite3, urllib.request, anyio._backends._asyncio,
        httpcore, platformdirs.unix, tui.cli, tui.commands.resume, tui.commands.uploading,
    )  # fmt: skip
    assert all(loaded)
    gc.collect()
    gc.freeze()


def _serve() -> None:
    """Fork a child for each line of standard input and tell how it ended. No thread is ever started here."""
    _preload()
    for line in sys.stdin:
        job = json.loads(line)
        child = os.fork()
        if child == 0:
            code = 99
            try:
                code = _child(job)
            except BaseException:  # noqa: BLE001 - the parent is told by the code, the test by the text
                import traceback

                traceback.print_exc()
                sys.stderr.flush()
            finally:
                os._exit(code)
        _, status = os.waitpid(child, 0)
        print(json.dumps({"code": os.waitstatus_to_exitcode(status)}), flush=True)


if __name__ == "__main__":
    _serve()
