"""The page under the cursor, drawn with half blocks: two pixels in each character cell."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.segment import Segment
from textual import work
from textual.message import Message
from textual.strip import Strip
from textual.timer import Timer
from textual.widget import Widget
from textual.worker import Worker, WorkerState

from tui.chapter.pages import Page
from tui.text import fit
from tui.widgets.half_blocks import strips_of
from tui.widgets.hint_line import broken
from tui.widgets.names import steady_text

if TYPE_CHECKING:
    from tui.chapter.preview import Cells

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


class Preview(Widget):
    """Shows one page. Decoding happens in a thread; the last picture stays until the next one is ready."""

    DEFAULT_CSS = """
    Preview { background: $surface; color: $text-muted; }
    """
    auto_links = False

    @dataclass
    class Drawn(Message):
        """A picture was decoded."""

        wish: _Wish
        cells: Cells

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._page: Page | None = None
        self._title = ""
        self._shown: list[Strip] = []
        self._problem = ""
        self._kept: OrderedDict[_Wish, list[Strip]] = OrderedDict()
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

    def on_resize(self) -> None:
        self._plan()

    def on_show(self) -> None:
        self._plan()

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
            self._shown = []
            return
        if self.app.no_color:
            self._problem = "This terminal shows no colours; a preview would be noise."
            return
        kept = self._kept.get(wish)
        if kept is not None:
            self._kept.move_to_end(wish)
            self._shown = kept
            self.refresh()
        else:
            self._timer = self.set_timer(_REST, lambda: self._decode(wish))

    @work(thread=True, exclusive=True, group="preview", exit_on_error=False)
    def _decode(self, wish: _Wish) -> None:
        from tui.chapter.preview import render_preview

        self.post_message(self.Drawn(wish, render_preview(wish.page, wish.columns, wish.rows)))

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        if event.worker.group == "preview" and event.state is WorkerState.ERROR:
            event.stop()
            self._shown = []
            self._problem = f"This page cannot be drawn: {event.worker.error}"
            self.refresh()

    def on_preview_drawn(self, message: Drawn) -> None:
        message.stop()
        strips = strips_of(message.cells)
        self._kept[message.wish] = strips
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        if message.wish == self._wish():
            self._shown, self._problem = strips, ""
            self.refresh()

    def render_line(self, y: int) -> Strip:
        width, style = self.size.width, self.rich_style
        if y == 0:
            return Strip([Segment(fit(steady_text(self._title), width, keep_end=True), style)])
        if self._problem or self._page is None:
            problem = steady_text(self._problem) or "No page under the cursor."
            lines = broken(problem, width, max(1, self.size.height - 2))
            text = lines[y - 2] if 0 <= y - 2 < len(lines) else ""
            return Strip([Segment(fit(text, width), style)])
        index = y - 1 - max(0, (self.size.height - 1 - len(self._shown)) // 2)
        if not 0 <= index < len(self._shown):
            return Strip([Segment(" " * width, style)])
        strip = self._shown[index]
        blank = max(0, (width - strip.cell_length) // 2)
        return Strip([Segment(" " * blank, style), *strip]).adjust_cell_length(width, style)
