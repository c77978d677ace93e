"""The slow work of the queue's screen, in threads: finding chapters, reading them, checking them."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from textual import work
from textual.message import Message
from textual.widget import Widget
from textual.worker import Worker, WorkerState, get_current_worker

from tui.chapter.cancel import Cancelled
from tui.chapter.findings import Finding, Severity
from tui.chapter.many import find_chapters
from tui.chapter.reading import ReadChapter
from tui.chapter.sources import SourceError
from tui.chapter.sources.base import IsCancelled
from tui.upload.known import Known
from tui.upload.queue.entry import QueueEntry
from tui.upload.queue.filling import new_entry
from tui.widgets.queue_rows import TOLD_BY_ENTRY, Checked

_BATCH = 0.3
"""Seconds between two deliveries."""


class QueueReader(Widget):
    """Invisible. Its threads only post messages."""

    DEFAULT_CSS = "QueueReader { display: none; }"

    @dataclass
    class Filling(Message):
        """So many chapters were looked at."""

        done: int
        total: int

    @dataclass
    class Filled(Message):
        """New entries; `known` chapters were in the queue already."""

        entries: list[QueueEntry]
        known: int

    @dataclass
    class Read(Message):
        """What is in some chapters: number of the entry -> what was found."""

        checked: dict[int, Checked]

    @dataclass
    class Failed(Message):
        """Something that no thread expected."""

        text: str

    def __init__(
        self,
        *,
        known: Callable[[], Known],
        read: Callable[[Path, Known, IsCancelled], ReadChapter],
    ) -> None:
        """`known` gathers what this machine knows; both are called in threads and may block."""
        super().__init__()
        self._known = known
        self._read_chapter = read

    def fill(self, paths: Sequence[Path], known: Collection[Path]) -> None:
        """Make entries of the chapters that `paths` stand for; answers with Filling, then Filled."""
        self._fill(tuple(paths), frozenset(known))

    def check(self, entries: Sequence[QueueEntry]) -> None:
        """Read these chapters whole; answers with Read, several times. Replaces the check before it."""
        self._check([(entry.number, entry.source) for entry in entries])

    @work(thread=True, group="fill", exit_on_error=False)
    def _fill(self, paths: tuple[Path, ...], known: frozenset[Path]) -> None:
        worker = get_current_worker()
        entries: list[QueueEntry] = []
        told = time.monotonic()
        try:
            found = find_chapters(paths, cancelled=lambda: worker.is_cancelled)
            known_here = self._known()
            for done, source in enumerate(found, 1):
                if source not in known:
                    entries.append(new_entry(source, known=known_here, cancelled=lambda: worker.is_cancelled))
                if time.monotonic() - told >= _BATCH:
                    told = time.monotonic()
                    self.post_message(self.Filling(done, len(found)))
        except Cancelled:
            return
        self.post_message(self.Filled(entries, len(found) - len(entries)))

    @work(thread=True, exclusive=True, group="check", exit_on_error=False)
    def _check(self, wanted: list[tuple[int, Path]]) -> None:
        worker = get_current_worker()
        batch: dict[int, Checked] = {}
        told = time.monotonic()
        known = self._known()
        for number, source in wanted:
            try:
                batch[number] = self._checked(source, known, lambda: worker.is_cancelled)
            except Cancelled:
                return
            if time.monotonic() - told >= _BATCH:
                self.post_message(self.Read(batch))
                batch, told = {}, time.monotonic()
        self.post_message(self.Read(batch))

    def _checked(self, source: Path, known: Known, cancelled: IsCancelled) -> Checked:
        try:
            chapter = self._read_chapter(source, known, cancelled)
        except SourceError as error:
            finding = Finding(Severity.ERROR, "source", error.title, error.remedy)
            return Checked(findings=(finding,))
        heavy = tuple(one for one in chapter.findings if one.severity is not Severity.NOTE)
        told = tuple(one for one in chapter.guess.findings if one.rule not in TOLD_BY_ENTRY)
        sent = known.sent([page.sha256 for page in chapter.pages])
        return Checked(len(chapter.pages), heavy, told, sent[0] if sent else None)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """What no thread expected is said, so that the screen never waits for ever."""
        if event.state is WorkerState.ERROR:
            event.stop()
            self.post_message(self.Failed(f"Reading failed: {event.worker.error}"))
