"""The second step: pages go up in batches, a few requests at a time, until the server holds every one."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from functools import partial

from tui.chapter.sources import open_page
from tui.mangadex.errors import (
    ConnectFailed,
    MangaDexError,
    NotFound,
    PageChanged,
    RateLimited,
    Refused,
    TooLarge,
    Unavailable,
    UnknownOutcome,
)
from tui.mangadex.models import UploadAnswer
from tui.mangadex.multipart import FilePart
from tui.upload import events
from tui.upload.answers import judge
from tui.upload.batches import BatchLimits, halves, take_batch
from tui.upload.failing import FATAL, given_up, session_gone
from tui.upload.ledger import PageRecord, PageState
from tui.upload.opening import ask_session
from tui.upload.plan import PlannedPage
from tui.upload.reconcile import match_files
from tui.upload.run_state import RunState

_PROGRESS_SECONDS = 0.25
_MOST_TRIES = 3
"""Times a page may silently not be kept before it counts as refused."""

Batch = tuple[int, ...]


class Sender:
    """Sends what is planned. Ends when nothing is left to send; refused pages stay refused."""

    def __init__(self, run: RunState, limits: BatchLimits | None = None) -> None:
        self._run = run
        self.limits = limits or BatchLimits.start(run.options)
        self._queue: deque[int] = deque()
        self._alone: deque[Batch] = deque()
        """Batches that must go as they are: halves of one that was refused."""
        self._tries: dict[int, int] = {}
        self._number = 0
        self._tasks: dict[asyncio.Task[UploadAnswer], tuple[int, Batch, float]] = {}
        self._lost: list[int] = []
        """Positions whose answer was lost; settled when nothing is under way any more."""
        self._lost_error: MangaDexError | None = None

    async def send(self) -> None:
        """Until every page is accepted or refused. Raises GivenUp, StopRequested."""
        run = self._run
        self._queue.extend(run.positions(PageState.PLANNED))
        try:
            while True:
                run.control.check()
                while self._may_start():
                    await self._start(self._next())
                if self._tasks:
                    await self._wait_for_one()
                elif self._lost:
                    await self._settle()
                elif self._queue or self._alone:
                    await run.control.wait_while_paused()
                else:
                    return
        finally:
            await self._cancel_all()

    def _may_start(self) -> bool:
        free = len(self._tasks) < self._run.options.in_flight
        waiting = self._queue or self._alone
        return bool(free and waiting and not self._run.control.paused and not self._lost)

    def _next(self) -> Batch:
        if self._alone:
            return self._alone.popleft()
        sizes = [self._run.page(position).size for position in self._queue]
        count = take_batch(sizes, self.limits)
        return tuple(self._queue.popleft() for _ in range(count))

    async def _start(self, batch: Batch) -> None:
        run = self._run
        self._number += 1
        number = self._number
        await run.record({position: PageRecord(PageState.SENDING) for position in batch})
        pages = [run.page(position) for position in batch]
        attempt = 1 + max(self._tries.get(position, 0) for position in batch)
        run.emit(
            events.BatchStarted(
                batch=number, positions=batch, bytes=sum(page.size for page in pages), attempt=attempt
            )
        )
        task = asyncio.create_task(self._request(number, pages), name=f"batch {number}")
        self._tasks[task] = (number, batch, run.clock.monotonic())

    async def _request(self, number: int, pages: Sequence[PlannedPage]) -> UploadAnswer:
        run = self._run
        last = run.clock.monotonic()

        def progress(sent: int, total: int) -> None:
            nonlocal last
            now = run.clock.monotonic()
            if now - last >= _PROGRESS_SECONDS or sent == total:
                last = now
                run.emit(events.BytesSent(batch=number, sent=sent))

        parts = [
            FilePart(
                name=page.part_name,
                media_type=page.media_type,
                size=page.size,
                open=partial(open_page, page.location),
                sha256=page.sha256,
            )
            for page in pages
        ]
        return await run.service.upload(run.session_id, parts, on_progress=progress)

    async def _wait_for_one(self) -> None:
        change = asyncio.create_task(self._run.control.wait_change())
        try:
            done, _ = await asyncio.wait({*self._tasks, change}, return_when=asyncio.FIRST_COMPLETED)
            if change in done:
                change.result()
        finally:
            change.cancel()
            await asyncio.gather(change, return_exceptions=True)
        for task in done:
            if task in self._tasks:
                await self._finish(task)  # type: ignore[arg-type]

    async def _finish(self, task: asyncio.Task[UploadAnswer]) -> None:
        run = self._run
        number, batch, started = self._tasks.pop(task)
        seconds = run.clock.monotonic() - started
        error = task.exception()
        if error is None:
            await self._answered(number, batch, task.result(), seconds)
            return
        if not isinstance(error, MangaDexError):
            raise error
        failed = tuple((position, str(error)) for position in batch)
        run.emit(events.BatchFinished(batch=number, accepted=(), failed=failed, seconds=seconds))
        if isinstance(error, FATAL):
            raise given_up(error)
        if isinstance(error, PageChanged):
            await self._page_changed(batch, error)
        elif isinstance(error, (UnknownOutcome, Unavailable)):
            self.limits = self.limits.after_trouble()
            self._lost += batch
            self._lost_error = error
        elif isinstance(error, ConnectFailed):
            await self._again(batch)
            await run.back_off(error)
        elif isinstance(error, RateLimited):
            await self._again(batch)
            await run.back_off(error, until=error.until)
        elif isinstance(error, NotFound):
            await self._session_missing(batch, error)
        elif isinstance(error, (TooLarge, Refused)):
            self.limits = self.limits.after_trouble() if isinstance(error, TooLarge) else self.limits
            await self._refused_whole(batch, error)
        else:
            raise given_up(error)

    async def _answered(self, number: int, batch: Batch, answer: UploadAnswer, seconds: float) -> None:
        run = self._run
        pages = [run.page(position) for position in batch]
        verdict = judge(pages, answer)
        await run.record(
            {
                **{
                    position: PageRecord(PageState.ACCEPTED, file_id)
                    for position, file_id in verdict.accepted.items()
                },
                **{
                    position: PageRecord(PageState.REFUSED, reason=words)
                    for position, words in verdict.refused.items()
                },
                **{position: PageRecord() for position in verdict.unsure},
            }
        )
        kept_nothing = "the server did not keep it and gave no reason"
        failed = {**verdict.refused, **{p: words or kept_nothing for p, words in verdict.unsure.items()}}
        run.emit(
            events.BatchFinished(
                batch=number,
                accepted=tuple(sorted(verdict.accepted)),
                failed=tuple(sorted(failed.items())),
                seconds=seconds,
            )
        )
        for position, file_id in sorted(verdict.accepted.items()):
            run.emit(events.PageAccepted(position=position, file_id=file_id))
        for position, words in verdict.refused.items():
            run.emit(events.PageRefused(position=position, name=run.page(position).name, reason=words))
        if verdict.accepted:
            run.worked()
            sent = sum(page.size for page in pages)
            self.limits = self.limits.after_success(sent / seconds if seconds > 0 else 0.0)
        await self._try_unsure(verdict.unsure, answered=bool(answer.errors))

    async def _try_unsure(self, unsure: dict[int, str], *, answered: bool) -> None:
        """Pages that nobody blamed by name go again: alone when something was refused, else as they come."""
        for position, words in unsure.items():
            self._tries[position] = self._tries.get(position, 0) + 1
            if self._tries[position] >= _MOST_TRIES:
                await self._refuse(position, words or "the server did not keep it, and gave no reason")
            elif answered:
                self._alone.append((position,))
            else:
                self._queue.appendleft(position)

    async def _refused_whole(self, batch: Batch, error: MangaDexError) -> None:
        """A request refused as a whole is halved until the bad page stands alone."""
        if len(batch) == 1:
            words = "; ".join(str(detail) for detail in error.errors) or error.detail or error.title
            await self._refuse(batch[0], words)
            return
        await self._run.plan_again(batch)
        self._run.emit(
            events.Note(text=f"The batch was refused whole ({error}); it is sent again in halves.")
        )
        self._alone.extend(halves(batch))

    async def _page_changed(self, batch: Batch, error: PageChanged) -> None:
        """The page that changed on disk is refused; whether the others arrived is asked."""
        bad = next((p for p in batch if self._run.page(p).part_name == error.part_name), None)
        if bad is not None:
            words = f"{error.detail or error.title}. {error.remedy}"
            await self._refuse(bad, words)
        self._lost += [position for position in batch if position != bad]
        self._lost_error = error

    async def _refuse(self, position: int, words: str) -> None:
        run = self._run
        await run.record({position: PageRecord(PageState.REFUSED, reason=words)})
        run.emit(events.PageRefused(position=position, name=run.page(position).name, reason=words))

    async def _again(self, batch: Batch) -> None:
        """Nothing of it reached the server: back to the head of the queue."""
        await self._run.plan_again(batch)
        self._queue.extendleft(reversed(batch))

    async def _session_missing(self, batch: Batch, error: MangaDexError) -> None:
        session = await ask_session(self._run)
        if session is None or session.id != self._run.session_id:
            raise session_gone(str(error))
        self._lost += batch
        self._lost_error = error

    async def _settle(self) -> None:
        """Ask the server which of the pages with lost answers it kept; the others go again."""
        run = self._run
        error, lost = self._lost_error, tuple(sorted(set(self._lost)))
        assert error is not None
        run.emit(events.Reconciling(reason=f"{error.detail or error.title}."))
        if not isinstance(error, PageChanged):
            await run.back_off(error)
        session = await ask_session(run)
        if session is None or session.id != run.session_id:
            raise session_gone("It vanished while pages were being sent.")
        kept: dict[int, str] = {}
        if session.files_known:
            taken = set(run.accepted.values())
            files = [file for file in session.files if file.id not in taken]
            kept = dict(match_files([run.page(position) for position in lost], files).kept)
        gone = tuple(position for position in lost if position not in kept)
        await run.record(
            {
                position: PageRecord(PageState.ACCEPTED, kept[position]) if position in kept else PageRecord()
                for position in lost
            }
        )
        run.emit(events.Reconciled(kept=tuple(sorted(kept)), lost=gone))
        for position, file_id in sorted(kept.items()):
            run.emit(events.PageAccepted(position=position, file_id=file_id))
        if kept:
            run.worked()
        self._lost, self._lost_error = [], None
        self._queue.extendleft(reversed(gone))

    async def _cancel_all(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
