"""The proofs, kept in the ledger beside the receipts."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager

from tui.upload.proofs.proof import Proof, Standing

SCHEMA = """
CREATE TABLE IF NOT EXISTS proofs (
    plan_id TEXT PRIMARY KEY,
    standing TEXT NOT NULL,
    asked_at REAL NOT NULL,
    asks INTEGER NOT NULL,
    next_at REAL NOT NULL,
    pages INTEGER,
    shown_at REAL NOT NULL,
    needs_approval INTEGER,
    was_visible INTEGER NOT NULL
)
"""
"""Added to ledgers of before, which know nothing of it and lose nothing by it: no new version."""


class ProofTable:
    """One row a receipt that was asked for. Call it as the ledger itself."""

    def __init__(
        self,
        database: sqlite3.Connection,
        transaction: Callable[[], AbstractContextManager[sqlite3.Connection]],
    ) -> None:
        self._database = database
        self._transaction = transaction

    def all(self) -> dict[str, Proof]:
        """Plan id -> proof."""
        rows = self._database.execute(
            "SELECT plan_id, standing, asked_at, asks, next_at, pages, shown_at, needs_approval, was_visible"
            " FROM proofs"
        )
        return {row[0]: _proof(row) for row in rows}

    def put(self, proofs: Iterable[Proof]) -> None:
        """Write these, in place of what was known."""
        rows = [
            (
                proof.plan_id,
                proof.standing,
                proof.asked_at,
                proof.asks,
                proof.next_at,
                proof.pages,
                proof.shown_at,
                proof.needs_approval,
                proof.was_visible,
            )
            for proof in proofs
        ]
        if rows:
            with self._transaction() as database:
                database.executemany("INSERT OR REPLACE INTO proofs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)


def _proof(row: tuple[str, str, float, int, float, int | None, float, int | None, int]) -> Proof:
    plan_id, standing, asked_at, asks, next_at, pages, shown_at, needs_approval, was_visible = row
    known = {str(one) for one in Standing}
    return Proof(
        plan_id,
        # A word of a newer dexup: it is asked for anew.
        Standing(standing) if standing in known else Standing.COMMITTED,
        asked_at,
        asks,
        next_at,
        pages,
        shown_at,
        None if needs_approval is None else bool(needs_approval),
        bool(was_visible),
    )
