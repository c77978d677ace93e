"""The second step: pages go up in batches, a few requests at a time, until the server holds every one."""

from __future__ import annotations

import asyncio
import os
from collections import Counter, deque
from collections.abc import Iterable, Sequence

from tui.mangadex.errors import MangaDexError, TooLarge, UnknownOutcome
from tui.mangadex.models import UploadAnswer
from tui.upload import events
from tui.upload.answers import judge
from tui.upload.asking import ask_own_session
from tui.upload.batches import BatchLimits, Measured, halves, take_batch
from tui.upload.control import StopRequested
from tui.upload.exits import Exit
from tui.upload.failing import given_up
from tui.upload.ledger_entry import PageRecord, PageState
from tui.upload.on_disk import changed_pages, part_of
from tui.upload.plan import PlannedPage
from tui.upload.run_state import GivenUp, RunState
from tui.upload.trouble import Cause, Diagnosis, Trouble, diagnose, settle, words_of

_PROGRESS_SECONDS = 0.25
_APART = 5.0
"""Seconds after which the next request begins, although one is not yet halfway."""
_MOST_TRIES = 3
"""Times a page may silently not be kept before it counts as refused."""
_GRACE = 3.0
"""Seconds for the answers to requests that are out to their last byte, when the upload ends for another reason: the
server will keep their pages, and would do so after the next start has asked it."""
_MOST_REFUSALS = 5
"""Refused requests with a lone page, and none that was accepted, after which no page is to blame."""

Batch = tuple[int, ...]


class Sender:
    """Sends what is planned. Ends when nothing is left to send; refused pages stay refused."""

    def __init__(self, run: RunState, limits: BatchLimits | None = None) -> None:
        self._run = run
        self.limits = limits or BatchLimits.start(run.options, run.service.page_speed)
        self._queue: deque[int] = deque()
        self._alone: deque[Batch] = deque()
        """Batches that must go as they are: halves of one that was refused."""
        self._unkept: Counter[int] = Counter()
        """How often a page was not kept although the request was answered."""
        self._sent: Counter[int] = Counter()
        self._indistinct: set[int] = set()
        """Pages that may be kept, by an answer that does not tell them apart; the server is to be asked."""
        self._one_by_one = False
        """The server tells pages apart in no way, so that each goes in a request of its own."""
        self._refusals = 0
        self._any_accepted = False
        self._number = 0
        self._tasks: dict[asyncio.Task[UploadAnswer], tuple[int, Batch, float]] = {}
        self._surely_not_there: list[int] = []
        """Positions in requests that were refused outright, or cut off, when the upload ended."""
        self._whole: set[int] = set()
        """Numbers of the requests that are out to their last byte."""
        self._spans: dict[int, tuple[float, float]] = {}
        """Number of a request -> when its first and its last byte so far went out."""
        self._halfway: set[int] = set()
        """Numbers of the requests that are out to the half of their bytes."""
        self._moved = asyncio.Event()
        """Another request may start, since one got so far."""
        self._trouble: Trouble | None = None
        """What is to be settled when nothing is under way any more; nothing new starts before."""

    async def send(self) -> None:
        """Until every page is accepted or refused. Raises GivenUp, StopRequested."""
        run = self._run
        self._queue.extend(run.positions(PageState.PLANNED))
        self._say_what_follows()
        try:
            while True:
                run.control.check()
                while self._may_start():
                    await self._start(self._next())
                self._say_what_follows()
                if self._tasks:
                    await self._wait_for_one()
                elif self._trouble is not None:
                    trouble, self._trouble = self._trouble, None
                    again = await settle(run, trouble)
                    self._one_by_one = self._one_by_one or not self._indistinct.isdisjoint(again)
                    self._indistinct.clear()
                    self._drop_accepted()
                    self._queue.extendleft(reversed(again))
                elif self._queue or self._alone:
                    await run.control.wait_while_paused()
                else:
                    return
        except (GivenUp, StopRequested):
            arriving = [task for task, (number, _, _) in self._tasks.items() if number in self._whole]
            if arriving:
                await asyncio.wait(arriving, timeout=_GRACE)
            raise
        finally:
            run.service.expect_pages(False)
            await self._end_all()

    def _say_what_follows(self) -> None:
        self._run.service.expect_pages(bool(self._queue or self._alone))

    def _may_start(self) -> bool:
        return self._wants_to_start() and self._seconds_until_apart() <= 0

    def _wants_to_start(self) -> bool:
        """Whether another request would start now, were those under way far enough."""
        free = len(self._tasks) < self.limits.in_flight
        waiting = bool(self._queue or self._alone)
        return free and waiting and not self._run.control.paused and self._trouble is None

    def _seconds_until_apart(self) -> float:
        """Until a request may follow those under way. Requests that begin together end together, and the line then
        idles until their answers have come: one begins when the others are halfway, or take long for that."""
        now = self._run.clock.monotonic()
        begun = [at for number, _, at in self._tasks.values() if number not in self._halfway]
        return max(begun) + _APART - now if begun else 0.0

    def _drop_accepted(self) -> None:
        """What turned out to be on the server already does not wait to be sent any more."""
        accepted = self._run.accepted
        self._queue = deque(position for position in self._queue if position not in accepted)
        left = (tuple(position for position in batch if position not in accepted) for batch in self._alone)
        self._alone = deque(batch for batch in left if batch)

    def _next(self) -> Batch:
        if self._alone:
            return self._alone.popleft()
        sizes = [self._run.page(position).size for position in self._queue]
        count = 1 if self._one_by_one else take_batch(sizes, self.limits)
        return tuple(self._queue.popleft() for _ in range(count))

    async def _start(self, batch: Batch) -> None:
        run = self._run
        self._number += 1
        number = self._number
        self._sent.update(batch)
        await run.record({position: PageRecord(PageState.SENDING) for position in batch})
        pages = [run.page(position) for position in batch]
        run.emit(
            events.BatchStarted(
                batch=number,
                positions=batch,
                bytes=sum(page.size for page in pages),
                attempt=max(self._sent[position] for position in batch),
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
            first = self._spans[number][0] if sent and number in self._spans else now
            self._spans[number] = (first, now)
            if 2 * sent >= total and number not in self._halfway:
                self._halfway.add(number)
                self._moved.set()
            if sent == total:
                self._whole.add(number)
            else:
                self._whole.discard(number)  # it goes out once more, with a fresh token or after a limit
            if now - last >= _PROGRESS_SECONDS or sent == total:
                last = now
                run.emit(events.BytesSent(batch=number, sent=sent))

        parts = [part_of(page) for page in pages]
        return await run.service.upload(run.session_id, parts, on_progress=progress)

    async def _wait_for_one(self) -> None:
        self._moved.clear()
        change = asyncio.create_task(self._run.control.wait_change())
        others = [change, asyncio.create_task(self._moved.wait())]
        # Only where a request would follow: a look each time that finds nothing to start never ends.
        apart = max(0.0, self._seconds_until_apart()) if self._wants_to_start() else None
        try:
            await asyncio.wait({*self._tasks, *others}, timeout=apart, return_when=asyncio.FIRST_COMPLETED)
            if change.done():
                change.result()
        finally:
            for other in others:
                other.cancel()
            await asyncio.gather(*others, return_exceptions=True)
        for task in [task for task in self._tasks if task.done()]:
            await self._finish(task)

    async def _finish(self, task: asyncio.Task[UploadAnswer]) -> None:
        run = self._run
        number, batch, started = self._tasks.pop(task)
        self._halfway.discard(number)
        seconds = run.clock.monotonic() - started
        error = task.exception()
        if error is None:
            await self._answered(number, batch, task.result(), seconds)
            return
        if not isinstance(error, MangaDexError):
            raise error
        self._spans.pop(number, None)
        failed = tuple((position, words_of(error)) for position in batch)
        run.emit(events.BatchFinished(batch=number, accepted=(), failed=failed, seconds=seconds))
        try:
            found = diagnose(error, [run.page(position) for position in batch])
        except GivenUp:
            self._surely_not_there += batch
            raise
        if isinstance(error, TooLarge):
            self.limits = self.limits.after_too_large(sum(run.page(position).size for position in batch))
        elif found.smaller:
            self.limits = self.limits.after_trouble()
        if found.cause is Cause.BATCH:
            await self._refused_whole(batch, error)
            return
        if found.position is not None:
            await self._look_for_chapter(run.page(found.position))
            await self._refuse_changed(found.position, error)
            # Whatever happened to one file may have happened to many: they are looked at before more is sent.
            rest = [position for position in (*batch, *self._queue) if position != found.position]
            for position, change in (await changed_pages(map(run.page, rest))).items():
                await self._refuse_changed(position, change)
            refused = frozenset(run.positions(PageState.REFUSED))
            batch = tuple(position for position in batch if position not in refused)
            self._queue = deque(position for position in self._queue if position not in refused)
        self._trouble = Trouble.joined(self._trouble, error, batch, found)

    async def _refuse_changed(self, position: int, error: MangaDexError) -> None:
        self._run.changed_on_disk.add(position)
        await self._run.refuse(position, f"{words_of(error)}. {error.remedy}")

    async def _look_for_chapter(self, page: PlannedPage) -> None:
        """A folder or archive that is gone as a whole is no fault of one page. Raises GivenUp."""
        source = page.location.source
        if not await asyncio.to_thread(os.access, source, os.R_OK):
            raise GivenUp(
                "The chapter cannot be read from the disk any more",
                str(source),
                "Put it back where it was, then resume; the pages that are in stay in.",
                Exit.RESUMABLE,
            )

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
        unsaid = "the answer does not say whether it was kept"
        failed = {**verdict.refused, **{p: words or unsaid for p, words in verdict.unsure.items()}}
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
            self._any_accepted = True
            self.limits = self.limits.after_success(self._measured(number, pages, seconds))
        if verdict.indistinct or verdict.silent:
            await self._ask_about(verdict.unsure, indistinct=verdict.indistinct)
        else:
            self._try_alone(verdict.unsure)

    def _measured(self, number: int, pages: Sequence[PlannedPage], seconds: float) -> Measured:
        """How the request went that was just answered, `seconds` after it began to wait for its turn."""
        now = self._run.clock.monotonic()
        first, last = self._spans.pop(number, (now - seconds, now))
        return Measured(
            bytes=sum(page.size for page in pages),
            sending=last - first,
            waiting=now - last,
            beside=len(self._tasks) + 1,
        )

    async def _ask_about(self, unsure: dict[int, str], *, indistinct: bool) -> None:
        """Pages that an answer may or may not count among the kept ones are settled by asking."""
        self._unkept.update(unsure.keys())
        hopeless = [position for position in unsure if self._unkept[position] >= _MOST_TRIES]
        for position in hopeless:
            await self._run.refuse(
                position, "the server does not keep it, or does not say so, and gives no reason"
            )
        asked = tuple(position for position in unsure if position not in hopeless)
        if asked:
            error = UnknownOutcome("The answer does not say which pages were kept")
            self._run.emit(events.Reconciling(reason=f"{error.title}."))
            self._indistinct.update(asked if indistinct else ())
            self._trouble = Trouble.joined(self._trouble, error, asked, Diagnosis(Cause.PAGE))

    def _try_alone(self, unsure: Iterable[int]) -> None:
        """Of pages that a refusal may be about each goes alone, so that the next one names its page."""
        self._alone.extend((position,) for position in unsure)

    async def _refused_whole(self, batch: Batch, error: MangaDexError) -> None:
        """A request refused as a whole is halved until the bad page stands alone."""
        run = self._run
        if len(batch) > 1:
            await run.plan_again(batch)
            run.emit(events.Note(text=f"The batch was refused whole ({error}); it is sent again in halves."))
            self._alone.extend(halves(batch))
            return
        self._refusals += 1
        if not self._any_accepted and self._refusals >= _MOST_REFUSALS:
            await ask_own_session(run, str(error))
            raise given_up(error)  # the session is there and takes nothing: no page is to blame
        await run.refuse(batch[0], "; ".join(map(str, error.errors)) or words_of(error))

    async def _end_all(self) -> None:
        """Cut off what is under way, and keep what was answered in the very last moment."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for task in list(self._tasks):
            number, batch, started = self._tasks.pop(task)
            if not task.cancelled() and task.exception() is None:
                await self._answered(number, batch, task.result(), self._run.clock.monotonic() - started)
            elif number not in self._whole:
                self._surely_not_there += batch  # cut off before its end: it cannot arrive any more
        if self._surely_not_there:
            await self._run.plan_again(self._surely_not_there)
