"""Pages on their way: batches, lost answers, refusals, pauses, against a service in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from tests.support.fake_service import LOST, Fault
from tests.upload.conftest import Bench
from tui.mangadex.errors import (
    Banned,
    ConnectFailed,
    Forbidden,
    LoginRequired,
    PageChanged,
    RateLimited,
    Refused,
    TooLarge,
)
from tui.mangadex.models import SessionFile, UploadAnswer
from tui.mangadex.multipart import FilePart
from tui.upload import events, sending
from tui.upload.exits import Exit
from tui.upload.ledger import Ledger
from tui.upload.ledger_entry import PageState
from tui.upload.trouble import Cause, Diagnosis, Trouble


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


async def test_the_first_requests_are_small_on_a_line_that_is_known_to_be_slow(bench: Bench) -> None:
    bench.plan = replace(bench.plan, pages=tuple(replace(page, size=100_000) for page in bench.plan.pages))
    bench.service.page_speed = 60_000.0
    await bench.uploader().upload()
    assert len(bench.service.sent[0]) == 1  # of three


async def test_gives_up_resumable_when_nothing_ever_arrives(bench: Bench) -> None:
    bench.service.fail("upload", *[Fault(LOST) for _ in range(50)])
    await bench.uploader().upload()
    assert bench.failure.exit_code == Exit.RESUMABLE
    assert bench.failure.resumable
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
    assert bench.of(events.Reconciling) == []  # nothing has arrived, so that there is nothing to ask
    assert bench.service.calls.count("current_session") == 2


async def test_refused_page_that_is_named(bench: Bench) -> None:
    bad = bench.plan.pages[4].part_name
    bench.service.refuse = lambda part: "is not an image" if part.name == bad else ""
    uploader = bench.uploader()
    await uploader.upload()
    assert bench.failure.exit_code == Exit.REFUSED
    assert "5.png" in bench.failure.detail
    assert "is not an image" in bench.failure.detail
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
    bench.options = replace(bench.options, batch_files=8, in_flight=1)
    bad = bench.plan.pages[1].part_name
    refusal = Refused("bad_request", "cannot be read", status=400)
    bench.service.refuse_request = lambda parts: refusal if bad in [part.name for part in parts] else None
    await bench.uploader().upload()
    assert bench.service.tried == [8, 4, 4, 2, 2, 1, 1, 4]
    refused = bench.of(events.PageRefused)
    assert [event.position for event in refused if isinstance(event, events.PageRefused)] == [2]
    assert bench.view.accepted_count == 11


async def test_too_large_sends_less_at_once(bench: Bench) -> None:
    bench.options = replace(bench.options, in_flight=1)
    limit = sum(page.size for page in bench.plan.pages[:3])
    refused: list[int] = []

    def lose_all(method: str) -> None:
        calls, session = bench.service.calls, bench.service.session
        if method == "current_session" and calls.count(method) == 2 and session is not None:
            bench.service.session = replace(session, files=())  # all are sent again, and no more at once

    def refuse(parts: Sequence[FilePart]) -> TooLarge | None:
        if (size := sum(part.size for part in parts)) < limit:
            return None
        refused.append(size)
        return TooLarge("Too large", status=413)

    bench.service.refuse_request = refuse
    bench.service.on_call = lose_all
    await bench.uploader().upload()
    assert isinstance(bench.last, events.AllPagesIn)
    assert len([name for request in bench.service.sent for name in request]) == 2 * 12
    assert refused == [limit]


async def test_after_a_lost_answer_less_is_sent_at_once(bench: Bench) -> None:
    bench.options = replace(bench.options, in_flight=1)
    bench.service.fail("upload", Fault(LOST))
    await bench.uploader().upload()
    assert bench.service.tried == [3, 1, 2, 3, 3, 3]  # and then more again
    attempts = [
        event.attempt for event in bench.of(events.BatchStarted) if isinstance(event, events.BatchStarted)
    ]
    assert attempts == [1, 2, 2, 1, 1, 1]


async def test_failures_are_counted_anew_after_a_page_is_in(bench: Bench) -> None:
    bench.options = replace(bench.options, in_flight=1, attempts=3)
    tried = bench.service.tried
    bench.service.refuse_request = lambda parts: LOST if len(tried) % 2 else None
    await bench.uploader().upload()
    assert isinstance(bench.last, events.AllPagesIn)
    assert len(bench.of(events.Waiting)) > bench.options.attempts


async def test_many_bad_pages_among_good_ones_are_each_named(bench: Bench) -> None:
    bench.options = replace(bench.options, in_flight=1)
    bad = {page.part_name for page in bench.plan.pages[3:10]}
    refusal = Refused("bad_request", "cannot be read", status=400)
    bench.service.refuse_request = lambda parts: refusal if bad & {part.name for part in parts} else None
    await bench.uploader().upload()
    assert len(bench.of(events.PageRefused)) == len(bad)
    assert bench.view.accepted_count == 12 - len(bad)


async def test_a_session_that_is_gone_is_not_taken_for_one_that_takes_no_page(bench: Bench) -> None:
    def refuse(parts: Sequence[FilePart]) -> Refused:
        if len(bench.service.tried) == 5:
            bench.service.session = None
        return Refused("bad_request", "no", status=400)

    bench.options = replace(bench.options, batch_files=1, in_flight=1)
    bench.service.refuse_request = refuse
    await bench.uploader().upload()
    assert bench.failure.title == "The upload session is gone"


async def test_a_page_that_is_silently_left_out_time_and_again_is_refused(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.options = replace(bench.options, in_flight=1)
    bad, upload = bench.plan.pages[1].part_name, bench.service.upload

    async def without(session_id: str, parts: Sequence[FilePart], **options: Any) -> UploadAnswer:
        return await upload(session_id, [part for part in parts if part.name != bad], **options)

    monkeypatch.setattr(bench.service, "upload", without)
    await bench.uploader().upload()
    assert bench.failure.exit_code == Exit.REFUSED
    assert "page 2 (2.png): the server does not keep it" in bench.failure.detail
    assert bench.view.accepted_count == 11


async def test_page_that_changed_on_disk_is_named(bench: Bench) -> None:
    changed = PageChanged("The file changed", "it is shorter than before")
    changed.part_name = bench.plan.pages[0].part_name
    bench.options = replace(bench.options, in_flight=1)
    bench.service.fail("upload", Fault(changed))
    await bench.uploader().upload()
    assert "1.png" in bench.failure.detail
    assert bench.view.accepted_count == 11
    second = bench.plan.pages[1].part_name
    assert bench.service.sent[0][0] == second  # the others of its request go first
    assert bench.of(events.Waiting) == []


async def test_dead_login_keeps_the_session_and_resumes(bench: Bench) -> None:
    bench.service.fail("upload", Fault(LoginRequired("The login has ended")))
    await bench.uploader().upload()
    assert bench.failure.exit_code == Exit.LOGIN
    assert bench.failure.resumable
    uploader = bench.uploader(await bench.entry())
    await uploader.upload()
    await uploader.commit()
    assert bench.bytes_committed() == bench.bytes_planned()
    sent = [name for request in bench.service.sent for name in request]
    assert len(sent) == len(set(sent))


async def test_ban_stops_everything(bench: Bench) -> None:
    bench.options = replace(bench.options, in_flight=1)
    bench.service.fail("upload", Fault(Banned("Shut out", status=403)))
    await bench.uploader().upload()
    assert bench.failure.exit_code == Exit.RESUMABLE
    assert bench.service.calls[-1] == "upload"  # nothing was sent after it


@pytest.mark.parametrize("at", range(7))
async def test_after_a_pause_nothing_new_is_asked_or_sent(bench: Bench, at: int) -> None:
    bench.options = replace(bench.options, in_flight=1)
    calls = bench.service.calls
    uploader = bench.uploader()
    control = uploader.control
    bench.service.on_call = lambda method: control.pause() if len(calls) == at else None
    if at == 0:
        control.pause()
    task = asyncio.create_task(uploader.upload())
    for _ in range(20 * (at + 1)):  # its steps wait for the ledger, which serves one after the other
        await bench.ledger.do(Ledger.receipts)
    assert len(calls) == at
    control.go_on()
    await asyncio.wait_for(task, 10)
    assert isinstance(bench.last, events.AllPagesIn)
    assert calls == ["current_session", "begin", *["upload"] * 4, "current_session"]


# A doubt is settled by asking


async def test_pages_that_a_doubt_shows_to_be_there_are_not_sent_from_a_refused_request(bench: Bench) -> None:
    pages = bench.plan.pages

    def arrive_late(method: str) -> None:
        session = bench.service.session
        if bench.service.calls.count("current_session") == 2 and session is not None:
            late = [SessionFile(f"late-{page.position}", page.part_name, page.size) for page in pages[:2]]
            bench.service.session = replace(session, files=tuple(late))
            bench.service.on_call = lambda method: None

    bench.service.on_call = arrive_late
    bench.service.fail("upload", Fault(Refused("bad_request", "no", status=400)), Fault(LOST))
    await bench.uploader().upload()
    assert isinstance(bench.last, events.AllPagesIn)
    sent = [name for request in bench.service.sent for name in request]
    assert sorted(sent) == [page.part_name for page in pages[2:]]


async def test_the_file_of_a_page_does_not_serve_its_twin(bench: Bench) -> None:
    bench.options = replace(bench.options, in_flight=1)
    one, four = bench.plan.pages[0], bench.plan.pages[3]
    twin = replace(one, position=4, part_name=f"0004-{one.part_name.partition('-')[2]}")
    pages = (*bench.plan.pages[:3], twin, *bench.plan.pages[4:])
    assert four.part_name != twin.part_name
    bench.plan = replace(bench.plan, pages=pages)
    failing = iter([None, LOST])
    bench.service.refuse_request = lambda parts: next(failing, None)
    uploader = bench.uploader()
    await uploader.upload()
    (settled,) = bench.of(events.Reconciled)
    assert isinstance(settled, events.Reconciled)
    assert settled.lost == (4, 5, 6)
    await uploader.commit()
    assert bench.bytes_committed() == bench.bytes_planned()


def test_troubles_at_the_same_time_are_settled_as_one() -> None:
    first, second = RateLimited("Too many requests"), RateLimited("Too many requests")
    first.until, second.until = 50.0, 42.0
    before = Trouble.joined(None, first, (1, 2), Diagnosis(Cause.LINE, arrived=False))
    both = Trouble.joined(before, second, (3,), Diagnosis(Cause.LINE, arrived=False))
    assert (both.unsent, both.unknown, both.until) == ((1, 2, 3), (), 50.0)
    doubted = Trouble.joined(both, LOST, (4, 5), Diagnosis(Cause.LINE))
    doubted = Trouble.joined(doubted, LOST, (6,), Diagnosis(Cause.LINE))
    assert (doubted.unsent, doubted.unknown, doubted.until) == ((1, 2, 3), (4, 5, 6), 50.0)


# The end


@pytest.mark.parametrize("progress", [[(1, 2)], [(2, 2), (0, 2)]], ids=["half", "whole, then once more"])
async def test_a_stop_does_not_wait_for_a_request_that_is_not_out(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, progress: list[tuple[int, int]]
) -> None:
    monkeypatch.setattr(sending, "_GRACE", 3600.0)
    begun = asyncio.Event()

    async def hang(session_id: str, parts: Sequence[FilePart], *, on_progress: Any) -> UploadAnswer:
        for sent, total in progress:
            on_progress(sent, total)
        begun.set()
        await asyncio.Event().wait()
        raise AssertionError("it has no end")

    monkeypatch.setattr(bench.service, "upload", hang)
    uploader = bench.uploader()
    task = asyncio.create_task(uploader.upload())
    await begun.wait()
    uploader.control.stop()
    await asyncio.wait_for(task, 20)
    assert isinstance(bench.last, events.Stopped)


@pytest.mark.parametrize("paused", [False, True], ids=["the last pages", "paused"])
async def test_a_request_that_takes_long_is_waited_for_and_not_watched(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, paused: bool
) -> None:
    monkeypatch.setattr(sending, "_APART", -1.0)
    if not paused:
        bench.plan = replace(bench.plan, pages=bench.plan.pages[:3])
    answered = asyncio.Event()
    begun = asyncio.Event()
    upload = bench.service.upload

    async def hang(session_id: str, parts: Sequence[FilePart], *, on_progress: Any) -> UploadAnswer:
        begun.set()
        await answered.wait()
        return await upload(session_id, parts, on_progress=on_progress)

    monkeypatch.setattr(bench.service, "upload", hang)
    uploader = bench.uploader()
    looks = 0
    wait_change = uploader.control.wait_change

    async def counted() -> None:
        nonlocal looks
        looks += 1
        await wait_change()

    monkeypatch.setattr(uploader.control, "wait_change", counted)
    if paused:
        bench.on_event = lambda event: (
            uploader.control.pause() if isinstance(event, events.BatchStarted) else None
        )
    task = asyncio.create_task(uploader.upload())
    await begun.wait()
    for _ in range(100):
        await asyncio.sleep(0)
    assert looks <= 2
    answered.set()
    bench.on_event = lambda event: None
    uploader.control.go_on()
    await asyncio.wait_for(task, 20)
    assert isinstance(bench.last, events.AllPagesIn)


async def test_pages_that_were_refused_outright_are_not_on_the_way(bench: Bench) -> None:
    bench.service.fail("upload", Fault(Forbidden("The account may not do this", "locked")))
    await bench.uploader().upload()
    assert bench.failure.exit_code == Exit.REFUSED
    states = {record.state for record in (await bench.entry()).states.values()}
    assert PageState.SENDING not in states
    await bench.uploader(await bench.entry()).upload()
    assert isinstance(bench.last, events.AllPagesIn)
    assert bench.of(events.Waiting) == []


async def test_pages_are_expected_until_the_last_request_with_some_is_on_its_way(bench: Bench) -> None:
    expected: list[bool] = []
    bench.service.on_call = lambda method: expected.append(bench.service.expected[-1:] == [True])
    await bench.uploader().upload()
    assert bench.service.expected == [True, False]
    assert expected[-1] is False
