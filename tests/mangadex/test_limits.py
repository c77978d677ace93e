from __future__ import annotations

import asyncio
from collections.abc import Mapping
from email.utils import formatdate

import pytest

from tests.support.clock import FakeClock
from tui.mangadex.endpoints import BEGIN, COMMIT, MANGA, NAMES, QUESTION, SESSION, UPLOAD
from tui.mangadex.errors import Banned
from tui.mangadex.limits import BAN_SECONDS, Limiter

FILES = UPLOAD.limit_name
FREE = MANGA.limit_name


class Waits:
    def __init__(self) -> None:
        self.clock = FakeClock()
        self.heard: list[tuple[str, float]] = []
        self.limiter = Limiter(self.clock, lambda reason, until: self.heard.append((reason, until)))

    async def go(self, name: str) -> float:
        """Enter and leave; the second at which it was let in."""
        self.limiter.leave(name, await self.limiter.enter(name), answered=False)
        return self.clock.monotonic()

    async def go_yielding(self, name: str, yields: int = QUESTION) -> float:
        """The same for a mere question."""
        self.limiter.leave(name, await self.limiter.enter(name, yields=yields), answered=False)
        return self.clock.monotonic()

    async def asked(self) -> asyncio.Task[float]:
        """A mere question that waits for its turn by now."""
        question = asyncio.create_task(self.go_yielding(FREE))
        await asyncio.sleep(0)
        return question

    async def many(self, name: str, count: int) -> list[float]:
        return sorted(await asyncio.gather(*(self.go(name) for _ in range(count))))

    def answer(self, name: str, status: int = 200, headers: Mapping[str, object] | None = None) -> None:
        named = {key.lower(): str(value) for key, value in (headers or {}).items()}
        self.limiter.learn(name, status, named)


def limits(remaining: int | None, retry_after: object) -> dict[str, object]:
    found: dict[str, object] = {"X-RateLimit-Retry-After": retry_after}
    if remaining is not None:
        found["X-RateLimit-Remaining"] = remaining
    return found


async def test_never_more_than_five_in_a_sliding_second_however_many_ask() -> None:
    sent = await Waits().many(FREE, 40)
    assert max(sum(start <= at < start + 1.2 for at in sent) for start in sent) == 5


async def test_what_was_answered_counts_for_a_second_from_then_on_and_no_longer() -> None:
    """The server saw a request before it answered it: five in any second of its own clock, whatever the way there."""
    waits = Waits()
    entries = [await waits.limiter.enter(FREE) for _ in range(5)]
    for entry, answered_after in zip(entries, (0.05, 0.1, 0.2, 0.2, 0.6), strict=True):
        waits.clock.advance(answered_after - waits.clock.monotonic())
        waits.limiter.leave(FREE, entry, answered=True)
    sent = [await waits.go(FREE) for _ in range(5)]
    assert sent == [pytest.approx(at, abs=0.01) for at in (1.05, 1.1, 1.2, 1.2, 1.25)]


async def test_a_request_that_needs_a_connection_counts_from_when_it_can_have_arrived() -> None:
    """A round trip later than it left: what is near may take the connection at once and make its own."""
    waits = Waits()
    asked = await waits.limiter.enter(FREE)
    waits.clock.advance(0.4)
    waits.limiter.leave(FREE, asked, answered=True)
    waits.clock.advance(10)
    start = waits.clock.monotonic()
    slow = await waits.limiter.enter(FREE)
    waits.limiter.connecting(slow)
    waits.clock.advance(3)
    sent = [await waits.go(FREE) - start for _ in range(4)]
    waits.limiter.left(slow)
    sent += [await waits.go(FREE) - start for _ in range(5)]
    assert sent == [pytest.approx(at, abs=0.01) for at in (3, 3, 3, 3, 4.25, 4.25, 4.25, 4.25, 4.65)]


async def test_the_pace_is_kept_across_limits_and_is_not_reported() -> None:
    waits = Waits()
    sent = sorted(await waits.many(FREE, 5) + await waits.many(FILES, 3))
    assert sent[5] - sent[0] >= 1.2
    assert waits.heard == []


async def test_a_question_leaves_room_for_two_requests_with_pages_while_more_are_expected() -> None:
    waits = Waits()
    waits.limiter.expect_pages(True)
    await waits.many(FREE, 3)
    asked = await waits.asked()
    assert [await waits.go(FILES) for _ in range(2)] == [0.0, 0.0]
    assert await asked == pytest.approx(1.25, abs=0.06)


async def test_a_question_yields_no_longer_once_the_last_request_with_pages_has_left() -> None:
    waits = Waits()
    waits.limiter.expect_pages(True)
    await waits.many(FREE, 4)
    asked = await waits.asked()
    await waits.clock.sleep(0.5)
    assert not asked.done()
    waits.limiter.expect_pages(False)
    assert await asked == pytest.approx(0.5, abs=0.06)


async def test_the_last_request_with_pages_goes_before_a_question_though_none_is_expected_after_it() -> None:
    waits = Waits()
    await waits.many(FREE, 5)
    asked = await waits.asked()
    last = [asyncio.create_task(waits.go(FILES)) for _ in range(4)]
    for each in last:
        assert await each == pytest.approx(1.25, abs=0.01)
    assert await asked >= 1.25


async def test_those_that_wait_go_in_the_order_of_what_they_yield() -> None:
    waits = Waits()
    await waits.many(FREE, 5)
    names = [asyncio.create_task(waits.go_yielding(FREE, NAMES)) for _ in range(3)]
    questions = [asyncio.create_task(waits.go_yielding(FREE)) for _ in range(2)]
    await asyncio.sleep(0)
    look = asyncio.create_task(waits.go(SESSION.limit_name))
    assert await look <= min(await asyncio.gather(*questions)) < min(await asyncio.gather(*names))


async def test_a_question_does_not_yield_to_what_waits_for_a_window_of_its_own() -> None:
    waits = Waits()
    waits.answer(COMMIT.limit_name, 429, limits(0, waits.clock.now() + 30))
    commit = asyncio.create_task(waits.go(COMMIT.limit_name))
    await asyncio.sleep(0)
    assert await waits.go_yielding(FREE) == 0.0
    assert await commit >= 30.0


async def test_a_question_yields_for_two_seconds_and_not_when_no_page_is_expected() -> None:
    waits = Waits()
    assert [await waits.go_yielding(FREE) for _ in range(5)] == [0.0] * 5
    waits.clock.advance(10)
    waits.limiter.expect_pages(True)

    async def pages() -> None:
        while True:
            entry = await waits.limiter.enter(FILES)
            await waits.clock.sleep(0.3)
            waits.limiter.leave(FILES, entry, answered=False)

    busy = asyncio.create_task(pages())
    await waits.clock.sleep(2)
    assert await waits.go_yielding(FREE) == pytest.approx(14.0, abs=0.06)
    busy.cancel()


@pytest.mark.parametrize(
    ("name", "requests"), [(SESSION.limit_name, 30), (BEGIN.limit_name, 20), (COMMIT.limit_name, 10)]
)
async def test_documented_windows_hold_before_the_server_has_said_anything(name: str, requests: int) -> None:
    waits = Waits()
    sent = await waits.many(name, requests + 1)
    assert sent[requests - 1] < 60 <= sent[requests]
    [(reason, until)] = waits.heard
    assert reason == f"MangaDex limits {name}"
    assert until == pytest.approx(waits.clock.now(), abs=0.1)


async def test_nothing_left_means_wait_before_the_next_call_on_a_success_too() -> None:
    waits = Waits()
    until = waits.clock.now() + 40
    waits.answer(FILES, headers=limits(0, int(until)))
    assert await waits.go(FREE) == 0  # other limits are not held up
    assert await waits.go(FILES) == pytest.approx(41, abs=0.1)
    assert waits.heard == [(f"MangaDex limits {FILES}", until + 1)]


async def test_what_is_in_flight_counts_against_what_is_left() -> None:
    waits = Waits()
    entry = await waits.limiter.enter(FILES)
    waits.answer(FILES, headers=limits(1, int(waits.clock.now() + 40)))
    third = asyncio.create_task(waits.go(FILES))
    await waits.clock.sleep(5)
    assert not third.done()
    waits.answer(FILES, headers=limits(0, int(waits.clock.now() + 35)))
    waits.limiter.leave(FILES, entry, answered=True)
    assert await third == pytest.approx(41, abs=1.1)


async def test_an_answer_that_was_overtaken_gives_nothing_back() -> None:
    waits = Waits()
    until = int(waits.clock.now() + 40)
    waits.answer(FILES, headers=limits(0, until))
    waits.answer(FILES, headers=limits(7, until))
    assert await waits.go(FILES) > 40


async def test_a_new_window_forgets_what_was_sent_in_the_old_one() -> None:
    waits = Waits()
    name = COMMIT.limit_name
    await waits.many(name, 10)
    waits.answer(name, headers=limits(0, int(waits.clock.now() + 5)))
    assert max(await waits.many(name, 3)) < 10


@pytest.mark.parametrize(
    ("stated", "seconds"),
    [
        ("30", 31),
        ("+90", 91),
        ("1e5", 3601),
        ("-20", 1),
        ("1800000025", 26),
        ("1799999000", 1),
        ("1800999999", 3601),
    ],
)
async def test_the_header_is_an_epoch_second_or_a_delay_within_bounds(stated: str, seconds: float) -> None:
    waits = Waits()
    waits.answer(FILES, 429, limits(0, stated))
    assert await waits.go(FILES) == pytest.approx(seconds, abs=0.1)


async def test_a_wrong_clock_of_this_machine_is_corrected_by_the_date_of_the_answer() -> None:
    waits = Waits()
    server_now = waits.clock.now() + 50_000
    waits.answer(FILES, 429, {**limits(0, int(server_now + 20)), "Date": formatdate(server_now, usegmt=True)})
    assert await waits.go(FILES) == pytest.approx(21, abs=0.1)


async def test_a_clock_that_is_a_little_off_is_taken_for_right() -> None:
    waits = Waits()
    now = waits.clock.now()
    waits.answer(FILES, 429, {**limits(0, int(now + 20)), "Date": formatdate(now + 4, usegmt=True)})
    assert await waits.go(FILES) == pytest.approx(21, abs=0.1)


async def test_an_answer_that_was_overtaken_shortens_no_wait() -> None:
    waits = Waits()
    for seconds in (40, 20):
        waits.answer(FILES, 429, limits(0, int(waits.clock.now() + seconds)))
    assert await waits.go(FILES) >= 40
    for retry_after in (60, 30):
        waits.answer(FREE, 429, {"Retry-After": retry_after})
    assert await waits.go(FREE) >= 100


async def test_429_of_a_limit_holds_everybody_on_it_and_nobody_else() -> None:
    waits = Waits()
    waits.answer(FILES, 429, limits(0, int(waits.clock.now() + 20)))
    assert await waits.go(FREE) == 0
    assert min(await waits.many(FILES, 3)) >= 20


@pytest.mark.parametrize("remaining", [5, 200])
async def test_429_while_the_limit_has_room_is_the_global_one(remaining: int) -> None:
    waits = Waits()
    waits.answer(FILES, 429, limits(remaining, int(waits.clock.now() + 20)))
    assert await waits.go(FREE) >= 20


async def test_429_without_headers_holds_everybody_longer_each_time() -> None:
    waits = Waits()
    waits.answer(FILES, 429)
    assert await waits.go(FREE) == pytest.approx(30, abs=0.1)
    waits.answer(FREE, 429)
    assert await waits.go(FILES) == pytest.approx(90, abs=0.1)
    waits.answer(FILES)
    waits.answer(FREE, 429)
    assert await waits.go(FREE) == pytest.approx(120, abs=0.1)


@pytest.mark.parametrize(
    ("stated", "seconds"),
    [
        ("12", 13),
        (formatdate(1_800_000_012, usegmt=True), 13),
        (formatdate(1_900_000_000, usegmt=True), 3601),
    ],
)
async def test_a_load_balancers_retry_after_is_obeyed_within_bounds(stated: str, seconds: float) -> None:
    waits = Waits()
    waits.answer(FREE, 429, {"Retry-After": stated})
    assert await waits.go(FILES) == pytest.approx(seconds, abs=0.1)


@pytest.mark.parametrize("nonsense", ["", "soon", "nan", "inf", "1" * 60, "Mon, 99 Foo"])
async def test_nonsense_in_headers_is_no_header(nonsense: str) -> None:
    waits = Waits()
    waits.answer(
        FILES, 429, {**limits(None, nonsense), "X-RateLimit-Remaining": nonsense, "Retry-After": nonsense}
    )
    assert await waits.go(FREE) == pytest.approx(30, abs=0.1)


async def test_each_wait_is_reported_once() -> None:
    waits = Waits()
    waits.answer(FILES, 429, limits(0, int(waits.clock.now() + 20)))
    await waits.many(FILES, 4)
    assert len(waits.heard) == 1


async def test_a_cancelled_wait_takes_no_place() -> None:
    waits = Waits()
    waits.answer(FILES, 429, limits(0, 20))
    waiting = asyncio.create_task(waits.go(FILES))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert len(await waits.many(FREE, 5)) == 5
    assert waits.clock.monotonic() == 0


async def test_a_ban_refuses_everything_until_it_has_cooled_down() -> None:
    waits = Waits()
    until = waits.limiter.ban()
    for name in (FREE, FILES, "login"):
        with pytest.raises(Banned) as caught:
            await waits.limiter.enter(name)
        assert caught.value.until == until
    waits.clock.advance(BAN_SECONDS + 1)
    assert await waits.go(FREE) == BAN_SECONDS + 1


async def test_a_ban_reaches_those_who_wait() -> None:
    waits = Waits()
    waits.answer(FILES, 429, limits(0, 20))
    waiting = asyncio.create_task(waits.go(FILES))
    await asyncio.sleep(0)
    waits.limiter.ban()
    with pytest.raises(Banned):
        await waiting


async def test_429_that_says_only_when_holds_its_own_limit_until_then_and_no_other() -> None:
    waits = Waits()
    waits.answer(FILES, 429, limits(None, waits.clock.now() + 17))
    assert await waits.go(FREE) == pytest.approx(0, abs=0.1)
    assert await waits.go(FILES) == pytest.approx(18, abs=0.1)
