"""The live log: one line an event, newest at the end, filtered as one types."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from rich.segment import Segment

from tui.text import fit
from tui.widgets.bindings import bindings
from tui.widgets.line_list import LineList

MOST_LINES = 2000
"""Lines kept; the log file has them all."""


class UploadLog(LineList):
    """Lines that are safe to show. Follows the newest line unless the cursor was moved away from it."""

    BINDINGS = bindings("page.down", "page.up", "page.first", "page.last", "page.page-down", "page.page-up")

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._all: deque[str] = deque(maxlen=MOST_LINES)
        self._shown: list[str] = []
        self._words: list[str] = []

    @property
    def text(self) -> str:
        """The lines shown, for copying and saving."""
        return "\n".join(self._shown)

    def add(self, lines: Iterable[str]) -> None:
        """Append lines; repaints only rows that change."""
        new = list(lines)
        if not new:
            return
        at_end = self.cursor_row >= len(self._shown) - 1
        full = len(self._all) + len(new) > MOST_LINES
        self._all.extend(new)
        if full:
            self._shown = [line for line in self._all if self._matches(line)]
            self.rows_changed()
        else:
            self._shown += [line for line in new if self._matches(line)]
            self.rows_added()
        if at_end:
            self.put_cursor(len(self._shown) - 1)

    def set_filter(self, text: str) -> None:
        """Show only lines that contain every word of `text`."""
        self._words = text.casefold().split()
        self._shown = [line for line in self._all if self._matches(line)]
        self.rows_changed()
        self.put_cursor(len(self._shown) - 1)

    def clear(self) -> None:
        """Begin anew."""
        self._all.clear()
        self._shown.clear()
        self.rows_changed()

    def _matches(self, line: str) -> bool:
        folded = line.casefold()
        return all(word in folded for word in self._words)

    @property
    def row_count(self) -> int:
        return len(self._shown)

    def empty_lines(self) -> list[str]:
        return ["Nothing matches the filter." if self._words else "Nothing has happened yet."]

    def body_state(self, row: int) -> str:
        return self._shown[row]

    def draw_row(self, row: int, width: int) -> list[Segment]:
        look = "cursor" if row == self.cursor_row and self.has_focus else ""
        return [Segment(fit(f" {self._shown[row]}", width), self.look(look))]
