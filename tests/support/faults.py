"""One account's engine and ledger against a sandbox on real sockets, in time that needs no time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.support.ground import MOST_REQUESTS, Ground
from tui.chapter.details import ChapterDetails
from tui.chapter.pages import Page
from tui.mangadex.auth import TokenAuth
from tui.mangadex.client import MangaDex
from tui.sandbox.fault_actions import Action
from tui.sandbox.server import Fault, SandboxServer
from tui.secret import Secret
from tui.upload.describe import describe
from tui.upload.engine import ClientHooks, Engine
from tui.upload.events import AllPagesIn, BytesSent, Committed, CommitUnknown, Event, Failed, Stopped, Waiting
from tui.upload.ledger import Ledger
from tui.upload.ledger_entry import LedgerEntry
from tui.upload.options import EngineOptions, OnSession
from tui.upload.plan import UploadPlan, freeze_plan
from tui.upload.receipts import Receipt

BATCH = 4

SEND = "/upload/{id}"
COMMIT = "/upload/{id}/commit"
TOKEN = "/realms/*/token"

_PATIENCE = 30.0


@dataclass
class FaultBench:
    """One account on this machine: its ledger, its log, and an engine at a time."""

    ground: Ground
    folder: Path
    plan: UploadPlan
    options: EngineOptions = field(
        default_factory=lambda: EngineOptions(batch_files=BATCH, batch_bytes=10_000_000)
    )
    hesitates: float = 0.0
    """Seconds for which the user thinks before the commit."""
    events: list[Event] = field(default_factory=list)
    """Of every engine so far."""
    log_path: Path | None = None
    scripted: list[Fault] = field(default_factory=list)
    """Every fault that was scripted; one that strikes nobody shows nothing."""
    _engine: Engine | None = None
    _client: MangaDex | None = None

    @property
    def ledger_path(self) -> Path:
        return self.folder / "state" / "ledger.sqlite"

    @property
    def engine(self) -> Engine:
        """The running engine, as a new process has it: logged in, with nothing in memory."""
        if self._engine is None:
            made = Engine(
                self._make_client,
                self.ledger_path,
                options=self.options,
                log_path=self.log_path or self.folder / "state" / "dexup.log",
                clock=self.ground.clock,
            )
            made.start()
            made.submit(self._log_in).result(_PATIENCE)
            self._engine = made
        return self._engine

    def _make_client(self, hooks: ClientHooks) -> MangaDex:
        info = self.ground.server.info
        auth = TokenAuth(
            info["auth"], info["client_id"], Secret(info["client_secret"]), clock=self.ground.clock
        )
        self._client = MangaDex(
            info["api"],
            auth,
            clock=self.ground.clock,
            on_wait=hooks.on_wait,
            on_note=hooks.on_note,
            on_request=hooks.on_request,
        )
        return self._client

    async def _log_in(self, client: MangaDex) -> None:
        info = self.ground.server.info
        assert client.auth is not None
        await client.auth.log_in(info["username"], Secret(info["password"]))

    def close(self) -> None:
        """End the process, so to speak; the next use starts another."""
        engine, self._engine = self._engine, None
        if engine is not None:
            engine.close()

    def log_in_again(self) -> None:
        """The user types the password once more."""
        self.engine.submit(self._log_in).result(_PATIENCE)

    # The weather

    def strike(self, method: str, path: str, action: Action, *, skip: int = 0, times: int = 1) -> Fault:
        """Script a fault."""
        fault = self.ground.server.faults.add(Fault(method, path, action, skip=skip, times=times))
        self.scripted.append(fault)
        return fault

    def fair(self) -> None:
        """No more faults."""
        self.ground.server.faults.clear()

    # The upload

    def upload(self, *, commit: bool = True, on_session: OnSession = OnSession.FAIL) -> Event:
        """Upload, and commit when all pages are in; the event that ended it."""
        self.engine.start_upload(self.plan, on_session=on_session, account="someone")
        return self.follow(commit=commit)

    def resume(self, *, commit: bool = True, same_process: bool = False) -> Event:
        """Go on with what the ledger knows, in a new process unless told otherwise."""
        if not same_process:
            self.close()
        self.ground.settle()
        (entry,) = self.unfinished()
        self.engine.resume(entry)
        return self.follow(commit=commit)

    def commit(self) -> Event:
        """Commit what is in."""
        self.engine.commit(terms_accepted=True)
        return self.follow(commit=False)

    def follow(self, *, commit: bool) -> Event:
        """The event by which the upload ends, or waits for its commit when that is not to be done."""
        deadline = time.monotonic() + _PATIENCE
        ends = (Failed, Stopped, Committed, CommitUnknown)
        while time.monotonic() < deadline:
            event = self.engine.wait_event(0.2)
            if event is None:
                continue
            self.events.append(event)
            if isinstance(event, ends) or (isinstance(event, AllPagesIn) and not commit):
                return event
            if isinstance(event, AllPagesIn):
                self.ground.clock.advance(self.hesitates)
                self.engine.commit(terms_accepted=True)
        raise AssertionError("the upload has no end:\n" + "\n".join(self.said))

    # What is known

    @property
    def said(self) -> list[str]:
        """Every line that the user was told."""
        return [describe(event) for event in self.events if not isinstance(event, BytesSent)]

    def heard(self, *words: str) -> bool:
        """Whether one line held all these words."""
        return any(all(word in line for word in words) for line in self.said)

    def of(self, kind: type[Event]) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]

    def waits(self) -> list[Waiting]:
        return self.of(Waiting)

    def _in_ledger(self, read: Callable[[Ledger], Any]) -> Any:
        ledger = Ledger(self.ledger_path)
        try:
            return read(ledger)
        finally:
            ledger.close()

    def unfinished(self) -> list[LedgerEntry]:
        found: list[LedgerEntry] = self._in_ledger(Ledger.unfinished)
        return found

    def receipts(self) -> list[Receipt]:
        found: list[Receipt] = self._in_ledger(Ledger.receipts)
        return found

    # The referee

    def check_committed(self, end: Event, *, most_requests: int = MOST_REQUESTS) -> None:
        """The chapter is the plan, once; nothing was done twice on the way."""
        said = "\n".join(self.said)
        assert isinstance(end, Committed), said
        ground = self.ground
        assert ground.referee.chapters == [end.chapter_id], said
        ground.check_only_chapter([page.sha256 for page in self.plan.pages], self.plan.details.chapter)
        assert [receipt.chapter_id for receipt in self.receipts()] == [end.chapter_id]
        assert self.unfinished() == []
        self.check_manners(most_requests=most_requests)

    def check_kept(self, end: Event, exit_code: int, *, most_requests: int = MOST_REQUESTS) -> None:
        """It gave up without harm: the session is there, nothing is published, and a resume is possible."""
        said = "\n".join(self.said)
        assert isinstance(end, Failed), said
        assert (end.exit_code, end.resumable) == (exit_code, True), said
        assert end.title and end.remedy
        ground = self.ground
        assert ground.referee.chapters == [], said
        (entry,) = self.unfinished()
        assert entry.plan.id == self.plan.id
        if entry.session_id:
            assert ground.session is not None, said
            assert ground.session.id == entry.session_id
            held = set(ground.session.files)
            assert set(entry.accepted.values()) <= held
        self.check_manners(most_requests=most_requests)

    def check_manners(self, *, most_requests: int = MOST_REQUESTS, errors: Iterable[int] = ()) -> None:
        """Nothing that a careful client would not ask; `errors` are unscripted statuses that are in order."""
        self.ground.check_manners("\n".join(self.said), most_requests=most_requests, errors=errors)


def make_plan(source: Path, pages: Sequence[Page], server: SandboxServer, **details: Any) -> UploadPlan:
    """The plan for a chapter of the sandbox's title."""
    usual: dict[str, Any] = {"chapter": "77", "language": "en"}
    wanted = ChapterDetails(
        manga_id=server.info["manga"], group_ids=(server.info["group"],), **(usual | details)
    )
    return freeze_plan(source, pages, wanted, now=datetime(2026, 11, 2, 12, tzinfo=UTC))


@contextmanager
def open_bench(ground: Ground, folder: Path) -> Iterator[FaultBench]:
    """A bench on clean ground."""
    ground.clean()
    bench = FaultBench(ground, folder, make_plan(ground.chapter, ground.pages, ground.server))
    try:
        yield bench
        assert all(fault.struck for fault in bench.scripted), "a scripted fault has struck nobody"
    finally:
        bench.close()
