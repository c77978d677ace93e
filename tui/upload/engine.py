"""The engine: a thread with its own event loop that owns the client, the ledger and the current upload.

A terminal that stops reading freezes the screen's loop for as long as that lasts, but never an upload.
Events go to the outbox, which a screen drains at its own pace.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Future
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from tui.mangadex.client import MangaDex
from tui.mangadex.clock import Clock, SystemClock
from tui.mangadex.models import RequestLine, UploadSession
from tui.upload import events
from tui.upload.account_lock import AccountBusy, AccountLock
from tui.upload.errors import InUse, MaybeCommitted
from tui.upload.exits import Exit
from tui.upload.ledger import Ledger
from tui.upload.ledger_entry import LedgerEntry
from tui.upload.ledger_thread import LedgerThread
from tui.upload.loop_thread import LoopThread
from tui.upload.options import EngineOptions, OnSession
from tui.upload.outbox import Outbox
from tui.upload.plan import UploadPlan
from tui.upload.proofs.follow_up import FollowUp
from tui.upload.proofs.proof import Proof, pages_differ
from tui.upload.queue.store import QueueStore
from tui.upload.receipts import Receipt
from tui.upload.records import Records
from tui.upload.view import UploadView, start_view

if TYPE_CHECKING:
    from tui.upload.uploader import Uploader

__all__ = ["ClientHooks", "Engine", "EngineOptions", "OnSession"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ClientHooks:
    """What the client tells the engine while it works."""

    on_wait: Callable[[str, float], None]
    on_note: Callable[[str], None]
    on_request: Callable[[RequestLine], None]


class Engine:
    """Runs uploads. Every public method may be called from any thread; none waits for the network unless it
    says so."""

    def __init__(
        self,
        make_client: Callable[[ClientHooks], MangaDex],
        ledger_path: Path,
        *,
        options: EngineOptions | None = None,
        log_path: Path | None = None,
        redact: Callable[[str], str] = str,
        clock: Clock | None = None,
    ) -> None:
        self._make_client = make_client
        self._options = options or EngineOptions()
        self._clock: Clock = clock or SystemClock()
        self._ledger = LedgerThread(ledger_path, self._ledger_notes, redact)
        self._lock_folder = ledger_path.parent
        self._outbox = Outbox(log_path, redact)
        self._thread = LoopThread("dexup-engine")
        self._client: MangaDex | None = None
        self._uploader: Uploader | None = None
        self._task: asyncio.Task[None] | None = None
        self._account = ""
        """Of the current upload."""
        self._account_lock: AccountLock | None = None
        self.records = Records(self._ledger)
        """What the ledger knows of uploads and chapters."""
        self.queue = QueueStore(self._ledger)
        """The chapters that wait to be uploaded."""
        self.follow_up = FollowUp(self._ledger, self._opened_client, self._clock, self._standing_changed)
        """What becomes of the committed chapters; other threads only read `known`, `changes`, `problem`."""
        self._following = False
        self._closed = False

    # Life

    def start(self) -> None:
        """Start the thread. The client and the ledger open when they are first needed."""
        self._thread.start()

    def close(self, deadline: float = 5.0) -> None:
        """Stop the upload, close everything, and end the thread; waits at most `deadline` seconds.

        The session on the server stays as it is.
        """
        if self._closed or not self._thread.alive:
            return
        self._closed = True
        self._thread.run(self._shut_down(deadline))
        self._thread.join(deadline + 1.0)
        self._outbox.close()

    async def _shut_down(self, deadline: float) -> None:
        try:
            if self._task is not None and not self._task.done():
                if self._uploader is not None:
                    self._uploader.control.stop()
                await asyncio.wait({self._task}, timeout=deadline / 2)
                self._task.cancel()
                await asyncio.wait({self._task}, timeout=deadline / 4)
            others = asyncio.all_tasks() - {asyncio.current_task(), self._task}
            for task in others:
                task.cancel()
            if self._client is not None:
                await asyncio.wait_for(self._client.aclose(), deadline / 4)
        except TimeoutError:
            pass  # connections that do not close in time die with the thread
        finally:
            self._release_account()
            self._ledger.close()
            self._thread.end()

    # Work for others

    def submit(self, job: Callable[[MangaDex], Awaitable[T]]) -> Future[T]:
        """Run `job` with the client in the engine's loop."""

        async def run() -> T:
            return await job(self._opened_client())

        return self._thread.run(run())

    async def ask(self, job: Callable[[MangaDex], Awaitable[T]]) -> T:
        """The same from another event loop; cancelling the caller cancels the job."""
        return await asyncio.wrap_future(self.submit(job))

    def _opened_client(self) -> MangaDex:
        if self._client is None:
            self._client = self._make_client(ClientHooks(self._waits, self._notes, self._requested))
        return self._client

    # Uploads

    def start_upload(
        self,
        plan: UploadPlan,
        *,
        on_session: OnSession = OnSession.FAIL,
        account: str = "",
    ) -> None:
        """Begin a new upload. RuntimeError while another one is under way."""
        self._begin(plan, start_view(plan), account, None, on_session)

    def complete(self, account: str, manga_title: str, group_names: tuple[str, ...]) -> Future[None]:
        """Add to the current upload what turned out after its start: how the account, and what its title and groups are
        called. LedgerError."""

        async def run() -> None:
            if self._uploader is not None:
                await self._uploader.complete(account, manga_title, group_names)

        return self._thread.run(run())

    async def session_at_gate(self) -> UploadSession:
        """The session of the current upload once every page is in; waits for that. Engine thread. RuntimeError when
        there is no upload."""
        if self._uploader is None:
            raise RuntimeError("no upload was started")
        return await self._uploader.session_at_gate()

    def resume(self, entry: LedgerEntry, *, account: str = "") -> None:
        """Go on with what the ledger knows, sending only what the server lacks. `account` is who is logged
        in, as the service writes it: the entry may have it as it was typed."""
        view = start_view(entry.plan, entry.accepted.items())
        self._begin(entry.plan, view, account or entry.account, entry, OnSession.FAIL)

    def pause(self) -> None:
        """Send nothing new; nothing happens while all is in and only the commit is waited for."""
        self._command(lambda uploader: uploader.control.pause(), events.Paused(), while_working=True)

    def go_on(self) -> None:
        """End the pause."""
        self._command(lambda uploader: uploader.control.go_on(), events.WentOn())

    def retry_now(self) -> None:
        """End a wait between two attempts."""
        self._command(lambda uploader: uploader.control.retry_now())

    def stop(self) -> None:
        """Stop; the session is kept. Ends with Stopped, also when all was only waiting for a commit."""
        self._thread.call(self._stop_now)

    def retry_pages(self, positions: tuple[int, ...]) -> None:
        """Send refused pages once more."""
        self._thread.call(lambda: self._next_step(lambda up: up.retry_pages(positions), needs_ready=False))

    def commit(self, *, terms_accepted: bool) -> None:
        """Commit what is all in. ValueError unless a person accepted the terms; nothing happens when the gate
        has not opened."""
        if not terms_accepted:
            raise ValueError("a commit needs the terms accepted by a person")
        self._thread.call(lambda: self._next_step(lambda up: up.commit(), needs_ready=True))

    def abandon(self, session_id: str, account: str) -> Future[None]:
        """Delete a session on the server and make sure that it is gone. Its own, separate act; somebody must
        have confirmed it. InUse while another dexup uploads with the account."""
        from tui.upload.abandoning import abandon_surely  # late: few sessions are abandoned

        async def run() -> None:
            lock = AccountLock(self._lock_folder, account) if self._account_lock is None else None
            try:
                if lock is not None:
                    lock.take()
                deleted = await abandon_surely(self._opened_client(), session_id, self._clock)
            except AccountBusy as busy:
                raise InUse(busy) from busy
            finally:
                if lock is not None:
                    lock.release()
            if await self._ledger.do(Ledger.mark_abandoned, session_id, deleted=deleted):
                raise MaybeCommitted(session_id)
            self._emit(replace(events.SessionAbandoned(session_id=session_id), at=self._clock.now()))

        return self._thread.run(run())

    def follow(self, account: Callable[[], str]) -> None:
        """From now on ask, whenever it is due, what became of the committed chapters, as long as `account()`
        names who is logged in. Once for an engine."""
        if not self._following:
            self._following = True
            self._thread.run(self.follow_up.run(account))

    def look_after_chapters(self, account: str, *, everything: bool) -> Future[int]:
        """Ask now for what is due, or for every receipt; how many chapters were asked for."""
        return self._thread.run(self.follow_up.look(account, everything=everything))

    # What is known

    @property
    def options(self) -> EngineOptions:
        """How pages are sent."""
        return self._options

    @property
    def view(self) -> UploadView:
        """The current upload as it is now."""
        return self._outbox.view

    @property
    def ledger_note(self) -> str:
        """What opening the ledger had to say; "" when all is well."""
        return self._ledger.note

    def drain(self) -> list[events.Event]:
        """Every event since the last call."""
        return self._outbox.drain()

    def replay(self) -> list[events.Event]:
        """Every event of this upload so far, for a screen that opens in the middle; :meth:`drain` goes on from
        there."""
        return self._outbox.replay()

    def wait_event(self, timeout: float) -> events.Event | None:
        """The next event, None after `timeout` seconds."""
        return self._outbox.wait_event(timeout)

    def listen(self, listener: Callable[[events.Event], None]) -> Callable[[], None]:
        """Let `listener` hear of every event, in the engine's loop, which it must not hold up. The result ends
        it."""
        return self._outbox.listen(listener)

    def tell(self, event: events.Event) -> None:
        """Put an event of somebody else among the engine's own: log, screen, `--json`."""
        self._thread.call(lambda: self._emit(replace(event, at=self._clock.now())))

    def rest(self, seconds: float) -> Future[None]:
        """Wait by the engine's clock."""

        async def run() -> None:
            await self._clock.sleep(seconds)

        return self._thread.run(run())

    @property
    def now(self) -> float:
        """Epoch second by the engine's clock."""
        return self._clock.now()

    def lock(self, name: str) -> AccountLock:
        """A lock between processes, beside those of the accounts."""
        return AccountLock(self._lock_folder, name)

    def note(self, text: str) -> None:
        """A line for the log."""
        self._thread.call(lambda: self._notes(text))

    # Inside the loop

    def _begin(
        self,
        plan: UploadPlan,
        view: UploadView,
        account: str,
        entry: LedgerEntry | None,
        on_session: OnSession,
    ) -> None:
        from tui.upload.uploader import Uploader  # late: not every start uploads

        self._outbox.start_view(view)

        def start() -> None:
            self._release_account()
            self._account = account
            if not self._took_account():
                return
            self._uploader = Uploader(
                plan,
                self._opened_client(),
                self._ledger,
                clock=self._clock,
                emit=self._emit,
                options=self._options,
                account=account,
                entry=entry,
            )
            self._task = asyncio.create_task(self._uploader.upload(on_session), name="upload")
            self._task.add_done_callback(self._ended)

        self._thread.call(start)

    def _next_step(
        self, step: Callable[[Uploader], Coroutine[object, object, None]], *, needs_ready: bool
    ) -> None:
        uploader = self._uploader
        busy = self._task is not None and not self._task.done()
        if uploader is None or busy or (needs_ready and not uploader.ready) or not self._took_account():
            return
        self._task = asyncio.create_task(step(uploader), name="upload")
        self._task.add_done_callback(self._ended)

    def _stop_now(self) -> None:
        uploader = self._uploader
        if uploader is None or not self.view.active:
            return
        uploader.control.stop()
        if self._task is None or self._task.done():
            uploader.close_gate()
            self._emit(events.Stopped(at=self._clock.now()))
            self._release_account()

    def _command(
        self,
        act: Callable[[Uploader], None],
        said: events.Event | None = None,
        *,
        while_working: bool = False,
    ) -> None:
        def run() -> None:
            idle = self._task is None or self._task.done()
            if self._uploader is not None and self.view.active and not (while_working and idle):
                act(self._uploader)
                if said is not None:
                    self._emit(replace(said, at=self._clock.now()))

        self._thread.call(run)

    def _ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            # A fault of ours: said like any other end; the session is kept, and the place goes to the log.
            self._crashed(error)
        if self._uploader is not None and self._uploader.control.stopping:
            self._stop_now()  # the stop may have come after the last look for one
        if not self.view.active:
            self._release_account()

    def _crashed(self, error: BaseException) -> None:
        self._outbox.log_fault(error, self._clock.now())
        if not self.view.active:
            return  # how it ended is said already: with a commit that nothing settles
        self._emit(
            events.Failed(
                at=self._clock.now(),
                title="dexup has a fault",
                detail=f"{type(error).__name__}: {error}",
                remedy="The upload session is kept; the log says where. `dexup resume` goes on.",
                exit_code=int(Exit.RESUMABLE),
            )
        )

    def _took_account(self) -> bool:
        """Hold the account of the upload, unless another dexup does: then that is how it ends."""
        if self._account_lock is None:
            lock = AccountLock(self._lock_folder, self._account)
            try:
                lock.take()
            except (AccountBusy, OSError) as error:
                self._emit(_busy(error, self._clock.now()))
                return False
            self._account_lock = lock
        return True

    def _release_account(self) -> None:
        if self._account_lock is not None:
            self._account_lock.release()
            self._account_lock = None

    def _emit(self, event: events.Event) -> None:
        self._outbox.put(event)
        if isinstance(event, events.Committed):
            self.follow_up.wake()

    def _standing_changed(self, receipt: Receipt, proof: Proof) -> None:
        number = f"chapter {receipt.chapter}" if receipt.chapter else "oneshot"
        self._emit(
            events.FollowedUp(
                at=self._clock.now(),
                plan_id=receipt.plan_id,
                chapter_id=receipt.chapter_id,
                standing=str(proof.standing),
                pages=proof.pages,
                pages_differ=pages_differ(proof, receipt.pages),
                name=f"{receipt.manga_title or receipt.manga_id}, {number}",
            )
        )

    def _waits(self, reason: str, until: float) -> None:
        self._emit(events.Waiting(at=self._clock.now(), reason=reason, until=until, can_retry_now=False))

    def _ledger_notes(self, text: str) -> None:
        """From the ledger's thread."""
        self.note(text)

    def _notes(self, text: str) -> None:
        self._emit(events.Note(at=self._clock.now(), text=text))

    def _requested(self, line: RequestLine) -> None:
        self._outbox.log_request(line, self._clock.now())


def _busy(error: AccountBusy | OSError, at: float) -> events.Failed:
    remedy = (
        "Wait until it has ended, or end it."
        if isinstance(error, AccountBusy)
        else "Make dexup's state folder writable for you."
    )
    # An OSError's own text begins with its number.
    words = f"{error.filename}: {error.strerror}" if isinstance(error, OSError) else str(error)
    return events.Failed(
        at=at,
        title="The upload cannot start",
        detail=words,
        remedy=remedy,
        exit_code=int(Exit.SESSION_OPEN if isinstance(error, AccountBusy) else Exit.RESUMABLE),
        resumable=False,
    )
