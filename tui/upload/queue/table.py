"""The queue on disk: a table of the ledger's database, so that both tell one story after a kill."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

from tui.upload.plan_json import dump_details, load_details
from tui.upload.queue.entry import MOST_ENTRIES, EntryState, QueueEntry


class QueueFull(Exception):
    """The queue holds no more entries."""

    def __init__(self) -> None:
        super().__init__(f"The queue holds {MOST_ENTRIES} chapters and no more; nothing was added.")


class QueueTable:
    """Reads and writes entries. Each change is one transaction, synced to disk; from the ledger's thread."""

    def __init__(
        self,
        database: sqlite3.Connection,
        transaction: Callable[[], AbstractContextManager[sqlite3.Connection]],
    ) -> None:
        self._database = database
        self._transaction = transaction

    # Reading

    def entries(self) -> list[QueueEntry]:
        """All entries in their order."""
        rows = self._database.execute(
            "SELECT number, chapter, state, problem, plan_id, chapter_id, pages, begun_at FROM queue"
            " ORDER BY place, number"
        )
        return [_entry(row) for row in rows]

    def entry(self, number: int) -> QueueEntry | None:
        """One entry; None when it was removed."""
        row = self._database.execute(
            "SELECT number, chapter, state, problem, plan_id, chapter_id, pages, begun_at FROM queue"
            " WHERE number = ?",
            (number,),
        ).fetchone()
        return _entry(row) if row is not None else None

    # What a person does

    def add(self, entries: Sequence[QueueEntry]) -> list[int]:
        """Append entries; their numbers. QueueFull."""
        with self._transaction() as database:
            (count, last) = database.execute("SELECT count(*), max(place) FROM queue").fetchone()
            if count + len(entries) > MOST_ENTRIES:
                raise QueueFull
            numbers: list[int] = []
            for place, entry in enumerate(entries, (last or 0) + 1):
                row = database.execute(
                    "INSERT INTO queue (place, chapter, state, problem, chapter_id, pages)"
                    " VALUES (?, ?, ?, ?, ?, ?)",
                    (place, _dumped(entry), entry.state, entry.problem, entry.chapter_id, entry.pages),
                )
                assert row.lastrowid is not None
                numbers.append(row.lastrowid)
        return numbers

    def change(self, entries: Iterable[QueueEntry]) -> list[int]:
        """Write what the entries are to be uploaded as; the numbers of those that changed.

        An entry that was begun or committed meanwhile stays as it is. One that had failed waits again.
        """
        changed: list[int] = []
        with self._transaction() as database:
            for entry in entries:
                row = database.execute(
                    "UPDATE queue SET chapter = ?, problem = '', state = CASE WHEN state = ? THEN state ELSE ?"
                    " END WHERE number = ? AND state NOT IN (?, ?, ?)",
                    (
                        *(_dumped(entry), EntryState.PAUSED, EntryState.WAITING, entry.number),
                        *(EntryState.RUNNING, EntryState.UNKNOWN, EntryState.COMMITTED),
                    ),
                )
                if row.rowcount:
                    changed.append(entry.number)
        return changed

    def pause(self, numbers: Iterable[int], *, paused: bool) -> list[int]:
        """Leave entries out, or take them up again; the numbers of those that it concerned.

        Taking up also makes those wait that had failed. An entry that was begun or committed is left alone.
        """
        sources = (EntryState.WAITING, EntryState.FAILED, EntryState.ALREADY_THERE)
        if not paused:
            sources = (EntryState.PAUSED, EntryState.FAILED, EntryState.ALREADY_THERE)
        target = EntryState.PAUSED if paused else EntryState.WAITING
        done: list[int] = []
        with self._transaction() as database:
            for number in numbers:
                row = database.execute(
                    "UPDATE queue SET state = ?, problem = '' WHERE number = ? AND state IN (?, ?, ?)",
                    (target, number, *sources),
                )
                if row.rowcount:
                    done.append(number)
        return done

    def remove(self, numbers: Iterable[int]) -> list[int]:
        """Take entries out of the queue; the numbers of those that went. One that was begun stays."""
        gone: list[int] = []
        with self._transaction() as database:
            for number in numbers:
                row = database.execute(
                    "DELETE FROM queue WHERE number = ? AND state NOT IN (?, ?)",
                    (number, EntryState.RUNNING, EntryState.UNKNOWN),
                )
                if row.rowcount:
                    gone.append(number)
        return gone

    def arrange(self, numbers: Sequence[int]) -> None:
        """The order is as in `numbers`; entries not among them follow in their old order."""
        with self._transaction() as database:
            now = [
                number for (number,) in database.execute("SELECT number FROM queue ORDER BY place, number")
            ]
            there = set(now)
            wanted = [number for number in dict.fromkeys(numbers) if number in there]
            rest = [number for number in now if number not in set(wanted)]
            database.executemany(
                "UPDATE queue SET place = ? WHERE number = ?",
                [(place, number) for place, number in enumerate([*wanted, *rest], 1)],
            )

    # What a run does

    def reconcile(self) -> list[int]:
        """Entries whose chapter was committed meanwhile, by a run that was killed or by hand, are committed;
        their numbers."""
        with self._transaction() as database:
            found = database.execute(
                "SELECT queue.number, receipts.chapter_id FROM queue JOIN receipts USING (plan_id)"
                " WHERE queue.state IN (?, ?) AND receipts.state != 'unknown' AND receipts.chapter_id != ''",
                (EntryState.RUNNING, EntryState.UNKNOWN),
            ).fetchall()
            database.executemany(
                "UPDATE queue SET state = ?, problem = '', chapter_id = ? WHERE number = ?",
                [(EntryState.COMMITTED, chapter_id, number) for number, chapter_id in found],
            )
        return [number for number, _ in found]

    def begin(self, number: int, plan_id: str, pages: int, at: float, fingerprint: str) -> bool:
        """Note that this plan is about to be given to the engine.

        False, and nothing is noted, when the entry was changed, paused or removed since `fingerprint`.
        """
        with self._transaction():
            entry = self.entry(number)
            if entry is None or entry.fixed or entry.state is EntryState.PAUSED:
                return False
            if entry.fingerprint() != fingerprint:
                return False
            self._database.execute(
                "UPDATE queue SET state = ?, problem = '', plan_id = ?, pages = ?, begun_at = ?"
                " WHERE number = ?",
                (EntryState.RUNNING, plan_id, pages, at, number),
            )
        return True

    def settle(
        self,
        number: int,
        state: EntryState,
        *,
        problem: str = "",
        chapter_id: str = "",
        pages: int | None = None,
    ) -> None:
        """What became of an entry."""
        with self._transaction() as database:
            database.execute(
                "UPDATE queue SET state = ?, problem = ?, chapter_id = ?, pages = coalesce(?, pages)"
                " WHERE number = ?",
                (state, problem, chapter_id, pages, number),
            )

    def blame(self, number: int, problem: str) -> None:
        """Note why an entry fails, before its session is abandoned."""
        with self._transaction() as database:
            database.execute("UPDATE queue SET problem = ? WHERE number = ?", (problem, number))


def _dumped(entry: QueueEntry) -> str:
    # JSON escapes the lone surrogates of names that are not UTF-8.
    return json.dumps(
        {
            "source": str(entry.source),
            "details": dump_details(entry.details),
            "unknown_groups": entry.unknown_groups,
            "again": entry.again,
        }
    )


def _entry(row: tuple[int, str, str, str, str, str, int | None, float]) -> QueueEntry:
    number, chapter, state, problem, plan_id, chapter_id, pages, begun_at = row
    data = json.loads(chapter)
    entry = QueueEntry(
        Path(data["source"]),
        load_details(data["details"]),
        tuple(data["unknown_groups"]),
        data["again"],
    )
    return replace(
        entry,
        number=number,
        state=EntryState(state),
        problem=problem,
        plan_id=plan_id,
        chapter_id=chapter_id,
        pages=pages,
        begun_at=begun_at,
    )
