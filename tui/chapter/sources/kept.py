"""What was read of an archive, kept for its next page as long as the file stays the same."""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

T = TypeVar("T")
State = tuple[int, int, int, int]


def state_of(file: int | Path) -> State:
    """What tells one state of a file (open, or at a path) from another. OSError."""
    found = os.stat(file)  # noqa: PTH116  # a descriptor, too
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


class Kept(Generic[T]):
    """Values by the state of the file that they were read from; the oldest go first. Thread-safe."""

    def __init__(self, most: int, *, largest: int = 0, size: Callable[[T], int] = lambda _: 0) -> None:
        self._most, self._largest, self._size = most, largest, size
        self._values: OrderedDict[State, T] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, state: State) -> T | None:
        """The value, which now counts as the newest."""
        with self._lock:
            value = self._values.get(state)
            if value is not None:
                self._values.move_to_end(state)
            return value

    def put(self, state: State, value: T) -> None:
        """Keep `value`, at the cost of the oldest ones: `most` in number, `largest` in size together."""
        with self._lock:
            self._values[state] = value
            while len(self._values) > 1 and (
                len(self._values) > self._most
                or sum(self._size(kept) for kept in self._values.values()) > self._largest
            ):
                self._values.popitem(last=False)
