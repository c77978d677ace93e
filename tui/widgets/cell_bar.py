"""The field in which a cell of a table is typed."""

from __future__ import annotations

from textual.widgets.input import Selection

from tui.widgets.entry_bar import EntryBar


class CellBar(EntryBar):
    """Opens with its text selected: what is typed replaces it, a cursor key keeps it."""

    DEFAULT_CSS = """
    CellBar, CellBar:focus { display: none; height: 1; border: none; padding: 0 1; background: $boost; }
    CellBar.-open { display: block; }
    """

    def open(self, text: str = "") -> None:
        super().open(text)
        self.selection = Selection(0, len(text))
