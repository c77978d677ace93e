"""Pages drawn large: one, two that face each other, or many small ones on a contact sheet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

from rich.segment import Segment
from textual import work
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget
from textual.worker import get_current_worker

from tui.chapter.pages import Page
from tui.chapter.preview import WHOLE, Part, PreviewError
from tui.text import fit
from tui.widgets.bindings import bindings
from tui.widgets.names import steady_text
from tui.widgets.own_look import OwnLook
from tui.widgets.pictures import (
    HALF_BLOCKS,
    Graphics,
    Picture,
    Shelf,
    at,
    centred,
    draw_picture,
    paint_anew,
    why_none,
)

_ZOOMS = (1, 2, 4, 8)
_THUMB_COLUMNS = 16
_THUMB_ROWS = 12
"""With one line for the number."""
_KEPT = 600
_PAN = 0.5
"""How far an arrow goes, as a part of what is seen."""


class Mode(Enum):
    """What is drawn."""

    ONE = auto()
    TWO = auto()
    """The page and the next one; the first stands on the right, as manga is read."""
    SHEET = auto()


@dataclass(frozen=True, slots=True)
class Wish:
    """A page, or a part of it, at a size in cells."""

    page: Page
    columns: int
    rows: int
    part: Part = WHOLE


@dataclass(frozen=True, slots=True)
class Place:
    """A picture and the region that it is drawn in, under its title."""

    wish: Wish
    region: Region
    """Without the line of the title, which is above it."""
    index: int


class PageViewer(OwnLook, Widget, can_focus=True):
    """Holds no order: it shows the pages that it was given, and says on which one it stands."""

    DEFAULT_CSS = """
    PageViewer { background: $surface; color: $text-muted; }
    PageViewer > .viewer--here { color: $block-cursor-foreground; background: $block-cursor-background; }
    """
    COMPONENT_CLASSES = {"viewer--here"}
    BINDINGS = bindings("view.*")
    auto_links = False
    ALLOW_SELECT = False  # there is no text; places for a selection cost as much as all the rest

    @dataclass
    class Drawn(Message):
        """A picture is there, or the reason why it never will be."""

        wish: Wish
        picture: Picture
        problem: str

    @dataclass
    class Stepped(Message):
        """Another page is looked at, or in another way."""

        index: int

    def __init__(self, pages: Sequence[Page], index: int = 0, graphics: Graphics = HALF_BLOCKS) -> None:
        super().__init__()
        self._graphics = graphics
        self._pages = tuple(pages)
        self.index = index
        """The page that is looked at."""
        self.mode = Mode.ONE
        self._part = WHOLE
        self._kept = Shelf(_KEPT)
        self._problems: dict[Wish, str] = {}
        self._has_sixels = False

    @property
    def page(self) -> Page:
        """The page that is looked at."""
        return self._pages[self.index]

    @property
    def zoom(self) -> int:
        """How many times the page is enlarged."""
        return self._part.zoom if self.mode is Mode.ONE else 1

    # Keys

    def action_step(self, pages: int) -> None:
        self._go(self.index + pages * (2 if self.mode is Mode.TWO else 1))

    def action_go_to(self, index: int) -> None:
        self._go(index % len(self._pages))

    def action_arrow(self, x: int, y: int) -> None:
        if self.zoom > 1:
            step = _PAN / self.zoom
            part = self._part
            self._part = Part(part.zoom, _within(part.x + x * step), _within(part.y + y * step))
            self._draw()
        elif self.mode is Mode.SHEET:
            self._go(self.index + x + y * self._across)
        elif x:
            self.action_step(x)

    def action_zoom(self, direction: int) -> None:
        self.mode = Mode.ONE
        place = _ZOOMS.index(self._part.zoom) + direction
        zoom = _ZOOMS[max(0, min(place, len(_ZOOMS) - 1))]
        self._part = Part(zoom, self._part.x, self._part.y) if zoom > 1 else WHOLE
        self._draw()

    def action_two(self) -> None:
        self.mode, self._part = (Mode.ONE if self.mode is Mode.TWO else Mode.TWO), WHOLE
        self._draw()

    def action_sheet(self) -> None:
        self.mode, self._part = (Mode.ONE if self.mode is Mode.SHEET else Mode.SHEET), WHOLE
        self._draw()

    def _go(self, index: int) -> None:
        index = max(0, min(index, len(self._pages) - 1))
        if index != self.index:
            self.index = index
            if self._part.zoom > 1:
                self._part = Part(self._part.zoom, 1.0, 0.0)  # where reading begins
            self._draw()

    # Drawing

    def on_resize(self) -> None:
        self._draw()

    def on_unmount(self) -> None:
        self._kept.clear(self.app)
        if self._has_sixels:
            paint_anew(self.app)

    def _draw(self) -> None:
        """Show what is kept at once, and decode what is not."""
        self.post_message(self.Stepped(self.index))
        if self._has_sixels:
            paint_anew(self.app)
            self._has_sixels = False
        self.refresh()
        if why_none(self.app):
            return
        missing = [place.wish for place in self._places() if place.wish not in self._kept]
        if missing:
            self._decode(missing)

    @property
    def _across(self) -> int:
        return max(1, self.size.width // _THUMB_COLUMNS)

    def _places(self) -> list[Place]:
        width, height = self.size
        if width < 8 or height < 4:
            return []
        if self.mode is Mode.ONE:
            wish = Wish(self.page, width, height - 1, self._part)
            return [Place(wish, Region(0, 1, width, height - 1), self.index)]
        if self.mode is Mode.TWO:
            half = width // 2
            right = Place(
                Wish(self.page, half - 1, height - 1), Region(width - half, 1, half, height - 1), self.index
            )
            if self.index + 1 >= len(self._pages):
                return [right]
            following = self._pages[self.index + 1]
            return [
                right,
                Place(Wish(following, half - 1, height - 1), Region(0, 1, half, height - 1), self.index + 1),
            ]
        across, down = self._across, max(1, (height + 3) // _THUMB_ROWS)
        wide, high = width // across, height // down
        first_row = max(0, self.index // across - down + 1) if len(self._pages) > across * down else 0
        found = []
        for index in range(first_row * across, min((first_row + down) * across, len(self._pages))):
            row, column = divmod(index - first_row * across, across)
            region = Region(column * wide, row * high + 1, wide, high - 1)
            found.append(Place(Wish(self._pages[index], wide - 1, high - 1), region, index))
        return found

    @work(thread=True, exclusive=True, group="view", exit_on_error=False)
    def _decode(self, wishes: Sequence[Wish]) -> None:
        worker = get_current_worker()
        for wish in wishes:
            if worker.is_cancelled:
                return
            try:
                picture = draw_picture(wish.page, wish.columns, wish.rows, wish.part, self._graphics)
                problem = ""
            except PreviewError as error:
                picture, problem = Picture([]), f"This page cannot be drawn: {error}"
            self.post_message(self.Drawn(wish, picture, problem))

    def on_page_viewer_drawn(self, message: Drawn) -> None:
        message.stop()
        self._kept.put(message.wish, message.picture, self.app)
        self._problems[message.wish] = message.problem
        for place in self._places():
            if place.wish == message.wish:
                self.refresh(place.region)

    @property
    def is_drawn(self) -> bool:
        """Everything that is to be seen is."""
        return all(place.wish in self._kept for place in self._places())

    def render_line(self, y: int) -> Strip:
        width, style = self.size.width, self.own_look
        none = why_none(self.app)
        if none:
            return Strip([Segment(fit(none if y == 1 else "", width), style)])
        row = sorted(
            (place for place in self._places() if place.region.y - 1 <= y < place.region.bottom),
            key=lambda place: place.region.x,
        )
        segments: list[Segment] = []
        column = 0
        for place in row:
            segments.append(Segment(" " * (place.region.x - column), style))
            segments += self._line_of(place, y)
            column = place.region.right
        segments.append(Segment(" " * max(0, width - column), style))
        return Strip(segments).adjust_cell_length(width, style)

    def _line_of(self, place: Place, y: int) -> Strip:
        width, style = place.region.width, self.own_look
        if y == place.region.y - 1:
            here = place.index == self.index and self.mode is not Mode.ONE
            look = self.get_component_rich_style("viewer--here") if here else style
            name = f" {place.index + 1}  {steady_text(place.wish.page.name)}"
            return Strip([Segment(fit(name, width - 1), look), Segment(" ", style)])
        picture, problem = self._kept.get(place.wish) or Picture([]), self._problems.get(place.wish, "")
        strips = picture.strips
        if problem:
            words = steady_text(problem) if self.mode is not Mode.SHEET else " ✗"
            return Strip([Segment(fit(words if y == place.region.y else "", width), style)])
        above = max(0, (place.region.height - len(strips)) // 2)
        index = y - place.region.y - above
        blank = max(0, (width - strips[0].cell_length) // 2) if strips else 0
        if 0 <= index < len(strips):
            strip = centred(strips[index], width, style)
        else:
            strip = Strip([Segment(" " * width, style)], width)
        if picture.sixel and y == place.region.bottom - 1 and self.app.screen is self.screen:
            corner = self.content_region.offset + place.region.offset
            strip = Strip([*strip, at(corner.y + above, corner.x + blank, picture.sixel)], width)
            self._has_sixels = True
        return strip


def _within(place: float) -> float:
    return min(1.0, max(0.0, place))
