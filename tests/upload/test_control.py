"""Commands to a running upload: they end waits that they may end, and no others."""

from __future__ import annotations

import asyncio

import pytest

from tests.support.clock import FakeClock
from tui.upload.control import Control, StopRequested


class EndlessClock(FakeClock):
    """Nobody's sleep ends by itself."""

    async def sleep(self, seconds: float) -> None:
        await asyncio.Event().wait()


async def test_after_a_stop_nothing_begins() -> None:
    control = Control(FakeClock())
    control.stop()
    begun = []

    async def work() -> None:
        begun.append(1)

    with pytest.raises(StopRequested):  # and no coroutine is left that nobody awaits: warnings are errors
        await control.until_stopped(work())
    await asyncio.sleep(0)
    assert begun == []


@pytest.mark.parametrize("grace", [0.0, 3600.0])
async def test_what_is_answered_after_a_stop_counts_when_it_had_some_grace(grace: float) -> None:
    control = Control(FakeClock())
    answered = asyncio.Event()

    async def work() -> str:
        control.stop()
        await answered.wait()
        return "answer"

    task = asyncio.create_task(control.until_stopped(work(), grace=grace))
    for _ in range(5):
        await asyncio.sleep(0)
    answered.set()
    if grace:
        assert await task == "answer"
    else:
        with pytest.raises(StopRequested):
            await task


async def test_a_stop_ends_a_wait() -> None:
    control = Control(EndlessClock())
    wait = asyncio.create_task(control.sleep(100))
    await asyncio.sleep(0)
    control.stop()
    with pytest.raises(StopRequested):
        await asyncio.wait_for(wait, 20)


async def test_retry_now_ends_a_wait_and_not_the_next_one() -> None:
    control = Control(EndlessClock())
    wait = asyncio.create_task(control.sleep(100))
    await asyncio.sleep(0)
    control.retry_now()
    await asyncio.wait_for(wait, 20)
    clock = FakeClock()
    control = Control(clock)
    control.retry_now()
    await control.sleep(100)
    assert clock.monotonic() == 100


async def test_a_wait_that_the_service_asks_for_has_its_time_whatever_is_pressed() -> None:
    clock = FakeClock()
    control = Control(clock)
    asyncio.get_running_loop().call_soon(control.retry_now)
    await control.sleep_through(100)
    assert clock.monotonic() >= 100
