"""The rows of a page order: what is shown of it, and how a row is drawn. Keys and mouse are PageTable's."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Sequence

from rich.segment import Segment
from textual.message import Message

from tui.chapter.findings import Finding
from tui.chapter.order import PageOrder
from tui.chapter.pages import Page
from tui.text import fit
from tui.widgets.line_list import LineList
from tui.widgets.names import steady_text
from tui.widgets.page_columns import Columns, marks_of
from tui.widgets.page_view import PageView


class PageRows(LineList):
    """Shows a PageOrder."""

    class FilterDropped(Message):
        """The filter was given up without the user."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.view = PageView()
        """What is on view."""
        self.waiting = "No chapter yet."
        """What stands here while there is no page; lines."""
        self.renumbered = False
        """Names are shown as the pages' numbers would make them."""
        self._findings: dict[str, Finding] = {}

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
        self._findings = {}
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
        number = self.number_of(page.key) if self.renumbered else None
        return page.key, page.size, page.width, page.height, page.type, number, *self._marks(page)

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
        body = columns.draw_body(
            page, self.view.telling_part, self.number_of(page.key) if self.renumbered else None
        )
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
