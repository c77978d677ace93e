"""Pages on their way: batches, lost answers, refusals, pauses, against a service in memory."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from tests.support.fake_service import LOST, FakeService, Fault
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
from tui.upload import events
from tui.upload.exits import Exit


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
