"""The queue from any thread: calls to its table in the ledger's own thread."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Concatenate, ParamSpec, TypeVar

from tui.upload.ledger_thread import LedgerThread
from tui.upload.queue.table import QueueTable

P = ParamSpec("P")
T = TypeVar("T")


class QueueStore:
    """Runs methods of QueueTable: `store.submit(QueueTable.add, entries)`."""

    def __init__(self, ledger: LedgerThread) -> None:
        self._ledger = ledger

    def submit(
        self, method: Callable[Concatenate[QueueTable, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> Future[T]:
        """The call's future; LedgerError when the disk does not play along."""
        return self._ledger.submit(lambda ledger: method(ledger.queue, *args, **kwargs))

    def do(self, method: Callable[Concatenate[QueueTable, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The same, waited for. Not for an event loop."""
        return self.submit(method, *args, **kwargs).result()
