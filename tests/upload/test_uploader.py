"""The uploader's decisions, against a service in memory."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.support.fake_service import START, FakeService, Fault
from tests.upload.conftest import GROUP, MANGA, Bench
from tui.mangadex.errors import (
    Banned,
    ConnectFailed,
    LoginRequired,
    PageChanged,
    RateLimited,
    Refused,
    TooLarge,
    UnknownOutcome,
)
from tui.mangadex.models import Chapter, SessionFile, UploadSession
from tui.upload import committing, events
from tui.upload.exits import Exit
from tui.upload.ledger import Ledger, LedgerEntry, Stage
from tui.upload.options import OnSession

LOST = UnknownOutcome("No usable answer", "the connection was cut")


async def entry_of(bench: Bench) -> LedgerEntry:
    entry = await bench.ledger.do(Ledger.entry, bench.plan.id)
    assert entry is not None
    return entry


def failure(bench: Bench) -> events.Failed:
    assert isinstance(bench.last, events.Failed), bench.last
    return bench.last


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


@pytest.mark.parametrize("keep", [0, 1, 3])
async def test_lost_answer_is_settled_by_asking(bench: Bench, keep: int) -> None:
    bench.service.fail("upload", Fault(LOST, done=True, keep=keep))
    uploader = bench.uploader()
    await uploader.upload()
    assert isinstance(bench.last, events.AllPagesIn)
    sent = [name for request in bench.service.sent for name in request]
    assert len(sent) == 12 + 3 - keep  # only what the server had not kept went again
    await uploader.commit()
    assert bench.bytes_committed() == bench.bytes_planned()


async def test_gives_up_resumable_when_nothing_ever_arrives(bench: Bench) -> None:
    bench.service.fail("upload", *[Fault(LOST) for _ in range(50)])
    await bench.uploader().upload()
    assert failure(bench).exit_code == Exit.RESUMABLE
    assert failure(bench).resumable
    assert bench.service.session is not None
    assert len(bench.service.sent) == 0
    assert bench.service.calls.count("upload") <= 2 * bench.options.attempts


async def test_connection_failure_waits_then_goes_on(bench: Bench) -> None:
    bench.service.fail("upload", Fault(ConnectFailed("No connection", "name not found")))
    await bench.uploader().upload()
    assert isinstance(bench.last, events.AllPagesIn)
    waiting = bench.of(events.Waiting)[0]
    assert isinstance(waiting, events.Waiting)
    assert waiting.until > waiting.at
    assert (waiting.attempt, waiting.attempts) == (2, bench.options.attempts)


async def test_rate_limit_waits_until_the_stated_second(bench: Bench) -> None:
    error = RateLimited("Too many requests")
    error.until = bench.clock.now() + 42
    bench.service.fail("upload", Fault(error))
    await bench.uploader().upload()
    assert isinstance(bench.last, events.AllPagesIn)
    assert bench.clock.now() >= error.until


async def test_refused_page_that_is_named(bench: Bench) -> None:
    bad = bench.plan.pages[4].part_name
    bench.service.refuse = lambda part: "is not an image" if part.name == bad else ""
    uploader = bench.uploader()
    await uploader.upload()
    assert failure(bench).exit_code == Exit.REFUSED
    assert "5.png" in failure(bench).detail
    assert "is not an image" in failure(bench).detail
    assert bench.view.accepted_count == 11
    await uploader.commit()
    assert bench.service.committed == []


async def test_refused_page_that_is_not_named_is_found_alone(bench: Bench) -> None:
    bad = {bench.plan.pages[3].part_name, bench.plan.pages[4].part_name}
    bench.service.refuse = lambda part: "bad file" if part.name in bad else ""
    bench.service.names_files = False
    await bench.uploader().upload()
    refused = bench.of(events.PageRefused)
    assert sorted(event.position for event in refused if isinstance(event, events.PageRefused)) == [4, 5]
    assert bench.view.accepted_count == 10


async def test_batch_refused_whole_is_halved(bench: Bench) -> None:
    bad = bench.plan.pages[1].part_name

    class Halving(FakeService):
        async def upload(self, session_id, parts, *, on_progress=None):  # type: ignore[no-untyped-def]
            if any(part.name == bad for part in parts):
                self.calls.append("upload")
                raise Refused("bad_request", "cannot be read", status=400)
            return await super().upload(session_id, parts, on_progress=on_progress)

    bench.service = Halving()
    await bench.uploader().upload()
    refused = bench.of(events.PageRefused)
    assert [event.position for event in refused if isinstance(event, events.PageRefused)] == [2]
    assert bench.view.accepted_count == 11


async def test_too_large_sends_less_at_once(bench: Bench) -> None:
    bench.service.fail("upload", Fault(TooLarge("Too large", status=413)))
    await bench.uploader().upload()
    assert isinstance(bench.last, events.AllPagesIn)


async def test_page_that_changed_on_disk_is_named(bench: Bench) -> None:
    changed = PageChanged("The file changed", "it is shorter than before")
    changed.part_name = bench.plan.pages[0].part_name
    bench.service.fail("upload", Fault(changed))
    await bench.uploader().upload()
    assert "1.png" in failure(bench).detail
    assert bench.view.accepted_count == 11


async def test_dead_login_keeps_the_session_and_resumes(bench: Bench) -> None:
    bench.service.fail("upload", Fault(LoginRequired("The login has ended")))
    await bench.uploader().upload()
    assert failure(bench).exit_code == Exit.LOGIN
    assert failure(bench).resumable
    uploader = bench.uploader(await entry_of(bench))
    await uploader.upload()
    await uploader.commit()
    assert bench.bytes_committed() == bench.bytes_planned()
    sent = [name for request in bench.service.sent for name in request]
    assert len(sent) == len(set(sent))


async def test_ban_stops_everything(bench: Bench) -> None:
    bench.options = replace(bench.options, in_flight=1)
    bench.service.fail("upload", Fault(Banned("Shut out", status=403)))
    await bench.uploader().upload()
    assert failure(bench).exit_code == Exit.RESUMABLE
    assert bench.service.calls[-1] == "upload"  # nothing was sent after it


async def test_session_in_the_way_is_left_alone(bench: Bench) -> None:
    other = UploadSession("other", manga_id=MANGA, files=(SessionFile("f", "1.png", 5),), files_known=True)
    bench.service.session = other
    await bench.uploader().upload()
    assert failure(bench).exit_code == Exit.SESSION_OPEN
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
        assert failure(bench).exit_code == Exit.UNKNOWN
        assert "may have been committed" in failure(bench).title
        assert "begin" not in bench.service.calls
        assert stages == {earlier.id: Stage.COMMITTING}
    else:
        assert isinstance(bench.last, events.AllPagesIn)
        assert stages == {bench.plan.id: Stage.SENDING}


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
    assert failure(bench).exit_code == Exit.SESSION_OPEN
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
    assert failure(bench).exit_code == Exit.RESUMABLE
    assert words in failure(bench).detail
    resumed = bench.uploader(await entry_of(bench))
    await resumed.upload()
    await resumed.commit()
    assert bench.bytes_committed() == bench.bytes_planned()


async def test_vanished_session_is_never_replaced(bench: Bench) -> None:
    uploader = bench.uploader()
    await uploader.upload()
    bench.service.session = None
    await uploader.commit()
    assert failure(bench).title == "The upload session is gone"
    assert not failure(bench).resumable
    assert bench.service.calls.count("begin") == 1
    assert (await entry_of(bench)).stage is Stage.GONE


async def test_page_lost_by_the_server_is_sent_again_before_the_commit(bench: Bench) -> None:
    uploader = bench.uploader()
    await uploader.upload()
    session = bench.service.session
    assert session is not None
    bench.service.session = replace(session, files=session.files[1:])
    await uploader.commit()
    assert failure(bench).exit_code == Exit.RESUMABLE
    assert bench.service.committed == []
    uploader = bench.uploader(await entry_of(bench))
    await uploader.upload()
    await uploader.commit()
    assert bench.bytes_committed() == bench.bytes_planned()


async def test_begin_whose_answer_was_lost(bench: Bench) -> None:
    bench.service.fail("begin", Fault(LOST, done=True))
    await bench.uploader().upload()
    assert isinstance(bench.last, events.AllPagesIn)
    assert bench.service.calls.count("begin") == 1


async def test_commit_whose_answer_was_lost_is_found_by_asking(bench: Bench) -> None:
    bench.service.fail("commit", Fault(LOST, done=True))
    uploader = bench.uploader()
    await uploader.upload()
    await uploader.commit()
    assert isinstance(bench.last, events.Committed)
    assert bench.last.settled_by == "lookup"
    assert len(bench.service.chapters_made) == 1


async def test_commit_is_not_sent_again_while_its_session_lingers_and_the_chapter_is_there(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    service, commit = bench.service, bench.service.commit

    async def lingering(*arguments: Any, **options: Any) -> Chapter:
        session = service.session
        try:
            return await commit(*arguments, **options)
        finally:
            service.session = session

    monkeypatch.setattr(service, "commit", lingering)
    service.fail("commit", Fault(LOST, done=True))
    uploader = bench.uploader()
    await uploader.upload()
    await uploader.commit()
    assert isinstance(bench.last, events.Committed)
    assert bench.last.settled_by == "lookup"
    assert len(service.committed) == 1


async def test_a_stop_before_the_commit_is_answered_leaves_its_outcome_unknown(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(committing, "_GRACE", 0.0)
    begun = asyncio.Event()

    async def unanswered(*_: Any, **__: Any) -> Chapter:
        begun.set()
        await asyncio.Event().wait()
        raise AssertionError("it has no end")

    monkeypatch.setattr(bench.service, "commit", unanswered)
    uploader = bench.uploader()
    await uploader.upload()
    commit = asyncio.create_task(uploader.commit())
    await begun.wait()
    uploader.control.stop()
    await commit
    assert isinstance(bench.last, events.CommitUnknown)
    assert [receipt.state for receipt in await bench.ledger.do(Ledger.receipts)] == ["unknown"]


async def test_commit_that_never_arrived_is_sent_again(bench: Bench) -> None:
    bench.service.fail("commit", Fault(LOST))
    uploader = bench.uploader()
    await uploader.upload()
    await uploader.commit()
    assert isinstance(bench.last, events.Committed)
    assert bench.last.settled_by == "answer"
    assert len(bench.service.chapters_made) == 1


@pytest.mark.parametrize(
    "difference",
    [{"volume": "9"}, {"group_ids": ()}, {"chapter": "2"}, {"created_at": START - timedelta(hours=1)}, {}],
    ids=["volume", "groups", "number", "older", "known by its receipt"],
)
async def test_another_chapter_is_not_taken_for_the_one_whose_commit_was_lost(
    bench: Bench, difference: dict[str, Any]
) -> None:
    like = Chapter(
        "other", manga_id=MANGA, group_ids=(GROUP,), chapter="1", language="en",
        created_at=START + timedelta(minutes=1),
    )  # fmt: skip
    bench.service.put_chapter(replace(like, **difference))
    if not difference:
        before = replace(bench.plan, id="b" * 32)
        await bench.ledger.do(Ledger.begin_upload, before, "someone")
        await bench.ledger.do(Ledger.finish, before, "someone", "other", "committed")
    bench.service.fail("commit", Fault(LOST))
    uploader = bench.uploader()
    await uploader.upload()
    await uploader.commit()
    assert isinstance(bench.last, events.Committed)
    assert bench.last.chapter_id != "other"
    assert len(bench.service.committed) == 1


async def test_commit_that_cannot_be_settled_says_so(bench: Bench) -> None:
    bench.service.fail("commit", Fault(LOST, done=True))
    bench.service.hide_chapters = True
    uploader = bench.uploader()
    await uploader.upload()
    await uploader.commit()
    assert isinstance(bench.last, events.CommitUnknown)
    receipts = await bench.ledger.do(Ledger.receipts)
    assert [receipt.state for receipt in receipts] == ["unknown"]
    # The next start asks again, sends nothing, and finds it.
    bench.service.hide_chapters = False
    await bench.uploader(await entry_of(bench)).upload()
    assert isinstance(bench.last, events.Committed)
    assert len(bench.service.committed) == 1
    assert await bench.ledger.do(Ledger.unfinished) == []


async def test_commit_refused_keeps_the_session(bench: Bench) -> None:
    bench.service.fail(
        "commit", Fault(Refused("validation_exception", "Error validating /title", status=400))
    )
    uploader = bench.uploader()
    await uploader.upload()
    await uploader.commit()
    assert failure(bench).exit_code == Exit.REFUSED
    assert "/title" in failure(bench).detail
    assert bench.service.session is not None


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
    again = bench.uploader(await entry_of(bench))
    await again.upload()
    await again.commit()
    assert bench.bytes_committed() == bench.bytes_planned()


async def test_pause_sends_nothing_new(bench: Bench) -> None:
    uploader = bench.uploader()
    uploader.control.pause()
    task = asyncio.create_task(uploader.upload())
    for _ in range(200):
        await asyncio.sleep(0.001)
    assert bench.service.sent == []
    uploader.control.go_on()
    await asyncio.wait_for(task, 10)
    assert isinstance(bench.last, events.AllPagesIn)
