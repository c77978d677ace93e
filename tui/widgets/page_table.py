"""The pages of a chapter, in order, to be sorted with the keyboard."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from textual import events
from textual.message import Message

from tui.chapter.order import PageOrder, SortBy
from tui.chapter.pages import Page
from tui.widgets.bindings import bindings
from tui.widgets.page_columns import Columns
from tui.widgets.page_rows import PageRows

_MARK_COLUMNS = 2
"""A click in the first two columns marks."""
_SORT_OF = {"name": SortBy.NATURAL, "size": SortBy.SIZE, "pixels": SortBy.PIXELS}
"""Title of a column -> what a click on it sorts by."""


class PageTable(PageRows):
    """Shows a PageOrder and makes the orders that keys ask for."""

    BINDINGS = bindings(
        "page.move-down",
        "page.move-up",
        "page.mark",
        "page.move-to",
        "page.move-first",
        "page.move-last",
        "page.reverse",
        "page.exclude",
        "page.sort",
        "page.undo",
        "page.redo",
        "page.replace",
        "page.renumber",
        "page.fix",
        "page.mend",
        "page.mark-all",
        "page.filter",
        "page.down",
        "page.up",
        "page.first",
        "page.last",
        "page.page-down",
        "page.page-up",
    )

    ALLOW_SELECT = False  # places for a selection cost as much as drawing; the mouse moves pages here

    @dataclass
    class OrderChanged(Message):
        """A key changed the order, or what is left out."""

        table: PageTable
        order: PageOrder

    @dataclass
    class FixWanted(Message):
        """What the findings about this page (key) suggest is to be done."""

        key: str

    @dataclass
    class ReplaceWanted(Message):
        """Another file is to stand in the place of this page."""

        page: Page

    class MendWanted(Message):
        """The chosen pages are to be mended."""

    class MoveToWanted(Message):
        """The user wants to type the position to move to."""

    class SortWanted(Message):
        """The user wants to choose an order."""

    @dataclass
    class Said(Message):
        """Why a key did nothing; one line."""

        text: str

    def __init__(self, *, open_filter: Callable[[], None] = lambda: None, id: str | None = None) -> None:
        super().__init__(id=id)
        self._open_filter = open_filter
        self._drag: _Drag | None = None

    def show(
        self, order: PageOrder | None, *, marked: Collection[str] = (), cursor: str = "", waiting: str = ""
    ) -> None:
        self._drag = None
        super().show(order, marked=marked, cursor=cursor, waiting=waiting)

    def replace_pages(self, pages: Sequence[Page]) -> None:
        if self._drag is not None:
            self._drag = _Drag(self._drag.key, self._drag.keys, self._drag.start.replace_pages(pages))
        super().replace_pages(pages)

    # What the keys do

    def change(self, order: PageOrder) -> None:
        """Make `order` the order, and say so, unless nothing changed."""
        if order is self.order:
            return
        self.update_order(order)
        self.post_message(self.OrderChanged(self, order))

    def action_move(self, offset: int) -> None:
        if self.order is None or not self.chosen:
            return
        moved = self.order.move(self.chosen, self.view.steps(self.chosen, offset))
        if moved is self.order:
            self.post_message(self.Said("Already at the end." if offset > 0 else "Already at the start."))
        self.change(moved)

    def action_move_first(self) -> None:
        self._bring_to(1)

    def action_move_last(self) -> None:
        if self.order is not None:
            self._bring_to(len(self.order.pages))

    def _bring_to(self, position: int) -> None:
        if self.order is not None and self.chosen:
            self.change(self.order.move_to(self.chosen, position))

    def action_reverse(self) -> None:
        if self.order is None:
            return
        if len(self.marked) < 2:
            self.post_message(self.Said("Mark two pages to swap them, or more to turn them round."))
        else:
            self.change(self.order.reverse_run(self.marked))

    def action_fix(self) -> None:
        page = self.cursor_page
        if page is not None:
            self.post_message(self.FixWanted(page.key))

    def action_replace(self) -> None:
        page = self.cursor_page
        if page is not None:
            self.post_message(self.ReplaceWanted(page))

    def action_mend(self) -> None:
        if self.chosen:
            self.post_message(self.MendWanted())

    def action_mark(self) -> None:
        page = self.cursor_page
        if page is not None:
            self.view.marked ^= {page.key}
            self.put_cursor(self.cursor_row + 1)
            self.refresh_changed()

    def action_mark_all(self) -> None:
        on_view = frozenset(page.key for page in self.view.pages)
        self.view.marked = self.marked - on_view if on_view <= self.marked else self.marked | on_view
        self.refresh_changed()

    def mark_only(self, keys: Collection[str]) -> None:
        """Mark these pages and no others, the cursor on the first."""
        self.view.marked = frozenset(keys)
        self.refresh_changed()
        first = next((page.key for page in self.view.pages if page.key in self.view.marked), None)
        if first is not None:
            self.go_to_page(first)

    def action_exclude(self) -> None:
        if self.order is not None and self.chosen:
            self.change(self.order.toggle_excluded(self.chosen))

    def action_undo(self) -> None:
        if self.order is not None and self.order.can_undo:
            self.change(self.order.undo())
        else:
            self.post_message(self.Said("Nothing to undo."))

    def action_redo(self) -> None:
        if self.order is not None and self.order.can_redo:
            self.change(self.order.redo())
        else:
            self.post_message(self.Said("Nothing to redo."))

    def action_move_to(self) -> None:
        if self.chosen:
            self.post_message(self.MoveToWanted())

    def action_sort(self) -> None:
        if self.order is not None and self.order.pages:
            self.post_message(self.SortWanted())

    def action_filter(self) -> None:
        if self.order is not None and self.order.pages:
            self._open_filter()

    def action_renumber(self) -> None:
        self.renumbered = not self.renumbered
        self.refresh_changed()
        words = "Names as the numbers of the pages make them" if self.renumbered else "Names as they are"
        self.post_message(self.Said(f"{words}; the files stay as they are."))

    # The mouse

    def header_clicked(self, line: int, column: int) -> None:
        """A click on the title of a column sorts by it; another one turns the order round."""
        if line != 1 or self.order is None:
            return
        by = _SORT_OF.get(Columns.of(self.order, self.scrollable_content_region.width).title_at(column))
        if by is not None:
            self.change(self.order.sorted(by, reverse=self.order.sort is by and not self.order.reverse))

    def clicked(self, row: int, event: events.MouseDown) -> None:
        page = self.view.pages[row]
        if event.shift:
            first, last = sorted((self.cursor_row, row))
            self.view.marked |= {page.key for page in self.view.pages[first : last + 1]}
        elif event.ctrl or event.get_content_offset_capture(self).x < _MARK_COLUMNS:
            self.view.marked ^= {page.key}
        elif self.order is not None and not self.view.filter:
            keys = self.marked if page.key in self.marked else frozenset({page.key})
            self._drag = _Drag(page.key, keys, self.order)
            self.capture_mouse()
        self.put_cursor(row)
        self.refresh_changed()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self._drag is None:
            return
        # Above the first row or below the last one, the next hidden row is meant: the list scrolls.
        line = event.get_content_offset_capture(self).y - self.header_height
        row = self.first_row + max(-1, min(line, self.body_height))
        row = max(0, min(row, self.row_count - 1))
        if row == self.cursor_row:
            return
        start = self._drag.start
        # Each step is made from the order at the start of the drag: one undo takes the whole drag back.
        here = next(place for place, page in enumerate(start.pages) if page.key == self._drag.key)
        self.update_order(start.move(self._drag.keys, row - here))

    def on_mouse_up(self, _: events.MouseUp) -> None:
        if self._drag is None:
            return
        start, self._drag = self._drag.start, None
        self.release_mouse()
        if self.order is not None and self.order is not start:
            self.post_message(self.OrderChanged(self, self.order))


@dataclass(frozen=True, slots=True)
class _Drag:
    """A page held with the mouse, all that move with it, and the order before that."""

    key: str
    keys: frozenset[str]
    start: PageOrder
