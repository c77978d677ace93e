"""The page table with its filter and its questions: which position, which order."""

from __future__ import annotations

from collections.abc import Collection

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical

from tui.chapter.order import PageOrder, SortBy
from tui.text import plural
from tui.widgets.choose import Choose
from tui.widgets.entry_bar import EntryBar
from tui.widgets.page_table import PageTable
from tui.widgets.page_view import order_name
from tui.widgets.prompt import Prompt

_SORTS = (SortBy.NATURAL, SortBy.PLAIN, SortBy.TIME, SortBy.SIZE, SortBy.PIXELS)
_MEANING = {
    SortBy.NATURAL: "by name, 2 before 10",
    SortBy.PLAIN: "by name as text, 10 before 2",
    SortBy.TIME: "by last change, oldest first",
    SortBy.SIZE: "by bytes, smallest first",
    SortBy.PIXELS: "by pixels, smallest first",
}


class PagePane(Vertical):
    """Asks what a key of the page table needs to know, and gives the answer to the table."""

    DEFAULT_CSS = """
    PagePane > PageTable { height: 1fr; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.table = PageTable(open_filter=self._filter, id="pages")
        """The table itself, which takes the focus."""
        self._bar = EntryBar("Show pages whose name contains…", id="page-filter")

    def compose(self) -> ComposeResult:
        yield self._bar
        yield self.table

    # Filter

    def _filter(self) -> None:
        self._bar.open(self.table.view.filter)

    @on(EntryBar.Typed)
    def _filter_typed(self, message: EntryBar.Typed) -> None:
        message.stop()
        self.table.set_filter(message.text)

    @on(EntryBar.Stepped)
    def _filter_stepped(self, message: EntryBar.Stepped) -> None:
        message.stop()
        self.table.action_cursor(message.rows)

    @on(EntryBar.Closed)
    def _filter_closed(self, message: EntryBar.Closed) -> None:
        message.stop()
        if not message.kept or not message.text:
            self._bar.close()
            self.table.set_filter("")
        self.table.focus()

    @on(PageTable.FilterDropped)
    def _filter_dropped(self, message: PageTable.FilterDropped) -> None:
        message.stop()
        self._bar.close()

    def on_key(self, event: events.Key) -> None:
        """Escape gives the filter up first; only then does it leave the screen."""
        if event.key == "escape" and self.table.has_focus and self.table.view.filter:
            event.stop()
            event.prevent_default()
            self._bar.close()
            self.table.set_filter("")

    # Position

    @on(PageTable.MoveToWanted)
    def _move_to(self, message: PageTable.MoveToWanted) -> None:
        message.stop()
        table = self.table
        if table.order is None:
            return
        count = max(1, len(table.order.included))
        what = plural(len(table.chosen), "page")
        self.app.push_screen(
            Prompt(
                f"Move {what} to which position? 1 to {count}", validate=lambda text: _number(text, count)[1]
            ),
            self._move_to_typed,
        )

    def _move_to_typed(self, typed: str | None) -> None:
        table = self.table
        if typed is None or table.order is None:
            return
        number, problem = _number(typed, max(1, len(table.order.included)))
        if not problem:
            self._change(table.order.move_to(table.chosen, _place(table.order, table.chosen, number)))

    # Order

    @on(PageTable.SortWanted)
    def _sort(self, message: PageTable.SortWanted) -> None:
        message.stop()
        choices = [(by.value, f"{by.value}: {_MEANING[by]}") for by in _SORTS]
        choices += [(f"-{by.value}", f"{by.value}, reversed") for by in _SORTS]
        order = self.table.order
        now = f"Order of the pages (now {order_name(order)})" if order else "Order"
        self.app.push_screen(Choose(now, choices), self._sort_chosen)

    def _sort_chosen(self, choice: str | None) -> None:
        order = self.table.order
        if choice is not None and order is not None:
            self._change(order.sorted(SortBy(choice.removeprefix("-")), reverse=choice.startswith("-")))

    def _change(self, order: PageOrder) -> None:
        """Make it the order. The table says so itself: what its parent makes it say goes no further up."""
        self.table.call_next(self.table.change, order)


def _number(typed: str, count: int) -> tuple[int, str]:
    """The page number typed, and what is wrong with it (empty when nothing is)."""
    text = typed.strip()
    if not text.isdecimal() or len(text) > 9 or not 1 <= int(text) <= count:
        return 0, f"A number from 1 to {count}."
    return int(text), ""


def _place(order: PageOrder, moved: Collection[str], number: int) -> int:
    """The place among all pages, from 1, at which the first moved page gets this number.

    Excluded pages have a place but no number.
    """
    before = place = 0
    for page in order.pages:
        if page.key in moved:
            continue
        before += page.key not in order.excluded
        if before >= number:
            break
        place += 1
    return place + 1
