"""The pages of a chapter, in order, to be sorted with the keyboard."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Sequence
from dataclasses import dataclass

from rich.segment import Segment
from textual import events
from textual.message import Message

from tui.chapter.findings import Finding
from tui.chapter.order import PageOrder
from tui.chapter.pages import Page
from tui.text import fit
from tui.widgets.bindings import bindings
from tui.widgets.line_list import LineList
from tui.widgets.names import steady_text
from tui.widgets.page_columns import Columns, marks_of
from tui.widgets.page_view import PageView

_MARK_COLUMNS = 2
"""A click in the first two columns marks."""


class PageTable(LineList):
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

    class FilterDropped(Message):
        """The filter was given up without the user."""

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
        self.view = PageView()
        """What is on view."""
        self.waiting = "No chapter yet."
        """What stands here while there is no page; lines."""
        self._findings: dict[str, Finding] = {}
        self._drag: _Drag | None = None

    # What is shown

    @property
    def order(self) -> PageOrder | None:
        """The order as it is now; None before anything was read."""
        return self.view.order

    @property
    def marked(self) -> frozenset[str]:
        """Keys of the marked pages."""
        return self.view.marked

    @property
    def cursor_page(self) -> Page | None:
        """The page under the cursor; None when no page is shown."""
        return self.view.pages[self.cursor_row] if self.view.pages else None

    @property
    def chosen(self) -> frozenset[str]:
        """Keys of what a key works on: the marked pages, or else the page under the cursor."""
        page = self.cursor_page
        return self.marked or (frozenset({page.key}) if page else frozenset())

    @property
    def summary(self) -> str:
        """ "24 pages · 3.2 MB · natural order · 3 marked · 1 excluded"."""
        return self.view.summary()

    def number_of(self, key: str) -> int | None:
        """Position among the included pages, 1 for the first; None when it is left out."""
        return self.view.number_of(key)

    def show(
        self, order: PageOrder | None, *, marked: Collection[str] = (), cursor: str = "", waiting: str = ""
    ) -> None:
        """Show another chapter: its order, marked pages, and the page (key) under the cursor."""
        self.view = PageView(order, marked=marked)
        self.waiting = waiting or self.waiting
        self._findings, self._drag = {}, None
        self._cursor_row = self.view.row_of(cursor) or 0
        self.rows_changed()
        self.scroll_to(y=0, animate=False, immediate=True)
        self.keep_in_view()
        self.post_message(self.FilterDropped())
        self.post_message(self.CursorMoved(self, self.cursor_row))

    def update_order(self, order: PageOrder) -> None:
        """Show `order` in place of the last one: the cursor stays on its page, only what differs is drawn."""
        page, count = self.cursor_page, self.row_count
        self.view.take(order)
        self._stay_on(page)
        if self.row_count != count:
            self.rows_changed()
        else:
            self.refresh_changed()
        self.keep_in_view()
        if self.cursor_page is not page:
            self.post_message(self.CursorMoved(self, self.cursor_row))

    def replace_pages(self, pages: Sequence[Page]) -> None:
        """The same pages in the same places, known better (hashed)."""
        if self.order is None:
            return
        if self._drag is not None:
            self._drag = _Drag(self._drag.key, self._drag.start.replace_pages(pages))
        self.update_order(self.order.replace_pages(pages))

    def show_findings(self, findings: Sequence[Finding]) -> None:
        """Mark each page with the heaviest of its findings; `findings` are sorted by weight."""
        worst: dict[str, Finding] = {}
        for finding in findings:
            if finding.page is not None:
                worst.setdefault(finding.page, finding)
        self._findings = worst
        self.refresh_changed()

    def set_filter(self, text: str) -> None:
        """Show only pages whose name contains `text`, whatever the case; empty shows all."""
        page = self.cursor_page
        self.view.set_filter(text)
        self._stay_on(page)
        self.rows_changed()
        self.keep_in_view()
        if self.cursor_page is not page:
            self.post_message(self.CursorMoved(self, self.cursor_row))

    def go_to_page(self, key: str) -> None:
        """Cursor to the page with this key; a filter that hides it is given up."""
        if self.view.filter and self.view.row_of(key) is None:
            self.set_filter("")
            self.post_message(self.FilterDropped())
        row = self.view.row_of(key)
        if row is not None:
            self.put_cursor(row)

    def _stay_on(self, page: Page | None) -> None:
        """The cursor keeps to its page; when that is not on view any more, to its row."""
        row = self.view.row_of(page.key) if page is not None else None
        self._cursor_row = row if row is not None else max(0, min(self._cursor_row, self.row_count - 1))

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

    OPENS_FIELD = {"filter": action_filter}

    # The mouse

    def clicked(self, row: int, event: events.MouseDown) -> None:
        page = self.view.pages[row]
        if event.shift:
            first, last = sorted((self.cursor_row, row))
            self.view.marked |= {page.key for page in self.view.pages[first : last + 1]}
        elif event.ctrl or event.get_content_offset_capture(self).x < _MARK_COLUMNS:
            self.view.marked ^= {page.key}
        elif self.order is not None and not self.view.filter:
            self._drag = _Drag(page.key, self.order)
            self.capture_mouse()
        self.put_cursor(row)
        self.refresh_changed()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        row = self.row_at(event.get_content_offset_capture(self).y)
        if self._drag is None or row is None or row == self.cursor_row:
            return
        start = self._drag.start
        # Each step is made from the order at the start of the drag: one undo takes the whole drag back.
        here = next(place for place, page in enumerate(start.pages) if page.key == self._drag.key)
        self.update_order(start.move({self._drag.key}, row - here))

    def on_mouse_up(self, _: events.MouseUp) -> None:
        if self._drag is None:
            return
        start, self._drag = self._drag.start, None
        self.release_mouse()
        if self.order is not None and self.order is not start:
            self.post_message(self.OrderChanged(self, self.order))

    # Rows

    @property
    def row_count(self) -> int:
        return len(self.view.pages)

    @property
    def header_height(self) -> int:
        return 2 if self.size.height >= 10 and self.view.pages else 1

    @property
    def gutter_width(self) -> int:
        return Columns.gutter(self.order)

    def empty_lines(self) -> list[str]:
        if self.order is None or not self.order.pages:
            return self.waiting.split("\n")
        return [f"No page's name contains “{steady_text(self.view.filter)}”.", "esc shows all pages."]

    def gutter_state(self, row: int) -> Hashable:
        page = self.view.pages[row]
        return self.number_of(page.key), page.key in self.marked

    def body_state(self, row: int) -> Hashable:
        page = self.view.pages[row]
        return page.key, page.size, page.width, page.height, page.type, *self._marks(page)

    def header_state(self, line: int) -> Hashable:
        return self.summary if line == 0 else None

    def draw_header(self, line: int, width: int) -> list[Segment]:
        if line == 0:
            return [Segment(fit(" " + self.view.summary(width - 1), width), self.look("header"))]
        return [Segment(Columns.of(self.order, width).titles(), self.look("quiet"))]

    def draw_row(self, row: int, width: int) -> list[Segment]:
        page = self.view.pages[row]
        columns = Columns.of(self.order, width)
        here, marked = row == self.cursor_row, page.key in self.marked
        gutter = columns.draw_gutter(here, marked, self.number_of(page.key))
        body = columns.draw_body(page)
        word, kind = self._marks(page)
        word = columns.draw_marks(word)
        if here:
            style = self.look("cursor")
            return [Segment(gutter, style), Segment(body + word, style)]
        base = self.look("quiet" if page.key in self.view.excluded else "")
        first = Segment(gutter, self.look("marked") if marked else base)
        if not kind:
            return [first, Segment(body + word, base)]
        return [first, Segment(body, base), Segment(word, self.look(kind))]

    def _marks(self, page: Page) -> tuple[str, str]:
        return marks_of(
            self._findings.get(page.key),
            excluded=page.key in self.view.excluded,
            remote=bool(page.remote_id),
        )


@dataclass(frozen=True, slots=True)
class _Drag:
    """A page held with the mouse, and the order before that."""

    key: str
    start: PageOrder
