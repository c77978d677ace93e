"""Asking what became of committed chapters: seldom, many in one request, and only while it is due."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from tui.mangadex.clock import Clock
from tui.mangadex.errors import MangaDexError
from tui.mangadex.models import Chapter, Collection
from tui.upload.ledger import Ledger
from tui.upload.ledger_file import LedgerError
from tui.upload.ledger_thread import LedgerThread
from tui.upload.proofs.proof import FINAL, Proof, first_proof, judge, superseded
from tui.upload.receipts import Receipt

AT_ONCE = 100
"""Chapters in one request (`ids[]`, `mangadex-api.md` 1.8)."""
_MOST_APPROVALS = 3
"""Questions about approval in one look; the others are asked at the next."""
_LONGEST_NAP = 600.0
_FIRST_TROUBLE = 60.0
_LONGEST_TROUBLE = 3600.0
_NOBODY = 5.0


class Asked(Protocol):
    """What is asked of the service."""

    async def chapters(self, *, ids: Sequence[str] = (), limit: int = 100) -> Collection[Chapter]: ...

    async def approval_required(self, manga_id: str, language: str) -> bool: ...


class FollowUp:
    """Follows every receipt of the ledger until its chapter is visible. Lives in the engine's loop."""

    def __init__(
        self,
        ledger: LedgerThread,
        client: Callable[[], Asked],
        clock: Clock,
        on_change: Callable[[Receipt, Proof], None],
    ) -> None:
        """`on_change` hears of every chapter whose standing became another one."""
        self._ledger = ledger
        self._client = client
        self._clock = clock
        self._on_change = on_change
        self._wake = asyncio.Event()
        self._one_look = asyncio.Lock()
        self.known: Mapping[str, Proof] = {}
        """Plan id -> proof, replaced as a whole at every change, so that any thread may read it."""
        self.changes = 0
        """Grows with every change of `known`."""
        self.problem = ""
        """Why the last look did not work, or empty."""

    def wake(self) -> None:
        """Something was committed, or somebody logged in."""
        self._wake.set()

    async def run(self, account: Callable[[], str]) -> None:
        """Look whenever something is due, for ever. Nothing is asked while nobody is logged in."""
        trouble = 0
        while True:
            if not account():
                await self._nap(_NOBODY)
                continue
            try:
                await self.look(account())
            except (MangaDexError, LedgerError) as error:
                trouble += 1
                self.problem = str(error)
                await self._nap(min(_LONGEST_TROUBLE, _FIRST_TROUBLE * 2.0 ** (trouble - 1)))
                continue
            trouble, self.problem = 0, ""
            await self._nap(self._seconds_left())

    async def look(self, account: str, *, everything: bool = False) -> int:
        """Ask for what is due, or for everything that has a link; how many chapters were asked for.

        MangaDexError when the service cannot say; what was found out before stays written.
        """
        async with self._one_look:
            receipts = [r for r in await self._ledger.do(Ledger.receipts) if r.chapter_id]
            known = await self._ledger.do(lambda ledger: ledger.proofs.all())
            now = self._clock.now()
            proofs = {r.plan_id: known.get(r.plan_id) or first_proof(r, now) for r in receipts}
            self._publish(proofs)
            due = [r for r in receipts if everything or 0 < proofs[r.plan_id].next_at <= now]
            approvals: dict[tuple[str, str], bool] = {}
            for start in range(0, len(due), AT_ONCE):
                await self._ask(due[start : start + AT_ONCE], proofs, account, approvals)
            return len(due)

    async def _ask(
        self,
        receipts: Sequence[Receipt],
        proofs: dict[str, Proof],
        account: str,
        approvals: dict[tuple[str, str], bool],
    ) -> None:
        client = self._client()
        ids = list(dict.fromkeys(receipt.chapter_id for receipt in receipts))
        found = {chapter.id: chapter for chapter in (await client.chapters(ids=ids, limit=AT_ONCE)).items}
        newest = {r.chapter_id: r.plan_id for r in reversed(await self._ledger.do(Ledger.receipts))}
        changed: list[tuple[Receipt, Proof, Proof]] = []
        for receipt in receipts:
            before = proofs[receipt.plan_id]
            chapter = found.get(receipt.chapter_id)
            needs_approval = None
            if (
                chapter is None
                and before.standing not in FINAL
                and receipt.account.casefold() == account.casefold()
            ):
                needs_approval = await self._approval(receipt, approvals)
            after = judge(before, receipt, chapter, needs_approval=needs_approval, now=self._clock.now())
            if newest.get(receipt.chapter_id) != receipt.plan_id:
                after = superseded(after)
            changed.append((receipt, before, after))
        await self._ledger.do(lambda ledger: ledger.proofs.put(after for _, _, after in changed))
        proofs.update({receipt.plan_id: after for receipt, _, after in changed})
        self._publish(proofs)
        for receipt, before, after in changed:
            if after.standing is not before.standing:
                self._on_change(receipt, after)

    async def _approval(self, receipt: Receipt, approvals: dict[tuple[str, str], bool]) -> bool | None:
        """Whether the account's uploads need approval (4.9), asked once for each title and language."""
        key = (receipt.manga_id, receipt.language)
        if key not in approvals:
            if len(approvals) >= _MOST_APPROVALS:
                return None
            try:
                approvals[key] = await self._client().approval_required(*key)
            except MangaDexError:
                return None  # the lists were asked; what they say does not depend on this answer
        return approvals[key]

    def _publish(self, proofs: Mapping[str, Proof]) -> None:
        if proofs != self.known:
            self.known = dict(proofs)
            self.changes += 1

    def _seconds_left(self) -> float:
        times = [proof.next_at for proof in self.known.values() if proof.next_at]
        return min(max(1.0, min(times, default=float("inf")) - self._clock.now()), _LONGEST_NAP)

    async def _nap(self, seconds: float) -> None:
        """Wait, at most until somebody wakes us."""
        self._wake.clear()
        nap = asyncio.ensure_future(self._clock.sleep(seconds))
        woken = asyncio.ensure_future(self._wake.wait())
        try:
            await asyncio.wait((nap, woken), return_when=asyncio.FIRST_COMPLETED)
        finally:
            nap.cancel()
            woken.cancel()
            await asyncio.gather(nap, woken, return_exceptions=True)
