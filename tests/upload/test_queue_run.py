"""A run of the queue: what stops it and what does not, and what the next one does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from tests.support.faults import COMMIT, SEND, FaultBench
from tests.support.headless import png
from tui.chapter.details import ChapterDetails
from tui.chapter.reading import ReadChapter, read_chapter
from tui.chapter.sources.base import IsCancelled
from tui.sandbox.fault_actions import Banned, Captcha, Cut, ExpireTokens, Lost, RefuseFiles, Status
from tui.sandbox.service import Service
from tui.upload.account_lock import AccountLock
from tui.upload.events import Event, Note, PageAccepted, SessionBegan
from tui.upload.exits import Exit
from tui.upload.ledger import Ledger
from tui.upload.ledger_entry import Stage
from tui.upload.options import EngineOptions
from tui.upload.queue.control import QueueEnd
from tui.upload.queue.entry import EntryState, QueueEntry
from tui.upload.queue.fields import set_groups
from tui.upload.queue.runner import QueueRunner, consent_to
from tui.upload.queue.table import QueueTable

ACCOUNT = "someone"
WAITING, COMMITTED, FAILED = EntryState.WAITING, EntryState.COMMITTED, EntryState.FAILED
RUNNING, PAUSED, THERE = EntryState.RUNNING, EntryState.PAUSED, EntryState.ALREADY_THERE


def read(path: Path, cancelled: IsCancelled) -> ReadChapter:
    return read_chapter(path, "natural", cancelled=cancelled)


@dataclass
class Desk:
    """A queue of small chapters on a bench."""

    bench: FaultBench
    folder: Path
    contents: dict[str, list[bytes]] = field(default_factory=dict)
    """Chapter number -> its pages."""

    def add(self, *numbers: str, **details: Any) -> None:
        info = self.bench.ground.server.info
        entries = []
        for number in numbers:
            folder = self.folder / f"c{number}"
            folder.mkdir(parents=True)
            pages = [png(int(number) * 10 + page, 1) for page in range(3)]
            for place, content in enumerate(pages, 1):
                (folder / f"{place}.png").write_bytes(content)
            self.contents[number] = pages
            known = ChapterDetails(
                **{
                    "manga_id": info["manga"],
                    "group_ids": (info["group"],),
                    "chapter": number,
                    "language": "en",
                }
                | details
            )
            entries.append(QueueEntry(folder, known))
        self.do(QueueTable.add, entries)

    def do(self, method: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        return self.bench.engine.queue.do(method, *arguments, **named)

    def entries(self) -> list[QueueEntry]:
        found: list[QueueEntry] = self.do(QueueTable.entries)
        return found

    def states(self) -> list[EntryState]:
        return [entry.state for entry in self.entries()]

    def run(
        self,
        consent: Sequence[QueueEntry] | None = None,
        account: str = ACCOUNT,
        meanwhile: Callable[[QueueRunner, type[Event]], object] = lambda runner, event: None,
    ) -> QueueEnd:
        """Run it to its end; `meanwhile` hears of every event."""
        runner = QueueRunner(self.bench.engine, read, lambda *_: None)

        def hear(event: Event) -> None:
            meanwhile(runner, type(event))

        hang_up = self.bench.engine.listen(hear)
        wanted = self.entries() if consent is None else list(consent)
        runner.start(account, consent_to(wanted), terms_accepted=True)
        runner.join(30)
        hang_up()
        assert not runner.running and runner.status.end is not None
        return runner.status.end

    def published(self) -> list[str]:
        """Numbers of the chapters that were committed, in order; their pages are what was to be uploaded."""
        state = self.bench.ground.server.state
        numbers = []
        for chapter_id in self.bench.ground.referee.chapters:
            chapter = state.chapters[chapter_id]
            assert chapter.chapter is not None
            held = [state.page_bytes(chapter_id, page) for page in range(1, len(chapter.pages) + 1)]
            assert held == self.contents[chapter.chapter]
            numbers.append(chapter.chapter)
        return numbers


@pytest.fixture
def desk(faults: FaultBench, tmp_path: Path) -> Desk:
    # The sandbox is shared by many tests, and other chapters of this title would count as the same.
    for number in ("301", "302", "303"):
        _forget(faults.ground.server.state, number)
    made = Desk(faults, tmp_path / "in")
    made.add("301", "302", "303")
    return made


def _forget(state: Service, number: str) -> None:
    for chapter_id in [one for one, chapter in state.chapters.items() if chapter.chapter == number]:
        del state.chapters[chapter_id]


def test_chapters_go_up_in_order_and_only_those_that_were_consented_to(desk: Desk) -> None:
    first, second, third = desk.entries()
    desk.do(QueueTable.arrange, [third.number, first.number, second.number])
    assert desk.run([first, third]) == QueueEnd(Exit.DONE)
    assert desk.published() == ["303", "301"]
    assert desk.states() == [COMMITTED, COMMITTED, WAITING]
    changed = [entry for entry in desk.entries() if entry.state is WAITING]
    desk.do(QueueTable.change, [QueueEntry(second.source, first.details, number=second.number)])
    assert desk.run(changed) == QueueEnd(Exit.DONE)  # it is not any more what was consented to
    assert desk.states() == [COMMITTED, COMMITTED, WAITING]
    desk.bench.check_manners()


def test_a_consent_needs_the_terms(desk: Desk) -> None:
    runner = QueueRunner(desk.bench.engine, read, lambda *_: None)
    with pytest.raises(ValueError, match="terms"):
        runner.start(ACCOUNT, consent_to(desk.entries()), terms_accepted=False)


@pytest.mark.parametrize(
    ("path", "action", "exit_code"),
    [
        (SEND, Banned(), Exit.RESUMABLE),
        (SEND, ExpireTokens(refresh_too=True), Exit.LOGIN),
        (SEND, Captcha(), Exit.REFUSED),
        (SEND, Cut(), Exit.RESUMABLE),
        (COMMIT, Banned(), Exit.RESUMABLE),
        (COMMIT, Status(503), Exit.RESUMABLE),
    ],
)
def test_what_every_chapter_would_meet_stops_the_queue_and_the_next_run_goes_on(
    desk: Desk, path: str, action: Any, exit_code: Exit
) -> None:
    desk.bench.strike("POST", path, action, skip=1, times=0)
    end = desk.run()
    assert (end.exit_code, desk.states()) == (exit_code, [COMMITTED, RUNNING, WAITING]), end
    assert end.title and end.remedy
    desk.bench.close()
    desk.bench.fair()
    assert desk.run() == QueueEnd(Exit.DONE)
    assert desk.states() == [COMMITTED] * 3
    assert desk.published() == ["301", "302", "303"]


def test_a_session_that_is_not_the_queues_stops_it_untouched(desk: Desk) -> None:
    server = desk.bench.ground.server

    async def begin(client: Any) -> str:
        session = await client.begin(server.info["manga"], [server.info["group"]])
        return str(session.id)

    session_id = desk.bench.engine.submit(begin).result(10)
    end = desk.run()
    assert end.exit_code is Exit.SESSION_OPEN
    assert "left alone" in end.remedy
    assert desk.states() == [WAITING] * 3
    assert list(server.state.sessions) == [session_id]
    assert desk.bench.ground.count("POST", "/upload/begin") == 1  # the one above


def test_another_dexup_with_the_account_or_the_queue_stops_it(desk: Desk) -> None:
    for name in (ACCOUNT, "the queue"):
        lock = AccountLock(desk.bench.ledger_path.parent, name)
        lock.take()
        end = desk.run()
        assert (end.exit_code, desk.states()) == (Exit.SESSION_OPEN, [WAITING] * 3)
        assert "process" in end.detail
        lock.release()


def test_a_refused_page_fails_its_chapter_alone(desk: Desk) -> None:
    desk.bench.strike("POST", SEND, RefuseFiles("0002-"), skip=1)
    end = desk.run()
    assert end == QueueEnd(Exit.FINDINGS)
    assert desk.published() == ["301", "303"]
    bad = desk.entries()[1]
    assert bad.state is FAILED
    assert "2.png" in bad.problem
    assert desk.bench.ground.session is None
    assert desk.bench.unfinished() == []
    desk.bench.fair()
    assert desk.run() == QueueEnd(Exit.DONE)
    assert desk.published() == ["301", "303", "302"]


def test_a_locked_group_is_told_but_to_its_members(desk: Desk) -> None:
    first, second, _ = desk.entries()
    groups = desk.bench.ground.server.state.groups.values()
    locked = {group.attributes["name"]: group.id for group in groups if group.attributes["locked"]}
    wanted = [
        set_groups(entry, (locked[name],))
        for entry, name in ((first, "Locked Door Translations"), (second, "Our Own Locked Circle"))
    ]
    desk.do(QueueTable.change, wanted)
    said: list[str] = []
    hang_up = desk.bench.engine.listen(
        lambda event: said.append(event.text) if isinstance(event, Note) else None
    )
    desk.run(wanted)
    hang_up()
    assert [text for text in said if "locked" in text] == [
        f"Entry {first.number}: The group Locked Door Translations is locked: only its members may upload for it."
    ]
    assert desk.published() == ["302"]


def test_the_same_refusal_of_two_chapters_is_the_accounts(desk: Desk) -> None:
    desk.bench.strike("POST", "/upload/begin", Status(403), times=0)
    end = desk.run()
    assert (end.exit_code, desk.states()) == (Exit.REFUSED, [FAILED, RUNNING, WAITING]), end


def test_refusals_of_chapters_between_which_another_went_up_are_not_the_accounts(desk: Desk) -> None:
    desk.bench.strike("POST", "/upload/begin", Status(403))
    desk.bench.strike("POST", "/upload/begin", Status(403), skip=1)
    assert desk.run() == QueueEnd(Exit.FINDINGS)
    assert desk.states() == [FAILED, COMMITTED, FAILED]


def test_what_was_begun_is_not_committed_without_a_consent_of_this_run(desk: Desk) -> None:
    desk.bench.strike("POST", COMMIT, Banned(), times=0)
    assert desk.run().exit_code is Exit.RESUMABLE
    desk.bench.close()
    desk.bench.fair()
    end = desk.run(desk.entries()[1:])
    assert end.exit_code is Exit.RESUMABLE
    assert "not among those that you accepted the terms for" in end.title
    assert desk.published() == []


@pytest.mark.parametrize(
    ("stage", "words"), [(Stage.GONE, "has vanished"), (Stage.ABANDONED, "was abandoned")]
)
def test_a_chapter_whose_session_went_away_fails_and_is_not_begun_again(
    desk: Desk, stage: Stage, words: str
) -> None:
    desk.bench.strike("POST", COMMIT, Banned(), times=0)
    assert desk.run().exit_code is Exit.RESUMABLE
    desk.bench.close()
    desk.bench.fair()
    (begun,) = desk.bench.unfinished()
    desk.bench.engine._ledger.submit(Ledger.set_stage, begun.plan.id, stage).result(10)
    desk.bench.ground.server.state.drop_sessions()
    assert desk.run() == QueueEnd(Exit.FINDINGS)
    assert desk.published() == ["302", "303"]
    assert words in desk.entries()[0].problem


def test_a_commit_without_an_answer_is_settled_before_the_next_begins(desk: Desk) -> None:
    desk.bench.strike("POST", COMMIT, Lost(), skip=1)
    assert desk.run() == QueueEnd(Exit.DONE)
    assert desk.published() == ["301", "302", "303"]


def test_a_stop_keeps_the_session_and_the_next_run_sends_only_what_is_missing(desk: Desk) -> None:
    desk.bench.options = EngineOptions(batch_files=1, in_flight=1)

    def stop_at_a_page(runner: QueueRunner, event: type[Event]) -> None:
        if event is PageAccepted:
            runner.stop()

    end = desk.run(meanwhile=stop_at_a_page)
    assert end.exit_code is Exit.INTERRUPTED
    assert desk.states() == [RUNNING, WAITING, WAITING]
    desk.bench.close()
    desk.bench.ground.settle()  # the request that was cut off has come in, or has not
    assert desk.run() == QueueEnd(Exit.DONE)
    assert desk.published() == ["301", "302", "303"]
    desk.bench.check_manners(most_requests=90)


def test_the_chapter_under_way_can_be_left_for_later(desk: Desk) -> None:
    number = desk.entries()[0].number
    end = desk.run(meanwhile=lambda runner, event: event is SessionBegan and runner.skip(number))
    assert end == QueueEnd(Exit.DONE)
    assert desk.states() == [PAUSED, COMMITTED, COMMITTED]
    assert desk.published() == ["302", "303"]
    assert desk.bench.ground.session is None


def test_twins_and_chapters_that_are_there_are_named_unless_somebody_decided(desk: Desk) -> None:
    first, second, third = desk.entries()
    twin = QueueEntry(second.source, first.details, number=second.number)
    desk.do(QueueTable.change, [twin])
    assert desk.run([first]).exit_code is Exit.DONE
    assert desk.run().exit_code is Exit.FINDINGS
    assert desk.states() == [COMMITTED, THERE, COMMITTED]
    assert f"Entry {first.number}" in desk.entries()[1].problem
    desk.do(QueueTable.remove, [first.number])
    assert desk.run().exit_code is Exit.FINDINGS
    assert "https://mangadex.org/chapter/" in desk.entries()[0].problem
    desk.contents["301"] = desk.contents["302"]
    desk.do(QueueTable.change, [QueueEntry(second.source, first.details, again=True, number=second.number)])
    assert desk.run() == QueueEnd(Exit.DONE)
    assert desk.states() == [COMMITTED, COMMITTED]
    desk.do(QueueTable.remove, [third.number])
    desk.do(QueueTable.add, [replace(third, details=replace(third.details, chapter="399"), number=0)])
    assert desk.run().exit_code is Exit.FINDINGS
    assert desk.states() == [COMMITTED, THERE]
    assert "The same pages were committed as chapter 303, " in desk.entries()[1].problem


def test_an_upload_that_was_finished_by_hand_is_not_repeated(desk: Desk) -> None:
    desk.bench.strike("POST", COMMIT, Banned(), skip=0, times=0)
    assert desk.run().exit_code is Exit.RESUMABLE
    desk.bench.fair()
    desk.bench.resume()
    assert desk.run() == QueueEnd(Exit.DONE)
    assert desk.published() == ["301", "302", "303"]


def test_what_another_account_began_is_not_touched(desk: Desk) -> None:
    desk.bench.strike("POST", COMMIT, Banned(), times=0)
    assert desk.run().exit_code is Exit.RESUMABLE
    desk.bench.close()
    desk.bench.fair()
    end = desk.run(account="somebody else")
    assert (end.exit_code, end.detail) == (Exit.LOGIN, ACCOUNT)
    assert desk.states() == [RUNNING, WAITING, WAITING]
