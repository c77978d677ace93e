"""A chapter on disk, a ledger, a fake service and a fake clock for tests of the engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.support.clock import FakeClock
from tests.support.fake_service import START, FakeService
from tests.support.faults import FaultBench, open_bench
from tests.support.ground import Ground
from tui.chapter.details import ChapterDetails
from tui.chapter.hashing import hash_pages
from tui.chapter.sources import open_source
from tui.upload.events import Event, Failed
from tui.upload.ledger import Ledger
from tui.upload.ledger_entry import LedgerEntry
from tui.upload.ledger_thread import LedgerThread
from tui.upload.options import EngineOptions
from tui.upload.plan import UploadPlan, freeze_plan
from tui.upload.uploader import Uploader
from tui.upload.view import UploadView, fold, start_view

MANGA = "f9c33607-9180-4ba6-b85c-e4b5faee7192"
GROUP = "18dadd0b-cbce-41c4-a8a9-5e653780b9ff"
NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)


@dataclass
class Bench:
    """One upload, ready to be run and run again."""

    plan: UploadPlan
    service: FakeService
    ledger: LedgerThread
    clock: FakeClock
    options: EngineOptions
    events: list[Event] = field(default_factory=list)
    on_event: Callable[[Event], None] = lambda event: None

    def emit(self, event: Event) -> None:
        self.events.append(event)
        self.on_event(event)

    def uploader(self, entry: LedgerEntry | None = None) -> Uploader:
        """A fresh uploader, as a new process would have it."""
        return Uploader(
            self.plan,
            self.service,
            self.ledger,
            clock=self.clock,
            emit=self.emit,
            options=self.options,
            account="someone",
            entry=entry,
        )

    def hesitate(self) -> None:
        """Let so much time pass that what was seen at the gate counts no longer."""
        self.clock.advance(3)

    def of(self, *kinds: type[Event]) -> list[Event]:
        """The events of these kinds."""
        return [event for event in self.events if isinstance(event, kinds)]

    @property
    def last(self) -> Event:
        return self.events[-1]

    @property
    def failure(self) -> Failed:
        """How it ended."""
        assert isinstance(self.last, Failed), self.last
        return self.last

    async def entry(self) -> LedgerEntry:
        """What the ledger knows of it."""
        entry = await self.ledger.do(Ledger.entry, self.plan.id)
        assert entry is not None
        return entry

    @property
    def view(self) -> UploadView:
        view = start_view(self.plan)
        for event in self.events:
            view = fold(view, event)
        return view

    def bytes_committed(self) -> list[bytes]:
        """What the committed chapter holds, in its order."""
        return [self.service.content[file_id] for file_id in self.service.committed[-1]]

    def bytes_planned(self) -> list[bytes]:
        """What the plan says that it holds."""
        return [(page.location.source / page.location.member).read_bytes() for page in self.plan.pages]


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[LedgerThread]:
    thread = LedgerThread(tmp_path / "state" / "ledger.sqlite3")
    yield thread
    thread.close()


@pytest.fixture
def make_plan(tmp_path: Path) -> Callable[[int], UploadPlan]:
    """A plan for a folder of that many small, different pages."""
    from tests.support.chapters import image_bytes

    def make(count: int) -> UploadPlan:
        folder = tmp_path / "chapter"
        folder.mkdir()
        for number in range(1, count + 1):
            (folder / f"{number}.png").write_bytes(image_bytes("PNG", (200 + number, 300)))
        pages = hash_pages(open_source(folder).scan().pages)
        details = ChapterDetails(manga_id=MANGA, group_ids=(GROUP,), chapter="1", language="en")
        return freeze_plan(folder, pages, details, now=NOW)

    return make


@pytest.fixture
def bench(make_plan: Callable[[int], UploadPlan], ledger: LedgerThread) -> Bench:
    """Twelve pages, three in a request."""
    return Bench(
        make_plan(12), FakeService(), ledger, FakeClock(START.timestamp()), EngineOptions(batch_files=3)
    )


@pytest.fixture(scope="session")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """The sandbox that the tests of faults share."""
    made = Ground(tmp_path_factory.mktemp("ground"))
    with made.server:
        yield made


@pytest.fixture
def faults(ground: Ground, tmp_path: Path) -> Iterator[FaultBench]:
    """An engine and a ledger of its own on that sandbox."""
    with open_bench(ground, tmp_path) as made:
        yield made
