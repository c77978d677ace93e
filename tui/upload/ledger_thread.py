"""The ledger's one writer thread: a disk that is slow to sync never holds up the network."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from tui.upload.ledger import Ledger

P = ParamSpec("P")
T = TypeVar("T")


class LedgerThread:
    """Runs the ledger's methods one after the other in a thread of their own."""

    def __init__(
        self,
        path: Path,
        on_note: Callable[[str], None] | None = None,
        redact: Callable[[str], str] = str,
    ) -> None:
        """`on_note` hears what opening the ledger had to say, in that thread; `redact` is the ledger's."""
        self._path = path
        self._on_note = on_note
        self._redact = redact
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="dexup-ledger")
        self._ledger: Ledger | None = None
        self._last_note = ""

    @property
    def note(self) -> str:
        """What there is to say about the ledger's own state; "" when all is well or nobody has opened it."""
        return self._ledger.note if self._ledger is not None else self._last_note

    def submit(
        self, method: Callable[Concatenate[Ledger, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> Future[T]:
        """Queue a call, from any thread: `submit(Ledger.set_stage, plan_id, stage)`."""
        return self._executor.submit(lambda: method(self._open(), *args, **kwargs))

    async def do(self, method: Callable[Concatenate[Ledger, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The same, awaited. Once started it is finished, also when the caller is cancelled."""
        return await asyncio.shield(asyncio.wrap_future(self.submit(method, *args, **kwargs)))

    def close(self) -> None:
        """Finish what is queued, then close the file."""

        def finish() -> None:
            if self._ledger is not None:
                self._last_note = self._ledger.note
                self._ledger.close()
                self._ledger = None

        self._executor.submit(finish).result()
        self._executor.shutdown()

    def _open(self) -> Ledger:
        if self._ledger is None:
            self._ledger = Ledger(self._path, redact=self._redact)
            if self.note and self._on_note is not None:
                self._on_note(self.note)
        return self._ledger
