"""How much memory dexup takes: on the start screen beside a bare Textual app, while 150 MB go up, and after ten
chapters beside one. Resident kilobytes of the process as the kernel counts them; the sandbox is another process."""

from __future__ import annotations

import re
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.bench import bare
from tests.bench.ground import ROOT, environment, sandbox, scratch, write_chapter
from tests.bench.painted import CHAPTER_READY, DETAILS_READY, FOLDER, HOME_READY, UPLOAD_DONE, Painted, dexup
from tests.bench.report import Row

_UPLOAD = (200, 750_000)
"""Pages and bytes of each: 150 MB."""
_CHAPTERS = 10
_FREE = 200
"""The sandbox has no chapter of a higher number."""
_EVERY = 0.05
"""Seconds between two looks during the upload."""


def rows(quick: bool) -> list[Row]:
    """All of it; with `quick` 30 MB go up, and three chapters."""
    pages, size = (40, _UPLOAD[1]) if quick else _UPLOAD
    chapters = 3 if quick else _CHAPTERS
    found: list[Row] = []
    with scratch() as folder:
        with sandbox("--no-rate-limits") as server:
            environ = environment(server.info, folder / "one")
            floor = _bare(environ)
            chapter = write_chapter(folder / FOLDER, pages, size)
            found += _uploading(chapter, environ, pages * size // 1_000_000, floor)
        with sandbox("--no-rate-limits") as server:
            found += _many(folder, environment(server.info, folder / "many"), chapters)
    return found


def resident(process: int) -> float:
    """Megabytes (of 1024 x 1024 bytes) that a process has in memory now."""
    text = Path(f"/proc/{process}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+) kB", text)
    assert found, text
    return int(found[1]) / 1024


@contextmanager
def watched(process: int) -> Iterator[list[float]]:
    """The resident size again and again."""
    sizes = [resident(process)]
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(_EVERY):
            sizes.append(resident(process))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield sizes
    finally:
        ended.set()
        thread.join()


def _bare(environ: Mapping[str, str]) -> float:
    command = [sys.executable, "-m", "tests.bench.bare"]
    with Painted(command, columns=120, rows=40, environ=environ, folder=ROOT) as peer:
        peer.wait_for(bare.READY, 40)
        peer.settle(1)
        return resident(peer.pid)


def _uploading(chapter: Path, environ: Mapping[str, str], megabytes: int, floor: float) -> Iterator[Row]:
    with dexup(environ=environ) as terminal:
        terminal.wait_for(HOME_READY, 40)
        terminal.settle(1)
        home = resident(terminal.pid)
        with watched(terminal.pid) as before:
            _to_details(terminal, chapter)
        with watched(terminal.pid) as during:
            terminal.press("ctrl+n")
            terminal.wait_for(UPLOAD_DONE, 300)
    floor_words = f"bare app {floor:.1f} MiB"
    yield Row("memory", "start screen", home / floor, 1.35, "x bare app", floor_words, f"{home:.1f} MiB")
    yield Row(
        "memory", "chapter read, details filled in", max(before) - home, None, "MiB more", f"{home:.1f} MiB"
    )
    what = f"{megabytes} MB going up, more than at the start screen"
    yield Row("memory", what, max(during) - home, 16, "MiB more", f"{home:.1f} MiB")
    what = f"{megabytes} MB going up, more than before it began"
    yield Row("memory", what, max(during) - during[0], None, "MiB more", f"{during[0]:.1f} MiB")


def _many(folder: Path, environ: Mapping[str, str], count: int) -> Iterator[Row]:
    """Chapters one after the other through the screens, each with a number of its own."""
    sizes = []
    with dexup(environ=environ) as terminal:
        terminal.wait_for(HOME_READY, 40)
        for number in range(1, count + 1):
            name = FOLDER.replace("020", f"{_FREE + number}")
            _to_details(terminal, write_chapter(folder / name, 20, 100_000, other=number))
            terminal.press("ctrl+n")
            terminal.wait_for(UPLOAD_DONE, 60)
            terminal.press("c")
            terminal.wait_for("Publish this chapter?")
            terminal.press("y")
            terminal.wait_for("Committed")
            while HOME_READY not in terminal.text:
                terminal.press("escape")
            terminal.settle(0.5)
            sizes.append(resident(terminal.pid))
    yield Row(
        "memory", f"after {count} chapters, beside after one", sizes[-1] / sizes[0], 1.0, "x",
        f"{sizes[0]:.1f} MiB", " ".join(f"{size:.1f}" for size in sizes),
    )  # fmt: skip


def _to_details(terminal: Painted, chapter: Path) -> None:
    """From the start screen, by pasting the chapter's path."""
    terminal.type(f"\x1b[200~{chapter}\x1b[201~")
    terminal.wait_for(CHAPTER_READY, 60)
    terminal.press("ctrl+n")
    terminal.wait_for(DETAILS_READY, 60)
