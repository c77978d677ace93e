"""What was uploaded from this machine, and what was interrupted."""

from __future__ import annotations

import asyncio

from rich.segment import Segment
from textual import on, work
from textual.app import ComposeResult

from tui.screens.base import DexupScreen
from tui.screens.history_rows import HistoryRow, history_rows
from tui.text import fit, safe_text
from tui.upload.ledger_file import LedgerError
from tui.widgets.bindings import bindings
from tui.widgets.dialogs import Message
from tui.widgets.entry_bar import EntryBar
from tui.widgets.hint_line import HintLine
from tui.widgets.key_line import KeyLine
from tui.widgets.line_list import LineList


class HistoryList(LineList):
    """One upload a row."""

    BINDINGS = bindings("page.down", "page.up", "page.first", "page.last", "page.page-down", "page.page-up")

    def __init__(self) -> None:
        super().__init__(id="history")
        self.rows: list[HistoryRow] = []
        self.waiting = "Loading…"

    def show(self, rows: list[HistoryRow], waiting: str) -> None:
        """Show these rows, or `waiting` when there are none."""
        self.rows, self.waiting = rows, waiting
        self.rows_changed()

    @property
    def row_count(self) -> int:
        return len(self.rows)

    def empty_lines(self) -> list[str]:
        return self.waiting.split("\n")

    def body_state(self, row: int) -> HistoryRow:
        return self.rows[row]

    def draw_row(self, row: int, width: int) -> list[Segment]:
        shown = self.rows[row]
        look = self.look("cursor" if row == self.cursor_row else "")
        head = f" {fit(shown.age, 12)} {fit(shown.state, 15)} "
        more = f"  {shown.more}" if width >= 110 else ""
        room = width - len(head) - (min(len(more), width // 3) if more else 0)
        return [Segment(fit(head + fit(shown.what, room) + more, width), look)]


class HistoryScreen(DexupScreen):
    """Receipts and interrupted uploads, from the ledger on this machine; asks nobody."""

    PLACE = "History"
    HELP_TEXT = "What was committed from this machine, with its link, and uploads that can still go on."
    CSS = """
    HistoryScreen #history { height: 1fr; }
    HistoryScreen #history-hint { height: 1; background: $boost; }
    """
    BINDINGS = bindings("history.*")

    def __init__(self) -> None:
        super().__init__()
        self._all: list[HistoryRow] = []
        self._list = HistoryList()
        self._filter = EntryBar("Filter", id="history-filter")

    def compose(self) -> ComposeResult:
        yield from self.compose_title()
        yield self._list
        yield self._filter
        yield HintLine(id="history-hint")
        yield KeyLine(keep=("app.back", "app.help"))

    def on_mount(self) -> None:
        self._list.focus()

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        self._read()

    @work(exclusive=True, group="history", exit_on_error=False)
    async def _read(self) -> None:
        engine = self.dexup.services.engine
        try:
            entries = await asyncio.wrap_future(engine.unfinished())
            receipts = await asyncio.wrap_future(engine.receipts())
        except LedgerError as error:
            self._list.show([], f"✗ {safe_text(error)}\n{safe_text(error.remedy)}")
            return
        self._all = history_rows(entries, receipts)
        self._show(self._filter.value)

    def _show(self, wanted: str) -> None:
        words = wanted.casefold().split()
        rows = [
            row
            for row in self._all
            if all(w in f"{row.what} {row.state} {row.more}".casefold() for w in words)
        ]
        empty = (
            "Nothing matches the filter."
            if wanted
            else "Nothing was uploaded yet.\nesc goes back, n there begins."
        )
        self._list.show(rows, empty)
        note = self.dexup.services.engine.ledger_note
        hint = note or (
            "enter shows details and link · r resumes what was interrupted · / filters" if self._all else ""
        )
        self.query_one("#history-hint", HintLine).show(hint)

    # Keys

    @property
    def _row(self) -> HistoryRow | None:
        return self._list.rows[self._list.cursor_row] if self._list.rows else None

    def action_open_link(self) -> None:
        row = self._row
        if row is not None:
            lines = [row.link or f"No link: {row.state}.", "", row.what, *row.details]
            self.app.push_screen(Message(row.state.capitalize(), lines, copy=row.link))

    def action_copy_link(self) -> None:
        row = self._row
        if row is not None and row.link:
            self.app.copy_to_clipboard(row.link)
            self.notify(f"Sent to the terminal's clipboard: {row.link}", markup=False)

    def action_resume(self) -> None:
        row = self._row
        engine = self.dexup.services.engine
        if row is None or row.entry is None:
            self.notify("Only an interrupted upload can be resumed.", markup=False)
        elif engine.view.active:
            self.dexup.show_upload()
        elif row.entry.account not in ("", self.dexup.services.account):
            owner = safe_text(row.entry.account)
            self.notify(f"It belongs to the account {owner}: log in with that.", markup=False)
        else:
            engine.resume(row.entry)
            self.dexup.show_upload()

    def action_filter(self) -> None:
        self._filter.open()

    @on(EntryBar.Typed)
    def _filter_changed(self, message: EntryBar.Typed) -> None:
        message.stop()
        self._show(message.text)

    @on(EntryBar.Closed)
    def _filter_closed(self, message: EntryBar.Closed) -> None:
        message.stop()
        if not message.kept or not message.text:
            self._filter.close()
            self._show("")
        self._list.focus()
