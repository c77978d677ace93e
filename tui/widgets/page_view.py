"""What of a page order is on view: the filter, the marked pages, the numbers. No drawing."""

from __future__ import annotations

from collections.abc import Collection

from tui.chapter.order import PageOrder, SortBy
from tui.chapter.pages import Page
from tui.text import cell_width, format_size, plural
from tui.widgets.names import steady_text, telling_parts


class PageView:
    """Rows of a page table. The order is immutable; a change is another order handed to `take`."""

    def __init__(
        self, order: PageOrder | None = None, *, marked: Collection[str] = (), filter_text: str = ""
    ) -> None:
        self.order: PageOrder | None = None
        self.marked: frozenset[str] = frozenset(marked)
        """Keys of the marked pages; a filter does not unmark what it hides."""
        self.filter = filter_text
        """Only names that contain this, whatever the case, are on view; empty for all."""
        self.pages: tuple[Page, ...] = ()
        """The pages on view, in order; excluded ones among them."""
        self.excluded: frozenset[str] = frozenset()
        self._numbers: dict[str, int] = {}
        self._rows: dict[str, int] = {}
        self._telling: dict[str, tuple[int, int]] = {}
        self.take(order)

    def take(self, order: PageOrder | None) -> None:
        """Show this order."""
        self.order = order
        keys, pages = (order.keys, order.pages) if order is not None else ((), ())
        numbered = order.included_keys if order is not None else ()
        self.excluded = order.excluded if order is not None else frozenset()
        if self.marked:
            self.marked &= set(keys)
        if self.filter:
            shown = [(key, page) for key, page in zip(keys, pages, strict=True) if self.matches(page)]
            keys, pages = tuple(key for key, _ in shown), tuple(page for _, page in shown)
        self.pages = pages
        self._rows = {key: row for row, key in enumerate(keys)}
        self._numbers = {key: number for number, key in enumerate(numbered, 1)}

    def set_filter(self, text: str) -> None:
        """Show only pages whose name contains `text`."""
        self.filter = text
        self.take(self.order)

    def matches(self, page: Page) -> bool:
        """The filter lets this page through."""
        return not self.filter or self.filter.casefold() in page.name.casefold()

    def number_of(self, key: str) -> int | None:
        """Position among the included pages, 1 for the first; None when it is left out."""
        return self._numbers.get(key)

    def telling_part(self, name: str) -> tuple[int, int]:
        """What of a name, as steady_text() makes it, tells its page from the others: from one index to another."""
        if name not in self._telling and self.order is not None:
            # Once for all: another order of the same pages changes nothing in it.
            self._telling = telling_parts({steady_text(page.name) for page in self.order.pages})
        return self._telling.get(name, (0, 0))

    def row_of(self, key: str) -> int | None:
        """The row of the page on view; None when it is not on view."""
        return self._rows.get(key)

    def steps(self, chosen: Collection[str], offset: int) -> int:
        """How far `chosen` must move among all pages so that they pass one more page on view.

        Without a filter that is `offset` itself (1 or -1); with one, hidden pages are passed too.
        """
        if not self.filter or self.order is None:
            return offset
        places = [place for place, page in enumerate(self.order.pages) if page.key in chosen]
        on_view = [
            place
            for place, page in enumerate(self.order.pages)
            if page.key not in chosen and self.matches(page)
        ]
        if not places:
            return 0
        if offset > 0:
            return next((place - places[-1] for place in on_view if place > places[-1]), offset)
        return next((place - places[0] for place in reversed(on_view) if place < places[0]), offset)

    def summary(self, width: int | None = None) -> str:
        """ "24 pages · 3.2 MB · natural order · 3 marked · 1 excluded"; in little room without the bytes."""
        order = self.order
        if order is None:
            return "Pages"
        parts = [plural(len(order.included), "page"), format_size(order.included_bytes), order_name(order)]
        if self.marked:
            parts.append(f"{len(self.marked)} marked")
        if order.excluded:
            parts.append(f"{len(order.excluded)} excluded")
        if self.filter:
            parts.append(f"{len(self.pages)} shown by the filter")
        line = " · ".join(parts)
        return line if width is None or cell_width(line) <= width else " · ".join(parts[:1] + parts[2:])


def order_name(order: PageOrder) -> str:
    """ "natural order", "manual order", "time order, reversed"."""
    return f"{order.sort.value} order" + (
        ", reversed" if order.reverse and order.sort is not SortBy.MANUAL else ""
    )
