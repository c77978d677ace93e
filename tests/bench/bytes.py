"""What dexup writes to a terminal: a key, a screen, a page that is finished, and nothing at all when nothing
happens. Everything is measured on a real pseudo-terminal with 500 real pages."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tests.bench import bare
from tests.bench import line as lines
from tests.bench.ground import ROOT, Sandbox, environment, sandbox, scratch, write_chapter
from tests.bench.line import Line
from tests.bench.painted import (
    CHAPTER_READY,
    DETAILS_READY,
    FOLDER,
    HOME_READY,
    Burst,
    Cost,
    Painted,
    dexup,
    middle,
)
from tests.bench.report import Row

PAGES = 500
SIZES = ((120, 40), (80, 24), (160, 50))
"""The first is the one that targets are for."""
_PAGE_BYTES = 20_000
_KEYS = 60
_LINE = Line("slow", 0.050, 2e6)
_IDLE = 10.0
_WATCHED = 20.0
"""Seconds for which an upload is looked at."""
_FROM_HOME = (("history", "h"), ("queue", "b"), ("editing", "e"), ("help", "f1"), ("palette", "ctrl+p"))
_FROM_CHAPTER = (("page preview", "p"), ("viewer", "v"))


def rows(quick: bool) -> list[Row]:
    """All sizes; with `quick` 120x40, and 80x24 for the upload."""
    found: list[Row] = []
    with scratch() as folder:
        chapter = write_chapter(folder / FOLDER, PAGES, _PAGE_BYTES)
        for columns, height in SIZES[:1] if quick else SIZES:
            with sandbox() as server:
                environ = environment(server.info, folder / f"{columns}")
                found += _looking(chapter, environ, columns, height)
        for columns, height in SIZES[1:2] if quick else SIZES:
            with sandbox() as server:
                found += _uploading(chapter, server, folder / f"upload {columns}", columns, height)
    return found


def _looking(chapter: Path, environ: Mapping[str, str], columns: int, height: int) -> Iterator[Row]:
    """Everything but the upload."""
    size = f", {columns}x{height}"
    aimed = (columns, height) == SIZES[0]

    def row(name: str, value: float, unit: str, target: float | None = None, peer: str = "") -> Row:
        return Row("bytes", name + size, value, target if aimed else None, unit, "0", peer)

    command = [sys.executable, "-m", "tests.bench.bare"]
    with Painted(command, columns=columns, rows=height, environ=environ, folder=ROOT) as peer:
        peer.wait_for(bare.READY, 40)
        peer.settle(1)
        bare_frame, bare_key = peer.received, middle(peer.costs("down", rounds=_KEYS // 3))
    with dexup(chapter, environ=environ, columns=columns, rows=height) as terminal:
        terminal.wait_for(CHAPTER_READY, 60)
        terminal.settle(1)
        frame = terminal.received
        cursor = terminal.costs("j", rounds=_KEYS)
        move = terminal.costs("J", rounds=_KEYS)
        idle = sum(len(burst.data) for burst in terminal.bursts(_IDLE))
        opened = list(_opened(terminal, _FROM_CHAPTER))
        details = terminal.spent(DETAILS_READY, "ctrl+n")
    yield row("first frame, 500 pages", frame, "bytes", 60_000, f"bare table {bare_frame:,}")
    yield row("cursor key", middle(cursor).bytes, "bytes", 600, f"bare table {bare_key.bytes:,}")
    yield row("move key", middle(move).bytes, "bytes", 700)
    yield row(
        "move key, last byte", middle(move).milliseconds, "ms", 10, f"bare table {bare_key.milliseconds:.1f}"
    )
    yield row("cursor key where the list scrolls", _highest(cursor), "bytes")
    yield row("move key where the list scrolls", _highest(move), "bytes")
    yield row("ten idle seconds", idle, "bytes", 0)
    with dexup(environ=environ, columns=columns, rows=height) as terminal:
        terminal.wait_for(HOME_READY, 60)
        terminal.settle(1)
        yield row("opening the start screen", terminal.received, "bytes")
        opened += _opened(terminal, _FROM_HOME)
    for name, cost in dict(opened).items():
        yield row(f"opening {name}", cost, "bytes")
    yield row("opening details", details, "bytes")


def _highest(costs: Sequence[Cost]) -> int:
    return max(cost.bytes for cost in costs)


def _opened(terminal: Painted, keys: Sequence[tuple[str, str]]) -> Iterator[tuple[str, int]]:
    """Each screen opened and left again."""
    for name, key in keys:
        yield name, terminal.cost(key, quiet=0.5).bytes
        terminal.cost(key if name == "page preview" else "escape", quiet=0.5)


def _uploading(chapter: Path, server: Sandbox, home: Path, columns: int, height: int) -> Iterator[Row]:
    """The upload screen on a slow line: pages that finish, ticks of the progress, and all of it in a second."""
    size = f", {columns}x{height}"
    with lines.running(_LINE, server.port) as (port,):
        environ = environment(server.info, home, port)
        with dexup(chapter, environ=environ, columns=columns, rows=height) as terminal:
            terminal.wait_for(CHAPTER_READY, 60)
            terminal.spent(DETAILS_READY, "ctrl+n")
            before = terminal.received
            terminal.press("ctrl+n")
            terminal.wait_for(lambda text: _accepted(text) is not None)
            opening = terminal.received - before
            terminal.wait_for(lambda text: (_accepted(text) or 0) >= 10, 60)
            accepted = _accepted(terminal.text) or 0
            ticks: list[int] = []
            finished: list[tuple[int, int]] = []
            bursts: list[Burst] = []
            for burst in terminal.bursts(_WATCHED):
                bursts.append(burst)
                now = _accepted(terminal.text) or accepted
                if now > accepted:
                    finished.append((now - accepted, len(burst.data)))
                else:
                    ticks.append(len(burst.data))
                accepted = now
    pages = sum(count for count, _ in finished)
    written = sum(len(burst.data) for burst in bursts)
    aimed = (columns, height) == (80, 24)
    what = f"{_LINE.up / 1e6:g} Mbit/s"
    yield Row("bytes", f"opening the upload{size}", opening, None, "bytes", "0")
    yield Row("bytes", f"progress tick{size}", sorted(ticks)[len(ticks) // 2] if ticks else 0, None, "bytes")
    each = sum(cost for _, cost in finished) / pages if pages else 0
    yield Row("bytes", f"a page finished{size}", each, None, "bytes", f"{pages} pages in {_WATCHED:g} s")
    target = 4.0 if aimed else None
    yield Row("bytes", f"draws a second, upload at {what}{size}", len(bursts) / _WATCHED, target, "a second")
    target = 2000.0 if aimed else None
    yield Row("bytes", f"upload screen at {what}{size}", written / _WATCHED, target, "bytes/s")


def _accepted(text: str) -> int | None:
    found = re.search(r"(\d+) of \d+ pages ·", text)
    return int(found[1]) if found else None
