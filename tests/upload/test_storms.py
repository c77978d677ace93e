"""Random storms over the uploader: whatever the service, the line, the user and the kernel do, the promises hold.

A run is a handful of processes, one after the other, each with weather, kills and key presses of its own, and
mischief on the server between them. Then the sky clears, and what was begun must end as it was planned. The
referee in `tests.support.storms` raises the moment that a promise is broken.

Each run of the tests draws new storms. A failure prints the steps, and a line `@reproduce_failure(...)` that,
put above the test, repeats exactly that run; `--hypothesis-seed=N` repeats a whole series. STORMS=N makes it longer.
"""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import os
import tempfile
from collections.abc import Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from tests.support.clock import FakeClock
from tests.support.storms import (
    KINDS,
    LedgerOf,
    Line,
    MemoryLedger,
    Process,
    Server,
    Weather,
    World,
)
from tests.upload.conftest import GROUP, MANGA, NOW
from tui.chapter.details import ChapterDetails
from tui.chapter.pages import PageLocation
from tui.commands.resume import _choose
from tui.mangadex.errors import MangaDexError
from tui.mangadex.models import Chapter
from tui.upload import events
from tui.upload.exits import Exit
from tui.upload.ledger_entry import LedgerEntry, Stage
from tui.upload.options import EngineOptions, OnSession
from tui.upload.plan import PlannedPage, UploadPlan
from tui.upload.uploader import Uploader

RUNS = int(os.environ.get("STORMS", "1000"))
"""More in a night: STORMS=100000."""
CALM = 6
"""Processes in fine weather after which a chapter must be committed."""
SOMEONE = "someone"

weather = st.builds(
    Weather,
    st.sampled_from((*("fine",) * 8, *KINDS)),
    st.sampled_from((0, 0, 0, 1, 4, 20, 90)),
    st.integers(0, 7),
)
weathers = st.lists(weather, min_size=4, max_size=16)
commit_weathers = st.lists(
    st.builds(
        Weather,
        st.sampled_from(("fine", "lost", "late", "not done", "late", *KINDS)),
        st.sampled_from((0, 1, 4, 20, 90)),
    ),
    max_size=3,
)
kills = st.sampled_from((0, 0, 1)).flatmap(lambda dies: st.integers(1, 60) if dies else st.just(0))
kills_after_commit = st.sampled_from((0, 1)).flatmap(lambda dies: st.integers(1, 24) if dies else st.just(0))
presses = st.dictionaries(st.integers(1, 40), st.sampled_from(("pause", "retry now", "stop")), max_size=2)


def make_plan(folder: Path) -> UploadPlan:
    """Eight pages; the third and the seventh are the same picture."""
    pages = []
    for position in range(1, 9):
        content = b"page 3" if position == 7 else f"page {position}".encode()
        name = f"{position}.png"
        (folder / name).write_bytes(content)
        digest = hashlib.sha256(content).hexdigest()
        part = f"{position:04}-{digest[:8]}.png"
        location = PageLocation(folder, name)
        pages.append(PlannedPage(position, part, name, location, len(content), "image/png", digest))
    details = ChapterDetails(manga_id=MANGA, group_ids=(GROUP,), chapter="1", language="en")
    return UploadPlan("", folder, tuple(pages), details, NOW)


class Storms(RuleBasedStateMachine):
    """One chapter, from the first process to its receipt."""

    plan: UploadPlan

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.plan_numbers = itertools.count(1)

    @initialize(
        hides=st.sampled_from(((), (), ("name",), ("hash",), ("size",), ("hash", "size"))),
        twin=st.booleans(),
        in_flight=st.sampled_from((1, 2, 3)),
    )
    def begin(self, hides: tuple[str, ...], twin: bool, in_flight: int) -> None:
        clock = FakeClock()
        digests = [page.sha256 for page in self.plan.pages]
        self.server = Server(clock=clock, planned=digests, hides=frozenset(hides))
        self.world = World(self.server, clock, MemoryLedger(clock.now))
        self.options = EngineOptions(batch_files=3, in_flight=in_flight)
        if twin:  # the same chapter was there before, by the same account
            self.server.chapters_made.append(
                Chapter(
                    "twin",
                    manga_id=MANGA,
                    group_ids=(GROUP,),
                    uploader_id="user-1",
                    chapter="1",
                    language="en",
                    created_at=self.server.moment(),
                )
            )
            clock.advance(1000)

    def do(self, work: Coroutine[Any, Any, None]) -> None:
        self.loop.run_until_complete(asyncio.wait_for(work, 60))

    # What happens

    @rule(
        weather=weathers,
        commit_weather=commit_weathers,
        kill_at=kills,
        kill_after_commit=kills_after_commit,
        commands=presses,
        commits=st.booleans(),
    )
    def process(
        self,
        weather: list[Weather],
        commit_weather: list[Weather],
        kill_at: int,
        kill_after_commit: int,
        commands: dict[int, str],
        commits: bool,
    ) -> None:
        """The user starts the upload, or goes on with it."""
        process = Process(
            self.world, list(weather), list(commit_weather), kill_at, kill_after_commit, dict(commands)
        )
        self.do(process.run(self.go_on(process, commits)))

    @rule(weather=weathers, kill_at=kills, choice=st.sampled_from(OnSession))
    def upload_anew(self, weather: list[Weather], kill_at: int, choice: OnSession) -> None:
        """The user reads the folder again instead, and says what shall become of the open session."""
        unfinished = self.world.ledger.unfinished()
        if any(entry.stage is Stage.COMMITTING or entry.commit_at for entry in unfinished) or self.made:
            return  # nobody starts a chapter anew that may be published
        gives_up = choice is OnSession.ABANDON
        process = Process(self.world, list(weather), kill_at=kill_at, gives_up=gives_up)
        self.do(process.run(self.upload(process, self.new_plan(), None, choice, False)))

    @rule(what=st.sampled_from(("loses", "loses", "adds", "vanishes", "waits")), number=st.integers(0, 7))
    def mischief(self, what: str, number: int) -> None:
        """Between two processes: the server loses a file, somebody else adds one, the session goes away, or
        time passes and late requests arrive."""
        if what == "loses":
            self.server.drop(number)
        elif what == "adds":
            self.server.add_stranger()
        elif what == "vanishes" and number == 7:
            self.server.vanish()
        else:
            self.do(self.world.pass_time(10 * number + 1))
            self.world.check_arrivals()

    # How it is done

    @property
    def made(self) -> list[Chapter]:
        """What was committed in this run."""
        return [chapter for chapter in self.server.chapters_made if chapter.id != "twin"]

    def new_plan(self) -> UploadPlan:
        return replace(self.plan, id=f"{next(self.plan_numbers):032}")

    async def go_on(self, process: Process, commits: bool) -> None:
        """What `dexup resume` does; `dexup upload` when nothing was begun."""
        entries = self.world.ledger.unfinished()
        if not entries:
            if not self.made:
                await self.upload(process, self.new_plan(), None, OnSession.FAIL, commits)
            return
        try:
            session = await Line(process).current_session()
        except MangaDexError:
            return
        entry = _choose(entries, SOMEONE, session)
        if entry is not None:
            await self.upload(process, entry.plan, entry, OnSession.FAIL, commits)

    async def upload(
        self,
        process: Process,
        plan: UploadPlan,
        entry: LedgerEntry | None,
        choice: OnSession,
        commits: bool,
    ) -> None:
        begun = self.server.begun
        gone = entry is not None and bool(entry.session_id)
        uploader = Uploader(
            plan,
            Line(process),
            LedgerOf(process),
            clock=self.world.clock,
            emit=process.emit,
            options=self.options,
            account=SOMEONE,
            entry=entry,
        )
        process.uploader = uploader
        await uploader.upload(choice)
        if uploader.ready and commits:
            self.world.clock.advance(3.0 * (self.server.begun % 2))  # at once, or after a second look
            await uploader.commit()
        assert isinstance(
            process.events[-1],
            (events.AllPagesIn, events.Committed, events.CommitUnknown, events.Failed, events.Stopped),
        ), process.events[-1]
        if gone:
            assert self.server.begun == begun, "a session that was gone was replaced by a new one"
        if isinstance(process.events[-1], events.Committed):
            assert [chapter.id for chapter in self.made] == [process.events[-1].chapter_id]

    # How it must end

    def teardown(self) -> None:
        try:
            if hasattr(self, "world"):
                self.clear_up()
        finally:
            for task in asyncio.all_tasks(self.loop):
                task.cancel()
            self.loop.run_until_complete(asyncio.sleep(0))
            self.loop.close()

    def clear_up(self) -> None:
        """The weather is fine from now on."""
        self.do(self.world.pass_time(1000))
        self.world.check_arrivals()
        for _ in range(CALM):
            process = Process(self.world)
            self.do(process.run(self.go_on(process, commits=True)))
            if self.finished:
                break
            end = process.events[-1] if process.events else None
            if isinstance(end, events.Failed) and end.exit_code == Exit.SESSION_OPEN:
                # Nobody knows whose session it is, for its begin was not heard of and there is something else
                # in it. The user looks at it and says: that one.
                process = Process(self.world)
                self.do(process.run(self.upload(process, self.new_plan(), None, OnSession.RESUME, True)))
        if not self.finished:
            assert self.server.vanished, [describe(entry) for entry in self.world.ledger.unfinished()]
            return
        assert self.server.session is None or self.server.vanished
        assert [receipt.chapter_id for receipt in self.world.ledger.receipts()] == [self.made[0].id]

    @property
    def finished(self) -> bool:
        """One chapter, and nothing more to do."""
        entries = [entry for entry in self.world.ledger.unfinished() if entry.stage is not Stage.GONE]
        return len(self.made) == 1 and not entries


def describe(entry: LedgerEntry) -> str:
    return f"{entry.stage} {entry.session_id} {len(entry.accepted)} accepted"


def test_promises_hold_in_every_storm() -> None:
    with tempfile.TemporaryDirectory() as folder:
        Storms.plan = make_plan(Path(folder))
        run_state_machine_as_test(
            Storms,
            settings=settings(
                max_examples=RUNS,
                stateful_step_count=7,
                deadline=None,
                print_blob=True,
                database=None,
                phases=(Phase.generate, Phase.shrink),
                suppress_health_check=list(HealthCheck),
            ),
        )
