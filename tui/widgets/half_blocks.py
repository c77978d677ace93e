"""Pictures in half blocks as strips: two pixels in each character cell, one above the other."""

from __future__ import annotations

from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING

from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tui.chapter.preview import red_green_blue

if TYPE_CHECKING:
    from tui.chapter.preview import Cells, Colour


def strips_of(cells: Cells) -> list[Strip]:
    """One strip a row of cells, runs of the same colours joined, so that white paper costs few bytes."""
    return [Strip([_segment(cell, len(list(run))) for cell, run in groupby(row)], len(row)) for row in cells]


@lru_cache(4096)
def _segment(cell: tuple[Colour, Colour], run: int) -> Segment:
    return Segment((" " if cell[0] == cell[1] else "▀") * run, _style(cell))


@lru_cache(8192)
def _style(cell: tuple[Colour, Colour]) -> Style:
    top, bottom = cell
    if top == bottom:
        return Style(bgcolor=Color.from_rgb(*red_green_blue(top)))
    return Style(color=Color.from_rgb(*red_green_blue(top)), bgcolor=Color.from_rgb(*red_green_blue(bottom)))
