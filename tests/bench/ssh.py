"""How quick keys are over SSH while pages go up, when both leave through one uplink with a router's queue.

dexup runs on a machine behind that uplink, on a terminal of a real SSH server; somebody far away is logged in. What
dexup paints and what it uploads share the uplink and its queue, for each setting of keep_free.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from tests.bench import line as lines
from tests.bench.ground import environment, sandbox, scratch, write_chapter
from tests.bench.line import Line
from tests.bench.painted import CHAPTER_READY, DETAILS_READY, FOLDER, percentile
from tests.bench.report import Row
from tests.support.ssh import SshHost, SshTerminal, dexup_command, until
from tui.storage.settings import UploadSettings

KEEP_FREE = (0, UploadSettings().keep_free, 30)
"""Per cent of the uplink."""
_LINE = Line("home", 0.050, 5e6, queue=0.5)
_PAGE_BYTES = 400_000
_IDLE_KEYS = 40
_DOWN, _UP, _HELP, _BACK, _ON = "\x1b[B", "\x1b[A", "\x1bOP", "\x1b", "\x0e"
_BETWEEN = 0.05
"""Seconds between an answer and the next key."""
_TARGET = 2.0
"""Times the idle line's, with the default."""


@dataclass(frozen=True, slots=True)
class Session:
    """One upload, watched over SSH."""

    idle: list[float]
    """Milliseconds from a key to the last byte of its answer before the upload."""
    during: list[float]
    """The same, all through it."""
    share: float
    """Of the uplink that pages used, from the key that starts the upload to the last page accepted."""


def rows(quick: bool) -> list[Row]:
    """Every setting; with `quick` a smaller chapter."""
    pages = 25 if quick else 75
    found: list[Row] = []
    with scratch() as folder:
        chapter = write_chapter(folder / FOLDER, pages, _PAGE_BYTES)
        watched = {free: asyncio.run(_watch(chapter, pages, folder / f"{free}", free)) for free in KEEP_FREE}
    idle = statistics.median(watched[KEEP_FREE[0]].idle)
    full = watched[0]
    for free, session in watched.items():
        what = f"keep_free = {free}, {_LINE.words}, {_LINE.queue * 1000:.0f} ms of queue"
        floor = f"{statistics.median(session.idle):.0f} ms idle"
        middle, high = statistics.median(session.during), percentile(session.during, 0.95)
        target = _TARGET if free == UploadSettings().keep_free else None
        peer = "" if session is full else f"keep_free = 0: {statistics.median(full.during) / idle:.3f}"
        ratio = middle / statistics.median(session.idle)
        found.append(Row("ssh", f"key over SSH: {what}", ratio, target, "x idle", floor, peer))
        found.append(Row("ssh", f"key over SSH, median: {what}", middle, None, "ms", floor))
        found.append(Row("ssh", f"key over SSH, 95th percentile: {what}", high, None, "ms", floor))
        found.append(Row("ssh", f"share of the line used: {what}", session.share * 100, None, "per cent"))
    return found


async def _watch(chapter: Path, pages: int, home: Path, free: int) -> Session:
    config = home / "config" / "dexup"
    config.mkdir(parents=True)
    (config / "settings.toml").write_text(f"[upload]\nkeep_free = {free}\n")
    host = SshHost(dexup_command(chapter), {})
    async with host.serving():
        with sandbox() as server, lines.running(_LINE, server.port, host.port) as (up, login):
            host.environ |= environment(server.info, home, up)
            async with host.login(login) as terminal:
                await terminal.wait_for(CHAPTER_READY, 60)
                idle = [value async for value in _keys(terminal, _IDLE_KEYS)]
                terminal.type(_ON)
                await terminal.wait_for(DETAILS_READY)
                started = time.perf_counter()
                terminal.type(_ON)
                await terminal.wait_for(f"of {pages} pages")
                during = [value async for value in _keys(terminal, 100_000, f"{pages}/{pages} pages")]
                seconds = time.perf_counter() - started
    return Session(idle, during, _LINE.floor(pages * _PAGE_BYTES) / seconds)


async def _keys(terminal: SshTerminal, most: int, title: str = "") -> AsyncIterator[float]:
    """Milliseconds that cursor keys take on the help screen, which paints nothing by itself; at most so many,
    until the window has the title."""
    terminal.type(_HELP)
    await terminal.wait_for("Where the cursor is")
    await asyncio.sleep(1)
    for number in range(most):
        if title and title in terminal.title:
            break
        yield await terminal.answer(_UP if number % 2 else _DOWN) * 1000
        await asyncio.sleep(_BETWEEN)
    terminal.type(_BACK)
    await until(lambda: "Where the cursor is" not in terminal.text, 20, lambda: terminal.text)
