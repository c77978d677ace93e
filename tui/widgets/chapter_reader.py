"""Reads a chapter in threads: the scan, then the hashes, and the checks after every change."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from textual import work
from textual.message import Message
from textual.widget import Widget
from textual.worker import Worker, WorkerState, get_current_worker

from tui.chapter.cancel import Cancelled
from tui.chapter.checks import check_order
from tui.chapter.decoding import can_decode, decode_page
from tui.chapter.findings import Finding
from tui.chapter.guess import Guess
from tui.chapter.hashing import hash_page
from tui.chapter.kept_order import dump_order, restore_order
from tui.chapter.order import PageOrder
from tui.chapter.pages import Page
from tui.chapter.reading import Guessing
from tui.chapter.refit import Refitted
from tui.chapter.sources import Scan, Skipped, SourceError, open_source, page_of_file
from tui.storage.errors import StorageError
from tui.storage.kept_orders import KeptOrders

_BATCH = 0.25
"""Seconds between two deliveries."""


class ChapterReader(Widget):
    """Invisible. Its threads only post messages; each job replaces the job of its kind before it."""

    DEFAULT_CSS = "ChapterReader { display: none; }"

    @dataclass
    class Scanning(Message):
        """So many files of the chapter were looked at."""

        source: Path
        done: int
        total: int

    @dataclass
    class Scanned(Message):
        """The chapter was read, but not its pages' hashes."""

        source: Path
        scan: Scan
        guess: Guess
        kept: Refitted | None = None
        """The order in which it was left in an earlier run."""
        note: str = ""
        """Something that went wrong beside it, or empty."""

    @dataclass
    class Refused(Message):
        """This cannot be a chapter."""

        source: Path
        title: str
        remedy: str

    @dataclass
    class Hashed(Message):
        """Some more pages have their hash."""

        source: Path
        pages: tuple[Page, ...]
        done: int
        total: int

    @dataclass
    class Decoded(Message):
        """Some more pages were decoded to the last pixel."""

        source: Path
        pages: tuple[Page, ...]
        done: int
        total: int

    @dataclass
    class Checked(Message):
        """What is wrong with the pages."""

        order: PageOrder
        findings: list[Finding]

    @dataclass
    class Joined(Message):
        """What another folder or archive adds to the chapter."""

        source: Path
        other: Path
        pages: tuple[Page, ...]

    @dataclass
    class Replaced(Message):
        """The file that is to stand in the place of the page with this key."""

        source: Path
        key: str
        page: Page

    @dataclass
    class NotJoined(Message):
        """Another source, or another file, could not be read; why."""

        text: str

    @dataclass
    class NotKept(Message):
        """The order will not be found again; why."""

        text: str

    def __init__(
        self, *, remember: Callable[[Path], None], orders: Callable[[], KeptOrders], guess: Guessing
    ) -> None:
        """`guess` is called in a thread."""
        super().__init__()
        self._guess = guess
        self._remember = remember
        self._orders = orders
        self._keeping = threading.Lock()
        self._turns: dict[Path, int] = {}
        """Source -> how often its order was to be kept."""

    def read(self, source: Path) -> None:
        """Scan `source`; answers with Scanning, then Scanned or Refused. Ends whatever was under way."""
        self.cancel()
        self._scan(source)

    def take(self, source: Path, scan: Scan) -> None:
        """The pages are known already (they are on the server); answers with Scanned, and with the order that
        was kept for them."""
        self.cancel()
        self._take(source, scan)

    def hash(self, source: Path, pages: Sequence[Page]) -> None:
        """Hash those of `pages` that have no hash yet, in this order; answers with Hashed, several times."""
        self._hash(source, tuple(pages))

    def decode(self, source: Path, pages: Sequence[Page]) -> None:
        """Decode those of `pages` that were not; answers with Decoded, several times."""
        if can_decode():
            self._decode(source, tuple(pages))

    def check(self, order: PageOrder, skipped: tuple[Skipped, ...]) -> None:
        """Check the pages and their order; answers with Checked."""
        self._check(order, skipped)

    def join(self, source: Path, other: Path) -> None:
        """Read another folder or archive for the chapter of `source`; answers with Joined or NotJoined."""
        self._join(source, other)

    def replace(self, source: Path, key: str, path: Path) -> None:
        """Read a file that is to stand in the place of a page; answers with Replaced or NotJoined."""
        self._replace(source, key, path)

    def keep(self, source: Path, order: PageOrder) -> None:
        """Keep the order for a later run."""
        self._keep(source, order, self._next_turn(source))

    def keep_now(self, source: Path, order: PageOrder) -> None:
        """The same at once, when the screen goes away. A failure was told before, or is not worth telling now."""
        self._next_turn(source)
        with contextlib.suppress(StorageError), self._keeping:
            self._orders().put(source, dump_order(order))

    def _next_turn(self, source: Path) -> int:
        turn = self._turns[source] = self._turns.get(source, 0) + 1
        return turn

    def cancel(self) -> None:
        """End all reading."""
        self.workers.cancel_node(self)

    @work(thread=True, exclusive=True, group="scan", exit_on_error=False)
    def _scan(self, source: Path) -> None:
        worker = get_current_worker()
        told = 0.0

        def progress(done: int, total: int) -> None:
            nonlocal told
            now = time.monotonic()
            if now - told >= _BATCH:
                told = now
                self.post_message(self.Scanning(source, done, total))

        try:
            scan = open_source(source).scan(on_progress=progress, cancelled=lambda: worker.is_cancelled)
            guess = self._guess(source, scan)
        except SourceError as error:
            if not worker.is_cancelled:
                self.post_message(self.Refused(source, error.title, error.remedy))
            return
        except Cancelled:
            return
        note = ""
        try:
            kept = self._restored(source, scan, worker)
        except Cancelled:
            return
        try:
            self._remember(source)
        except (OSError, StorageError) as error:
            note = f"The recent places could not be saved: {error}"
        if not worker.is_cancelled:
            self.post_message(self.Scanned(source, scan, guess, kept, note))

    @work(thread=True, exclusive=True, group="scan", exit_on_error=False)
    def _take(self, source: Path, scan: Scan) -> None:
        worker = get_current_worker()
        try:
            kept = self._restored(source, scan, worker)
        except Cancelled:
            return
        if not worker.is_cancelled:
            self.post_message(self.Scanned(source, scan, Guess(), kept))

    def _restored(self, source: Path, scan: Scan, worker: Worker[Any]) -> Refitted | None:
        """The order of an earlier run, with what was joined to the chapter then."""
        stored = self._orders().get(source)
        if stored is None:
            return None
        return restore_order(stored, source, scan.pages, lambda: worker.is_cancelled)

    @work(thread=True, exclusive=True, group="join", exit_on_error=False)
    def _join(self, source: Path, other: Path) -> None:
        worker = get_current_worker()
        try:
            scan = open_source(other).scan(cancelled=lambda: worker.is_cancelled)
        except SourceError as error:
            self.post_message(self.NotJoined(f"✗ {error.title} {error.remedy}"))
            return
        except Cancelled:
            return
        self.post_message(self.Joined(source, other, scan.pages))

    @work(thread=True, exclusive=True, group="replace", exit_on_error=False)
    def _replace(self, source: Path, key: str, path: Path) -> None:
        try:
            page = page_of_file(path, in_place_of=key)
        except OSError as error:
            self.post_message(self.NotJoined(f"✗ {path.name} cannot be read: {error.strerror or error}"))
            return
        self.post_message(self.Replaced(source, key, page))

    @work(thread=True, exclusive=True, group="hash", exit_on_error=False)
    def _hash(self, source: Path, pages: tuple[Page, ...]) -> None:
        worker = get_current_worker()
        done = sum(page.is_read for page in pages)
        batch: list[Page] = []
        delivered = time.monotonic()
        for page in pages:
            if page.is_read:
                continue
            try:
                batch.append(hash_page(page, cancelled=lambda: worker.is_cancelled))
            except Cancelled:
                return
            done += 1
            if time.monotonic() - delivered >= _BATCH:
                self.post_message(self.Hashed(source, tuple(batch), done, len(pages)))
                batch, delivered = [], time.monotonic()
        self.post_message(self.Hashed(source, tuple(batch), done, len(pages)))

    @work(thread=True, exclusive=True, group="decode", exit_on_error=False)
    def _decode(self, source: Path, pages: tuple[Page, ...]) -> None:
        worker = get_current_worker()
        waiting = [page for page in pages if not page.decoded]
        batch: list[Page] = []
        delivered = time.monotonic()
        for done, page in enumerate(waiting, 1):
            try:
                batch.append(decode_page(page, cancelled=lambda: worker.is_cancelled))
            except Cancelled:
                return
            if time.monotonic() - delivered >= _BATCH or done == len(waiting):
                self.post_message(self.Decoded(source, tuple(batch), done, len(waiting)))
                batch, delivered = [], time.monotonic()

    @work(thread=True, exclusive=True, group="check", exit_on_error=False)
    def _check(self, order: PageOrder, skipped: tuple[Skipped, ...]) -> None:
        findings = check_order(order, skipped)
        if not get_current_worker().is_cancelled:
            self.post_message(self.Checked(order, findings))

    @work(thread=True, exclusive=True, group="keep", exit_on_error=False)
    def _keep(self, source: Path, order: PageOrder, turn: int) -> None:
        """Threads overtake one another: what is older than what was to be kept last is not written any more."""
        try:
            with self._keeping:
                if turn == self._turns[source]:
                    self._orders().put(source, dump_order(order))
        except StorageError as error:
            self.post_message(self.NotKept(f"The order could not be kept for later: {error}"))

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """What no thread expected is shown as a refusal, so that the screen never waits for ever."""
        if event.state is WorkerState.ERROR:
            event.stop()
            title = f"Reading failed: {event.worker.error}"
            self.post_message(self.Refused(Path(), title, "Press f5 to read the chapter again."))
