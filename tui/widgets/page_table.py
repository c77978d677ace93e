"""The pages of a chapter, in order, to be sorted with the keyboard."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass

from rich.segment import Segment
from textual import events
from textual.message import Message

from tui.chapter.findings import Finding, Severity
from tui.chapter.order import PageOrder, SortBy
from tui.chapter.pages import Page
from tui.text import fit, format_size, plural, safe_text
from tui.widgets.bindings import bindings
from tui.widgets.line_list import LineList, flow
from tui.widgets.page_columns import Columns, marks_of

_MARK_COLUMNS = 2
"""A click in the first two columns marks."""


class PageTable(LineList):
    """Shows a PageOrder and changes it as keys say. The order itself is immutable and lives in `order`."""

    BINDINGS = bindings(
        "page.move-down",
        "page.move-up",
        "page.mark",
        "page.move-to",
        "page.exclude",
        "page.sort",
        "page.undo",
        "page.redo",
        "page.mark-all",
        "page.filter",
        "page.down",
        "page.up",
        "page.first",
        "page.last",
        "page.page-down",
        "page.page-up",
    )

    @dataclass
    class OrderChanged(Message):
        """A key changed the order, or what is left out."""

        table: PageTable
        order: PageOrder

    class Shown(Message):
        """Another chapter is shown."""

    class MoveToWanted(Message):
        """The user wants to type the position to move to."""

    class SortWanted(Message):
        """The user wants to choose an order."""

    class FilterWanted(Message):
        """The user wants to type a filter."""

    @dataclass
    class Said(Message):
        """Why a key did nothing, or what it did where that cannot be seen; one line."""

        text: str

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.order: PageOrder | None = None
        """What is shown; None before anything was read."""
        self.marked: frozenset[str] = frozenset()
        """Keys of the marked pages."""
        self.waiting = "No chapter yet."
        """What stands here while there is no page."""
        self.filter = ""
        self._findings: dict[str, Finding] = {}
        self._visible: tuple[Page, ...] = ()
        self._numbers: dict[str, int] = {}
        self._drag: _Drag | None = None

    # State in

    def show(
        self, order: PageOrder | None, *, marked: Collection[str] = (), cursor: str = "", waiting: str = ""
    ) -> None:
        """Show another chapter: its order, marked pages, and the page (key) under the cursor."""
        self.order, self.marked, self.filter = order, frozenset(marked), ""
        self.waiting = waiting or self.waiting
        self._findings = {}
        self._take(order)
        self._cursor_row = self._row_of(cursor)
        self.rows_changed()
        self.scroll_to(y=0, animate=False, immediate=True)
        self.keep_in_view()
        self.post_message(self.Shown())
        self.post_message(self.CursorMoved(self, self.cursor_row))

    def update_order(self, order: PageOrder) -> None:
        """Show `order` in place of the last one; the cursor stays on its page, and only what differs is drawn."""
        page = self.cursor_page
        count, row = self.row_count, self.cursor_row
        self._take(order)
        if page is not None:
            self._cursor_row = self._row_of(page.key, otherwise=row)
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
            if finding.page is not None and finding.severity is not Severity.NOTE:
                worst.setdefault(finding.page, finding)
        self._findings = worst
        self.refresh_changed()

    def set_filter(self, text: str) -> None:
        """Show only pages whose name contains `text`, whatever the case; empty shows all."""
        page = self.cursor_page
        self.filter = text
        self._take(self.order)
        self._cursor_row = self._row_of(page.key if page else "")
        self.rows_changed()
        self.keep_in_view()
        if self.cursor_page is not page:
            self.post_message(self.CursorMoved(self, self.cursor_row))

    # State out

    @property
    def cursor_page(self) -> Page | None:
        """The page under the cursor; None when no page is shown."""
        return self._visible[self.cursor_row] if self._visible else None

    @property
    def chosen(self) -> frozenset[str]:
        """Keys of what a key works on: the marked pages, or else the page under the cursor."""
        if self.marked:
            return self.marked
        return frozenset({self.cursor_page.key}) if self.cursor_page else frozenset()

    def number_of(self, key: str) -> int | None:
        """Position among the included pages, 1 for the first; None when it is left out."""
        return self._numbers.get(key)

    def go_to_page(self, key: str) -> None:
        """Cursor to the page with this key; a filter that hides it is given up."""
        if self.filter and self.order and not any(page.key == key for page in self._visible):
            self.set_filter("")
        self.put_cursor(self._row_of(key, otherwise=self.cursor_row))

    @property
    def summary(self) -> str:
        """ "24 pages · 3.2 MB · natural order · 3 marked · 1 excluded"."""
        return " · ".join(self._summary_parts())

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
        moved = self.order.move(self.chosen, self._steps(offset))
        if moved is self.order:
            self.post_message(self.Said("Already at the end." if offset > 0 else "Already at the start."))
            return
        self.change(moved)

    def action_mark(self) -> None:
        page = self.cursor_page
        if page is None:
            return
        self.marked ^= {page.key}
        if self.cursor_row + 1 < self.row_count:
            self.put_cursor(self.cursor_row + 1)
        self.refresh_changed()

    def action_mark_all(self) -> None:
        shown = frozenset(page.key for page in self._visible)
        self.marked = self.marked - shown if shown <= self.marked else self.marked | shown
        self.refresh_changed()

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
            self.post_message(self.FilterWanted())

    # The mouse

    def clicked(self, row: int, event: events.MouseDown) -> None:
        page = self._visible[row]
        if event.shift:
            first, last = sorted((self.cursor_row, row))
            self.marked |= {page.key for page in self._visible[first : last + 1]}
        elif event.ctrl or event.get_content_offset_capture(self).x < _MARK_COLUMNS:
            self.marked ^= {page.key}
        elif self.order is not None and not self.filter:
            self._drag = _Drag(page.key, self.order)
            self.capture_mouse()
        self.put_cursor(row)
        self.refresh_changed()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        row = self.row_at(event.get_content_offset_capture(self).y)
        if self._drag is None or row is None or row == self.cursor_row:
            return
        start = self._drag.start
        # Each step is made from the order at the start of the drag, so that one undo takes the whole drag back.
        here = next(index for index, page in enumerate(start.pages) if page.key == self._drag.key)
        self.update_order(start if row == here else start.move({self._drag.key}, row - here))

    def on_mouse_up(self, event: events.MouseUp) -> None:  # noqa: ARG002
        if self._drag is None:
            return
        start, self._drag = self._drag.start, None
        self.release_mouse()
        if self.order is not None and self.order is not start:
            self.post_message(self.OrderChanged(self, self.order))

    # Rows

    @property
    def row_count(self) -> int:
        return len(self._visible)

    @property
    def header_height(self) -> int:
        return 2 if self.size.height >= 10 else 1

    @property
    def gutter_width(self) -> int:
        return Columns.gutter(self.order)

    def empty_lines(self) -> list[str]:
        if self.order is None or not self.order.pages:
            return self.waiting.split("\n")
        return [
            f"No page's name contains “{safe_text(self.filter)}”.",
            "Press esc in the filter to see all pages.",
        ]

    def gutter_state(self, row: int) -> Hashable:
        page = self._visible[row]
        return self._numbers.get(page.key), page.key in self.marked

    def body_state(self, row: int) -> Hashable:
        page = self._visible[row]
        return page.key, page.size, page.width, page.height, page.type, *self._marks(page)

    def header_state(self, line: int) -> Hashable:
        return self.summary if line == 0 else None

    def draw_header(self, line: int, width: int) -> list[Segment]:
        if line == 0:
            return [Segment(fit(" " + flow(self._summary_parts(), width - 1), width), self.look("header"))]
        return [Segment(Columns.of(self.order, width).titles(), self.look("quiet"))]

    def draw_row(self, row: int, width: int) -> list[Segment]:
        page = self._visible[row]
        columns = Columns.of(self.order, width)
        here, marked = row == self.cursor_row, page.key in self.marked
        gutter = columns.draw_gutter(here, marked, self._numbers.get(page.key))
        body = columns.draw_body(page)
        word, kind = self._marks(page)
        word = columns.draw_marks(word)
        if here:
            style = self.look("cursor")
            return [Segment(gutter, style), Segment(body + word, style)]
        base = self.look("quiet" if page.key in self._excluded else "")
        first = Segment(gutter, self.look("marked") if marked else base)
        if not kind:
            return [first, Segment(body + word, base)]
        return [first, Segment(body, base), Segment(word, self.look(kind))]

    def _marks(self, page: Page) -> tuple[str, str]:
        return marks_of(self._findings.get(page.key), excluded=page.key in self._excluded)

    @property
    def _excluded(self) -> frozenset[str]:
        return self.order.excluded if self.order is not None else frozenset()

    def _take(self, order: PageOrder | None) -> None:
        self.order = order
        if order is None:
            self._visible, self._numbers = (), {}
            return
        wanted = self.filter.casefold()
        self._visible = tuple(page for page in order.pages if wanted in page.name.casefold())
        self._numbers = {page.key: number for number, page in enumerate(order.included, 1)}
        self.marked &= {page.key for page in order.pages}

    def _row_of(self, key: str, *, otherwise: int = 0) -> int:
        rows = (row for row, page in enumerate(self._visible) if page.key == key)
        return next(rows, max(0, min(otherwise, self.row_count - 1)))

    def _steps(self, offset: int) -> int:
        """`offset` counted in all pages: with a filter, one step goes past the hidden pages to the next one shown."""
        if not self.filter or self.order is None:
            return offset
        chosen = self.chosen
        places = [index for index, page in enumerate(self.order.pages) if page.key in chosen]
        shown = [
            index
            for index, page in enumerate(self.order.pages)
            if page.key not in chosen and self.filter.casefold() in page.name.casefold()
        ]
        if offset > 0:
            return next((index - places[-1] for index in shown if index > places[-1]), offset)
        return next((index - places[0] for index in reversed(shown) if index < places[0]), offset)

    def _summary_parts(self) -> list[str]:
        order = self.order
        if order is None:
            return ["Pages"]
        included = order.included
        parts = [plural(len(included), "page"), format_size(sum(page.size for page in included))]
        if order.pages:
            parts.append(order_name(order.sort, reverse=order.reverse))
        if self.marked:
            parts.append(f"{len(self.marked)} marked")
        if order.excluded:
            parts.append(f"{len(order.excluded)} excluded")
        if self.filter:
            parts.append(f"{self.row_count} shown by the filter")
        return parts


@dataclass(frozen=True, slots=True)
class _Drag:
    """A page held with the mouse, and the order before that."""

    key: str
    start: PageOrder


def order_name(by: SortBy, *, reverse: bool = False) -> str:
    """ "natural order", "manual order", "time order, reversed"."""
    return f"{by.value} order" + (", reversed" if reverse and by is not SortBy.MANUAL else "")
