"""What the ledger knows of uploads and chapters, for everybody outside the engine's thread."""

from __future__ import annotations

from concurrent.futures import Future

from tui.upload.ledger import Ledger
from tui.upload.ledger_entry import LedgerEntry
from tui.upload.ledger_thread import LedgerThread
from tui.upload.proofs.proof import Proof
from tui.upload.receipts import Receipt


class Records:
    """Questions to the ledger; each may be asked from any thread and is answered by the ledger's own."""

    def __init__(self, ledger: LedgerThread) -> None:
        self._ledger = ledger

    def entry(self, plan_id: str) -> Future[LedgerEntry | None]:
        """The unfinished upload of a plan, abandoned ones too."""
        return self._ledger.submit(Ledger.entry, plan_id)

    def entry_for_session(self, session_id: str) -> Future[LedgerEntry | None]:
        """The unfinished upload that fills this session."""
        return self._ledger.submit(Ledger.entry_for_session, session_id)

    def unfinished(self) -> Future[list[LedgerEntry]]:
        """Uploads that may go on, newest first."""
        return self._ledger.submit(Ledger.unfinished)

    def receipts(self, limit: int = 1000) -> Future[list[Receipt]]:
        """What was committed, newest first."""
        return self._ledger.submit(Ledger.receipts, limit)

    def doubted(self) -> Future[list[Receipt]]:
        """Commits of which nobody has found out yet what became, newest first."""
        return self._ledger.submit(Ledger.doubted)

    def commits(self) -> Future[list[Receipt]]:
        """Both: everything that is, or may be, a chapter by now."""
        return self._ledger.submit(lambda ledger: [*ledger.doubted(), *ledger.receipts()])

    def proofs(self) -> Future[dict[str, Proof]]:
        """Plan id -> what the service showed of its chapter so far."""
        return self._ledger.submit(lambda ledger: ledger.proofs.all())

    def forget(self, plan_id: str) -> Future[None]:
        """Drop an unfinished upload from the ledger; the server is not touched."""
        return self._ledger.submit(Ledger.forget, plan_id)
