"""A program in a pseudo-terminal, and what it writes there: how many bytes, and when."""

from __future__ import annotations

import os
import select
import statistics
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench.ground import ROOT
from tests.support.terminal import KEYS, Terminal

FOLDER = "[Example Scans] Harbour Lights - Vol.02 Ch.020 - Measured (en)"
"""A chapter's folder of this name needs nothing typed: the sandbox knows the title and the group."""
CHAPTER_READY = "ctrl+n goes on"
DETAILS_READY = "Ready: ctrl+n starts the upload"
UPLOAD_DONE = "c commits"
HOME_READY = "No upload session is open"


@dataclass(frozen=True, slots=True)
class Burst:
    """What was written without a pause."""

    at: float
    """When the first byte came, in seconds of time.perf_counter()."""
    ended: float
    """When the last byte came."""
    data: bytes


@dataclass(frozen=True, slots=True)
class Cost:
    """What a key costs."""

    milliseconds: float
    """From the key to the last byte of the answer."""
    bytes: int


class Painted(Terminal):
    """A terminal that measures."""

    @property
    def pid(self) -> int:
        """Of the program."""
        found = self.process.pid
        assert found is not None
        return found

    def bursts(self, seconds: float, *, gap: float = 0.02) -> Iterator[Burst]:
        """What is written within `seconds`, cut where nothing came for `gap` seconds. Each burst is on the
        screen when it is handed out, which is after the time is over."""
        handle = self.process.child_fd
        end = time.perf_counter() + seconds
        found: list[Burst] = []
        while (left := end - time.perf_counter()) > 0:
            if not select.select([handle], [], [], left)[0]:
                break
            first = last = time.perf_counter()
            data = bytearray()
            while select.select([handle], [], [], gap)[0]:
                data += os.read(handle, 65536)
                last = time.perf_counter()
            found.append(Burst(first, last, bytes(data)))
        for burst in found:
            self.take(burst.data)
            yield burst

    def cost(self, key: str, *, quiet: float = 0.08, patience: float = 2.0) -> Cost:
        """Press a key; done when nothing came for `quiet` seconds. A key that paints nothing costs nothing."""
        handle = self.process.child_fd
        start = last = time.perf_counter()
        os.write(handle, KEYS.get(key, key).encode())
        data = bytearray()
        while select.select([handle], [], [], quiet if data else patience)[0]:
            data += os.read(handle, 65536)
            last = time.perf_counter()
        self.take(bytes(data))
        return Cost((last - start) * 1000, len(data))

    def costs(self, *keys: str, rounds: int) -> list[Cost]:
        """The keys in turn, so many rounds."""
        return [self.cost(key) for _ in range(rounds) for key in keys]

    def spent(self, wanted: str, *keys: str, seconds: float = 40.0) -> int:
        """Press keys, wait for `wanted` and for quiet; the bytes that came."""
        before = self.received
        for key in keys:
            self.process.send(KEYS.get(key, key))
        self.wait_for(wanted, seconds)
        self.settle(0.5)
        return self.received - before


def dexup(
    *arguments: str | Path,
    environ: Mapping[str, str],
    columns: int = 120,
    rows: int = 40,
) -> Painted:
    """`dexup` on a truecolor terminal."""
    command: Sequence[str] = [sys.executable, "-m", "tui", *map(str, arguments)]
    return Painted(command, columns=columns, rows=rows, environ=environ, folder=ROOT)


def middle(costs: Sequence[Cost]) -> Cost:
    """Medians."""
    return Cost(
        statistics.median(cost.milliseconds for cost in costs),
        round(statistics.median(cost.bytes for cost in costs)),
    )


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` of all do not exceed."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]
