"""A clock that jumps: sleeping costs no time, and concurrent sleepers wake in the order of their times."""

from __future__ import annotations

import asyncio
import heapq
import itertools

_SPINS = 30


class FakeClock:
    """Time stands still until everybody sleeps, then jumps to the first one's wake-up."""

    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self._start = now
        self._passed = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._count = itertools.count()
        self._driver: asyncio.Task[None] | None = None
        self.slept: list[float] = []

    def now(self) -> float:
        return self._start + self._passed

    def monotonic(self) -> float:
        return self._passed

    def advance(self, seconds: float) -> None:
        """Let time pass while nobody sleeps."""
        self._passed += seconds

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._passed + seconds, next(self._count), future))
        if self._driver is None or self._driver.done():
            self._driver = asyncio.create_task(self._drive())
        await future

    async def _drive(self) -> None:
        while self._sleepers:
            for _ in range(_SPINS):  # everybody who can run does so before time passes
                await asyncio.sleep(0)
            wake, _, future = heapq.heappop(self._sleepers)
            if not future.done():
                self._passed = max(self._passed, wake)
                future.set_result(None)
