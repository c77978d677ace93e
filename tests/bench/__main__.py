"""`python -m tests.bench`: every measurement, a table, the history, a plot. Not part of the test suite.

Each section measures dexup and what it is compared with in the same run, so that the ratios hold on a machine
that is slow or busy. Sections are modules of this package with a function `rows(quick)`.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import os
import platform
import subprocess
import sys
import time
from pathlib import Path

from tests.bench import ground, report
from tests.bench.plot import draw

SECTIONS = ("start", "bytes", "latency", "memory", "growth", "pages", "transfer", "ssh")
"""In the order in which they run: module tests.bench.<name>."""
_FOLDER = Path("docs/performance")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=f"{', '.join(SECTIONS)} (all)")
    parser.add_argument(
        "--quick", action="store_true", help="small chapters only: some minutes, not twenty-five"
    )
    parser.add_argument("--repeat", type=int, default=1, metavar="N", help="medians of N runs")
    parser.add_argument("--no-history", action="store_true", help="do not add to the history and the plot")
    given = parser.parse_args()
    unknown = set(given.sections) - set(SECTIONS)
    if unknown:
        parser.error(f"no section {', '.join(sorted(unknown))}")
    ground.compile_everything()
    runs: list[list[report.Row]] = []
    for number in range(given.repeat):
        runs.append([])
        for name in given.sections or SECTIONS:
            if importlib.util.find_spec(f"tests.bench.{name}") is None:
                continue
            print(f"run {number + 1} of {given.repeat}: {name}", file=sys.stderr, flush=True)
            runs[-1] += importlib.import_module(f"tests.bench.{name}").rows(given.quick)
    rows = report.medians(runs)
    print(report.table(rows))
    if not given.no_history:
        folder = ground.ROOT / _FOLDER
        commit = subprocess.run(
            ["git", "rev-parse", "--short", "HEAD"],
            cwd=ground.ROOT,
            text=True,
            capture_output=True,
            check=False,
        ).stdout.strip()
        report.append(
            folder / "history.jsonl",
            rows,
            at=int(time.time()),
            commit=commit,
            python=platform.python_version(),
            cores=os.cpu_count(),
            load=round(os.getloadavg()[0], 1),
            quick=given.quick,
            repeat=given.repeat,
        )
        (folder / "history.svg").write_text(draw(report.load(folder / "history.jsonl")), encoding="utf-8")
    return 1 if any(row.met is False for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
