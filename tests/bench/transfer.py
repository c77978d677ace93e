"""How long an upload takes over a line, beside the time that its bytes alone need."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.bench import line as lines
from tests.bench.ground import ROOT, environment, sandbox, scratch, write_chapter
from tests.bench.line import Line
from tests.bench.report import Row

SIZES = ((60, 400_000), (200, 700_000))
_PAGES_TARGET = 1.03
_WHOLE_TARGET = 1.06
_ROUND_TRIPS = 12
_PEERS = ("guide, 5 a request", "10 a request")
_FAST, _SLOW = 50e6, 10e6
"""Bits a second. Up to _FAST a sender hardly needs the processor, so that the peers go side by side, each on a line of
its own; up to _SLOW dexup goes beside them too, since the start of a process hardly counts."""


@dataclass(frozen=True, slots=True)
class Timing:
    """One upload, in seconds."""

    pages: float
    """From the first byte of a page to the answer that accepted the last."""
    whole: float
    """From the start of the process to the committed answer."""
    before: float
    """From the start of the process to the first byte of a page."""
    refused: int
    """Answers 429."""
    requests: int


def dexup(environ: Mapping[str, str], folder: Path, info: Mapping[str, str], *options: str) -> Timing:
    """`dexup upload`, timed by its own events."""
    command = [sys.executable, "-m", "tui", "upload", str(folder), "--manga", info["manga"]]
    command += [
        "--group",
        info["group"],
        "--chapter",
        "5",
        "--lang",
        "en",
        "--accept-terms",
        "--json",
        *options,
    ]
    started = time.time()
    done = subprocess.run(command, env=dict(environ), cwd=ROOT, text=True, capture_output=True, check=False)
    if done.returncode:
        raise RuntimeError(
            f"dexup upload ended with {done.returncode}:\n{done.stderr}\n{done.stdout[-2000:]}"
        )
    records = [json.loads(text) for text in done.stdout.splitlines()]
    begun = [record["at"] for record in records if record["event"] == "batch-started"]
    ended = [record["at"] for record in records if record["event"] == "batch-finished"]
    committed = next(record["at"] for record in records if record["event"] == "committed")
    log = "".join(path.read_text() for path in Path(environ["XDG_STATE_HOME"]).rglob("*.log"))
    return Timing(
        pages=max(ended) - min(begun),
        whole=committed - started,
        before=min(begun) - started,
        refused=sum(" 429 " in text for text in log.splitlines()),
        requests=len(begun),
    )


def guide(environ: Mapping[str, str], folder: Path, info: Mapping[str, str], files: int) -> Timing:
    """The guide's algorithm."""
    command = [sys.executable, "-m", "tests.bench.guide", str(folder), "--manga", info["manga"]]
    command += ["--group", info["group"], "--files", str(files)]
    started = time.time()
    done = subprocess.run(command, env=dict(environ), cwd=ROOT, text=True, capture_output=True, check=True)
    said = json.loads(done.stdout)
    return Timing(
        pages=said["last"] - said["first"],
        whole=said["committed"] - started,
        before=said["first"] - started,
        refused=said["refused"],
        requests=-(-len(list(folder.iterdir())) // files),
    )


def measure(line: Line, pages: int, size: int, *, peers: bool = True) -> Iterator[Row]:
    """Rows for one chapter on one line; each program gets a sandbox of its own, so that no limit is used up."""
    floor = line.floor(pages * size)
    what = f"{pages} x {size // 1000} kB, line {line.words}"
    with scratch() as folder:
        chapter = write_chapter(folder / "chapter", pages, size)

        def run(name: str) -> Timing:
            with sandbox() as server, lines.running(line, server.port) as (port,):
                environ = environment(server.info, folder / name, port)
                if name == "dexup":
                    return dexup(environ, chapter, server.info)
                return guide(environ, chapter, server.info, 5 if name.startswith("guide") else 10)

        found = {"dexup": run("dexup")} if line.up > _SLOW else {}
        names = [name for name in ("dexup", *(_PEERS if peers else ())) if name not in found]
        with ThreadPoolExecutor(1 if line.up > _FAST else len(names) or 1) as pool:
            found |= zip(names, pool.map(run, names), strict=True)
    ours = found["dexup"]
    budget = _WHOLE_TARGET * floor + _ROUND_TRIPS * line.round_trip
    peer = "; ".join(
        f"{name} {timing.pages / floor:.3f}" for name, timing in found.items() if name != "dexup"
    )
    yield Row(
        "transfer", f"pages: {what}", ours.pages / floor, _PAGES_TARGET, "x floor", f"{floor:.2f} s", peer
    )
    peer = "; ".join(
        f"{name} {timing.whole / budget:.3f}" for name, timing in found.items() if name != "dexup"
    )
    yield Row("transfer", f"whole: {what}", ours.whole / budget, 1.0, "x budget", f"{budget:.2f} s", peer)
    yield Row("transfer", f"429s: {what}", ours.refused, 0, "answers", "0", "")


def rows(quick: bool) -> list[Row]:
    """Every line, every size; with `quick` the small chapter, on the two faster lines."""
    found: list[Row] = []
    for line in (lines.A, lines.B) if quick else (lines.A, lines.B, lines.C):
        for pages, size in SIZES[:1] if quick else SIZES:
            found += measure(line, pages, size)
    return found
