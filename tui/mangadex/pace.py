"""How fast bytes of pages may leave: a cap in figures, and a share of the uplink that others keep.

One for all requests. Nothing here knows HTTP: a body asks before each piece and tells when the piece was taken.
"""

from __future__ import annotations

import asyncio

from tui.mangadex.capacity import Capacity
from tui.mangadex.clock import Clock

KBIT = 125.0
"""Bytes of a kilobit."""
_PIECE_SECONDS = 0.02
"""A paced piece occupies the line no longer than this, so that a key never waits behind a large one."""
_SMALLEST_PIECE = 1400
_FIRST_PIECE = 16 * 1024
"""Bytes of a piece, or more on a fast line, while the speed is being found out: how many of them go through in half a
second is to tell something on slow lines too."""
_LOOK_AGAIN = 0.25
"""Longest wait before the rate is looked at anew: somebody may have changed the cap."""


def read_kbit(text: str) -> int:
    """A cap as it is typed, in kilobits a second; "" and 0 mean none. ValueError says the rule."""
    text = text.strip()
    if not text:
        return 0
    if not text.isascii() or not text.isdigit() or not 0 <= int(text) <= 10_000_000:
        raise ValueError("a whole number of kilobits a second, such as 2000; 0 for no cap")
    return int(text)


def limit_words(kbit: int) -> str:
    """The cap after "the bandwidth is"."""
    return f"capped at {kbit:,} kbit/s" if kbit else "not capped"


class Pace:
    """Lets pieces go at a rate. Belongs to one event loop; only `limit` and `keep_free` may be set from others.

    Without a cap and a share to keep free it waits for nothing.
    """

    def __init__(self, clock: Clock, *, limit: float = 0.0, keep_free: float = 0.0) -> None:
        self._clock = clock
        self.limit = limit
        """Bytes a second, 0 for no cap."""
        self.keep_free = keep_free
        """Share of the uplink, 0 to 0.9, that is left to others; how fast the uplink is gets measured."""
        self.capacity = Capacity()
        self._debt = 0.0
        """Bytes that went out ahead of their time; below 0 those that are late."""
        self._paid_at = clock.monotonic()
        self._turn = asyncio.Lock()
        self._sending: set[int] = set()

    @property
    def rate(self) -> float:
        """Bytes a second that may leave now, 0 for as many as the line takes."""
        rates = [self.limit] if self.limit > 0 else []
        if self.keep_free > 0 and (share := self.capacity.share(1 - self.keep_free)) > 0:
            rates.append(share)
        return min(rates, default=0.0)

    @property
    def expected(self) -> float:
        """Bytes a second that pages will go up at, as far as the cap and earlier uploads tell; 0 when they do not."""
        rates = [self.limit] if self.limit > 0 else []
        if self.capacity.known:
            rates.append(self.capacity.bytes_per_second * (1 - self.keep_free))
        return min(rates, default=0.0)

    def piece(self, largest: int) -> int:
        """How many bytes the next piece may have at most."""
        rate = self.rate
        if self.keep_free > 0 and self.capacity.looking:
            largest = min(largest, max(_FIRST_PIECE, int(self.capacity.latest * _PIECE_SECONDS)))
        return largest if rate <= 0 else int(min(largest, max(_SMALLEST_PIECE, rate * _PIECE_SECONDS)))

    async def take(self, size: int) -> float:
        """Return when a piece of `size` bytes may leave; how many seconds that took."""
        started = self._clock.monotonic()
        if self.rate > 0:
            async with self._turn:  # first come, first served: no request starves beside another
                while (seconds := self._wait()) > 0:
                    await self._clock.sleep(min(seconds, _LOOK_AGAIN))
                self._debt += size
        now = self._clock.monotonic()
        self.capacity.offered(now, self.rate)
        return now - started

    def now(self) -> float:
        """Seconds of the clock that paces."""
        return self._clock.monotonic()

    def taken(self, size: int, given: float) -> None:
        """The kernel took a piece that was given to it at `given`."""
        now = self._clock.monotonic()
        self.capacity.accepted(size, now - given, now)

    def begin(self, body: object) -> None:
        """This body has bytes to send from now on."""
        self._sending.add(id(body))

    def end(self, body: object) -> None:
        """It has none any more."""
        self._sending.discard(id(body))
        if not self._sending:
            self.capacity.rest(self._clock.monotonic())

    def _wait(self) -> float:
        now = self._clock.monotonic()
        rate = self.rate
        if rate <= 0:
            self._debt = 0.0
            return 0.0
        # A wait ends a little late, piece by piece: the next ones make up for it.
        self._debt = max(-rate * _PIECE_SECONDS, self._debt - rate * (now - self._paid_at))
        self._paid_at = now
        return self._debt / rate if self._debt >= 1.0 else 0.0  # less than a byte is a rounding error
