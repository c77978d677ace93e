"""A service in bad weather, processes that die, and a referee who counts what must never happen.

The service is the one in memory. Between it and each process lies a `Line`, on which calls are lost before or
after they were done, arrive minutes after the caller gave up, are refused, limited, answered in part or in
another order. A process ends like a killed one: from that moment neither the service nor the ledger hears of
it. All is driven by a clock that jumps and by lists that a test chooses, so that every run can be repeated.
"""

from __future__ import annotations

import asyncio
import hashlib
import sqlite3
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, NamedTuple, TypeVar

from tests.support.clock import FakeClock
from tests.support.fake_service import FakeService, Fault
from tui.mangadex.errors import (
    BadAnswer,
    Banned,
    CaptchaRequired,
    ConnectFailed,
    LoginRequired,
    MangaDexError,
    NotFound,
    RateLimited,
    Refused,
    TooLarge,
    Unavailable,
    UnknownOutcome,
)
from tui.mangadex.models import (
    Chapter,
    ChapterDraft,
    Collection,
    ErrorDetail,
    SessionFile,
    UploadAnswer,
    UploadSession,
    User,
)
from tui.mangadex.multipart import FilePart
from tui.upload.events import Event
from tui.upload.ledger import Ledger
from tui.upload.ledger_file import _prepare
from tui.upload.ledger_thread import LedgerThread
from tui.upload.uploader import Uploader

T = TypeVar("T")

ENDS = {
    "banned": Banned,
    "captcha": CaptchaRequired,
    "logged out": LoginRequired,
}
KINDS = (
    "fine", "not sent", "not done", "lost", "late", "partly", "partly refused", "refused", "too large",
    "limited", "not found", "unusable", "omitted", "hidden", *ENDS,
)  # fmt: skip


class Weather(NamedTuple):
    """What happens to one call."""

    kind: str = "fine"
    delay: int = 0
    """Seconds that it takes, half of them before it is done; for a late one, until it is done."""
    number: int = 0
    """How many files are kept, which one is refused ..."""


class Killed(BaseException):
    """This process does not exist any more."""


class Broken(AssertionError):
    """A promise was broken."""


class MemoryLedger(Ledger):
    """The real ledger on a database in memory: it outlives the processes of a run, not the run."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self.note = ""
        self._database = sqlite3.connect(":memory:", isolation_level=None)
        self._database.execute("PRAGMA foreign_keys = ON")
        _prepare(self._database)


@dataclass
class Server(FakeService):
    """The service, the referee, and what other people do to the session."""

    clock: FakeClock = field(default_factory=FakeClock)
    planned: list[str] = field(default_factory=list)
    """SHA-256 of the plan's pages in their order."""
    hides: frozenset[str] = frozenset()
    """Fields of listed files that the service leaves out."""
    known: set[str] = field(default_factory=set)
    """Ids of files that a process has heard of."""
    given_up: set[str] = field(default_factory=set)
    """Ids of sessions whose deletion somebody has decided."""
    begun: int = 0
    vanished: bool = False
    """A session went away by itself."""

    def moment(self) -> datetime:
        return datetime.fromtimestamp(int(self.clock.now()), UTC)  # whole seconds, like the service

    async def current_session(self) -> UploadSession | None:
        session = await super().current_session()
        if session is None:
            return None
        return replace(session, files=tuple(map(self.shown, session.files)))

    def shown(self, file: SessionFile) -> SessionFile:
        """The file as the service lists it."""
        return replace(
            file,
            name="" if "name" in self.hides else file.name,
            hash="opaque" if "hash" in self.hides else file.hash,
            size=None if "size" in self.hides else file.size,
        )

    async def begin(self, manga_id: str, group_ids: Sequence[str]) -> UploadSession:
        session = await super().begin(manga_id, group_ids)
        self.begun += 1
        self.session = replace(session, created_at=self.moment())
        return self.session

    async def abandon(self, session_id: str) -> bool:
        if session_id not in self.given_up:
            raise Broken("a session was deleted that nobody asked to delete")
        return await super().abandon(session_id)

    async def commit(
        self, session_id: str, draft: ChapterDraft, page_order: Sequence[str], *, terms_accepted: bool
    ) -> Chapter:
        session = self._open(session_id)
        files = {file.id for file in session.files}
        if not set(page_order) <= files:
            raise Refused("validation_exception", "/pageOrder: no such file", status=400)
        if [self.digest_of(file_id) for file_id in page_order] != self.planned:
            raise Broken("the commit differs from the plan")
        self.session = replace(
            session, files=tuple(file for file in session.files if file.id in set(page_order))
        )
        chapter = await super().commit(session_id, draft, page_order, terms_accepted=terms_accepted)
        self.chapters_made[-1] = replace(chapter, created_at=self.moment())
        if len(self.committed) > 1:
            raise Broken("a second chapter was committed")
        return self.chapters_made[-1]

    def digest_of(self, file_id: str) -> str:
        return hashlib.sha256(self.content[file_id]).hexdigest()

    # What happens without any call

    def drop(self, which: int) -> None:
        """The server loses a file."""
        if self.session is not None and self.session.files:
            files = list(self.session.files)
            del files[which % len(files)]
            self.session = replace(self.session, files=tuple(files))

    def add_stranger(self) -> None:
        """Somebody puts a file of his own into the session."""
        if self.session is not None:
            file = SessionFile(self._id(), "cat.png", 3, "image/png", hashlib.sha256(b"cat").hexdigest())
            self.content[file.id] = b"cat"
            self.session = replace(self.session, files=(*self.session.files, file))

    def vanish(self) -> None:
        """The session goes away without a commit."""
        if self.session is not None:
            self.session = None
            self.vanished = True


@dataclass
class World:
    """What outlives a process: the service, the ledger, the time, and requests that are still under way."""

    server: Server
    clock: FakeClock
    ledger: MemoryLedger
    under_way: set[asyncio.Task[Any]] = field(default_factory=set)

    def later(self, seconds: float, work: Callable[[], Awaitable[object]]) -> None:
        """Do it then, whoever may be gone by that time."""

        async def run() -> None:
            await self.clock.sleep(seconds)
            try:
                await work()
            except MangaDexError:
                return  # nobody is there to hear of it

        task = asyncio.create_task(run())
        self.under_way.add(task)

    async def pass_time(self, seconds: float) -> None:
        await self.clock.sleep(seconds)

    def check_arrivals(self) -> None:
        """Raise what late requests have broken."""
        for task in [task for task in self.under_way if task.done()]:
            self.under_way.discard(task)
            task.result()


@dataclass
class Process:
    """One run of dexup: its line to the service, its hold on the ledger, and its end."""

    world: World
    weather: list[Weather] = field(default_factory=list)
    """Of its calls, one after the other; fine when used up."""
    commit_weather: list[Weather] = field(default_factory=list)
    """Of its commits, which are few among the calls and delicate."""
    kill_at: int = 0
    """The point at which it dies: before and after each call and each use of the ledger; 0 for never."""
    kill_after_commit: int = 0
    """How many points after its first commit it dies; 0 for never."""
    commands: dict[int, str] = field(default_factory=dict)
    """Point -> what the user presses there."""
    events: list[Event] = field(default_factory=list)
    uploader: Uploader | None = None
    task: asyncio.Task[Any] | None = None
    dead: bool = False
    passed: int = 0
    sending: Counter[str] = field(default_factory=Counter)
    gives_up: bool = False
    """The user has decided to delete the session that is open when it starts."""
    asked: bool = False
    """It has heard what the server holds."""
    doubtful: set[str] = field(default_factory=set)
    """Names of parts whose answer was lost since it asked last."""

    def emit(self, event: Event) -> None:
        if not self.dead:
            self.events.append(event)

    def point(self) -> None:
        """Somewhere between this process and the world."""
        if self.dead:
            raise Killed
        self.passed += 1
        if self.passed == self.kill_at:
            self.dead = True
            if self.task is not None:
                self.task.cancel()
            raise Killed
        command = self.commands.get(self.passed)
        if command is not None and self.uploader is not None:
            self._press(command, self.uploader)

    def _press(self, command: str, uploader: Uploader) -> None:
        control = uploader.control
        if command == "pause":
            control.pause()
            control.go_on()
            control.pause()

            async def go_on() -> None:
                control.go_on()

            self.world.later(30, go_on)
        elif command == "retry now":
            control.retry_now()
        else:
            control.stop()

    async def run(self, work: Awaitable[object]) -> None:
        """Until it ends or is killed. Whatever else it raises is a fault of dexup's."""
        self.task = asyncio.ensure_future(work)
        try:
            await self.task
        except Killed:
            pass
        except asyncio.CancelledError:
            if not self.dead:
                raise
        self.dead = True
        self.world.check_arrivals()


class LedgerOf(LedgerThread):
    """The ledger as a process has it: in the same thread, so that runs can be repeated."""

    def __init__(self, process: Process) -> None:
        self._process = process

    @property
    def note(self) -> str:
        return ""

    def submit(self, method: Any, *args: Any, **kwargs: Any) -> Future[Any]:
        raise NotImplementedError("the uploader awaits the ledger")

    async def do(self, method: Any, *args: Any, **kwargs: Any) -> Any:
        self._process.point()
        found = method(self._process.world.ledger, *args, **kwargs)
        await asyncio.sleep(0)
        self._process.point()
        return found


class Line:
    """The service as a process meets it."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._world = process.world
        self._server = process.world.server
        self.page_speed = 0.0

    def expect_pages(self, expected: bool) -> None:
        pass  # there is no pace to keep here

    async def me(self) -> User:
        return await self._call(self._server.me, changes=False)

    async def current_session(self) -> UploadSession | None:
        session = await self._call(self._server.current_session, changes=False)
        if self._process.gives_up and session is not None:
            self._server.given_up.add(session.id)
        self._process.gives_up = False
        self._process.asked = True
        self._process.doubtful.clear()
        if session is not None:
            self._server.known.update(file.id for file in session.files)
        return session

    async def begin(self, manga_id: str, group_ids: Sequence[str]) -> UploadSession:
        return await self._call(lambda: self._server.begin(manga_id, group_ids))

    async def delete_files(self, session_id: str, file_ids: Sequence[str]) -> None:
        await self._call(lambda: self._server.delete_files(session_id, file_ids))

    async def abandon(self, session_id: str) -> bool:
        return await self._call(lambda: self._server.abandon(session_id))

    async def commit(
        self, session_id: str, draft: ChapterDraft, page_order: Sequence[str], *, terms_accepted: bool
    ) -> Chapter:
        def work() -> Awaitable[Chapter]:
            return self._server.commit(session_id, draft, page_order, terms_accepted=terms_accepted)

        process = self._process
        process.weather[:0] = [process.commit_weather.pop(0) if process.commit_weather else Weather()]
        if process.kill_after_commit:
            process.kill_at = process.passed + process.kill_after_commit
            process.kill_after_commit = 0
        return await self._call(work)

    async def chapter(self, chapter_id: str) -> Chapter:
        return await self._call(lambda: self._server.chapter(chapter_id), changes=False)

    async def chapters(self, *, manga_id: str = "", **_filters: Any) -> Collection[Chapter]:
        hidden = bool(self._process.weather) and self._process.weather[0].kind == "hidden"
        found = await self._call(lambda: self._server.chapters(manga_id=manga_id), changes=False)
        return Collection(()) if hidden else found

    async def upload(
        self,
        session_id: str,
        parts: Sequence[FilePart],
        *,
        on_progress: Callable[[int, int], None] | None = None,
    ) -> UploadAnswer:
        sending = Counter(part.sha256 for part in parts)
        self._check_sending(parts, sending)
        self._process.sending += sending
        if on_progress is not None:
            total = sum(part.size for part in parts)
            on_progress(total - 1, total)
        weather = self._process.weather[0] if self._process.weather else Weather()
        try:
            return await self._send(session_id, parts, weather, on_progress)
        except UnknownOutcome:
            self._process.doubtful.update(part.name for part in parts)
            raise
        finally:
            self._process.sending -= sending

    async def _send(
        self,
        session_id: str,
        parts: Sequence[FilePart],
        weather: Weather,
        on_progress: Callable[[int, int], None] | None,
    ) -> UploadAnswer:
        odd = weather.number % len(parts)
        errors: tuple[ErrorDetail, ...] = ()
        wanted = parts
        if weather.kind in ("partly refused", "omitted"):
            wanted = [part for number, part in enumerate(parts) if number != odd]
        if weather.kind == "partly refused":
            named = f"{parts[odd].name}: bad" if weather.number % 2 else "bad"
            errors = (ErrorDetail(400, "validation_exception", named),)

        async def work() -> UploadAnswer:
            if not wanted:
                return UploadAnswer(())
            if weather.kind == "partly":
                lost = UnknownOutcome("No answer", "cut")
                self._server.fail("upload", Fault(lost, done=True, keep=odd))
            return await self._server.upload(session_id, wanted, on_progress=on_progress)

        answer = await self._call(work)
        self._server.known.update(file.id for file in answer.accepted)
        accepted = tuple(map(self._server.shown, answer.accepted))
        return UploadAnswer(accepted[::-1] if weather.number % 2 else accepted, (*answer.errors, *errors))

    def _check_sending(self, parts: Sequence[FilePart], sending: Counter[str]) -> None:
        """No page is sent that this machine has heard to be on the server, and none without asking after a
        doubt."""
        if not self._process.asked or not self._process.doubtful.isdisjoint(part.name for part in parts):
            raise Broken("pages were sent without asking what the server holds")
        server = self._server
        there = server.session.files if server.session is not None else ()
        heard = Counter(server.digest_of(file.id) for file in there if file.id in server.known)
        wanted = Counter(server.planned)
        total = heard + sending + self._process.sending
        if any(total[digest] > wanted[digest] for digest in sending):
            raise Broken("a page that the server was known to hold was sent again")

    async def _call(self, work: Callable[[], Awaitable[T]], *, changes: bool = True) -> T:
        process, clock = self._process, self._world.clock
        process.point()
        weather = process.weather.pop(0) if process.weather else Weather()
        kind = weather.kind
        none: type[MangaDexError] = UnknownOutcome if changes else Unavailable
        if kind in ENDS:
            raise ENDS[kind](kind)
        if kind == "not sent":
            raise ConnectFailed("No connection")
        if kind == "limited":
            limited = RateLimited("Too many requests")
            limited.until = clock.now() + weather.delay
            raise limited
        if kind == "too large" and changes:
            raise TooLarge("Too large", status=413)
        if kind == "refused" and changes:
            raise Refused("Refused", "no", status=400)
        if kind == "not found":
            raise NotFound("Not found", status=404)
        if weather.delay and kind != "late":
            await clock.sleep(weather.delay / 2)
        if kind == "late" and changes:
            self._world.later(weather.delay, work)
        if kind in ("late", "not done"):
            raise none("No answer", kind)
        found = await work()
        if weather.delay:
            await clock.sleep(weather.delay / 2)
        process.point()
        if kind == "lost":
            raise none("No answer", "lost")
        if kind == "unusable":
            raise (UnknownOutcome if changes else BadAnswer)("No usable answer")
        return found
