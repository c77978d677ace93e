"""Pages on their way: batches, lost answers, refusals, pauses, against a service in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest

from tests.support.fake_service import LOST, Fault
from tests.upload.conftest import Bench
from tui.mangadex.errors import (
    Banned,
    ConnectFailed,
    LoginRequired,
    PageChanged,
    RateLimited,
    Refused,
    TooLarge,
)
from tui.mangadex.multipart import FilePart
from tui.upload import events
from tui.upload.exits import Exit
from tui.upload.ledger import Ledger


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

    def refuse(parts: Sequence[FilePart]) -> TooLarge | None:
        if (size := sum(part.size for part in parts)) < limit:
            return None
        refused.append(size)
        return TooLarge("Too large", status=413)

    bench.service.refuse_request = refuse
    await bench.uploader().upload()
    assert isinstance(bench.last, events.AllPagesIn)
    assert refused == [limit]


async def test_after_a_lost_answer_less_is_sent_at_once(bench: Bench) -> None:
    bench.options = replace(bench.options, in_flight=1)
    bench.service.fail("upload", Fault(LOST))
    await bench.uploader().upload()
    assert bench.service.tried == [3, 1, 2, 3, 3, 3]  # and then more again


async def test_page_that_changed_on_disk_is_named(bench: Bench) -> None:
    changed = PageChanged("The file changed", "it is shorter than before")
    changed.part_name = bench.plan.pages[0].part_name
    bench.service.fail("upload", Fault(changed))
    await bench.uploader().upload()
    assert "1.png" in bench.failure.detail
    assert bench.view.accepted_count == 11


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
