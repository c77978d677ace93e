"""The peer of what is measured on a terminal: a bare Textual app, with a header, a table of 500 rows, a footer."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.widgets import DataTable, Footer, Header

READY = "page 020.png"
"""On the screen when the first frame is painted, from 24 rows on; not so early as the title."""
ROWS = 500


class Bare(App[None]):
    """What every Textual app pays, and nothing more."""

    BINDINGS = [("ctrl+q", "quit", "Quit")]

    def compose(self) -> ComposeResult:
        yield Header()
        yield DataTable(cursor_type="row")
        yield Footer()

    def on_mount(self) -> None:
        table = self.query_one(DataTable)
        table.add_columns("number", "name", "size", "pixels", "type")
        table.add_rows(
            (str(number), f"page {number:03}.png", "20.0 kB", "800 x 1200", "PNG")
            for number in range(1, ROWS + 1)
        )


if __name__ == "__main__":
    Bare().run()
