"""The commit, exactly once: lost, late, refused, or never heard of, against a service in memory."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.support.fake_service import LOST, START, Fault
from tests.upload.conftest import GROUP, MANGA, Bench
from tui.mangadex.errors import (
    Refused,
)
from tui.mangadex.models import Chapter
from tui.upload import committing, events
from tui.upload.exits import Exit
from tui.upload.ledger import Ledger


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


async def test_commit_refused_keeps_the_session(bench: Bench) -> None:
    bench.service.fail(
        "commit", Fault(Refused("validation_exception", "Error validating /title", status=400))
    )
    uploader = bench.uploader()
    await uploader.upload()
    await uploader.commit()
    assert bench.failure.exit_code == Exit.REFUSED
    assert "/title" in bench.failure.detail
    assert bench.service.session is not None
