"""The commit, exactly once: lost, late, refused, or never heard of, against a service in memory."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from tests.support.fake_service import LOST, START, Fault
from tests.upload.conftest import GROUP, MANGA, Bench
from tui.mangadex.errors import Banned, Refused
from tui.mangadex.models import Chapter, ChapterDraft
from tui.upload import committing, events
from tui.upload.exits import Exit
from tui.upload.ledger import Ledger
from tui.upload.ledger_entry import Stage


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
    assert bench.service.calls.count("chapters") == 2  # it was looked for twice
    assert len(bench.service.chapters_made) == 1


@pytest.mark.parametrize(
    "difference",
    [
        {"uploader_id": "user-2"},
        {"volume": "9"},
        {"group_ids": ()},
        {"chapter": "2"},
        {"created_at": START - timedelta(hours=1)},
        {},
    ],
    ids=["uploader", "volume", "groups", "number", "older", "known by its receipt"],
)
async def test_another_chapter_is_not_taken_for_the_one_whose_commit_was_lost(
    bench: Bench, difference: dict[str, Any]
) -> None:
    like = Chapter(
        "other", manga_id=MANGA, group_ids=(GROUP,), chapter="1", language="en",
        created_at=START + timedelta(minutes=1),
    )  # fmt: skip
    bench.service.put_chapter(replace(like, **difference))
    bench.service.honours_uploader = False
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


@pytest.mark.parametrize("state", [{"is_committed": True}, {"is_deleted": True}, {"id": "other"}], ids=str)
async def test_commit_whose_session_is_listed_no_more_as_open_is_not_sent_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, state: dict[str, Any]
) -> None:
    service, commit = bench.service, bench.service.commit

    async def lingering(*arguments: Any, **options: Any) -> Chapter:
        session = service.session
        assert session is not None
        try:
            return await commit(*arguments, **options)
        finally:
            service.session = replace(session, **state)

    monkeypatch.setattr(service, "commit", lingering)
    service.fail("commit", Fault(LOST, done=True))
    service.hide_chapters = True
    uploader = bench.uploader()
    await uploader.upload()
    await uploader.commit()
    assert isinstance(bench.last, events.CommitUnknown)
    assert len(service.committed) == 1


async def test_a_lost_commit_is_found_among_many_new_chapters_of_others(bench: Bench) -> None:
    bench.service.fail("commit", Fault(LOST, done=True))
    uploader = bench.uploader()
    await uploader.upload()

    def crowd(method: str) -> None:
        if method == "chapters" and len(bench.service.chapters_made) == 1:
            for number in range(100):
                bench.service.put_chapter(
                    Chapter(f"other-{number}", manga_id=MANGA, uploader_id="user-2", language="en")
                )

    bench.service.on_call = crowd
    await uploader.commit()
    assert isinstance(bench.last, events.Committed)
    assert bench.last.settled_by == "lookup"


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
    await bench.uploader(await bench.entry()).upload()
    assert isinstance(bench.last, events.Committed)
    assert len(bench.service.committed) == 1
    assert await bench.ledger.do(Ledger.unfinished) == []


@pytest.mark.parametrize("lists", [True, False])
async def test_commit_refused_keeps_the_session(bench: Bench, lists: bool) -> None:
    bench.service.list_files = lists
    bench.service.fail(
        "commit", Fault(Refused("validation_exception", "Error validating /title", status=400))
    )
    uploader = bench.uploader()
    await uploader.upload()
    await uploader.commit()
    assert bench.failure.exit_code == Exit.REFUSED
    assert "/title" in bench.failure.detail
    assert bench.service.session is not None
    assert len((await bench.entry()).accepted) == 12
    assert not uploader.ready


async def test_commit_says_what_the_details_say(bench: Bench) -> None:
    details = replace(
        bench.plan.details,
        volume="2",
        title="A title",
        external_url="https://example.org/1",
        publish_at=datetime(2026, 12, 24, 18, tzinfo=timezone(timedelta(hours=2))),
    )
    bench.plan = replace(bench.plan, details=details)
    uploader = bench.uploader()
    await uploader.upload()
    await uploader.commit()
    at = datetime(2026, 12, 24, 16, tzinfo=UTC)
    assert bench.service.drafts == [ChapterDraft("2", "1", "A title", "en", "https://example.org/1", at)]


async def test_what_the_gate_finds_under_other_ids_is_written_down(bench: Bench) -> None:
    uploader = bench.uploader()
    await uploader.upload()
    session = bench.service.session
    assert session is not None
    bench.service.session = replace(
        session, files=tuple(replace(file, id=f"new-{file.id}") for file in session.files)
    )
    bench.hesitate()
    bench.service.fail("commit", Fault(Refused("validation_exception", "no", status=400)))
    await uploader.commit()
    assert all(file_id.startswith("new-") for file_id in (await bench.entry()).accepted.values())


async def test_commit_that_arrives_while_it_is_looked_for_is_not_sent_again(bench: Bench) -> None:
    looks: list[str] = []

    def arrive(method: str) -> None:
        if "commit" in bench.service.calls and method == "current_session":
            looks.append(method)
            if len(looks) == 2:
                bench.service.session = None
                bench.service.put_chapter(
                    Chapter(
                        "late", manga_id=MANGA, group_ids=(GROUP,), uploader_id="user-1", chapter="1",
                        language="en", created_at=START + timedelta(minutes=1),
                    )
                )  # fmt: skip

    bench.service.on_call = arrive
    bench.service.fail("commit", Fault(LOST))
    uploader = bench.uploader()
    await uploader.upload()
    await uploader.commit()
    assert isinstance(bench.last, events.Committed)
    assert bench.last.chapter_id == "late"
    assert bench.service.calls.count("commit") == 1


async def test_a_commit_in_doubt_whose_session_is_open_after_all_leaves_no_doubt(bench: Bench) -> None:
    bench.service.fail("commit", Fault(LOST))
    uploader = bench.uploader()
    await uploader.upload()
    session = bench.service.session
    assert session is not None

    def hide(method: str) -> None:
        if method == "commit":
            bench.service.session = None

    bench.service.on_call = hide
    await uploader.commit()
    assert isinstance(bench.last, events.CommitUnknown)
    # Later it is there again, without a page, and the line ends while that is sent.
    bench.service.session = replace(session, files=session.files[1:])
    bench.service.fail("upload", Fault(Banned("Shut out", status=403)))
    await bench.uploader(await bench.entry()).upload()
    assert bench.failure.title == "Shut out"
    assert (await bench.entry()).stage is Stage.SENDING
    assert await bench.ledger.do(Ledger.receipts) == []
