"""The page under the cursor."""

from __future__ import annotations

from dataclasses import dataclass

from rich.segment import Segment
from textual import work
from textual.geometry import Region, Size
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
    centred,
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
        self._area = Size()
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
        self._area = self.size  # for each line it would take longer than the line
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        (width, height), style = self._area, self.own_look
        if y == 0:
            some = self._page is not None and at_a_glance(self._page, width, height - 1) != WHOLE
            title = steady_text(self._title) + (" · its beginning" if some else "")
            return Strip([Segment(fit(title, width, keep_end=True), style)])
        if self._problem or self._page is None:
            problem = steady_text(self._problem) or "No page under the cursor."
            lines = broken(problem, width, max(1, height - 2))
            text = lines[y - 2] if 0 <= y - 2 < len(lines) else ""
            return Strip([Segment(fit(text, width), style)])
        strips = self._shown.strips
        above = 1 + max(0, (height - 1 - len(strips)) // 2)
        blank = max(0, (width - strips[0].cell_length) // 2) if strips else 0
        if above <= y < above + len(strips):
            strip = centred(strips[y - above], width, style)
        else:
            strip = Strip([Segment(" " * width, style)], width)
        if y == height - 1 and self._shown.sixel and self.app.screen is self.screen:
            corner = self.content_region
            strip = Strip([*strip, at(corner.y + above, corner.x + blank, self._shown.sixel)], width)
        return strip
