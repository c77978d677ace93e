"""The threads in which the screens' workers do what blocks."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import Context
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class WorkerThreads(ThreadPoolExecutor):
    """Threads that keep nothing of what they did.

    The library writes the worker into the context of the thread that does its work. It would stay there, and with it
    the screen that it belonged to, until that thread is needed again.
    """

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Do it in a context of its own."""
        return super().submit(lambda: Context().run(fn, *args, **kwargs))
