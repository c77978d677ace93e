"""The page under the cursor."""

from __future__ import annotations

from dataclasses import dataclass

from rich.segment import Segment
from rich.style import Style
from textual import work
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.timer import Timer
from textual.widget import Widget
from textual.worker import Worker, WorkerState, get_current_worker

from tui.chapter.cancel import Cancelled, while_wanted
from tui.chapter.pages import Page
from tui.chapter.preview import WHOLE, at_a_glance
from tui.text import fit
from tui.widgets.hint_line import broken
from tui.widgets.names import steady_text
from tui.widgets.own_look import OwnLook
from tui.widgets.pictures import (
    HALF_BLOCKS,
    Graphics,
    Picture,
    Shelf,
    Way,
    at,
    draw_picture,
    paint_anew,
    why_none,
)

_REST = 0.15
"""Seconds the cursor must rest on a page before it is decoded."""
_KEPT = 48
"""Pictures kept; each is a few tens of kilobytes."""


@dataclass(frozen=True, slots=True)
class _Wish:
    """A page at a size."""

    page: Page
    columns: int
    rows: int


@dataclass(frozen=True, slots=True)
class _Frame:
    """The lines below the title, with the padding at their sides: what they depend on besides what they show."""

    columns: int
    rows: int
    left: int
    """Columns of padding."""
    right: int
    style: Style

    @property
    def width(self) -> int:
        """Columns with the padding."""
        return self.left + self.columns + self.right

    def text(self, words: str) -> Strip:
        """One line."""
        return Strip([Segment(" " * self.left + words + " " * self.right, self.style)])

    def margins(self, picture: Picture) -> tuple[int, int]:
        """Rows above a picture in the middle, and columns before it, without the padding."""
        across = picture.strips[0].cell_length if picture.strips else 0
        return max(0, (self.rows - len(picture.strips)) // 2), max(0, (self.columns - across) // 2)

    def lines(self, picture: Picture) -> list[Strip]:
        """The picture in the middle; what does not fit is cut off."""
        above, before = self.margins(picture)
        before += self.left
        blank = Strip([Segment(" " * self.width, self.style)], self.width)
        lines = [blank] * above
        for strip in picture.strips[: self.rows - above]:
            drawn = strip.crop(0, self.columns) if strip.cell_length > self.columns else strip
            after = self.width - before - drawn.cell_length
            segments = [Segment(" " * before, self.style), *drawn, Segment(" " * after, self.style)]
            lines.append(Strip(segments, self.width))
        return lines + [blank] * (self.rows - len(lines))


class Preview(OwnLook, Widget):
    """Shows one page. Decoding happens in a thread; the last picture stays until the next one is ready."""

    DEFAULT_CSS = """
    Preview { background: $surface; color: $text-muted; }
    """
    auto_links = False
    ALLOW_SELECT = False  # there is no text; places for a selection cost as much as all the rest

    @dataclass
    class Drawn(Message):
        """A picture was decoded."""

        wish: _Wish
        picture: Picture

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._page: Page | None = None
        self._title = ""
        self.graphics = HALF_BLOCKS
        """How the page is shown."""
        self._shown = Picture([])
        self._framed: tuple[Picture, _Frame, list[Strip]] | None = None
        """The picture whose lines were drawn last, where, and these."""
        self._problem = ""
        self._kept = Shelf(_KEPT)
        self._timer: Timer | None = None

    @property
    def title(self) -> str:
        """The line above the picture."""
        return self._title

    @property
    def problem(self) -> str:
        """Why there is no picture, or empty."""
        return self._problem

    @property
    def is_drawn(self) -> bool:
        """There is a picture of the page asked for last."""
        wish = self._wish()
        return wish is not None and wish in self._kept

    def show(self, page: Page | None, title: str = "") -> None:
        """Show `page` once the cursor rests; None shows nothing."""
        if page == self._page and title == self._title:
            return
        same = page == self._page
        self._page, self._title = page, title
        if not same:
            self._problem = ""
            self._plan()
        self.refresh()

    @property
    def kept(self) -> int:
        """Pictures kept."""
        return len(self._kept)

    def draw_now(self, page: Page) -> None:
        """Show `page` without waiting for the cursor to rest."""
        self._page = page
        wish = self._wish()
        if wish is not None:
            self._decode(wish)

    def use(self, graphics: Graphics) -> None:
        """Show pages in this way from now on."""
        if graphics != self.graphics:
            self._kept.clear(self.app)
            self.graphics = graphics
            self._plan()

    def on_resize(self) -> None:
        self._plan()

    def on_show(self) -> None:
        self._plan()

    def on_hide(self) -> None:
        if self.graphics.way is Way.SIXEL:
            paint_anew(self.app)

    def on_unmount(self) -> None:
        self._kept.clear(self.app)

    def _wish(self) -> _Wish | None:
        if self._page is None or self.size.width < 4 or self.size.height < 4:
            return None
        return _Wish(self._page, self.size.width, self.size.height - 1)

    def _plan(self) -> None:
        """Show the picture at once if it is kept, else decode it when the cursor has come to rest."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        wish = self._wish()
        if wish is None or not self.display:
            self._shown = Picture([])
            return
        self._problem = why_none(self.app)
        if self._problem:
            return
        kept = self._kept.get(wish)
        if kept is not None:
            self._show(kept)
        else:
            self._timer = self.set_timer(_REST, lambda: self._decode(wish))

    @work(thread=True, exclusive=True, group="preview", exit_on_error=False)
    def _decode(self, wish: _Wish) -> None:
        worker = get_current_worker()
        try:
            with while_wanted(lambda: not worker.is_cancelled):
                part = at_a_glance(wish.page, wish.columns, wish.rows)
                picture = draw_picture(wish.page, wish.columns, wish.rows, part, self.graphics)
        except Cancelled:
            return
        self.post_message(self.Drawn(wish, picture))

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        if event.worker.group == "preview" and event.state is WorkerState.ERROR:
            event.stop()
            self._shown = Picture([])
            self._problem = f"This page cannot be drawn: {event.worker.error}"
            self.refresh()

    def on_preview_drawn(self, message: Drawn) -> None:
        message.stop()
        self._kept.put(message.wish, message.picture, self.app)
        if message.wish == self._wish():
            self._problem = ""
            self._show(message.picture)

    def _show(self, picture: Picture) -> None:
        if picture is not self._shown and self._shown.sixel:
            paint_anew(self.app)
        self._shown = picture
        self.refresh()

    def render_lines(self, crop: Region) -> list[Strip]:
        """All at once: the library looks up for each line what is the same for all of them, a border too, which takes
        longer than the lines."""
        (width, height), padding = self.size, self.styles.gutter
        frame = _Frame(width, max(0, height - 1), padding.left, padding.right, self.own_look)
        blank = frame.text(" " * width)
        lines = [*[blank] * padding.top, frame.text(self._title_line(frame)), *self._below(frame)]
        strips = [*lines, *[blank] * padding.bottom][crop.y : crop.bottom]
        background = self.background_colors[1]
        for line_filter in self.get_line_filters():
            strips = [strip.apply_filter(line_filter, background) for strip in strips]
        if crop.column_span != (0, frame.width):
            strips = [strip.crop(*crop.column_span) for strip in strips]
        return strips

    def _title_line(self, frame: _Frame) -> str:
        some = self._page is not None and at_a_glance(self._page, frame.columns, frame.rows) != WHOLE
        title = steady_text(self._title) + (" · its beginning" if some else "")
        return fit(title, frame.columns, keep_end=True)

    def _below(self, frame: _Frame) -> list[Strip]:
        """The picture, or why there is none."""
        if self._problem or self._page is None:
            problem = steady_text(self._problem) or "No page under the cursor."
            texts = ["", *broken(problem, frame.columns, max(1, frame.rows - 1))][: frame.rows]
            texts += [""] * (frame.rows - len(texts))
            return [frame.text(fit(text, frame.columns)) for text in texts]
        if self._framed is None or self._framed[0] is not self._shown or self._framed[1] != frame:
            self._framed = (self._shown, frame, frame.lines(self._shown))
        lines = self._framed[2]
        if not (lines and self._shown.sixel and self.app.screen is self.screen):
            return lines
        corner, (above, before) = self.content_region, frame.margins(self._shown)
        sent = at(corner.y + 1 + above, corner.x + before, self._shown.sixel)
        return [*lines[:-1], Strip([*lines[-1], sent], frame.width)]
