"""Rate limits: when the next request may go out (`mangadex-api.md` 3).

Plain state and arithmetic around one `enter()`; nothing here knows HTTP beyond the names of the headers.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import Protocol

from tui.mangadex.clock import Clock
from tui.mangadex.endpoints import DOCUMENTED_RATES, Rate
from tui.mangadex.errors import Banned
from tui.mangadex.windows import Bucket, Entry

GLOBAL_RATE = Rate(5, 1.25)
"""The service allows about 5 a second; a quarter of slack absorbs requests that bunch up on the way."""
_ANSWERED = 1.0
"""Seconds after its answer in which a request still counts: the server saw it before it answered, so that no slack
is needed."""
_LOOK_AGAIN = 0.05
"""Seconds after which a request that waits looks again while another one makes its connection, or pages may want its
place."""
_ROOM = 2
"""Requests with pages that could still go out at once, beside a question that yields to them."""
_YIELDS = 2.0
"""Seconds for which a question yields to each that yields less: pages that need the whole pace must not shut it out."""
LONGEST_WAIT = 3600.0
WAIT_WITHOUT_HEADERS = 30.0
BAN_SECONDS = 900.0
_EPOCH_FROM = 1e9
_ROUNDING = 1.0
_SKEW_TOLERATED = 5.0


class LimitMemory(Protocol):
    """Limits, name -> epoch second, kept from one process to the next; "" is the limit on everything."""

    def load(self) -> Mapping[str, float]: ...

    def keep(self, limits: Mapping[str, float]) -> None: ...


class Limiter:
    """Holds requests back until they are welcome.

    `on_wait(reason, until)` hears of every wait that the service's windows cause, once for each end of it
    (epoch second); the fractions of a second that keep to the global pace are not reported.
    """

    def __init__(
        self,
        clock: Clock,
        on_wait: Callable[[str, float], None] | None = None,
        memory: LimitMemory | None = None,
    ) -> None:
        """`memory` outlives this process: limits that an earlier one met are waited out too."""
        self._clock = clock
        self._on_wait = on_wait
        self._memory = memory
        self._kept: dict[str, float] = {}
        self._everything = Bucket(GLOBAL_RATE)
        self._buckets: dict[str, Bucket] = {}
        self._bare_refusals = 0
        self._banned_until = 0.0
        self._pages_expected = False
        self._waiting: Counter[int] = Counter()
        """How many requests wait for their turn, by what they yield."""
        self._round_trip = 0.0
        """Seconds of the fastest answer so far."""
        if memory is not None:
            self._recall(memory.load())

    @property
    def banned_until(self) -> float:
        """Epoch second until which nothing is sent; 0 when nothing is wrong."""
        return self._banned_until

    def ban(self) -> float:
        """Stop everything for BAN_SECONDS: each request during a ban makes it longer. Returns its end."""
        self._banned_until = self._clock.now() + BAN_SECONDS
        return self._banned_until

    def expect_pages(self, expected: bool) -> None:
        """Whether more requests with pages will soon want to go out."""
        self._pages_expected = expected

    async def enter(self, name: str, *, yields: int = 0) -> Entry:
        """Wait until a request that counts against limit `name` may go out, and count it.

        One that `yields` lets those that wait with a lower number, and pages that are expected, have the pace first,
        for some seconds. Raises Banned, without waiting, while a ban cools down. Call `leave()` with what this gives
        once it is answered or has failed.
        """
        bucket = self._bucket(name)
        await self._wait_for_turn(name, bucket, yields)
        entry = Entry(self._clock.monotonic())
        self._everything.sent.append(entry)
        if bucket.rate is not None:
            bucket.sent.append(Entry(entry.at))
        bucket.in_flight += 1
        return entry

    async def _wait_for_turn(self, name: str, bucket: Bucket, yields: int) -> None:
        yields_until = self._clock.monotonic() + yields * _YIELDS
        counted = 0
        try:
            while True:
                self._refuse_while_banned()
                seconds = self._seconds_until_open(name, bucket)
                # Whoever waits for a window of its own holds nobody up.
                self._waiting[yields] += (seconds <= 0) - counted
                counted = int(seconds <= 0)
                if seconds <= 0:
                    seconds = self._everything.seconds_until_free(self._clock.monotonic())
                if seconds <= 0 and self._clock.monotonic() < yields_until and self._must_yield(yields):
                    seconds = _LOOK_AGAIN
                if seconds <= 0:
                    return
                await self._clock.sleep(min(seconds, _LOOK_AGAIN) if self._everything.connecting else seconds)
        finally:
            self._waiting[yields] -= counted

    def connecting(self, entry: Entry) -> None:
        """A connection is made for the request first, which takes several times as long as its own way: those that
        follow on the connections of others must not catch up with it."""
        entry.connecting = True

    def left(self, entry: Entry) -> None:
        """The request is on its way. On a new connection it may still be held up for a round trip, by something
        near that took the connection at once and makes its own."""
        now = self._clock.monotonic()
        entry.at, entry.connecting = now + (self._round_trip if entry.connecting else 0.0), False

    def leave(self, name: str, entry: Entry, *, answered: bool) -> None:
        """The request is over; `answered` when the server has surely seen it by now."""
        self._bucket(name).in_flight -= 1
        if entry.connecting:
            self.left(entry)
        if answered:
            now = self._clock.monotonic()
            entry.counts_until = now + _ANSWERED
            if now > entry.at:
                self._round_trip = min(self._round_trip or math.inf, now - entry.at)

    def learn(self, name: str, status: int, headers: Mapping[str, str]) -> None:
        """Take in what an answer says about the limits."""
        bucket = self._bucket(name)
        remaining = _whole(headers.get("x-ratelimit-remaining"))
        reset = self._stated_second(headers)
        if remaining is not None and reset is not None:
            same_window = bucket.remaining is not None and abs(bucket.until - reset) < 2 * _ROUNDING
            if same_window and bucket.remaining is not None:
                remaining = min(remaining, bucket.remaining)  # answers overtake one another
            bucket.remaining, bucket.until = remaining, reset
        self._take_in(bucket, status, remaining, reset, headers)
        self._remember()

    def _take_in(
        self,
        bucket: Bucket,
        status: int,
        remaining: int | None,
        reset: float | None,
        headers: Mapping[str, str],
    ) -> None:
        if status != 429:
            self._bare_refusals = 0
            return
        own_window = reset is not None and (remaining is None or remaining == 0)
        if own_window and reset is not None:
            bucket.blocked_until = max(bucket.blocked_until, reset)
            return
        if reset is None:
            reset = self._plain_retry_after(headers)
        if reset is None:
            self._bare_refusals += 1
            reset = self._clock.now() + WAIT_WITHOUT_HEADERS * min(self._bare_refusals, 4)
        self._everything.blocked_until = max(self._everything.blocked_until, reset)

    def _recall(self, kept: Mapping[str, float]) -> None:
        now = self._clock.now()
        for name, until in kept.items():
            if now < until <= now + LONGEST_WAIT + _ROUNDING:
                bucket = self._bucket(name) if name else self._everything
                bucket.blocked_until = until

    def _remember(self) -> None:
        """Keep every limit that lasts, when there is one more than was kept."""
        if self._memory is None:
            return
        now = self._clock.now()
        limits = {
            name: max(bucket.blocked_until, bucket.until if bucket.remaining == 0 else 0.0)
            for name, bucket in (("", self._everything), *self._buckets.items())
        }
        limits = {name: until for name, until in limits.items() if until > now}
        if any(until > self._kept.get(name, 0.0) + _ROUNDING for name, until in limits.items()):
            self._kept = limits
            self._memory.keep(limits)

    def blocked_until(self, name: str) -> float:
        """Epoch second from which limit `name` is open again; 0 when the server never objected."""
        return max(self._bucket(name).blocked_until, self._everything.blocked_until)

    def _bucket(self, name: str) -> Bucket:
        found = self._buckets.get(name)
        if found is None:
            found = self._buckets[name] = Bucket(DOCUMENTED_RATES.get(name))
        return found

    def _refuse_while_banned(self) -> None:
        if self._banned_until > self._clock.now():
            error = Banned(
                "MangaDex has shut this address out for a while", "nothing is sent until the ban is over"
            )
            error.status = 403
            error.wait_until(self._banned_until)
            raise error

    def _seconds_until_open(self, name: str, bucket: Bucket) -> float:
        """0 when no window of the service forbids it."""
        now = self._clock.now()
        if self._everything.blocked_until > now:
            return self._announced(
                "MangaDex asks for a pause", self._everything, self._everything.blocked_until
            )
        if bucket.blocked_until > now:
            return self._announced(f"MangaDex limits {name}", bucket, bucket.blocked_until)
        if bucket.remaining is not None:
            if bucket.until <= now:
                bucket.remaining = None
                bucket.sent.clear()  # the server counts anew, so what was sent before is over
            elif bucket.remaining <= 0:
                return self._announced(f"MangaDex limits {name}", bucket, bucket.until)
            elif bucket.remaining <= bucket.in_flight:
                # Their answers will say how much is left; look again soon rather than sleep out the window.
                return min(1.0, bucket.until - now)
        else:
            own = bucket.seconds_until_free(self._clock.monotonic())
            if own > 0:
                return self._announced(f"MangaDex limits {name}", bucket, now + own)
        return 0.0

    def _must_yield(self, yields: int) -> bool:
        """Whether others should have the pace: those that wait and yield less, or pages that are expected."""
        if any(self._waiting[lower] for lower in range(yields)):
            return True
        now = self._clock.monotonic()
        return self._pages_expected and self._everything.seconds_until_free(now, 1 + _ROOM) > 0

    def _announced(self, reason: str, bucket: Bucket, until: float) -> float:
        if self._on_wait is not None and abs(until - bucket.announced) > 0.5:
            bucket.announced = until
            self._on_wait(reason, until)
        # A little more than the difference: a clock that rounds must not make this loop spin.
        return until - self._clock.now() + 0.001

    def _stated_second(self, headers: Mapping[str, str]) -> float | None:
        """X-RateLimit-Retry-After as an epoch second of this machine's clock.

        The service sends an epoch second; a delay is understood too. The server's own Date header corrects
        for a machine whose clock is wrong, and nothing can make dexup wait longer than LONGEST_WAIT.
        """
        value = _number(headers.get("x-ratelimit-retry-after"))
        if value is None:
            return None
        now = self._clock.now()
        if value > _EPOCH_FROM:
            their_now = _date(headers.get("date"))
            reference = their_now if their_now is not None and abs(their_now - now) > _SKEW_TOLERATED else now
            value -= reference
        return now + min(max(value, 0.0), LONGEST_WAIT) + _ROUNDING

    def _plain_retry_after(self, headers: Mapping[str, str]) -> float | None:
        """The standard Retry-After header, seconds or a date, which a load balancer may send."""
        stated = headers.get("retry-after")
        value = _number(stated)
        now = self._clock.now()
        if value is None:
            date = _date(stated)
            if date is None:
                return None
            value = date - now
        return now + min(max(value, 0.0), LONGEST_WAIT) + _ROUNDING


def _number(text: str | None) -> float | None:
    try:
        value = float(text) if text is not None and len(text) < 40 else None
    except ValueError:
        return None
    return value if value is not None and math.isfinite(value) else None


def _whole(text: str | None) -> int | None:
    value = _number(text)
    return int(value) if value is not None else None


def _date(text: str | None) -> float | None:
    if not text:
        return None
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None
