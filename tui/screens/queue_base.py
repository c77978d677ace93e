"""Many chapters at once: a table to correct what their names do not tell, and the run that uploads them."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from datetime import UTC, datetime
from pathlib import Path

from textual import on, work
from textual.app import ComposeResult

from tui.chapter.reading import REFITTED, ReadChapter, read_chapter
from tui.chapter.sources.base import IsCancelled
from tui.screens.base import DexupScreen
from tui.screens.group_doubts import GroupDoubts
from tui.screens.queue_words import EMPTY, end_line, progress_line
from tui.storage.errors import StorageError
from tui.storage.kept_orders import KeptOrders
from tui.text import plural, safe_text
from tui.upload.describe import describe
from tui.upload.events import BytesSent, Event, PageAccepted
from tui.upload.known import Known
from tui.upload.ledger_file import LedgerError
from tui.upload.queue.entry import QueueEntry
from tui.upload.queue.table import QueueFull, QueueTable
from tui.widgets import queue_table
from tui.widgets.hint_line import HintLine
from tui.widgets.key_line import KeyLine
from tui.widgets.line_list import LineList
from tui.widgets.queue_reader import QueueReader
from tui.widgets.queue_rows import Checked, queue_rows, summary

_LOOKS = 3.0
"""Times a second that a run is looked at; a third of that over SSH."""


class QueueBase(DexupScreen):
    """What the queue's screen knows and how it is shown; changes of the table are in its child."""

    PLACE = "Queue"
    SHOWS_WAITS = True
    HELP_TEXT = (
        "One line a chapter. Enter types into the cell under the cursor, d copies it down, + and - shift the "
        "numbers from here on; keys work on the marked chapters when there are any. s lists exactly what will "
        "be published, asks for the terms once, and uploads one chapter after the other. A chapter that fails "
        "is named and does not stop the others. The queue survives whatever happens to dexup."
    )
    CSS = """
    QueueScreen #queue-status { height: 1; padding: 0 1; color: $foreground; text-style: bold; }
    QueueScreen #queue { height: 1fr; }
    QueueScreen #queue-about { height: 2; }
    QueueScreen #queue-log { height: 1; display: none; }
    QueueScreen #queue-log.-shown { display: block; }
    QueueScreen #queue-hint { height: 1; background: $boost; }
    """

    def __init__(self, paths: Sequence[Path] = ()) -> None:
        super().__init__()
        self._paths = list(paths)
        self._entries: list[QueueEntry] = []
        self._checked: dict[int, Checked] = {}
        self._doubts = GroupDoubts()
        self._checking: set[int] = set()
        self._loaded = False
        self._filling = ""
        self._said = ""
        self._changes = 0
        self._writes = 0
        self._log_line = ""
        self._hang_up: Callable[[], None] = lambda: None
        self._was_running = False
        self.table = queue_table.QueueTable(open_cell=self.open_cell, id="queue")
        self._reader = QueueReader(known=lambda: self.dexup.services.known(), read=self._read_whole)

    def open_cell(self) -> None:
        """Type into the cell under the cursor."""
        raise NotImplementedError

    def look_up_names(self) -> None:
        """Find the ids of manga and groups that are known by name only."""
        raise NotImplementedError

    def ask_for_groups(self) -> None:
        """Find out what speaks against uploading for the groups."""
        raise NotImplementedError

    def compose_bars(self) -> ComposeResult:
        """Fields to type into."""
        yield from ()

    def compose(self) -> ComposeResult:
        yield from self.compose_title()
        yield HintLine(id="queue-status")
        yield self.table
        yield HintLine(id="queue-about")
        yield HintLine(id="queue-log")
        yield from self.compose_bars()
        yield HintLine(id="queue-hint")
        yield self._reader
        yield KeyLine(keep=("app.back", "app.help"))

    def on_mount(self) -> None:
        rate = _LOOKS / 3 if self.dexup.over_ssh() else _LOOKS
        self.set_interval(1 / rate, self._look)
        self._hang_up = self.dexup.services.engine.listen(self._heard)
        self.table.waiting = "Reading the queue…"
        self.table.focus()

    def on_unmount(self) -> None:
        self._hang_up()

    def _heard(self, event: Event) -> None:
        """In the engine's thread."""
        if not isinstance(event, BytesSent | PageAccepted):
            self._log_line = f"{datetime.fromtimestamp(event.at, UTC):%H:%M:%S}  {describe(event)}"

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        self.reload()

    def _read_whole(self, source: Path, known: Known, cancelled: IsCancelled) -> ReadChapter:
        """In a thread of the reader's."""
        services = self.dexup.services
        kept = KeptOrders(services.paths.orders_folder)
        order = services.settings.upload.order
        chapter = read_chapter(source, order, kept=kept.get, guess=known.guess, cancelled=cancelled)
        for finding in chapter.findings:
            if finding.rule == REFITTED:
                with contextlib.suppress(StorageError):  # then it is said again the next time
                    kept.note_told(chapter.source, finding.message)
        return chapter

    # Reading the queue

    def add(self, paths: Sequence[Path]) -> None:
        """Put the chapters that `paths` stand for into the queue."""
        self._paths += paths
        if self._loaded:
            self._fill()

    def _fill(self) -> None:
        if self._paths:
            paths, self._paths = self._paths, []
            self._filling = "Looking for chapters…"
            self._show()
            self._reader.fill(paths, {entry.source for entry in self._entries})

    @work(exclusive=True, group="queue-reload", exit_on_error=False)
    async def reload(self) -> None:
        """Read the table; the run, or another dexup, may have changed it."""
        await self.read_table()

    async def read_table(self) -> None:
        """The same at once. What is shown already and still on its way to the disk is never shown as undone: a
        read that was overtaken by a write is done again."""
        store = self.dexup.services.engine.queue
        stamp = -1
        try:
            while stamp != self._writes:
                stamp = self._writes
                await asyncio.wrap_future(store.submit(QueueTable.reconcile))
                found = await asyncio.wrap_future(store.submit(QueueTable.entries))
        except LedgerError as error:
            self.table.show([], waiting=f"✗ {safe_text(error)}\n{safe_text(error.remedy)}")
            return
        self._entries = found
        self._loaded = True
        there = {entry.number for entry in self._entries}
        self._checked = {number: one for number, one in self._checked.items() if number in there}
        self._show()
        self._fill()
        self._check()
        self.ask_for_groups()

    def _check(self) -> None:
        """Read chapters that were not read yet."""
        wanted = [entry for entry in self._entries if entry.number not in self._checked and not entry.fixed]
        numbers = {entry.number for entry in wanted}
        if numbers - self._checking:
            self._checking = numbers
            self._reader.check(wanted)

    @on(QueueReader.Read)
    def _chapters_read(self, message: QueueReader.Read) -> None:
        message.stop()
        self._checked |= message.checked
        self._checking -= message.checked.keys()
        self._show()

    @on(QueueReader.Filling)
    def _filling_on(self, message: QueueReader.Filling) -> None:
        message.stop()
        self._filling = f"Reading names: {message.done} of {message.total}…"
        self._show()

    @on(QueueReader.Filled)
    def _filled(self, message: QueueReader.Filled) -> None:
        message.stop()
        self._filling = ""
        known = f"; {message.known} in the queue already" if message.known else ""
        self.say(f"{plural(len(message.entries), 'chapter')} added{known}.")
        if message.entries:
            self.submit(QueueTable.add, message.entries, then=self.look_up_names)

    @on(QueueReader.Failed)
    def _read_failed(self, message: QueueReader.Failed) -> None:
        message.stop()
        self._filling = ""
        self.say(f"✗ {safe_text(message.text)}")

    # Writing

    def submit(
        self, method: Callable[..., object], *args: object, then: Callable[[], None] | None = None
    ) -> None:
        """Do something to the table, then read it again."""
        self._writes += 1
        self._written(self.dexup.services.engine.queue.submit(method, *args), then)

    @work(group="queue-write", exit_on_error=False)
    async def _written(self, future: Future[object], then: Callable[[], None] | None) -> None:
        try:
            await asyncio.wrap_future(future)
        except (LedgerError, QueueFull) as error:
            self.notify(safe_text(error), markup=False, severity="error")
        await self.read_table()
        if then is not None:
            then()

    def entry(self, number: int | None) -> QueueEntry | None:
        """The entry with this number."""
        return next((entry for entry in self._entries if entry.number == number), None)

    # Showing

    def _look(self) -> None:
        if not self.is_current:
            return
        runner = self.dexup.services.queue
        status = runner.status
        if status.changes != self._changes or status.running != self._was_running:
            if self._was_running and not status.running:
                self.app.bell()
            self._changes, self._was_running = status.changes, status.running
            self.refresh_bindings()
            self.reload()
        if status.running:
            self._show_status()

    def _show(self) -> None:
        status = self.dexup.services.queue.status
        now = datetime.now(UTC)
        at_work = status.number if status.running else 0
        rows = queue_rows(self._entries, self._checked, at_work, now, self._doubts.known)
        self.table.show(rows, waiting=EMPTY if self._loaded else "Reading the queue…")
        self._show_status()
        self._show_about()

    def _show_status(self) -> None:
        services = self.dexup.services
        status = services.queue.status
        unchecked = sum(entry.number not in self._checked and not entry.fixed for entry in self._entries)
        lines = summary(self.table.rows, self._entries, unchecked) if self._entries else ""
        if status.running:
            lines = progress_line(status, services.engine.view, self._entries, time.time())
        elif status.end is not None:
            lines = f"{end_line(status.end, status.committed, status.failed)} {lines}"
        log = self.query_one("#queue-log", HintLine)
        log.show(self._log_line)
        log.set_class(bool(self._log_line) and (status.running or status.end is not None), "-shown")
        self.query_one("#queue-status", HintLine).show(
            self._filling or lines, most_lines=2, least_lines=2 if status.running else 1
        )

    def _show_about(self) -> None:
        row = self.table.cursor_entry
        about = ""
        if row is not None:
            marked = f"{len(self.table.marked)} marked. " if self.table.marked else ""
            more = f" (and {len(row.problems) - 1} more)" if len(row.problems) > 1 else ""
            about = marked + (f"{row.problems[0]}{more}" if row.problems else row.source)
        self.query_one("#queue-about", HintLine).show(about)
        self.query_one("#queue-hint", HintLine).show(self._said or self._next_step())

    def _next_step(self) -> str:
        if not self._entries:
            return "a chooses chapters to add"
        if self.dexup.services.queue.running:
            return "s stops · P pauses · p leaves out · enter watches the one under way"
        if any(row.errors for row in self.table.rows):
            return "enter edits · d fills down · v shows the pages · s starts what is ready"
        return "s lists what will be published, and asks before it starts"

    def say(self, text: str) -> None:
        """Say it until the cursor moves on."""
        self._said = text
        self._show_about()

    def on_line_list_cursor_moved(self, message: LineList.CursorMoved) -> None:
        message.stop()
        self._said = ""
        self._show_about()

    @on(queue_table.QueueTable.ChoiceChanged)
    def _choice_changed(self, message: queue_table.QueueTable.ChoiceChanged) -> None:
        message.stop()
        self._said = ""
        self._show_about()
