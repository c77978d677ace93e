"""The queue's runner: starts a run in a thread of its own, and takes the commands of a person."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

from tui.upload import events
from tui.upload.account_lock import AccountBusy
from tui.upload.engine import Engine
from tui.upload.exits import Exit
from tui.upload.ledger_file import LedgerError
from tui.upload.queue.control import QueueEnd, QueueStatus, RunControl
from tui.upload.queue.entry import BEGUN, EntryState, QueueEntry
from tui.upload.queue.table import QueueTable

if TYPE_CHECKING:
    from tui.upload.queue.run import Learn, Read

_LEFT = BEGUN | {EntryState.WAITING}


class QueueRunner:
    """One run at a time. Every method may be called from any thread; only `join` waits."""

    def __init__(self, engine: Engine, read: Read, learn: Learn) -> None:
        self._engine = engine
        self._read = read
        self._learn = learn
        self._control = RunControl()
        self._thread: threading.Thread | None = None

    @property
    def status(self) -> QueueStatus:
        """The run as it is now, or how the last one ended."""
        return self._control.status

    @property
    def running(self) -> bool:
        return self.status.running

    def start(self, account: str, consent: Mapping[int, str], *, terms_accepted: bool) -> None:
        """Upload and commit the entries in `consent` (number -> fingerprint), in the queue's order.

        ValueError unless a person, shown exactly those entries, accepted the terms. RuntimeError while a run
        is under way.
        """
        if not terms_accepted:
            raise ValueError("a run of the queue needs the terms accepted by a person")
        if self.running:
            raise RuntimeError("the queue is running already")
        self._control = RunControl()
        self._control.update(running=True, total=len(consent))
        self._thread = threading.Thread(
            target=self._serve, args=(account, dict(consent)), name="dexup-queue", daemon=True
        )
        self._thread.start()

    def pause(self) -> None:
        """Send nothing new, begin nothing new."""
        if not self.running:
            return
        self._control.update(paused=True)
        self._engine.pause()

    def go_on(self) -> None:
        """End the pause."""
        if not self.running:
            return
        self._control.update(paused=False)
        self._engine.go_on()

    def stop(self) -> None:
        """End the run soon. The chapter under way keeps its session; the next run goes on with it."""
        if self.running:
            self._control.update(stopping=True)

    def skip(self, number: int) -> bool:
        """Leave the chapter under way for later: its session is abandoned, so that the next has its turn. False
        when another one is under way by now."""
        return self._control.skip(number)

    def join(self, timeout: float | None = None) -> None:
        """Wait until the run has ended."""
        if self._thread is not None:
            self._thread.join(timeout)

    def _serve(self, account: str, consent: dict[int, str]) -> None:
        end = self._guarded(account, consent)
        left = 0
        with suppress(LedgerError, RuntimeError):  # said already, or the engine is closed
            left = sum(entry.state in _LEFT for entry in self._engine.queue.do(QueueTable.entries))
        status = self._control.status
        self._control.update(running=False, paused=False, end=end)
        with suppress(RuntimeError):
            self._engine.tell(
                events.QueueEnded(
                    committed=status.committed,
                    failed=status.failed,
                    left=left,
                    exit_code=int(end.exit_code),
                    title=end.title,
                    detail=end.detail,
                    remedy=end.remedy,
                )
            )

    def _guarded(self, account: str, consent: dict[int, str]) -> QueueEnd:
        from tui.upload.queue.run import QueueRun  # late: it loads what reads chapters

        lock = self._engine.lock("the queue")
        try:
            lock.take()
            return QueueRun(self._engine, self._read, self._learn, account, consent, self._control).work()
        except AccountBusy as busy:
            return QueueEnd(
                Exit.SESSION_OPEN,
                "Another dexup runs the queue",
                busy.holder,
                "Wait until it has ended, or end it.",
            )
        except LedgerError as error:
            return QueueEnd(Exit.RESUMABLE, "The ledger is in trouble", str(error), error.remedy)
        except Exception as error:  # noqa: BLE001 - a fault of ours is said; the thread has nobody to tell
            return QueueEnd(
                Exit.RESUMABLE,
                "dexup has a fault",
                f"{type(error).__name__}: {error}",
                "Everything is kept; start the queue again.",
            )
        finally:
            lock.release()


def consent_to(entries: list[QueueEntry]) -> dict[int, str]:
    """The consent to exactly these entries as they are."""
    return {entry.number: entry.fingerprint() for entry in entries}
