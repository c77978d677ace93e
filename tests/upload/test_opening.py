"""Which session the pages go to: never a stranger's, never a second one, and what is in it counts."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.fake_service import LOST, START, Fault
from tests.upload.conftest import GROUP, MANGA, Bench
from tui.mangadex.errors import MangaDexError, NotFound, RateLimited, Refused
from tui.mangadex.models import Chapter, SessionFile, UploadSession
from tui.upload import events
from tui.upload.exits import Exit
from tui.upload.ledger import Ledger
from tui.upload.ledger_entry import LedgerEntry, Stage
from tui.upload.options import OnSession
from tui.upload.plan import plan_without

OURS = UploadSession("there", manga_id=MANGA, group_ids=(GROUP,), created_at=START, files_known=True)
"""A session as this plan's would be."""
STRANGER = SessionFile("stranger", "cat.png", 99, "", "ab" * 32)


async def killed_before_the_begin_was_answered(bench: Bench) -> LedgerEntry:
    await bench.ledger.do(Ledger.begin_upload, bench.plan, "someone")
    return await bench.entry()


def list_no_names(bench: Bench) -> None:
    """The server shows of each file its id alone."""
    session = bench.service.session
    assert session is not None
    files = tuple(SessionFile(file.id) for file in session.files)
    bench.service.session = replace(session, files=files)


# Without an id


@pytest.mark.parametrize("there", [None, OURS], ids=["none", "one as ours would be"])
async def test_an_upload_whose_session_is_not_known_goes_on(
    bench: Bench, there: UploadSession | None
) -> None:
    entry = await killed_before_the_begin_was_answered(bench)
    bench.service.session = there
    await bench.uploader(entry).upload()
    assert isinstance(bench.last, events.AllPagesIn)
    assert bench.service.calls.count("begin") == (there is None)


@pytest.mark.parametrize(
    "difference",
    [
        {"manga_id": "", "group_ids": ()},
        {"manga_id": "another"},
        {"group_ids": ()},
        {"chapter_id": "edited"},
        {"files": (STRANGER,)},
    ],
    ids=["no title said", "title", "groups", "edits a chapter", "strange file"],
)
async def test_a_session_that_need_not_be_ours_is_left_alone(
    bench: Bench, difference: dict[str, Any]
) -> None:
    entry = await killed_before_the_begin_was_answered(bench)
    bench.service.session = replace(OURS, **difference)
    await bench.uploader(entry).upload()
    assert bench.failure.exit_code == Exit.SESSION_OPEN
    assert bench.service.calls == ["current_session"]
    assert (await bench.entry()).session_id == ""


@pytest.mark.parametrize(
    "difference", [{"manga_id": "another"}, {"files": (STRANGER,)}], ids=["title", "file"]
)
async def test_a_session_that_is_there_after_a_lost_begin_need_not_be_ours(
    bench: Bench, difference: dict[str, Any]
) -> None:
    def begin_elsewhere(method: str) -> None:
        if bench.service.calls == ["current_session", "begin", "current_session"]:
            bench.service.session = replace(OURS, **difference)

    bench.service.on_call = begin_elsewhere
    bench.service.fail("begin", Fault(LOST))
    await bench.uploader().upload()
    assert bench.failure.exit_code == Exit.SESSION_OPEN
    assert bench.service.tried == []


async def test_a_session_that_came_before_a_begin_that_was_refused_is_not_ours(bench: Bench) -> None:
    def begin_elsewhere(method: str) -> None:
        if method == "begin":
            bench.service.session = OURS

    bench.service.on_call = begin_elsewhere
    await bench.uploader().upload()
    assert bench.failure.exit_code == Exit.SESSION_OPEN
    assert bench.service.tried == []


@pytest.mark.parametrize("lost", [False, True])
@pytest.mark.parametrize(
    "refusal",
    [NotFound("Not found", "no such manga", status=404), Refused("Bad request", "no such group", status=400)],
    ids=["404", "400"],
)
async def test_what_no_session_is_begun_for_is_nothing_to_resume(
    bench: Bench, refusal: MangaDexError, *, lost: bool
) -> None:
    """Unless an earlier begin may still arrive."""
    bench.service.fail("begin", *([Fault(LOST)] if lost else []), Fault(refusal))
    await bench.uploader().upload()
    assert bench.failure.exit_code == Exit.REFUSED
    assert "check the title and the groups" in bench.failure.remedy
    assert bench.failure.resumable is lost
    assert (await bench.ledger.do(Ledger.entry, bench.plan.id) is not None) is lost


async def test_another_session_that_is_there_after_an_abandon_is_left_alone(bench: Bench) -> None:
    bench.service.session = replace(OURS, id="old")

    def begin_elsewhere(method: str) -> None:
        if method == "current_session" and bench.service.session is None:
            bench.service.session = OURS

    bench.service.on_call = begin_elsewhere
    await bench.uploader().upload(OnSession.ABANDON)
    assert bench.failure.exit_code == Exit.SESSION_OPEN
    assert bench.service.session is OURS
    assert bench.service.calls.count("abandon") == 1
    assert bench.service.tried == []


@pytest.mark.parametrize("manga_id", [MANGA, "another"])
async def test_a_session_in_the_way_is_said_to_be_of_this_chapter(bench: Bench, manga_id: str) -> None:
    details = replace(bench.plan.details, manga_id=manga_id)
    earlier = replace(bench.plan, id="e" * 32, details=details)
    await bench.ledger.do(Ledger.begin_upload, earlier, "someone")
    await bench.ledger.do(Ledger.set_session, earlier.id, OURS.id, START)
    bench.service.session = OURS
    await bench.uploader().upload()
    (found,) = bench.of(events.SessionFound)
    assert isinstance(found, events.SessionFound)
    assert found.belongs_to_plan is (manga_id == MANGA)


# What is in it


async def test_files_without_names_are_known_by_their_ids(bench: Bench) -> None:
    await bench.uploader().upload()
    list_no_names(bench)
    uploader = bench.uploader(await bench.entry())
    await uploader.upload()
    assert bench.service.tried == [3] * 4
    await uploader.commit()
    assert bench.bytes_committed() == bench.bytes_planned()


async def test_what_a_server_lists_without_attributes_is_not_all_that_the_ledger_knows(bench: Bench) -> None:
    await bench.uploader().upload()
    list_no_names(bench)
    session = bench.service.session
    assert session is not None
    bench.service.session = replace(session, files=session.files[:9], files_known=False)
    await bench.uploader(await bench.entry()).upload()
    sent = [name for request in bench.service.sent[4:] for name in request]
    assert sent == [page.part_name for page in bench.plan.pages[9:]]


async def test_another_plan_for_the_session_knows_the_files_of_the_first(bench: Bench) -> None:
    await bench.uploader().upload()
    list_no_names(bench)
    bench.plan = plan_without(bench.plan, {3}, now=datetime.now(UTC))
    uploader = bench.uploader()
    await uploader.upload(OnSession.RESUME)
    assert bench.service.tried == [3] * 4
    await uploader.commit()
    assert bench.bytes_committed() == bench.bytes_planned()


async def test_a_commit_that_went_out_is_looked_for_before_anything_is_done(bench: Bench) -> None:
    await bench.uploader().upload()
    await bench.ledger.do(Ledger.set_stage, bench.plan.id, Stage.COMMITTING)
    bench.service.put_chapter(
        Chapter(
            "made", manga_id=MANGA, group_ids=(GROUP,), uploader_id="user-1", chapter="1", language="en",
            created_at=START + timedelta(minutes=1),
        )
    )  # fmt: skip
    await bench.uploader(await bench.entry()).upload()  # the session is listed for a while
    assert isinstance(bench.last, events.Committed)
    assert bench.last.chapter_id == "made"


# Limits


@pytest.mark.parametrize(
    "method", ["current_session", "begin", "upload", "delete_files", "commit", "chapters"]
)
async def test_nothing_is_asked_before_the_second_that_a_limit_states(bench: Bench, method: str) -> None:
    bench.options = replace(bench.options, in_flight=1)
    error = RateLimited("Too many requests")
    error.until = bench.clock.now() + 42
    bench.service.fail(method, Fault(error))
    times: list[tuple[str, float]] = []

    def hurry(event: events.Event) -> None:
        if isinstance(event, events.Waiting) and event.until >= error.until:
            assert not event.can_retry_now
            asyncio.get_running_loop().call_soon(uploader.control.retry_now)  # which is of no use

    bench.on_event = hurry
    bench.service.on_call = lambda name: times.append((name, bench.clock.now()))
    if method == "chapters":
        bench.service.fail("commit", Fault(LOST, done=True))
    if method == "delete_files":
        bench.service.session = replace(OURS, files=(STRANGER,))
    uploader = bench.uploader()
    await uploader.upload(OnSession.RESUME)
    await uploader.commit()
    assert isinstance(bench.last, events.Committed)
    limited = [name for name, _ in times].index(method)
    (_, following) = times[limited + 1]
    assert following >= error.until
