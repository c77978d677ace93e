"""An upload from its session to its receipt, against a service in memory."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.support.fake_service import LOST, Fault
from tests.upload.conftest import GROUP, MANGA, Bench
from tui.mangadex.errors import (
    Banned,
    PageChanged,
    Refused,
)
from tui.mangadex.models import SessionFile, UploadSession
from tui.upload import events
from tui.upload.exits import Exit
from tui.upload.late import LATE
from tui.upload.ledger import Ledger
from tui.upload.ledger_entry import PageRecord, PageState, Stage
from tui.upload.on_disk import part_of
from tui.upload.options import OnSession


async def test_whole_way(bench: Bench) -> None:
    uploader = bench.uploader()
    await uploader.upload()
    assert isinstance(bench.last, events.AllPagesIn)
    assert bench.service.committed == []  # nothing is published before somebody says so
    await uploader.commit()
    assert isinstance(bench.last, events.Committed)
    assert bench.bytes_committed() == bench.bytes_planned()
    assert await bench.ledger.do(Ledger.unfinished) == []
    receipts = await bench.ledger.do(Ledger.receipts)
    assert [receipt.chapter_id for receipt in receipts] == [bench.last.chapter_id]


async def test_order_does_not_depend_on_the_answers(bench: Bench) -> None:
    bench.service.shuffle = True
    uploader = bench.uploader()
    await uploader.upload()
    await uploader.commit()
    assert bench.bytes_committed() == bench.bytes_planned()


async def test_session_in_the_way_is_left_alone(bench: Bench) -> None:
    other = UploadSession("other", manga_id=MANGA, files=(SessionFile("f", "1.png", 5),), files_known=True)
    bench.service.session = other
    await bench.uploader().upload()
    assert bench.failure.exit_code == Exit.SESSION_OPEN
    assert bench.service.session is other
    assert bench.service.calls == ["current_session"]
    assert await bench.ledger.do(Ledger.unfinished) == []


async def test_abandon_is_only_done_when_chosen(bench: Bench) -> None:
    bench.service.session = UploadSession("other", manga_id=MANGA, files_known=True)
    await bench.uploader().upload(OnSession.ABANDON)
    assert isinstance(bench.last, events.AllPagesIn)
    assert bench.service.calls.count("abandon") == 1


@pytest.mark.parametrize("gone_already", [True, False])
async def test_abandoning_what_may_be_a_chapter_by_now_begins_nothing(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, gone_already: bool
) -> None:
    earlier = replace(bench.plan, id="earlier")
    await bench.ledger.do(Ledger.begin_upload, earlier, "")
    await bench.ledger.do(Ledger.set_session, earlier.id, "other", None)
    await bench.ledger.do(Ledger.set_stage, earlier.id, Stage.COMMITTING)
    bench.service.session = UploadSession("other", manga_id=MANGA, files_known=True)
    abandon = bench.service.abandon

    async def late(session_id: str) -> bool:
        if gone_already:
            bench.service.session = None
        return await abandon(session_id)

    monkeypatch.setattr(bench.service, "abandon", late)
    await bench.uploader().upload(OnSession.ABANDON)
    stages = {entry.plan.id: entry.stage for entry in await bench.ledger.do(Ledger.unfinished)}
    if gone_already:
        assert bench.failure.exit_code == Exit.UNKNOWN
        assert "may have been committed" in bench.failure.title
        assert "begin" not in bench.service.calls
        assert stages == {earlier.id: Stage.COMMITTING}
    else:
        assert isinstance(bench.last, events.AllPagesIn)
        assert stages == {bench.plan.id: Stage.SENDING}


@pytest.mark.parametrize("arrives", [True, False])
async def test_pages_that_were_on_the_way_are_awaited_for_a_moment(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, arrives: bool
) -> None:
    service, clock = bench.service, bench.clock
    service.fail("upload", Fault(Banned("Shut out")))
    await bench.uploader().upload()
    assert service.session is not None
    died_at = clock.now() - 2
    entry = replace(
        await bench.entry(),
        states={position: PageRecord(PageState.SENDING) for position in (1, 2, 3)},
        updated_at=datetime.fromtimestamp(died_at, UTC),
    )
    session_id, parts = service.session.id, [part_of(page) for page in bench.plan.pages[:3]]

    look, looks = service.current_session, itertools.count(1)

    async def arriving() -> UploadSession | None:
        if next(looks) == 2 and arrives:
            await service.upload(session_id, parts)
        return await look()

    monkeypatch.setattr(service, "current_session", arriving)
    await bench.uploader(entry).upload()
    assert isinstance(bench.last, events.AllPagesIn)
    (waiting,) = [e for e in bench.events if isinstance(e, events.Waiting) and "pages 1-3" in e.reason]
    assert waiting.until == died_at + LATE
    assert sorted(name for request in service.sent for name in request) == [
        page.part_name for page in bench.plan.pages
    ]
    assert (clock.now() < died_at + LATE) is arrives


async def test_what_another_process_has_finished_is_not_resumed(bench: Bench) -> None:
    bench.service.fail("upload", Fault(Banned("Shut out")))
    await bench.uploader().upload()
    stale = await bench.entry()
    other = bench.uploader(stale)
    await other.upload()
    await other.commit()
    await bench.uploader(stale).upload()
    assert isinstance(bench.last, events.Failed)
    assert (bench.last.resumable, bench.last.exit_code) == (False, Exit.REFUSED)
    assert bench.last.title == "This upload is not unfinished any more"
    assert len(bench.service.committed) == 1


async def test_resume_of_a_foreign_session_matches_by_hash_and_removes_strangers(bench: Bench) -> None:
    pages = bench.plan.pages
    there = [SessionFile(f"r{page.position}", "any.png", page.size, "", page.sha256) for page in pages[:7]]
    twice = SessionFile("again", "any.png", pages[0].size, "", pages[0].sha256)
    stranger = SessionFile("stranger", "cat.png", 99, "", "ab" * 32)
    for page, file in zip(pages, there, strict=False):
        bench.service.content[file.id] = (page.location.source / page.location.member).read_bytes()
    bench.service.session = UploadSession(
        "other", manga_id=MANGA, group_ids=(GROUP,), files=(*there, twice, stranger), files_known=True
    )
    uploader = bench.uploader()
    await uploader.upload(OnSession.RESUME)
    assert isinstance(bench.last, events.AllPagesIn)
    assert sum(len(request) for request in bench.service.sent) == 5
    await uploader.commit()
    assert bench.bytes_committed() == bench.bytes_planned()


async def test_resume_refuses_the_session_of_another_title(bench: Bench) -> None:
    bench.service.session = UploadSession("other", manga_id="another", files_known=True)
    await bench.uploader().upload(OnSession.RESUME)
    assert bench.failure.exit_code == Exit.SESSION_OPEN
    assert bench.service.sent == []


async def test_server_that_lists_no_files_is_taken_at_the_ledgers_word(bench: Bench) -> None:
    bench.service.list_files = False
    uploader = bench.uploader()
    await uploader.upload()
    await uploader.commit()
    assert bench.bytes_committed() == bench.bytes_planned()


async def test_pages_lost_behind_the_ledgers_back_are_sent_again_by_a_resume(bench: Bench) -> None:
    bench.service.list_files = False
    uploader = bench.uploader()
    await uploader.upload()
    session = bench.service.session
    assert session is not None
    bench.service.session = replace(session, files=())
    words = "Error validating /pageOrder/0: The file is not in this upload session"
    bench.service.fail("commit", Fault(Refused("validation_exception", words, status=400)))
    await uploader.commit()
    assert bench.failure.exit_code == Exit.RESUMABLE
    assert words in bench.failure.detail
    resumed = bench.uploader(await bench.entry())
    await resumed.upload()
    await resumed.commit()
    assert bench.bytes_committed() == bench.bytes_planned()


@pytest.mark.parametrize(
    "state", [None, {"is_deleted": True}, {"is_committed": True}, {"id": "other"}], ids=str
)
async def test_vanished_session_is_never_replaced(bench: Bench, state: dict[str, Any] | None) -> None:
    uploader = bench.uploader()
    await uploader.upload()
    session = bench.service.session
    assert session is not None
    bench.service.session = None if state is None else replace(session, **state)
    bench.hesitate()
    await uploader.commit()
    assert bench.failure.title == "The upload session is gone"
    assert not bench.failure.resumable
    assert bench.service.calls.count("begin") == 1
    assert "commit" not in bench.service.calls
    assert (await bench.entry()).stage is Stage.GONE


async def test_a_page_that_is_tried_again_is_not_excused_by_what_was_wrong_with_it_before(
    bench: Bench,
) -> None:
    changed = PageChanged("The file changed", "it is shorter than before")
    changed.part_name = bench.plan.pages[0].part_name
    bench.service.fail("upload", Fault(changed))
    uploader = bench.uploader()
    await uploader.upload()
    assert bench.failure.exit_code == Exit.RESUMABLE  # nothing that the service has said
    bench.service.refuse = lambda part: "is not an image" if part.name == changed.part_name else ""
    await uploader.retry_pages((1,))
    assert bench.failure.exit_code == Exit.REFUSED


async def test_whoever_commits_at_once_needs_no_second_look_and_whoever_hesitates_does(bench: Bench) -> None:
    for seconds, looks in ((2.0, 2), (2.1, 3)):
        bench.service.calls.clear()
        uploader = bench.uploader()
        await uploader.upload()
        bench.clock.advance(seconds)
        await uploader.commit()
        assert isinstance(bench.last, events.Committed)
        assert bench.service.calls.count("current_session") == looks


async def test_page_lost_by_the_server_is_sent_again_before_the_commit(bench: Bench) -> None:
    uploader = bench.uploader()
    await uploader.upload()
    session = bench.service.session
    assert session is not None
    bench.service.session = replace(session, files=session.files[1:])
    bench.hesitate()
    await uploader.commit()
    assert bench.failure.exit_code == Exit.RESUMABLE
    assert bench.service.committed == []
    uploader = bench.uploader(await bench.entry())
    await uploader.upload()
    await uploader.commit()
    assert bench.bytes_committed() == bench.bytes_planned()


async def test_begin_whose_answer_was_lost(bench: Bench) -> None:
    bench.service.fail("begin", Fault(LOST, done=True))
    await bench.uploader().upload()
    assert isinstance(bench.last, events.AllPagesIn)
    assert bench.service.calls.count("begin") == 1


async def test_stop_keeps_the_session(bench: Bench) -> None:
    uploader = bench.uploader()

    async def stop_soon() -> None:
        while not bench.service.sent:  # noqa: ASYNC110 - the fake service has no event to wait for
            await asyncio.sleep(0)
        uploader.control.stop()

    await asyncio.gather(uploader.upload(), stop_soon())
    assert isinstance(bench.last, events.Stopped)
    assert bench.service.session is not None
    assert bench.service.committed == []
    again = bench.uploader(await bench.entry())
    await again.upload()
    await again.commit()
    assert bench.bytes_committed() == bench.bytes_planned()
