"""Stopping long reads and long mending from another thread."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

Step = TypeVar("Step")


class Cancelled(Exception):
    """Somebody asked to stop; nothing was changed."""


def stop_if(cancelled: Callable[[], bool] | None) -> None:
    """Raise Cancelled when `cancelled` says so."""
    if cancelled is not None and cancelled():
        raise Cancelled


_wanted: ContextVar[Callable[[], bool] | None] = ContextVar("wanted", default=None)


@contextmanager
def while_wanted(wanted: Callable[[], bool]) -> Iterator[None]:
    """What is done inside ends with Cancelled at its next step when `wanted` says no. For work behind many calls
    that have nothing to do with it; others take `cancelled`."""
    token = _wanted.set(wanted)
    try:
        yield
    finally:
        _wanted.reset(token)


def wanted_still(steps: Iterable[Step]) -> Iterator[Step]:
    """The steps of long work, as long as while_wanted() around it lets them be done. Cancelled."""
    for step in steps:
        wanted = _wanted.get()
        if wanted is not None and not wanted():
            raise Cancelled
        yield step
