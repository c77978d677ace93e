"""Opening the ledger's database: private, durable, and never lost to damage."""

from __future__ import annotations

import os
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

from tui.storage.errors import StorageError
from tui.storage.files import exclusive
from tui.upload.proofs.table import SCHEMA as PROOFS

VERSION = 1

_SCHEMA = """
CREATE TABLE uploads (
    plan_id TEXT PRIMARY KEY,
    plan TEXT NOT NULL,
    account TEXT NOT NULL,
    session_id TEXT NOT NULL,
    session_at TEXT,
    stage TEXT NOT NULL,
    commit_at REAL,
    updated_at REAL NOT NULL
);
CREATE TABLE pages (
    plan_id TEXT NOT NULL REFERENCES uploads (plan_id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    state TEXT NOT NULL,
    file_id TEXT NOT NULL DEFAULT '',
    reason TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (plan_id, position)
) WITHOUT ROWID;
CREATE INDEX uploads_by_session ON uploads (session_id);
CREATE TABLE receipts (
    plan_id TEXT PRIMARY KEY,
    chapter_id TEXT NOT NULL,
    plan TEXT NOT NULL,
    account TEXT NOT NULL,
    state TEXT NOT NULL,
    committed_at REAL NOT NULL
);
"""


_QUEUE = """
CREATE TABLE IF NOT EXISTS queue (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    place INTEGER NOT NULL,
    chapter TEXT NOT NULL,
    state TEXT NOT NULL,
    problem TEXT NOT NULL DEFAULT '',
    plan_id TEXT NOT NULL DEFAULT '',
    chapter_id TEXT NOT NULL DEFAULT '',
    pages INTEGER,
    begun_at REAL NOT NULL DEFAULT 0
)
"""
"""Added to ledgers of before, which know nothing of it and lose nothing by it: no new version."""


class LedgerError(Exception):
    """The ledger cannot be used. `remedy` says what to do; nothing was deleted."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.remedy = remedy


def open_database(path: Path) -> tuple[sqlite3.Connection, str]:
    """The open database and what there is to say about it ("" or that a damaged one was set aside).

    A file that is no database, or a damaged one, is renamed with the time and a new one begun: its
    uploads can still be resumed by matching the session's files. Raises LedgerError when neither works.
    """
    try:
        # One at a time: two that find the same damage would set the other's new ledger aside as well.
        with exclusive(path):
            return _open(path)
    except StorageError as error:
        raise LedgerError(f"The ledger {path} cannot be used: {error.title}", error.remedy) from error


def _open(path: Path) -> tuple[sqlite3.Connection, str]:
    try:
        _make(path)
    except OSError as error:
        raise _unusable(path, error.strerror or str(error)) from error
    try:
        return _connect(path), ""
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError) and not _is_damage(error):
            raise _unusable(path, str(error)) from error
        try:
            aside = _set_aside(path)
            _make(path)
            note = f"The ledger was damaged ({error}) and is kept as {aside.name}; a new one was begun."
            return _connect(path), note
        except (sqlite3.DatabaseError, OSError) as second:
            raise _unusable(path, str(second)) from second


def _make(path: Path) -> None:
    """Before SQLite does, so that it is never readable to others, not even for a moment."""
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))


def _connect(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=10.0)
    try:
        # A file system without shared memory (a network home) refuses WAL and stays with a plain journal.
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
        database.execute("PRAGMA foreign_keys = ON")
        if database.execute("PRAGMA quick_check").fetchone() != ("ok",):
            raise sqlite3.DatabaseError("its contents are damaged")
        _prepare(database)
    except BaseException:
        database.close()
        raise
    return database


def _prepare(database: sqlite3.Connection) -> None:
    database.execute("BEGIN IMMEDIATE")
    try:
        version = database.execute("PRAGMA user_version").fetchone()[0]
        if version > VERSION:
            raise LedgerError(
                f"The ledger was written by a newer dexup (version {version})",
                "Update dexup, then try again.",
            )
        if version == 0:
            for statement in _SCHEMA.split(";"):
                if statement.strip():
                    database.execute(statement)
            database.execute(f"PRAGMA user_version = {VERSION}")
        database.execute(_QUEUE)
        database.execute(PROOFS)
        database.execute("COMMIT")
    except BaseException:
        if database.in_transaction:
            database.execute("ROLLBACK")
        raise


def _is_damage(error: sqlite3.OperationalError) -> bool:
    return error.sqlite_errorcode in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def _set_aside(path: Path) -> Path:
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
    aside = path.with_name(f"{path.name}.damaged-{stamp}")
    for ending in ("", "-wal", "-shm"):
        part = path.with_name(path.name + ending)
        if part.exists():
            part.rename(aside.with_name(aside.name + ending))
    return aside


def _unusable(path: Path, why: str) -> LedgerError:
    return LedgerError(
        f"The ledger {path} cannot be used: {why}",
        "Free some space or make the file and its folder writable for you, then start again.",
    )
