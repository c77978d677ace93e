from __future__ import annotations

import asyncio
import io

import httpx
import pytest

from tests.support.bench import Bench
from tests.support.clock import FakeClock
from tui.mangadex.limits import Limiter
from tui.mangadex.multipart import WRITE_BYTES, FilePart, Multipart
from tui.mangadex.pace import Pace
from tui.mangadex.transport import PacedTransport


class Uplink:
    """A line that takes bytes at a speed, behind a buffer that takes them at once while it has room."""

    def __init__(self, clock: FakeClock, speed: float, buffer: float = 100_000) -> None:
        self._clock = clock
        self.speed = speed
        self._buffer = buffer
        self._full_until = 0.0

    @property
    def queued(self) -> float:
        """Bytes that wait, seconds of which a key would wait behind."""
        return max(0.0, self._full_until - self._clock.monotonic()) * self.speed

    async def send(self, pace: Pace, seconds: float, body: object = None) -> None:
        """Bytes without end, for so long."""
        end = self._clock.monotonic() + seconds
        pace.begin(body)
        while self._clock.monotonic() < end:
            size = pace.piece(WRITE_BYTES)
            await pace.take(size)
            given = pace.now()
            self._full_until = max(self._full_until, given) + size / self.speed
            if (over := self.queued - self._buffer) > 0:
                await self._clock.sleep(over / self.speed)
            pace.taken(size, given)
        pace.end(body)


async def sent(clock: FakeClock, pace: Pace, size: int) -> float:
    """Seconds that a body of `size` bytes takes on a line that is faster than any cap."""
    body = Multipart([FilePart("1.png", "image/png", size, lambda: io.BytesIO(b"x" * size))], pace=pace)
    started = clock.monotonic()
    async for _ in body:
        pass
    return clock.monotonic() - started


async def test_without_a_cap_nothing_waits() -> None:
    clock = FakeClock()
    assert await sent(clock, Pace(clock), 5_000_000) == 0
    assert clock.slept == []


async def test_a_cap_holds_over_all_requests_together_and_in_small_pieces() -> None:
    clock = FakeClock()
    pace = Pace(clock, limit=50_000)
    await asyncio.gather(*(sent(clock, pace, 100_000) for _ in range(3)))
    assert clock.monotonic() == pytest.approx(6.0, rel=0.02)
    assert pace.piece(WRITE_BYTES) == 1400  # some 20 ms of the line
    assert max(clock.slept) <= 0.25


async def test_a_cap_that_is_lifted_lets_go_at_once() -> None:
    clock = FakeClock()
    pace = Pace(clock, limit=1000)
    task = asyncio.create_task(sent(clock, pace, 1_000_000))
    await clock.sleep(5.0)
    assert pace.expected == 1000
    pace.limit = 0.0
    await task
    assert pace.expected == 0
    assert clock.monotonic() < 7.0


async def test_a_share_of_the_uplink_stays_free() -> None:
    clock = FakeClock()
    pace = Pace(clock, keep_free=0.2)
    line = Uplink(clock, 600_000)
    await line.send(pace, 6.0)
    assert pace.capacity.bytes_per_second == pytest.approx(600_000, rel=0.1)
    assert pace.expected == pace.capacity.bytes_per_second * 0.8
    queued = []
    for _ in range(100):
        await line.send(pace, 0.2)
        queued.append(line.queued)
    assert sorted(queued)[50] < 15_000  # as a rule a key waits 25 ms at most; without a share it is 167 ms
    assert sorted(queued)[80] < 40_000  # and in the moments when more is tried


@pytest.mark.parametrize("seconds", [0.05, 0.5, 1.0])
async def test_the_queue_of_a_router_is_empty_but_for_tries_that_become_rare(seconds: float) -> None:
    clock = FakeClock()
    pace = Pace(clock, keep_free=0.1)
    line = Uplink(clock, 600_000, buffer=600_000 * seconds)
    await line.send(pace, 10.0)
    slow = []
    for _ in range(500):
        await line.send(pace, 0.2)
        slow.append(line.queued > 600_000 * 0.04)
    assert sum(slow) < 50  # of 100 s less than 10
    assert sum(slow[:250]) > sum(slow[250:])
    assert pace.capacity.bytes_per_second == pytest.approx(600_000, rel=0.05)


async def test_while_the_speed_is_found_out_pieces_are_small_unless_the_line_is_fast() -> None:
    clock = FakeClock()
    slow, fast = Pace(clock, keep_free=0.1), Pace(clock, keep_free=0.1)
    assert slow.piece(WRITE_BYTES) == 16 * 1024
    await Uplink(clock, 600_000).send(slow, 0.8)
    await Uplink(clock, 12_000_000).send(fast, 0.8)
    assert (slow.piece(WRITE_BYTES), fast.piece(WRITE_BYTES)) == (16 * 1024, WRITE_BYTES)


async def test_what_the_first_measurement_queued_runs_off_at_once() -> None:
    clock = FakeClock()
    pace = Pace(clock, keep_free=0.1)
    line = Uplink(clock, 600_000, buffer=600_000)
    while not pace.capacity.known:
        await line.send(pace, 0.1)
    assert clock.monotonic() < 2.5
    assert line.queued > 500_000
    await line.send(pace, 1.2)
    assert line.queued < 30_000


async def test_a_connection_that_gets_going_is_not_taken_for_a_slow_line() -> None:
    clock = FakeClock()
    pace = Pace(clock, keep_free=0.1)
    line = Uplink(clock, 50_000)
    while line.speed < 800_000:
        await line.send(pace, 0.5)
        line.speed *= 2
    await line.send(pace, 2.5)
    assert pace.capacity.bytes_per_second == pytest.approx(800_000, rel=0.1)


async def test_what_a_queue_swallows_is_not_taken_for_the_speed_of_the_line() -> None:
    clock = FakeClock()
    pace = Pace(clock, keep_free=0.1)
    line = Uplink(clock, 600_000, buffer=900_000)
    highest = 0.0
    for _ in range(100):
        await line.send(pace, 1.0)
        highest = max(highest, pace.capacity.bytes_per_second)
    assert highest < 630_000


@pytest.mark.parametrize("speed", [150_000, 2_400_000])
async def test_the_share_follows_a_line_that_changes(speed: float) -> None:
    clock = FakeClock()
    pace = Pace(clock, keep_free=0.1)
    line = Uplink(clock, 600_000)
    await line.send(pace, 6.0)
    line.speed = speed
    await line.send(pace, 40.0)
    assert pace.capacity.bytes_per_second == pytest.approx(speed, rel=0.3)


async def test_a_line_that_hangs_for_a_moment_is_not_slow_for_good() -> None:
    clock = FakeClock()
    pace = Pace(clock, keep_free=0.1)
    line = Uplink(clock, 600_000)
    await line.send(pace, 6.0)
    line.speed = 1_000
    await line.send(pace, 5.0)
    line.speed = 600_000
    line._full_until = 0.0
    await line.send(pace, 30.0)
    assert pace.capacity.bytes_per_second > 450_000


async def test_pauses_between_requests_are_no_sign_of_a_slow_line() -> None:
    clock = FakeClock()
    pace = Pace(clock, keep_free=0.1)
    line = Uplink(clock, 600_000)
    for _ in range(40):
        await line.send(pace, 0.5)
        await clock.sleep(1.0)  # one request at a time, and a server that thinks
    assert pace.capacity.bytes_per_second > 540_000


async def test_what_runs_off_in_a_pause_is_not_taken_for_the_speed_of_the_line() -> None:
    clock = FakeClock()
    pace = Pace(clock, keep_free=0.1)
    line = Uplink(clock, 600_000, buffer=600_000)
    highest = 0.0
    for _ in range(60):
        await line.send(pace, 1.2)
        await clock.sleep(0.8)
        highest = max(highest, pace.capacity.bytes_per_second)
    assert 540_000 < pace.capacity.bytes_per_second <= highest < 690_000


async def test_what_a_cap_holds_back_does_not_count_against_the_time_of_a_request() -> None:
    """In the loop's own time, since it is the loop's time-out: 0.3 s of holding, 0.15 s of patience."""
    held: list[float] = []

    class Slow(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            body: Multipart = request.extensions["dexup_body"]
            assert body.on_held is not None
            for _ in range(6):
                await asyncio.sleep(0.05)
                body.on_held(0.05)
                held.append(0.05)
            return httpx.Response(200, stream=httpx.ByteStream(b"{}"))

    clock = FakeClock()
    transport = PacedTransport(Slow(), Limiter(clock), clock, None)
    request = httpx.Request(
        "POST",
        "https://api.example.org/upload/x",
        extensions={"dexup_limit": "x", "dexup_seconds": 0.15, "dexup_body": Multipart([])},
    )
    assert (await transport.handle_async_request(request)).status_code == 200
    assert len(held) == 6


async def test_the_client_paces_its_uploads(bench: Bench) -> None:
    bench.client.pace.limit = 10_000
    reply = {
        "result": "ok",
        "errors": [],
        "data": [{"id": "1", "type": "upload_session_file", "attributes": {}}],
    }
    bench.reply(httpx.Response(200, json=reply))
    data = b"x" * 20_000
    started = bench.clock.monotonic()
    await bench.client.upload("s", [FilePart("1.png", "image/png", len(data), lambda: io.BytesIO(data))])
    assert bench.clock.monotonic() - started == pytest.approx(2.0, rel=0.1)
