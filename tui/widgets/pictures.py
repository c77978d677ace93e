"""A page as something that the terminal shows: half blocks, or pixels by Kitty's protocol or Sixel.

Which of them is chosen in the settings file (`screen.preview`) and never asked of the terminal, whose answers
would come late and as keys. Half blocks are text like any other. Kitty's placeholders are text too, coloured with
the number of a picture that is sent before. A Sixel goes with the last line that it covers.
"""

from __future__ import annotations

import os
import struct
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import count
from typing import Any

from rich.color import Color
from rich.segment import ControlType, Segment
from rich.style import Style
from textual.app import App
from textual.strip import Strip

from tui.chapter.graphics import (
    MOST_CELLS,
    few_colours,
    kitty_cells,
    kitty_delete,
    kitty_image,
    sixel,
    through_tmux,
)
from tui.chapter.pages import Page
from tui.chapter.preview import WHOLE, Part, render_picture, render_preview
from tui.terminal import Colours
from tui.widgets.half_blocks import strips_of

_NUMBERS = count(os.getpid() % 30_000 * 256 + 1)
"""Numbers of pictures, so that two dexups in one terminal are not likely to share some. 24 bits."""
_CELL = (10, 20)
"""Pixels of a character cell where the terminal does not tell."""


class Way(StrEnum):
    """How pictures are shown."""

    OFF = "off"
    HALF_BLOCKS = "half-blocks"
    KITTY = "kitty"
    SIXEL = "sixel"


@dataclass(frozen=True, slots=True)
class Graphics:
    """How pictures are shown, and how large a cell is."""

    way: Way = Way.HALF_BLOCKS
    cell: tuple[int, int] = _CELL
    """Width and height in pixels."""
    tmux: bool = False

    @classmethod
    def of(cls, setting: str, environ: Mapping[str, str]) -> Graphics:
        """By the settings file's `screen.preview`."""
        way = Way(setting)
        return cls(way, cell_pixels() if way in (Way.KITTY, Way.SIXEL) else _CELL, bool(environ.get("TMUX")))


HALF_BLOCKS = Graphics()


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawn page."""

    strips: list[Strip]
    sent: list[str] = field(default_factory=list)
    """What the terminal must be given before the strips are painted."""
    forgotten: str = ""
    """What is to be sent once the picture is not needed any more."""
    sixel: str = ""
    """What draws it over blank cells, from the place where the cursor is."""


def why_none(app: App[Any]) -> str:
    """Why pictures cannot be shown on this terminal, in a sentence; empty when they can."""
    can = getattr(app, "can", None)
    colours = getattr(can, "colours", Colours.TRUE)
    if app.no_color or colours is Colours.NONE:
        return "This terminal shows no colours; a picture would be noise."
    if colours is Colours.EIGHT:
        return "This terminal shows eight colours; a picture would be noise."
    if str(getattr(can, "repertoire", "utf-8")) != "utf-8":
        return "This terminal shows no half blocks; a picture would be noise."
    return ""


def draw_picture(
    page: Page, columns: int, rows: int, part: Part = WHOLE, graphics: Graphics = HALF_BLOCKS
) -> Picture:
    """The page as large as `columns` x `rows` cells allow. Blocking; PreviewError."""
    if columns < 1 or rows < 1:
        return Picture([])
    if graphics.way is Way.KITTY:
        return _by_kitty(page, min(columns, MOST_CELLS), min(rows, MOST_CELLS), part, graphics)
    if graphics.way is Way.SIXEL:
        return _by_sixel(page, columns, rows, part, graphics)
    return Picture(strips_of(render_preview(page, columns, rows, part)))


def _by_kitty(page: Page, columns: int, rows: int, part: Part, graphics: Graphics) -> Picture:
    wide, high = graphics.cell
    image = render_picture(page, columns * wide, rows * high, part)
    across, down = min(columns, -(-image.width // wide)), min(rows, -(-image.height // high))
    number = next(_NUMBERS) & 0xFFFFFF
    style = Style(color=Color.from_rgb(number >> 16, number >> 8 & 0xFF, number & 0xFF))
    strips = [Strip([Segment(kitty_cells(across, row), style)], across) for row in range(down)]
    wrap = through_tmux if graphics.tmux else str
    sent = [wrap(sequence) for sequence in kitty_image(few_colours(image), number, across, down)]
    return Picture(strips, sent, wrap(kitty_delete(number)))


def _by_sixel(page: Page, columns: int, rows: int, part: Part, graphics: Graphics) -> Picture:
    """A line less than there is, and whole bands of six pixels: some terminals go on to the line below a Sixel, and
    scroll the screen when there is none."""
    wide, high = graphics.cell
    image = render_picture(page, columns * wide, max(1, rows - 1) * high // 6 * 6, part)
    across, down = min(columns, -(-image.width // wide)), min(rows, -(-image.height // high))
    strips = [Strip([Segment(" " * across)], across) for _ in range(down)]
    return Picture(strips, sixel=sixel(few_colours(image)))


def at(row: int, column: int, sequence: str) -> Segment:
    """A segment without width that draws `sequence` with its upper left corner in this cell, from 0."""
    # HVP and not CUP: the model of the screen takes lines apart at CUP.
    return Segment(f"\x1b7\x1b[{row + 1};{column + 1}f{sequence}\x1b8", None, [(ControlType.BELL,)])


def cell_pixels() -> tuple[int, int]:
    """Pixels of a cell, as the system knows them of the terminal (over SSH too); a guess when it does not."""
    if sys.platform == "win32":
        return _CELL
    import fcntl
    import termios

    for stream in (sys.__stdin__, sys.__stderr__, sys.__stdout__):
        try:
            if stream is None:
                continue
            asked = fcntl.ioctl(stream.fileno(), termios.TIOCGWINSZ, bytes(8))
        except (OSError, ValueError):
            continue
        rows, columns, width, height = struct.unpack("4H", asked)
        if rows and columns and width >= columns and height >= rows:
            return width // columns, height // rows
    return _CELL


def centred(strip: Strip, width: int, style: Style) -> Strip:
    """The strip in the middle of `width` columns; its length is known and not counted again."""
    blank = max(0, (width - strip.cell_length) // 2)
    rest = max(0, width - strip.cell_length - blank)
    segments = [Segment(" " * blank, style), *strip, Segment(" " * rest, style)]
    return Strip(segments, blank + strip.cell_length + rest)


class Shelf:
    """Pictures that were drawn, the newest so many of them; tells the terminal what it may forget."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: dict[Any, Picture] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def __contains__(self, wish: object) -> bool:
        return wish in self._kept

    def get(self, wish: object) -> Picture | None:
        """The picture of this wish, which counts as new again."""
        found = self._kept.pop(wish, None)
        if found is not None:
            self._kept[wish] = found
        return found

    def put(self, wish: object, picture: Picture, app: App[Any]) -> None:
        """Keep one, and give the terminal what it needs to show it."""
        self._kept[wish] = picture
        send(app, picture.sent)
        while len(self._kept) > self._most:
            self._drop(next(iter(self._kept)), app)

    def clear(self, app: App[Any]) -> None:
        """Keep none."""
        for wish in list(self._kept):
            self._drop(wish, app)

    def _drop(self, wish: object, app: App[Any]) -> None:
        send(app, [self._kept.pop(wish).forgotten])


def send(app: App[Any], sequences: list[str]) -> None:
    """Give sequences to the terminal, if there is one, outside of what is painted."""
    driver = app._driver
    wanted = [sequence for sequence in sequences if sequence]
    if driver is None or driver.is_headless or not wanted:
        return
    for sequence in wanted:
        driver.write(sequence)
    driver.flush()


def paint_anew(app: App[Any]) -> None:
    """Sixels are not text: what stands in their place has to be sent even if it is blank as before."""
    forget = getattr(app._driver, "forget_screen", None)
    if forget is not None:
        forget()
    app.refresh()
