"""Time as the client and the engine see it, so that tests can replace it."""

from __future__ import annotations

import asyncio
import time
from typing import Protocol


class Clock(Protocol):
    """Where the time comes from and how waiting is done."""

    def now(self) -> float:
        """Seconds since the epoch, as servers state them."""
        ...

    def monotonic(self) -> float:
        """Seconds that never jump, for measuring spans."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait; cancellable."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
