"""How time, requests and memory grow with the pages of a chapter: `dexup upload` to a sandbox without rate limits
in another process. The exponent is that of the power law which fits best: 1 is linear, less is better."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench.ground import ROOT, environment, sandbox, scratch, write_chapter
from tests.bench.report import Row

_COUNTS = (50, 100, 200, 400)
_BYTES = 100_000
_LINEAR = 1.05
"""An exponent up to here is linear, but for what the machine does besides."""


@dataclass(frozen=True, slots=True)
class Run:
    """One upload."""

    pages: int
    seconds: float
    """Of the whole process."""
    cpu: float
    """Seconds of the processor that it used."""
    requests: int
    """With pages."""
    memory: float
    """MiB at the most."""


def rows(quick: bool) -> list[Row]:
    """Each count once, with `quick` the two smaller and 200."""
    counts = _COUNTS[:3] if quick else _COUNTS
    with scratch() as folder:
        runs = [_upload(folder, count) for count in counts]
    found = []
    for name, values in (
        ("time", [run.seconds for run in runs]),
        ("processor time", [run.cpu for run in runs]),
        ("requests", [float(run.requests) for run in runs]),
        ("memory", [run.memory for run in runs]),
    ):
        words = ", ".join(f"{run.pages}: {value:.4g}" for run, value in zip(runs, values, strict=True))
        fitted = exponent(counts, values)
        found.append(
            Row("growth", f"{name}, exponent", fitted, _LINEAR, "of the pages", "1 is linear", words)
        )
        # What is the same for every count hides in an exponent; it hides less in the last doubling.
        doubled = values[-1] / values[-2]
        found.append(Row("growth", f"{name}, last doubling", doubled, 2 * _LINEAR, "x", "2 is linear"))
    return found


def exponent(counts: Sequence[int], values: Sequence[float]) -> float:
    """The b of values = a * counts ** b, fitted by least squares on logarithms."""
    xs, ys = [math.log(count) for count in counts], [math.log(value) for value in values]
    x, y = sum(xs) / len(xs), sum(ys) / len(ys)
    return sum((a - x) * (b - y) for a, b in zip(xs, ys, strict=True)) / sum((a - x) ** 2 for a in xs)


def _upload(folder: Path, pages: int) -> Run:
    chapter = write_chapter(folder / f"{pages} pages", pages, _BYTES)
    with sandbox("--no-rate-limits") as server:
        info = server.info
        command = [
            sys.executable, "-m", "tui", "upload", str(chapter), "--manga", info["manga"], "--group", info["group"],
            "--chapter", str(pages), "--lang", "en", "--accept-terms", "--json",
        ]  # fmt: skip
        said = folder / f"{pages}.json"
        with said.open("w") as output:
            start = time.perf_counter()
            process = subprocess.Popen(
                command, env=environment(info, folder / f"profile {pages}"), cwd=ROOT, stdout=output
            )
            _, status, used = os.wait4(process.pid, 0)
            seconds = time.perf_counter() - start
            process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"dexup upload ended with {process.returncode}:\n{said.read_text()[-2000:]}")
    records = [json.loads(text) for text in said.read_text().splitlines()]
    requests = sum(record["event"] == "batch-started" for record in records)
    return Run(pages, seconds, used.ru_utime + used.ru_stime, requests, used.ru_maxrss / 1024)
