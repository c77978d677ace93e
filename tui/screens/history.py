"""What was uploaded from this machine, and what was interrupted."""

from __future__ import annotations

import asyncio
from collections import Counter

from rich.segment import Segment
from textual import on, work
from textual.app import ComposeResult

from tui.mangadex.errors import MangaDexError
from tui.screens.base import DexupScreen
from tui.screens.history_rows import HistoryRow, history_rows
from tui.text import fit, plural, safe_text
from tui.upload.ledger_entry import belongs_to
from tui.upload.ledger_file import LedgerError
from tui.upload.wanted import matching
from tui.widgets.bindings import bindings
from tui.widgets.choose import Choose
from tui.widgets.dialogs import Message
from tui.widgets.entry_bar import EntryBar
from tui.widgets.hint_line import HintLine
from tui.widgets.key_line import KeyLine
from tui.widgets.line_list import LineList
from tui.widgets.outside import copied

_LEAST_STATE = 11


class HistoryList(LineList):
    """One upload a row."""

    BINDINGS = bindings("page.down", "page.up", "page.first", "page.last", "page.page-down", "page.page-up")

    def __init__(self) -> None:
        super().__init__(id="history")
        self.rows: list[HistoryRow] = []
        self.waiting = "Loading…"
        self._state_width = _LEAST_STATE

    def show(self, rows: list[HistoryRow], waiting: str) -> None:
        """Show these rows, or `waiting` when there are none."""
        self.rows, self.waiting = rows, waiting
        self._state_width = max((len(row.state) for row in rows), default=_LEAST_STATE)
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
        here = row == self.cursor_row
        marks = ("▸" if here else " ") + ("!" if shown.doubtful else " ")
        head = f"{marks}{fit(shown.age, 12)} {fit(shown.state, self._state_width)} "
        more = f"  {shown.more}" if width >= 110 else ""
        room = width - len(head) - (min(len(more), width // 3) if more else 0)
        text = fit(head + fit(shown.what, room) + more, width)
        return [Segment(text, self.look("cursor" if here else ""))]


_LOOK = 1.0
"""Seconds after which the screen looks whether something changed."""
_ALL = ""


class HistoryScreen(DexupScreen):
    """Receipts and interrupted uploads, from the ledger on this machine. What became of the chapters is
    followed by the engine; this screen only shows it, and asks at once when it is told to."""

    PLACE = "History"
    HELP_TEXT = (
        "What was committed from this machine, with its link and what became of it, and uploads that can "
        "still go on. dexup asks by itself until a chapter is visible; f5 asks now."
    )
    CSS = """
    HistoryScreen #history { height: 1fr; }
    HistoryScreen #history-hint { height: 1; background: $boost; }
    """
    BINDINGS = bindings("history.*")

    def __init__(self) -> None:
        super().__init__()
        self._all: list[HistoryRow] = []
        self._state = _ALL
        """The only state that is shown, or all of them."""
        self._changes = 0
        self._asking = ""
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
        self.set_interval(_LOOK, self._look)

    def _look(self) -> None:
        if self.dexup.services.engine.follow_up.changes != self._changes:
            self._read()

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        self._read()

    @work(exclusive=True, group="history", exit_on_error=False)
    async def _read(self) -> None:
        engine = self.dexup.services.engine
        try:
            entries = await asyncio.wrap_future(engine.records.unfinished())
            receipts = await asyncio.wrap_future(engine.records.receipts())
            self._changes = engine.follow_up.changes
            proofs = await asyncio.wrap_future(engine.records.proofs())
        except LedgerError as error:
            self._list.show([], f"✗ {safe_text(error)}\n{safe_text(error.remedy)}")
            return
        view = engine.view
        running = view.plan.id if view.plan is not None and view.active else ""
        self._all = history_rows(entries, receipts, proofs, running)
        self._show(self._filter.value)

    def _show(self, wanted: str) -> None:
        rows = [row for row in self._all if self._state in (_ALL, row.state)]
        rows = matching(rows, wanted, lambda row: row.search_text)
        empty = "Nothing was uploaded yet.\nesc goes back, n there begins."
        if self._all:
            empty = "Nothing matches the filter."
            empty += f"\nOnly “{self._state}” is shown; s changes that." if self._state else ""
        self._list.show(rows, empty)
        self.query_one("#history-hint", HintLine).show(self._hint())

    def _hint(self) -> str:
        engine = self.dexup.services.engine
        if engine.ledger_note:
            return engine.ledger_note
        if self._asking:
            return self._asking
        if engine.follow_up.problem:
            return f"✗ What became of the chapters could not be asked: {safe_text(engine.follow_up.problem)}"
        if not self._all:
            return ""
        only = f"only {self._state} · " if self._state else ""
        return f"{only}enter shows all of it · / searches · s by state · f5 asks MangaDex now"

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
            self.notify(copied(self.app, row.link, row.link), markup=False)

    def action_resume(self) -> None:
        row = self._row
        engine = self.dexup.services.engine
        if row is None or row.entry is None:
            self.notify("Only an interrupted upload can be resumed.", markup=False)
        elif engine.view.active:
            self.dexup.show_upload()
        elif not belongs_to(row.entry.account, self.dexup.services.account):
            owner = safe_text(row.entry.account)
            self.notify(f"It belongs to the account {owner}: log in with that.", markup=False)
        else:
            engine.resume(row.entry, account=self.dexup.services.account)
            self.dexup.show_upload()

    def action_edit(self) -> None:
        row = self._row
        if row is None or not row.chapter_id:
            self.notify("Only a chapter that was committed can be edited.", markup=False)
        else:
            self.dexup.show_edit(row.chapter_id)

    def action_filter(self) -> None:
        self._filter.open()

    def action_state(self) -> None:
        counts = Counter(row.state for row in self._all)
        choices = [(_ALL, f"Everything ({len(self._all)})")]
        choices += [(state, f"{state} ({count})") for state, count in counts.most_common()]
        self.app.push_screen(Choose("Show only what is", choices), self._state_chosen)

    def _state_chosen(self, state: str | None) -> None:
        if state is not None:
            self._state = state
            self._show(self._filter.value)

    @work(exclusive=True, group="ask", exit_on_error=False)
    async def action_refresh(self) -> None:
        services = self.dexup.services
        if not services.account:
            self.notify("Nobody is logged in: l on the start screen.", markup=False)
            return
        self._asking = "Asking MangaDex what became of them…"
        self._show(self._filter.value)
        try:
            asked = await asyncio.wrap_future(
                services.engine.look_after_chapters(services.account, everything=True)
            )
        except (MangaDexError, LedgerError) as error:
            self.notify(f"It could not be asked: {safe_text(error)}", markup=False, severity="error")
        else:
            self.notify(f"{plural(asked, 'chapter')} asked for.", markup=False)
        finally:
            self._asking = ""
            self._read()

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
