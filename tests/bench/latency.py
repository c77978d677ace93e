"""How long a key takes in a list of 500 pages while other pages go up at 100 Mbit/s, beside the same key with
nothing running; and how late the event loop is meanwhile.

The line and the service stand for other machines, but run on this one: together they use more of a processor than
dexup. So that a key does not wait for them, they take only the time that dexup leaves.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path

from tests.bench import line as lines
from tests.bench.ground import ROOT, STEPS_ASIDE, environment, sandbox, scratch, write_chapter
from tests.bench.painted import (
    CHAPTER_READY,
    DETAILS_READY,
    FOLDER,
    HOME_READY,
    Painted,
    percentile,
)
from tests.bench.report import Row

_LISTED = (500, 20_000)
"""Pages of the list, and bytes of each; another chapter, which waits in the queue."""
_SENT = (200, 740_000)
_KEYS = 50
_QUIET = 0.03
"""Seconds without a byte after which a key is answered; an upload paints nothing on the page list."""
_MOST = 0.95


def rows(quick: bool) -> list[Row]:
    """Cursor and move keys, without and with the upload; with `quick` half as many."""
    with scratch() as folder:
        sent = write_chapter(folder / FOLDER, *_SENT)
        listed = write_chapter(folder / FOLDER.replace("020", "021"), *_LISTED)
        return _measured(folder, sent, listed, _KEYS // 2 if quick else _KEYS)


def _measured(folder: Path, sent: Path, listed: Path, keys: int) -> list[Row]:
    record = folder / "lag"
    command = [sys.executable, "-m", "tests.bench.lagged", str(record)]
    with (
        sandbox("--no-rate-limits", before=STEPS_ASIDE) as server,
        lines.running(lines.A, server.port, before=STEPS_ASIDE) as (port,),
    ):
        environ = environment(server.info, folder / "profile", port)
        subprocess.run(
            [sys.executable, "-m", "tui", "queue", "add", str(listed)],
            env=environ, cwd=ROOT, check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        with Painted(command, columns=120, rows=40, environ=environ, folder=ROOT) as terminal:
            terminal.wait_for(HOME_READY, 60)
            idle_began, idle, idle_ended = _keys(terminal, keys)
            while HOME_READY not in terminal.text:
                terminal.press("escape")
            terminal.type(f"\x1b[200~{sent}\x1b[201~")
            terminal.wait_for(CHAPTER_READY, 60)
            terminal.press("ctrl+n")
            terminal.wait_for(DETAILS_READY, 60)
            terminal.press("ctrl+n")
            terminal.wait_for(lambda text: re.search(r"[1-9]\d* of \d+ pages", text) is not None, 60)
            terminal.press("escape")
            began, busy, ended = _keys(terminal, keys)
            terminal.settle(1.1, 1.1)  # the title follows once a second
            if "ready" in terminal.title:
                raise RuntimeError(f"the upload ended before the keys did: {terminal.title}")
    lags = [tuple(map(float, text.split())) for text in record.read_text().splitlines()]
    quiet_lag = [lag * 1000 for at, lag in lags if idle_began < at < idle_ended]
    lag = [lag * 1000 for at, lag in lags if began < at < ended]
    found = []
    for key, name in (("j", "cursor key"), ("J", "move key")):
        floor, ours = (percentile(times, _MOST) for times in (idle[key], busy[key]))
        words = f"nothing running {floor:.1f} ms"
        found.append(
            Row(
                "latency",
                f"{name}, 95 of 100, upload at 100 Mbit/s",
                ours / floor,
                2.0,
                "x idle",
                words,
                f"{ours:.1f} ms",
            )
        )
    words = f"nothing running {percentile(quiet_lag, _MOST):.1f} ms"
    found.append(
        Row("latency", "loop lag, 95 of 100, keys and upload", percentile(lag, _MOST), 20, "ms", words)
    )
    found.append(Row("latency", "loop lag, the highest", max(lag), None, "ms", f"{max(quiet_lag):.1f} ms"))
    return found


def _keys(terminal: Painted, count: int) -> tuple[float, dict[str, list[float]], float]:
    """From the start screen to the pages of the queue's chapter; when the keys began, the milliseconds that
    each of them took, and when they ended."""
    terminal.settle(0.1, 1.0)
    terminal.press("b")
    terminal.wait_for("· Queue")
    terminal.press("v")
    terminal.wait_for(f"{_LISTED[0]} pages")
    terminal.wait_for(CHAPTER_READY)
    terminal.settle(0.4)
    began = time.perf_counter()
    found = {key: [terminal.cost(key, quiet=_QUIET).milliseconds for _ in range(count)] for key in "jJ"}
    return began, found, time.perf_counter()
