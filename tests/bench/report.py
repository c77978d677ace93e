"""Rows of the table, and the file that keeps them."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Row:
    """One thing measured."""

    section: str
    name: str
    value: float
    target: float | None
    """At most; None for what is only printed."""
    unit: str
    floor: str = ""
    """What it stands beside, measured in the same run."""
    peer: str = ""

    @property
    def met(self) -> bool | None:
        return None if self.target is None else self.value <= self.target


def medians(runs: Sequence[Sequence[Row]]) -> list[Row]:
    """The rows of several runs as one: medians of the values, floor and peer of the last run."""
    found: dict[tuple[str, str], list[Row]] = {}
    for run in runs:
        for row in run:
            found.setdefault((row.section, row.name), []).append(row)
    return [replace(rows[-1], value=statistics.median(row.value for row in rows)) for rows in found.values()]


def number(value: float, unit: str) -> str:
    if unit.startswith("x"):
        return f"{value:.3f}"
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.2f}"


def table(rows: Iterable[Row]) -> str:
    """Markdown, so that it can be read here and pasted there."""
    lines = ["| | measured | at most | | floor | peer |", "|---|---:|---:|---|---|---|"]
    section = ""
    for row in rows:
        if row.section != section:
            section = row.section
            lines.append(f"| **{section}** | | | | | |")
        target = "" if row.target is None else number(row.target, row.unit)
        mark = {None: "", True: "met", False: "MISSED"}[row.met]
        value = f"{number(row.value, row.unit)} {row.unit}"
        lines.append(f"| {row.name} | {value} | {target} | {mark} | {row.floor} | {row.peer} |")
    return "\n".join(lines)


def append(path: Path, rows: Iterable[Row], **run: object) -> None:
    """One line a run."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps({**run, "rows": [asdict(row) for row in rows]}, ensure_ascii=False) + "\n")


def load(path: Path) -> list[dict[str, object]]:
    """Every run so far, oldest first."""
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
