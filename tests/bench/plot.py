"""The history as a picture: for each thing with a target a small chart of value over target, run by run."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

_COLUMNS = 3
_WIDTH, _HEIGHT, _MARGIN = 300, 92, 14
_PLOT_TOP, _PLOT_BOTTOM = 34, 80


def draw(history: Sequence[dict[str, Any]], runs: int = 40) -> str:
    """An SVG of the last `runs` runs. The line across a chart is the target; below it is good."""
    series: dict[tuple[str, str], list[tuple[int, dict[str, Any]]]] = {}
    shown = list(history)[-runs:]
    for index, run in enumerate(shown):
        for row in run["rows"]:
            if row["target"] is not None:
                series.setdefault((row["section"], row["name"]), []).append((index, row))
    parts = [
        _chart(number, name, points, len(shown))
        for number, (name, points) in enumerate(sorted(series.items()))
    ]
    lines = math.ceil(len(parts) / _COLUMNS)
    width = _COLUMNS * (_WIDTH + _MARGIN) + _MARGIN
    height = lines * (_HEIGHT + _MARGIN) + _MARGIN + 20
    span = " to ".join(
        f"{datetime.fromtimestamp(run['at'], UTC):%Y-%m-%d}" for run in (shown[:1] + shown[-1:])
    )
    title = f"{len(shown)} runs, {span}; the dashed line is the target, below it is good"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="10">\n'
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>\n'
        f'<text x="{_MARGIN}" y="18" fill="#444444">{escape(title)}</text>\n'
        + "\n".join(parts)
        + "\n</svg>\n"
    )


def _chart(number: int, name: tuple[str, str], points: list[tuple[int, dict[str, Any]]], runs: int) -> str:
    left = _MARGIN + number % _COLUMNS * (_WIDTH + _MARGIN)
    top = 20 + _MARGIN + number // _COLUMNS * (_HEIGHT + _MARGIN)
    last = points[-1][1]
    target = float(last["target"])
    highest = max(target, *(float(row["value"]) for _, row in points)) * 1.1 or 1.0

    def place(index: int, value: float) -> tuple[float, float]:
        x = left + 8 + (_WIDTH - 16) * (index / (runs - 1) if runs > 1 else 0.5)
        return x, top + _PLOT_BOTTOM - (_PLOT_BOTTOM - _PLOT_TOP) * value / highest

    good = float(last["value"]) <= target
    colour = "#1a7f37" if good else "#b42318"
    words = name[1] if len(name[1]) <= 48 else name[1][:47] + "…"
    value = f"{float(last['value']):,.3g} {last['unit']}, target {target:,.3g}"
    _, level = place(0, target)
    path = " ".join(
        f"{x:.1f},{y:.1f}" for x, y in (place(index, float(row["value"])) for index, row in points)
    )
    dots = "".join(
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2" fill="{colour}"/>'
        for x, y in (place(index, float(row["value"])) for index, row in points)
    )
    return (
        f'<rect x="{left}" y="{top}" width="{_WIDTH}" height="{_HEIGHT}" fill="#f6f8fa" stroke="#d0d7de"/>\n'
        f'<text x="{left + 8}" y="{top + 14}" fill="#1f2328">{escape(f"{name[0]}: {words}")}</text>\n'
        f'<text x="{left + 8}" y="{top + 27}" fill="{colour}">{escape(value)}</text>\n'
        f'<line x1="{left + 8}" y1="{level:.1f}" x2="{left + _WIDTH - 8}" y2="{level:.1f}" stroke="#8c959f" '
        'stroke-dasharray="4 3"/>\n'
        f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.5"/>\n{dots}'
    )
