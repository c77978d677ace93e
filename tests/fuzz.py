"""Everything that reads foreign bytes, fed with damaged ones: image headers, pages, archives, descriptions, answers.

    python tests/fuzz.py                                a million cases, most of them image headers
    python tests/fuzz.py --cases 20000 --seed 7         less, and always the same ones
    python tests/fuzz.py --only archives --cases 5000   one target
    python tests/fuzz.py --seed 7 --only archives:4711  one single case again

A case fails when it raises anything but an error of dexup's own, takes more processor time than its target may,
or raises the peak of the memory by more. What failed is written to --keep, each kind of failure once. Exits 1
when something failed.
"""

from __future__ import annotations

import argparse
import random
import resource
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(_ROOT))

from tests.support.fuzzing.target import Target  # noqa: E402 - the script may be started from anywhere
from tests.support.fuzzing.targets import TARGETS, Row  # noqa: E402

_TOLD_EVERY = 30.0


@dataclass
class Report:
    """What failed so far."""

    folder: Path
    failures: Counter[str] = field(default_factory=Counter)

    def add(self, case: str, kind: str, content: bytes, story: str) -> None:
        """A case that failed; the first of its kind is told and kept."""
        self.failures[kind] += 1
        if self.failures[kind] > 1:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        kept = self.folder / f"{case.replace(':', '-')}.bin"
        kept.write_bytes(content)
        print(f"FAILED {case}: {kind}\n{story}  input: {kept} ({len(content)} bytes)", flush=True)


@dataclass
class Run:
    """The cases of one target."""

    row: Row
    target: Target
    seed: int
    report: Report
    slowest: float = 0.0
    grown: float = 0.0

    def case(self, number: int) -> None:
        """One case, by its number."""
        name = f"{self.row.name}:{number}"
        chance = random.Random(f"{self.seed}:{name}")
        peak, started = peak_megabytes(), time.process_time()
        try:
            self.target.case(chance)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is what is looked for
            place = traceback.extract_tb(error.__traceback__)
            ours = next((step for step in reversed(place) if "/tui/" in step.filename), place[-1])
            kind = f"{type(error).__name__} in {Path(ours.filename).name}:{ours.lineno}"
            self.report.add(name, kind, self.target.content, traceback.format_exc())
        seconds, grown = time.process_time() - started, peak_megabytes() - peak
        self.slowest, self.grown = max(self.slowest, seconds), max(self.grown, grown)
        if seconds > self.row.seconds:
            self.report.add(name, f"{self.row.name} is slow", self.target.content, f"  {seconds:.2f} s\n")
        if grown > self.row.megabytes:
            self.report.add(name, f"{self.row.name} takes memory", self.target.content, f"  {grown:.0f} MB\n")


def peak_megabytes() -> float:
    """The most memory that this process has ever held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def fuzz(arguments: argparse.Namespace, folder: Path) -> int:
    only, _, single = (arguments.only or "").partition(":")
    rows = [row for row in TARGETS if only in ("", row.name)]
    if not rows:
        raise SystemExit(f"no such target: {only}; there are {', '.join(row.name for row in TARGETS)}")
    whole = sum(row.share for row in rows)
    report = Report(arguments.keep)
    done, started = 0, time.monotonic()
    print(f"seed {arguments.seed}", flush=True)
    for row in rows:
        own = folder / row.name
        own.mkdir()
        run = Run(row, row.make(own), arguments.seed, report)
        count = -(-arguments.cases * row.share // whole)
        first = arguments.start
        numbers = [int(single)] if single else range(first, first + count)
        begun = told = time.monotonic()
        with closing(run.target):
            for number in numbers:
                run.case(number)
                done += 1
                if time.monotonic() - told > _TOLD_EVERY:
                    told = time.monotonic()
                    print(f"  {row.name}: {number - first + 1} of {count}", flush=True)
        print(
            f"{row.name}: {len(numbers)} cases in {time.monotonic() - begun:.0f} s, "
            f"slowest {run.slowest * 1000:.0f} ms, most memory for one {run.grown:.1f} MB",
            flush=True,
        )
    print(
        f"{done} cases in {time.monotonic() - started:.0f} s, peak {peak_megabytes():.0f} MB, seed {arguments.seed}"
    )
    for kind, times in report.failures.most_common():
        print(f"  {times} × {kind}")
    print("FAILED" if report.failures else "all is well")
    return 1 if report.failures else 0


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cases", type=int, default=1_000_000, metavar="N")
    parser.add_argument("--start", type=int, default=0, metavar="N", help="number of the first case (0)")
    parser.add_argument("--only", metavar="TARGET[:CASE]", help="one target, or one case of it")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6), metavar="N")
    parser.add_argument(
        "--keep", type=Path, default=Path("fuzz-failures"), metavar="DIR", help="for inputs that fail"
    )
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")  # Pillow's words about damaged metadata
    with tempfile.TemporaryDirectory(prefix="dexup-fuzz-") as folder:
        return fuzz(arguments, Path(folder))


if __name__ == "__main__":
    sys.exit(main())
