"""The ledger: what was meant to happen and what did, on disk before and after each step.

It explains every kill at the next start. It holds plans, page states, session ids and receipts, no secret.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from tui.upload.ledger_entry import (
    LedgerEntry,
    PageRecord,
    PageState,
    Stage,
    belongs_to,
    first_record,
)
from tui.upload.ledger_file import LedgerError, open_database
from tui.upload.plan import UploadPlan
from tui.upload.plan_json import dump_plan, load_plan
from tui.upload.proofs.table import ProofTable
from tui.upload.queue.table import QueueTable
from tui.upload.receipts import Receipt
from tui.upload.sent_before import page_marks

T = TypeVar("T")

_DAMAGED = (
    "An entry of the ledger is damaged and left out; it stays in the file. If a session is open, "
    "`dexup upload PATH --on-session resume` goes on in it."
)
_PLAN = "CAST(plan AS BLOB)"
"""Bytes, since SQLite refuses the whole answer where one text in it is no UTF-8 any more."""


class Ledger:
    """The database. Call it from one thread at a time; each change is one transaction, synced to disk."""

    redact: Callable[[str], str] = staticmethod(str)
    """Takes secrets out of what the server said of a page."""

    def __init__(
        self, path: Path, now: Callable[[], float] = time.time, redact: Callable[[str], str] = str
    ) -> None:
        """Open or create it. Raises LedgerError; `note` tells when a damaged file was set aside."""
        self._now = now
        self.redact = redact
        self._database, self.note = open_database(path)

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    @property
    def queue(self) -> QueueTable:
        """The chapters that are to be uploaded one after the other."""
        return QueueTable(self._database, self._transaction)

    @property
    def proofs(self) -> ProofTable:
        """What the service showed of the committed chapters."""
        return ProofTable(self._database, self._transaction)

    # Writing

    def begin_upload(self, plan: UploadPlan, account: str) -> None:
        """Note a plan before anything is sent for it; one whose session was abandoned may begin once more."""
        with self._transaction() as database:
            database.execute(
                "DELETE FROM uploads WHERE plan_id = ? AND stage = ?", (plan.id, Stage.ABANDONED)
            )
            database.execute(
                "INSERT INTO uploads VALUES (?, ?, ?, '', NULL, ?, NULL, ?)",
                (plan.id, dump_plan(plan), account, Stage.OPENING, self._now()),
            )
            database.executemany(
                "INSERT INTO pages (plan_id, position, state, file_id) VALUES (?, ?, ?, ?)",
                [(plan.id, page.position, first_record(page).state, page.remote_id) for page in plan.pages],
            )

    def complete(self, plan: UploadPlan, account: str) -> None:
        """What turned out after the beginning: how the account is written, and the names in its details."""
        with self._transaction() as database:
            database.execute(
                "UPDATE uploads SET plan = ?, account = ? WHERE plan_id = ?",
                (dump_plan(plan), account, plan.id),
            )

    def set_session(self, plan_id: str, session_id: str, session_at: datetime | None) -> None:
        """The session that the plan's pages go to; an earlier plan for the same session is superseded."""
        stated = session_at.isoformat() if session_at else None
        with self._transaction() as database:
            database.execute(
                "DELETE FROM uploads WHERE session_id = ? AND plan_id != ?", (session_id, plan_id)
            )
            database.execute(
                "UPDATE uploads SET session_id = ?, session_at = ?, stage = ?, updated_at = ?"
                " WHERE plan_id = ?",
                (session_id, stated, Stage.SENDING, self._now(), plan_id),
            )

    def set_stage(self, plan_id: str, stage: Stage) -> None:
        """Where the upload is now; COMMITTING also notes when."""
        with self._transaction() as database:
            database.execute(
                "UPDATE uploads SET stage = ?, updated_at = ?,"
                " commit_at = CASE WHEN ? THEN ? ELSE commit_at END WHERE plan_id = ?",
                (stage, self._now(), stage is Stage.COMMITTING, self._now(), plan_id),
            )

    def commit_refused(self, plan_id: str, *, surely: bool) -> None:
        """A commit has not happened: the session is open, and no receipt stays that doubts it.

        Unless that is `surely` so for ever, the time of the commit is kept: it may still arrive late.
        """
        with self._transaction() as database:
            database.execute(
                "UPDATE uploads SET stage = ?, updated_at = ?,"
                " commit_at = CASE WHEN ? THEN NULL ELSE commit_at END WHERE plan_id = ?",
                (Stage.SENDING, self._now(), surely, plan_id),
            )
            database.execute("DELETE FROM receipts WHERE plan_id = ? AND state = 'unknown'", (plan_id,))

    def set_pages(self, plan_id: str, records: Mapping[int, PageRecord]) -> None:
        """What became of some pages."""
        if not records:
            return
        with self._transaction() as database:
            database.executemany(
                "UPDATE pages SET state = ?, file_id = ?, reason = ? WHERE plan_id = ? AND position = ?",
                [
                    (record.state, record.file_id, self.redact(record.reason), plan_id, position)
                    for position, record in records.items()
                ],
            )
            database.execute("UPDATE uploads SET updated_at = ? WHERE plan_id = ?", (self._now(), plan_id))

    def finish(self, plan: UploadPlan, account: str, chapter_id: str, state: str) -> Receipt:
        """Write the receipt; the upload is not unfinished any more unless `state` is "unknown".

        Nor is another try of the same chapter that never got a session: a resume of it would publish twice.
        """
        at = self._now()
        with self._transaction() as database:
            database.execute(
                "INSERT OR REPLACE INTO receipts VALUES (?, ?, ?, ?, ?, ?)",
                (plan.id, chapter_id, dump_plan(plan), account, state, at),
            )
            if state != "unknown":
                others = self._entries("session_id = ''", ())
                own = [other.plan for other in others if belongs_to(other.account, account)]
                done = [plan.id, *(other.id for other in own if _same_chapter(other, plan))]
                database.executemany("DELETE FROM uploads WHERE plan_id = ?", [(id_,) for id_ in done])
        return _receipt(plan, account, chapter_id, state, at)

    def mark_abandoned(self, session_id: str, *, deleted: bool) -> bool:
        """The session was deleted on purpose: nothing of it can be resumed.

        Without `deleted` it was gone already: an upload of which a commit went out stays as it is, since that
        commit may be why; true when there is one.
        """
        with self._transaction() as database:
            doubted = not deleted and bool(
                database.execute(
                    "SELECT 1 FROM uploads WHERE session_id = ? AND session_id != '' AND commit_at IS NOT NULL",
                    (session_id,),
                ).fetchone()
            )
            if doubted:
                return True
            database.execute(
                "UPDATE uploads SET stage = ?, updated_at = ? WHERE session_id = ? AND session_id != ''",
                (Stage.ABANDONED, self._now(), session_id),
            )
            # It was open until now, so no commit of it happened.
            database.execute(
                "DELETE FROM receipts WHERE state = 'unknown' AND plan_id IN"
                " (SELECT plan_id FROM uploads WHERE session_id = ? AND session_id != '')",
                (session_id,),
            )
        return False

    def forget(self, plan_id: str) -> None:
        """Drop an unfinished upload from the ledger; the server is not touched."""
        with self._transaction() as database:
            database.execute("DELETE FROM uploads WHERE plan_id = ?", (plan_id,))

    # Reading

    def unfinished(self) -> list[LedgerEntry]:
        """Uploads that may still go on, newest first."""
        return self._entries("stage != ?", (Stage.ABANDONED,))

    def entry(self, plan_id: str) -> LedgerEntry | None:
        """The unfinished upload of this plan."""
        return next(iter(self._entries("plan_id = ?", (plan_id,))), None)

    def entry_for_session(self, session_id: str) -> LedgerEntry | None:
        """The unfinished upload whose pages go to this session; the newest, should there be several."""
        found = self._entries(
            "session_id = ? AND session_id != '' AND stage != ?", (session_id, Stage.ABANDONED)
        )
        return found[0] if found else None

    def receipts(self, limit: int = 1000) -> list[Receipt]:
        """What was committed, newest first."""
        rows = self._database.execute(
            f"SELECT {_PLAN}, account, chapter_id, state, committed_at FROM receipts"  # noqa: S608
            " ORDER BY committed_at DESC, rowid DESC LIMIT ?",
            (limit,),
        )
        return self._readable(rows, lambda row: _receipt(load_plan(row[0]), *row[1:]))

    def doubted(self) -> list[Receipt]:
        """Commits that went out and of which nobody has found out what became, as receipts with the state
        "unknown": dexup was killed before the answer."""
        found = self._entries("commit_at IS NOT NULL AND plan_id NOT IN (SELECT plan_id FROM receipts)", ())
        return [
            _receipt(entry.plan, entry.account, "", "unknown", entry.commit_at)
            for entry in found
            if entry.commit_at is not None and entry.stage is not Stage.ABANDONED
        ]

    def _entries(self, where: str, values: tuple[str, ...] | tuple[()]) -> list[LedgerEntry]:
        # `where` is a constant of this class, never data.
        rows = self._database.execute(
            f"SELECT plan_id, {_PLAN}, session_id, stage, account, updated_at, session_at, commit_at"  # noqa: S608
            " FROM uploads"
            f" WHERE {where} ORDER BY updated_at DESC, rowid DESC",
            values,
        ).fetchall()
        return self._readable(rows, self._entry)

    def _entry(self, row: tuple[Any, ...]) -> LedgerEntry:
        plan_id, plan, session_id, stage, account, updated_at, session_at, commit_at = row
        return LedgerEntry(
            plan=load_plan(plan),
            session_id=session_id,
            states=self._records(plan_id),
            stage=Stage(stage),
            account=account,
            updated_at=datetime.fromtimestamp(updated_at, UTC),
            session_at=datetime.fromisoformat(session_at) if session_at else None,
            commit_at=commit_at,
        )

    def _readable(self, rows: Iterable[tuple[Any, ...]], read: Callable[[tuple[Any, ...]], T]) -> list[T]:
        """The rows that can be read: one that was damaged on the disk must not take the others along."""
        found: list[T] = []
        for row in rows:
            try:
                found.append(read(row))
            except (ValueError, KeyError, TypeError, AttributeError, OverflowError, OSError):
                self.note = self.note or _DAMAGED
        return found

    def _records(self, plan_id: str) -> dict[int, PageRecord]:
        rows: Iterable[tuple[int, str, str, str]] = self._database.execute(
            "SELECT position, state, file_id, reason FROM pages WHERE plan_id = ?", (plan_id,)
        )
        return {
            position: PageRecord(PageState(state), file_id, reason)
            for position, state, file_id, reason in rows
        }

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        try:
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield self._database
                self._database.execute("COMMIT")
            except BaseException:
                if self._database.in_transaction:
                    self._database.execute("ROLLBACK")
                raise
        except sqlite3.Error as error:
            raise LedgerError(
                f"The ledger cannot be written: {error}",
                "Free some space or make its folder writable; the upload session is kept and can be resumed.",
            ) from error


def _same_chapter(one: UploadPlan, other: UploadPlan) -> bool:
    a, b = one.details, other.details
    if one.edit is not None or other.edit is not None:
        return False  # an edit goes on in its own session or not at all
    return (a.manga_id, a.volume, a.chapter, a.language, set(a.group_ids)) == (
        b.manga_id,
        b.volume,
        b.chapter,
        b.language,
        set(b.group_ids),
    )


def _receipt(plan: UploadPlan, account: str, chapter_id: str, state: str, at: float) -> Receipt:
    details = plan.details
    return Receipt(
        plan_id=plan.id,
        chapter_id=chapter_id,
        manga_id=details.manga_id,
        manga_title=details.manga_title,
        volume=details.volume,
        chapter=details.chapter,
        title=details.title,
        language=details.language,
        group_names=details.group_names,
        group_ids=details.group_ids,
        pages=len(plan.pages),
        bytes=plan.total_bytes,
        source=plan.source,
        committed_at=datetime.fromtimestamp(at, UTC),
        state=state,
        account=account,
        publish_at=details.publish_at,
        edited=plan.edit is not None,
        page_marks=page_marks(page.sha256 for page in plan.pages),
    )
