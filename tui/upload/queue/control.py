"""What the user may tell a running queue, and what it tells of itself."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace

from tui.upload.exits import Exit


@dataclass(frozen=True, slots=True)
class QueueEnd:
    """How a run ended. `title` is empty when it came to the end of the queue."""

    exit_code: Exit
    title: str = ""
    detail: str = ""
    """Not ours: through safe_text()."""
    remedy: str = ""


class Halt(Exception):
    """The run cannot, or shall not, go on now. Entries that it did not come to wait for the next one."""

    def __init__(self, title: str, detail: str, remedy: str, exit_code: Exit) -> None:
        super().__init__(title)
        self.end = QueueEnd(exit_code, title, detail, remedy)


class Skipped(Exception):
    """The entry at work is to be left for later."""


@dataclass(frozen=True, slots=True)
class QueueStatus:
    """A run of the queue as it is now."""

    running: bool = False
    paused: bool = False
    stopping: bool = False
    number: int = 0
    """The entry at work; 0 when there is none."""
    step: str = ""
    """What is done with it: "reading", "looking it up", "uploading"."""
    total: int = 0
    """Entries that the run is for."""
    committed: int = 0
    """By this run."""
    failed: int = 0
    end: QueueEnd | None = None
    """How the last run ended."""
    changes: int = 0
    """Grows whenever the table was changed by the run."""


class RunControl:
    """Commands to a run, and its status. For any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        self._status = QueueStatus()
        self._skip = 0

    @property
    def status(self) -> QueueStatus:
        with self._lock:
            return self._status

    def update(self, **values: object) -> None:
        """Change fields of the status."""
        with self._lock:
            self._status = replace(self._status, **values)  # type: ignore[arg-type]  # fields by name
            self._changed.notify_all()

    def count(self, *, committed: int = 0, failed: int = 0, changes: int = 1) -> None:
        """Add to the status' numbers."""
        with self._lock:
            now = self._status
            self._status = replace(
                now,
                committed=now.committed + committed,
                failed=now.failed + failed,
                changes=now.changes + changes,
            )

    def skip(self, number: int) -> bool:
        """Leave the entry at work for later; False when it is another one by now."""
        with self._lock:
            if not self._status.running or self._status.number != number:
                return False
            self._skip = number
            self._changed.notify_all()
            return True

    @property
    def skipping(self) -> bool:
        """The entry at work is to be left for later."""
        with self._lock:
            return self._skip != 0 and self._skip == self._status.number

    @property
    def interrupted(self) -> bool:
        """Work on the entry is to end soon, for one reason or another."""
        return self.status.stopping or self.skipping

    def check_stop(self) -> None:
        """Raise Halt after a stop."""
        if self.status.stopping:
            raise stopped()

    def check(self) -> None:
        """Raise Halt after a stop, Skipped when the entry at work is to be left."""
        self.check_stop()
        if self.skipping:
            raise Skipped

    def wait(self, seconds: float) -> None:
        """Until something changes, at most `seconds`."""
        with self._lock:
            self._changed.wait(seconds)

    def wait_while_paused(self) -> None:
        """Until nothing is paused. Halt, Skipped."""
        self.check()
        while self.status.paused:
            self.wait(1.0)
            self.check()


def stopped() -> Halt:
    """The end that somebody asked for."""
    return Halt(
        "Stopped", "as you asked", "Everything is kept; start the queue again to go on.", Exit.INTERRUPTED
    )
