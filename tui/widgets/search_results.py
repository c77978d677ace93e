"""What a search has found, and the list that shows it below its field."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.segment import Segment

from tui.text import fit, safe_text
from tui.widgets.line_list import LineList

_MOST_ROWS = 6


@dataclass(frozen=True, slots=True)
class Result:
    """One thing found. The texts need not be safe."""

    id: str
    name: str
    note: str = ""

    def holds(self, text: str) -> bool:
        """Whether its name or note holds every word of `text`."""
        own = f"{self.name} {self.note}".casefold()
        return all(word in own for word in text.casefold().split())


@dataclass(frozen=True, slots=True)
class SearchAnswer:
    """What a search gave. The texts need not be safe."""

    results: Sequence[Result]
    note: str = ""
    """To be said beside the field: how old it is, or why it is old."""


class ResultList(LineList):
    """The results below the field. The keys come from the field, which keeps the focus."""

    can_focus = False

    def __init__(self) -> None:
        super().__init__()
        self.results: list[Result] = []

    def show(self, results: Sequence[Result], *, stay: bool = False) -> None:
        """Show these, the cursor on the first; or, to `stay`, on the one that it was on, if it was moved."""
        before = self.results[self._cursor_row].id if stay and self._cursor_row < len(self.results) else ""
        moved = self._cursor_row > 0
        self.results = list(results)
        ids = [result.id for result in self.results]
        self._cursor_row = ids.index(before) if moved and before in ids else 0
        self.styles.height = min(len(self.results), _MOST_ROWS)
        self.display = bool(self.results)
        self.scroll_to(y=0, animate=False, immediate=True)
        self.rows_changed()

    @property
    def row_count(self) -> int:
        return len(self.results)

    def body_state(self, row: int) -> Result:
        return self.results[row]

    def draw_row(self, row: int, width: int) -> list[Segment]:
        found = self.results[row]
        at_cursor = row == self.cursor_row
        text = f"{'▸' if at_cursor else ' '} {safe_text(found.name)}"
        if found.note:
            text += f"  ({safe_text(found.note)})"
        indent = " " * 11
        return [Segment(fit(indent + text, width), self.look("cursor" if at_cursor else "quiet"))]
