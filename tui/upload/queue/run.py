"""One run of the queue: each entry in its turn through the engine, exactly once.

It lives in a thread of its own. What it is about to do is in the table before it is done, so that a run after
a kill finds out what became of it before it begins anything else.
"""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from tui.chapter.cancel import Cancelled
from tui.chapter.details import ChapterDetails
from tui.chapter.guess import Guess
from tui.chapter.reading import ReadChapter
from tui.chapter.sources import SourceError
from tui.chapter.sources.base import IsCancelled
from tui.mangadex.client import MangaDex
from tui.text import safe_text
from tui.upload import events
from tui.upload.before import CHAPTER_LINK, Before, look_before
from tui.upload.before_words import sent_short
from tui.upload.engine import Engine
from tui.upload.exits import Exit
from tui.upload.ledger_entry import Stage, belongs_to
from tui.upload.plan import PlanRefused, UploadPlan, freeze_plan
from tui.upload.queue.asking import Asker
from tui.upload.queue.control import Halt, QueueEnd, RunControl, Skipped, stopped
from tui.upload.queue.entry import BEGUN, SETTLED, EntryState, QueueEntry, entry_findings, in_words
from tui.upload.queue.standing import by_hand, earlier_in_queue, there_words
from tui.upload.queue.table import QueueTable
from tui.upload.queue.verdict import Judge, halted_by, words_of

T = TypeVar("T")
Read = Callable[[Path, IsCancelled], ReadChapter]
"""Reads a folder or archive whole; SourceError, Cancelled."""
Learn = Callable[[Path, Guess, ChapterDetails], None]
"""Remembers what was chosen for the chapter at a path, and which names stood for it."""

_LOOK = 0.2
"""Seconds between two looks at whether the user wants something else."""


class _Failed(Exception):
    """The entry cannot be uploaded; nothing of it is on the server."""

    def __init__(self, problem: str, state: EntryState = EntryState.FAILED, pages: int | None = None) -> None:
        super().__init__(problem)
        self.state, self.pages = state, pages


class QueueRun:
    """Uploads and commits every entry that somebody consented to."""

    def __init__(
        self,
        engine: Engine,
        read: Read,
        learn: Learn,
        account: str,
        consent: Mapping[int, str],
        control: RunControl,
    ) -> None:
        """`consent`: number -> fingerprint of each entry that a person has seen and accepted the terms for."""
        self._engine = engine
        self._queue = engine.queue
        self._read = read
        self._learn = learn
        self._account = account
        self._consent = consent
        self._control = control
        self._judge = Judge()
        self._asker = Asker(engine, control)
        self._inbox: queue.SimpleQueue[events.Event] = queue.SimpleQueue()

    def work(self) -> QueueEnd:
        """Until nothing is left to do, or something stops the run. Raises LedgerError."""
        hang_up = self._engine.listen(self._inbox.put)
        try:
            self._queue.do(QueueTable.reconcile)
            tried: set[int] = set()
            for entry in self._queue.do(QueueTable.entries):
                if entry.state in BEGUN:
                    tried.add(entry.number)
                    self._guarded(entry, self._settle)
            # Where nothing was sent it waits again; what failed is begun anew by a later run that somebody starts.
            waiting = (
                entry for entry in self._queue.do(QueueTable.entries) if entry.state is EntryState.WAITING
            )
            tried.difference_update(entry.number for entry in waiting)
            while (following := self._next(tried)) is not None:
                tried.add(following.number)
                self._guarded(following, self._attempt)
        except Halt as halt:
            return halt.end
        finally:
            hang_up()
            self._control.update(number=0, step="")
        failed = self._control.status.failed
        return QueueEnd(Exit.FINDINGS if failed else Exit.DONE)

    def _next(self, tried: set[int]) -> QueueEntry | None:
        self._control.update(number=0, step="")
        self._control.wait_while_paused()
        for entry in self._queue.do(QueueTable.entries):
            wanted = entry.state not in SETTLED and entry.number not in tried
            if wanted and self._consent.get(entry.number) == entry.fingerprint():
                return entry
        return None

    # One entry

    def _guarded(self, entry: QueueEntry, step: Callable[[QueueEntry], None]) -> None:
        self._control.update(number=entry.number)
        self._engine.tell(
            events.QueueEntryBegan(number=entry.number, what=entry.what(), source=str(entry.source))
        )
        try:
            step(entry)
        except _Failed as failed:
            self._end(entry, failed.state, problem=str(failed), pages=failed.pages)
        except (Skipped, Cancelled):
            self._control.check_stop()
            self._end(entry, EntryState.PAUSED)

    def _attempt(self, entry: QueueEntry) -> None:
        """Everything that can be known is looked at before the service hears of the chapter."""
        self._control.update(step="reading")
        now = datetime.now(UTC)
        problem = in_words(entry_findings(entry, now))
        if problem:
            raise _Failed(problem)
        try:
            chapter = self._read(entry.source, lambda: self._control.interrupted)
        except SourceError as error:
            raise _Failed(f"{error.title} {error.remedy}") from error
        pages = len(chapter.pages)
        problem = in_words(chapter.findings)
        if problem:
            raise _Failed(problem, pages=pages)
        try:
            plan = freeze_plan(chapter.source, chapter.pages, entry.details, now=now)
        except PlanRefused as refused:
            raise _Failed(in_words(refused.findings), pages=pages) from refused
        if not entry.again:
            self._control.update(step="looking it up")
            self._look_for_twin(entry, [page.sha256 for page in chapter.pages])
        self._control.wait_while_paused()
        if not self._queue.do(
            QueueTable.begin, entry.number, plan.id, pages, time.time(), self._consent[entry.number]
        ):
            return  # changed, paused or removed while it was read: another run, with another consent
        self._control.count()
        self._learn(entry.source, chapter.guess, entry.details)
        self._upload(entry, plan, lambda: self._engine.start_upload(plan, account=self._account))

    def _look_for_twin(self, entry: QueueEntry, hashes: Sequence[str]) -> None:
        there = EntryState.ALREADY_THERE
        earlier = earlier_in_queue(self._queue.do(QueueTable.entries), entry)
        if earlier is not None:
            link = f": {CHAPTER_LINK}{earlier.chapter_id}" if earlier.chapter_id else "."
            raise _Failed(f"Entry {earlier.number} of the queue is the same chapter{link}", there)
        details = entry.details
        receipts, proofs = self._engine.records.commits().result(), self._engine.records.proofs().result()

        async def job(client: MangaDex) -> Before:
            before = await look_before(client, details, receipts, proofs, hashes=hashes)
            if before.lists_failed is not None:
                raise before.lists_failed  # asked again; with a network that is gone the run stops
            return before

        before = self._asker.ask(job)
        for doubt in before.group_doubts:
            self._engine.tell(events.Note(text=f"Entry {entry.number}: {safe_text(doubt)}"))
        if before.same:
            raise _Failed(there_words(before.same), there)
        if before.sent:
            raise _Failed(sent_short(before.sent[0]), there)
        if before.needs_approval:
            self._engine.tell(events.Note(text=f"Entry {entry.number} will wait for approval by the staff."))

    # One that was begun by an earlier run

    def _settle(self, entry: QueueEntry) -> None:
        self._control.update(step="looking up what became of it")
        known = self._engine.records.entry(entry.plan_id).result()
        if known is None:
            self._settle_unknown(entry)
        elif not belongs_to(known.account, self._account):
            raise Halt(
                f"Entry {entry.number} was begun by another account",
                known.account,
                "Log in with that account, then start the queue again.",
                Exit.LOGIN,
            )
        elif known.stage is Stage.ABANDONED:
            raise _Failed(
                entry.problem or "Its upload session was abandoned. Start it again if you still want it."
            )
        elif known.stage is Stage.GONE:
            raise _Failed(
                entry.problem
                or "Its upload session has vanished. Look at the title on MangaDex before you upload it again."
            )
        else:
            self._upload(entry, known.plan, lambda: self._engine.resume(known, account=self._account))

    def _settle_unknown(self, entry: QueueEntry) -> None:
        """The ledger knows no upload of the entry's plan."""
        receipt = by_hand(self._engine.records.receipts().result(), entry)
        if receipt is not None:
            self._end(entry, EntryState.COMMITTED, chapter_id=receipt.chapter_id)
        elif entry.state is EntryState.UNKNOWN:
            raise _Failed(
                "Its commit was never answered, and the ledger knows it no more. Look at the title on MangaDex."
            )
        elif entry.problem:
            raise _Failed(entry.problem)
        else:  # nothing was sent for it
            self._queue.do(QueueTable.settle, entry.number, EntryState.WAITING)
            self._control.count()

    # Through the engine

    def _upload(self, entry: QueueEntry, plan: UploadPlan, start: Callable[[], None]) -> None:
        self._control.update(step="uploading")
        with suppress(queue.Empty):
            while True:
                self._inbox.get_nowait()
        try:
            start()
        except RuntimeError as error:
            raise Halt(
                "Another upload is under way here", _plan_words(self._engine.view.plan),
                "Finish or stop it, then start the queue again.", Exit.SESSION_OPEN,
            ) from error  # fmt: skip
        if self._control.status.paused:
            self._engine.pause()
        asked_to_stop = False
        while True:
            if self._control.interrupted and not asked_to_stop:
                asked_to_stop = True
                self._engine.stop()
            try:
                event = self._inbox.get(timeout=_LOOK)
            except queue.Empty:
                continue
            match event:
                case events.AllPagesIn():
                    self._commit(entry)
                case events.Committed(chapter_id=chapter_id):
                    self._judge.worked()
                    self._end(entry, EntryState.COMMITTED, chapter_id=chapter_id)
                    return
                case events.CommitUnknown(reason=reason):
                    self._end(entry, EntryState.UNKNOWN, problem=reason)
                    raise Halt(
                        f"It is not known whether entry {entry.number} was committed",
                        reason,
                        "Start the queue again: it asks the server first, and sends nothing twice.",
                        Exit.UNKNOWN,
                    )
                case events.Stopped():
                    if self._control.status.stopping or not self._control.skipping:
                        raise stopped()
                    self._asker.abandon_own(plan.id)
                    raise Skipped
                case events.Failed():
                    if not self._judge.of_entry(event, self._engine.view):
                        if self._engine.records.entry(plan.id).result() is None:  # nothing was sent for it
                            self._queue.do(QueueTable.settle, entry.number, EntryState.WAITING)
                            self._control.count()
                        raise halted_by(event)
                    problem = safe_text(words_of(event))
                    self._queue.do(QueueTable.blame, entry.number, problem)
                    self._asker.abandon_own(plan.id)
                    raise _Failed(problem)

    def _commit(self, entry: QueueEntry) -> None:
        if self._consent.get(entry.number) != entry.fingerprint():
            raise Halt(
                f"Entry {entry.number} was begun, but is not among those that you accepted the terms for",
                entry.what(),
                "Its pages are on the server. Run the whole queue, or commit it with `dexup resume`.",
                Exit.RESUMABLE,
            )
        if not self._control.interrupted:  # a stop that came meanwhile keeps it from being published
            self._engine.commit(terms_accepted=True)

    def _end(
        self,
        entry: QueueEntry,
        state: EntryState,
        *,
        problem: str = "",
        chapter_id: str = "",
        pages: int | None = None,
    ) -> None:
        problem = safe_text(problem)
        self._queue.do(
            QueueTable.settle, entry.number, state, problem=problem, chapter_id=chapter_id, pages=pages
        )
        self._control.count(
            committed=state is EntryState.COMMITTED,
            failed=state in (EntryState.FAILED, EntryState.ALREADY_THERE),
        )
        self._engine.tell(
            events.QueueEntryEnded(
                number=entry.number,
                what=entry.what(),
                source=str(entry.source),
                state=str(state),
                problem=problem,
                chapter_id=chapter_id,
            )
        )


def _plan_words(plan: UploadPlan | None) -> str:
    return safe_text(plan.source) if plan is not None else ""
