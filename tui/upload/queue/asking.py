"""What a run of the queue asks of the service besides uploading, patiently and never against a stop."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from typing import TypeVar

from tui.mangadex.client import MangaDex
from tui.mangadex.errors import MangaDexError
from tui.upload import events
from tui.upload.engine import Engine
from tui.upload.failing import given_up
from tui.upload.ledger_entry import Stage
from tui.upload.queue.control import RunControl
from tui.upload.queue.verdict import halted_by
from tui.upload.retry import wait_after

T = TypeVar("T")

_LOOK = 0.2
"""Seconds between two looks at whether the user wants something else."""


class Asker:
    """For the run's thread. Halt when the service cannot be asked, or when the run is to stop; Skipped."""

    def __init__(self, engine: Engine, control: RunControl) -> None:
        self._engine = engine
        self._control = control

    def ask(self, job: Callable[[MangaDex], Awaitable[T]]) -> T:
        """What the service answers. Asked again while the line or the service has trouble."""
        failures = 0
        while True:
            asked = self._engine.submit(job)
            try:
                return self._patiently(asked)
            except MangaDexError as error:
                failures += 1
                self._wait_or_halt(error, failures)

    def abandon_own(self, plan_id: str) -> None:
        """Free the account's one session from a chapter that will not be committed: only a session that the
        ledger knows as this very plan's own."""
        known = self._engine.records.entry(plan_id).result()
        if known is None or known.stage in (Stage.GONE, Stage.ABANDONED):
            return
        if not known.session_id:
            self._engine.records.forget(plan_id).result()
            return
        failures = 0
        while True:
            try:
                self._engine.abandon(known.session_id, known.account).result()
                return
            except MangaDexError as error:
                failures += 1
                self._wait_or_halt(error, failures, heed_skip=False)

    def _patiently(self, asked: Future[T], *, heed_skip: bool = True) -> T:
        while True:
            try:
                return asked.result(_LOOK)
            except TimeoutError:
                if asked.done():
                    raise
                if self._control.status.stopping or (heed_skip and self._control.skipping):
                    asked.cancel()
                    self._control.check()

    def _wait_or_halt(self, error: MangaDexError, failures: int, *, heed_skip: bool = True) -> None:
        waiting = wait_after(error, failures, self._engine.now)
        if waiting is None:
            raise halted_by(given_up(error).event) from error
        self._engine.tell(waiting)
        self._patiently(self._engine.rest(waiting.until - waiting.at), heed_skip=heed_skip)
        self._engine.tell(events.WaitOver())
