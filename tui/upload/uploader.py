"""One upload from its plan to its receipt: open, send, look through the gate, wait for the user, commit."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import ParamSpec

from tui.mangadex.clock import Clock
from tui.mangadex.errors import MangaDexError
from tui.mangadex.models import UploadSession
from tui.upload import events
from tui.upload.committing import commit, look_through_gate
from tui.upload.control import Control, StopRequested
from tui.upload.describe import page_numbers
from tui.upload.events import Event
from tui.upload.exits import Exit
from tui.upload.failing import SessionGone, given_up
from tui.upload.ledger import Ledger
from tui.upload.ledger_entry import LedgerEntry, PageState, Stage
from tui.upload.ledger_file import LedgerError
from tui.upload.ledger_thread import LedgerThread
from tui.upload.opening import open_session, reopen_session
from tui.upload.options import EngineOptions, OnSession
from tui.upload.plan import UploadPlan
from tui.upload.run_state import GivenUp, RunState
from tui.upload.sending import Sender
from tui.upload.service import Service
from tui.upload.settling import note_unknown, settle_commit

P = ParamSpec("P")

_ROUNDS = 4
"""Times the gate may find pages missing before the engine gives up."""


class Uploader:
    """Runs one plan. Its methods are for the engine's loop; none raises for a reason of the service's or the
    disk's: those become a Failed event, and the server's session stays as it is."""

    def __init__(
        self,
        plan: UploadPlan,
        service: Service,
        ledger: LedgerThread,
        *,
        clock: Clock,
        emit: Callable[[Event], None],
        options: EngineOptions | None = None,
        account: str = "",
        entry: LedgerEntry | None = None,
    ) -> None:
        """`entry` makes it a resume of what the ledger knows."""
        self.control = Control(clock)
        self._entry = entry
        self._run = RunState(
            plan=plan,
            account=account,
            service=service,
            ledger=ledger,
            clock=clock,
            options=options or EngineOptions(),
            emit_raw=emit,
            control=self.control,
        )
        if entry is not None:
            self._run.records.update(entry.states)
            self._run.session_at = entry.session_at
            self._run.doubted_commit = entry.commit_at
        self._all_in = asyncio.Event()
        self._noted = entry is not None
        """Whether the ledger knows of this upload, so that it can be resumed."""

    async def upload(self, on_session: OnSession = OnSession.FAIL) -> None:
        """Until every page is in (AllPagesIn), or the end (Failed, Stopped, Committed, CommitUnknown)."""
        run = self._run
        run.emit(
            events.UploadStarted(
                plan_id=run.plan.id,
                pages=len(run.plan.pages),
                bytes=run.plan.total_bytes,
                edits=run.plan.edit.chapter_id if run.plan.edit is not None else "",
                new_pages=len(run.plan.new_pages) if run.plan.edit is not None else 0,
            )
        )
        await self._guarded(self._open_and_send, on_session)

    async def retry_pages(self, positions: tuple[int, ...]) -> None:
        """Send refused pages once more, then go on as after `upload`."""
        await self._guarded(self._send_again, positions)

    @property
    def ready(self) -> bool:
        """Every page is in and the commit may be asked for."""
        return self._run.gate is not None

    def close_gate(self) -> None:
        """The commit may not be asked for any more, unless the pages are looked at again."""
        self._run.gate = None

    async def commit(self) -> None:
        """Commit, when every page is in. The caller has made sure that a person accepted the terms."""
        await self._guarded(self._commit)

    async def session_at_gate(self) -> UploadSession:
        """The upload session as it is once every page is in; waits for that."""
        while self._run.gate is None:
            self._all_in.clear()
            await self._all_in.wait()
        return self._run.gate[1].session

    async def complete(self, account: str, manga_title: str, group_names: tuple[str, ...]) -> None:
        """Take in what turned out after the start. LedgerError."""
        run = self._run
        details = replace(run.plan.details, manga_title=manga_title, group_names=group_names)
        run.plan, run.account = replace(run.plan, details=details), account
        await run.ledger.do(Ledger.complete, run.plan, account)

    async def _open_and_send(self, on_session: OnSession) -> None:
        run, entry = self._run, self._entry
        if entry is None:
            await run.ledger.do(Ledger.begin_upload, run.plan, run.account)
            self._noted = True
            await open_session(run, on_session)
        else:
            if await run.ledger.do(Ledger.entry, run.plan.id) is None:
                raise _finished_elsewhere()
            if entry.stage is Stage.COMMITTING and await self._settled(entry):
                return
            await reopen_session(run, entry)
        await self._send()

    async def _settled(self, entry: LedgerEntry) -> bool:
        """A commit was under way when dexup ended: find out first whether it happened."""
        run = self._run
        run.emit(events.Reconciling(reason="A commit was under way when dexup ended."))
        assert entry.commit_at is not None
        if entry.session_id:
            run.session = UploadSession(id=entry.session_id, created_at=entry.session_at)
        run.unsettled_commit = entry.commit_at
        if await settle_commit(run, entry.commit_at):
            return True
        run.unsettled_commit = None
        return False

    async def _commit_came_late(self, gone: SessionGone) -> None:
        """A session that vanished after a commit without an answer may be a chapter by now. Raises `gone`
        when it cannot be."""
        run = self._run
        if run.doubted_commit is None or run.unsettled_commit is not None:
            raise gone
        run.emit(events.Reconciling(reason="The session is gone; an earlier commit may have come late."))
        run.unsettled_commit = run.doubted_commit
        if not await settle_commit(run, run.doubted_commit):
            run.unsettled_commit = None
            raise gone

    async def _send_again(self, positions: tuple[int, ...]) -> None:
        self.close_gate()
        await self._run.plan_again(positions)
        await self._send()

    async def _send(self) -> None:
        run = self._run
        sender = Sender(run)
        for _ in range(_ROUNDS):
            await sender.send()
            verdict = await look_through_gate(run)
            if verdict.is_open:
                run.gate = (run.clock.monotonic(), verdict)
                self._all_in.set()
                run.emit(
                    events.AllPagesIn(
                        pages=len(run.plan.pages),
                        bytes=run.plan.total_bytes,
                        listed=not verdict.trusted_ledger,
                    )
                )
                return
            if not run.positions(PageState.PLANNED):
                break
            sender = Sender(run, sender.limits)
        raise self._incomplete()

    async def _commit(self) -> None:
        await commit(self._run)

    def _incomplete(self) -> GivenUp:
        run = self._run
        refused = run.positions(PageState.REFUSED)
        if not refused:
            return GivenUp(
                "The server keeps losing pages",
                f"missing after {_ROUNDS} rounds: {page_numbers(run.positions(PageState.PLANNED))}",
                "Try again later; what it kept is not sent again.",
                Exit.RESUMABLE,
            )
        shown = "; ".join(
            f"page {position} ({run.page(position).name}): {run.records[position].reason.rstrip('.')}"
            for position in refused[:5]
        )
        more = f"; and {len(refused) - 5} more" if len(refused) > 5 else ""
        here = run.changed_on_disk.issuperset(refused)  # nothing that the service has said
        return GivenUp(
            "1 page is not on the server"
            if len(refused) == 1
            else f"{len(refused)} pages are not on the server",
            shown + more,
            "Every other page is kept. Mend or exclude what is named, then upload again and resume the "
            "session, or try the same pages once more.",
            Exit.RESUMABLE if here else Exit.REFUSED,
        )

    async def _guarded(self, step: Callable[P, Awaitable[None]], *args: P.args, **kwargs: P.kwargs) -> None:
        """Run a step; whatever ends it becomes an event."""
        run = self._run
        try:
            try:
                try:
                    await step(*args, **kwargs)
                except SessionGone as gone:
                    await self._commit_came_late(gone)
            except (StopRequested, GivenUp) as end:
                await self._end(end)
        except LedgerError as error:
            if run.unsettled_commit is not None:
                await note_unknown(run, str(error))
            else:
                run.emit(self._ledger_trouble(error))
        except MangaDexError as error:
            run.emit(given_up(error).event)
        except Exception as error:
            # A fault of ours, which the engine tells; but the chapter may be published all the same.
            if run.unsettled_commit is not None:
                await note_unknown(run, f"dexup has a fault ({type(error).__name__}: {error})")
            raise

    def _ledger_trouble(self, error: LedgerError) -> events.Failed:
        remedy = error.remedy
        if not self._noted:
            remedy = (
                "Nothing was sent. Free some space or make its folder writable, then start the upload again."
            )
        return events.Failed(
            title="The ledger is in trouble",
            detail=str(error),
            remedy=remedy,
            exit_code=int(Exit.RESUMABLE),
            resumable=self._noted,
        )

    async def _end(self, end: StopRequested | GivenUp) -> None:
        run = self._run
        stopped = isinstance(end, StopRequested)
        if run.unsettled_commit is not None:
            why = "dexup was stopped before the commit was answered" if stopped else f"{end}"
            await note_unknown(run, why)
        elif isinstance(end, GivenUp):
            if isinstance(end, SessionGone):
                await run.ledger.do(Ledger.set_stage, run.plan.id, Stage.GONE)
            elif not run.session_id and not end.event.resumable and self._entry is None:
                await run.ledger.do(Ledger.forget, run.plan.id)  # nothing was sent: nothing to resume
            run.emit(end.event)
        else:
            run.emit(events.Stopped())


def _finished_elsewhere() -> GivenUp:
    return GivenUp(
        "This upload is not unfinished any more",
        "another dexup has finished it or dropped it meanwhile",
        "Look into the history (`dexup history`).",
        Exit.REFUSED,
        resumable=False,
    )
