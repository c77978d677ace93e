"""What the user may tell a running upload: pause, go on, retry now, stop."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from tui.mangadex.clock import Clock

T = TypeVar("T")


class StopRequested(Exception):
    """The user, or the end of the process, wants the upload to stop now."""


class Control:
    """Commands of the user, as events of the engine's loop. Not for other threads."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._changed = asyncio.Event()
        self._hurry = asyncio.Event()
        self._stopped = asyncio.Event()
        self.paused = False

    def pause(self) -> None:
        """Send nothing new; what is under way finishes."""
        self.paused = True
        self._changed.set()

    def go_on(self) -> None:
        """End the pause."""
        self.paused = False
        self._changed.set()

    def retry_now(self) -> None:
        """End a wait between attempts."""
        self._hurry.set()

    def stop(self) -> None:
        """Give up what is under way; final."""
        self._stopped.set()
        self._changed.set()
        self._hurry.set()

    @property
    def stopping(self) -> bool:
        """Whether a stop was asked for."""
        return self._stopped.is_set()

    def check(self) -> None:
        """Raise StopRequested once a stop was asked for."""
        if self.stopping:
            raise StopRequested

    async def wait_change(self) -> None:
        """Until a command arrives."""
        await self._changed.wait()
        self._changed.clear()
        self.check()

    async def wait_while_paused(self) -> None:
        """Until nothing is paused."""
        while self.paused:
            await self.wait_change()
        self.check()

    async def until_stopped(self, work: Awaitable[T], *, grace: float = 0.0) -> T:
        """The result of `work`, or StopRequested: a stop cancels it, `grace` seconds later at the latest.

        What changes something on the server gets some grace, since its answer settles what would otherwise
        have to be asked at the next start.
        """
        task = asyncio.ensure_future(work)
        stop = asyncio.create_task(self._stopped.wait())
        try:
            self.check()  # after a stop nothing begins: the task is cancelled before its first step
            await asyncio.wait({task, stop}, return_when=asyncio.FIRST_COMPLETED)
            if not task.done() and grace > 0:
                await asyncio.wait({task}, timeout=grace)
            if task.done():
                return task.result()
            raise StopRequested
        finally:
            stop.cancel()
            task.cancel()
            await asyncio.gather(stop, task, return_exceptions=True)

    async def sleep(self, seconds: float) -> None:
        """Wait, at most until `retry_now`. Raises StopRequested."""
        self._hurry.clear()
        self.check()
        await self._first(self._clock.sleep(seconds), self._hurry.wait())
        self.check()

    async def sleep_through(self, seconds: float) -> None:
        """Wait the whole time, whatever the user presses: the service set it. Raises StopRequested."""
        end = self._clock.now() + seconds
        while (left := end - self._clock.now()) > 0:
            await self.sleep(left)

    async def _first(self, *waits: Awaitable[object]) -> None:
        tasks = [asyncio.ensure_future(wait) for wait in waits]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
