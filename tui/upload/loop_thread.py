"""A thread with an event loop of its own, which nothing on a screen can hold up."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from contextvars import Context
from typing import TypeVar

T = TypeVar("T")


class LoopThread:
    """Every method may be called from any thread.

    What runs here has a context of its own: the caller's holds the screen that asked, and timeouts of the network
    would keep it for minutes after it was left.
    """

    def __init__(self, name: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, name=name, daemon=True)

    @property
    def alive(self) -> bool:
        """Whether it was started and has not ended."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Begin to work; what was handed in before is done first."""
        self._thread.start()

    def run(self, work: Coroutine[object, object, T]) -> Future[T]:
        """Do `work` in the loop."""
        return Context().run(asyncio.run_coroutine_threadsafe, work, self._loop)

    def call(self, act: Callable[[], object]) -> None:
        """Call `act` in the loop, soon."""
        self._loop.call_soon_threadsafe(act, context=Context())

    def end(self) -> None:
        """Let the loop run out; tasks that are left are not waited for."""
        self._loop.call_soon_threadsafe(self._loop.stop)

    def join(self, seconds: float) -> None:
        """Wait for the end, `seconds` at most."""
        self._thread.join(seconds)

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_forever()
        finally:
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            self._loop.run_until_complete(self._loop.shutdown_default_executor())
            self._loop.close()
