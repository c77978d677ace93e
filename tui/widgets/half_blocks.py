"""Pictures in half blocks as strips: two pixels in each character cell, one above the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

if TYPE_CHECKING:
    from tui.chapter.preview import Cells, Colour


def strips_of(cells: Cells) -> list[Strip]:
    """One strip a row of cells, runs of the same colours joined, so that white paper costs few bytes."""
    return [_strip(row) for row in cells]


def _strip(row: list[tuple[Colour, Colour]]) -> Strip:
    segments: list[Segment] = []
    run, last = 0, None
    for cell in [*((_coarse(top), _coarse(bottom)) for top, bottom in row), None]:
        if cell == last:
            run += 1
            continue
        if last is not None:
            segments.append(_segment(last, run))
        run, last = 1, cell
    return Strip(segments)


def _coarse(colour: Colour) -> Colour:
    """The colour in steps of 17, so that noise in paper and ink does not break runs."""
    red, green, blue = colour
    return (red + 8) // 17 * 17, (green + 8) // 17 * 17, (blue + 8) // 17 * 17


def _segment(cell: tuple[Colour, Colour], run: int) -> Segment:
    top, bottom = cell
    if top == bottom:
        return Segment(" " * run, Style(bgcolor=Color.from_rgb(*top)))
    return Segment("▀" * run, Style(color=Color.from_rgb(*top), bgcolor=Color.from_rgb(*bottom)))
