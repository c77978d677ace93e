"""What the session screen knows: read once from the server and the ledger, then shown."""

from __future__ import annotations

import asyncio
import math
from dataclasses import dataclass, replace

from tui.mangadex.client import MangaDex
from tui.mangadex.errors import NotFound
from tui.mangadex.models import SessionFile, UploadSession
from tui.services import Services
from tui.upload.ledger_entry import LedgerEntry, Stage
from tui.upload.queue.entry import BEGUN, EntryState, QueueEntry
from tui.upload.queue.table import QueueTable
from tui.upload.reconcile import Match, match_files


@dataclass(frozen=True, slots=True)
class SessionState:
    """The account's open session, and what this machine knows of it."""

    session: UploadSession | None = None
    entry: LedgerEntry | None = None
    """The upload that fills the session, if it was begun on this machine."""
    match: Match | None = None
    """The entry's pages beside the session's files."""
    stranded: tuple[LedgerEntry, ...] = ()
    """Interrupted uploads of this account whose session is not the one on the server, without the queue's."""
    waiting: int = 0
    """Chapters of the queue that are to be uploaded."""
    begun: QueueEntry | None = None
    """The chapter of the queue that was under way when dexup ended."""

    def position_of(self, file: SessionFile) -> float:
        """The place of the file's page in the plan; behind all others when the ledger knows of none."""
        kept = self.match.kept if self.match is not None else {}
        return next((position for position, file_id in kept.items() if file_id == file.id), math.inf)

    def name_of(self, file: SessionFile) -> str:
        """The file's own name, when the ledger knows which page it is."""
        if self.entry is None or self.match is None:
            return ""
        for position, file_id in self.match.kept.items():
            if file_id == file.id:
                return self.entry.plan.pages[position - 1].name
        return ""


async def read_session_state(services: Services) -> SessionState:
    """Ask the server and the ledger. MangaDexError when the server cannot say."""

    async def job(client: MangaDex) -> UploadSession | None:
        session = await client.open_session()
        return await _named(client, session) if session is not None else None

    session = await services.engine.ask(job)
    entries = await _unfinished(services)
    queued = await _queued(services)
    begun = {one.plan_id: one for one in queued if one.state in BEGUN}
    entry = next((e for e in entries if session is not None and e.session_id == session.id), None)
    stranded = tuple(
        e
        for e in entries
        if e is not entry and (e.session_id or e.stage is Stage.OPENING) and e.plan.id not in begun
    )
    match = None
    if session is not None and entry is not None:
        match = match_files(entry.plan.pages, session.files, entry.accepted)
    waiting = sum(one.state is EntryState.WAITING for one in queued)
    return SessionState(session, entry, match, stranded, waiting, next(iter(begun.values()), None))


async def _queued(services: Services) -> list[QueueEntry]:
    store = services.engine.queue
    await asyncio.wrap_future(store.submit(QueueTable.reconcile))
    return await asyncio.wrap_future(store.submit(QueueTable.entries))


async def _unfinished(services: Services) -> list[LedgerEntry]:
    entries = await asyncio.wrap_future(services.engine.records.unfinished())
    return [entry for entry in entries if entry.account in ("", services.account)]


async def _named(client: MangaDex, session: UploadSession) -> UploadSession:
    """The session with the names that its answer may have left out; a name that is gone stays empty."""
    title = session.manga_title
    if not title and session.manga_id:
        try:
            title = (await client.manga(session.manga_id)).title
        except NotFound:
            title = ""
    names = session.group_names
    if session.group_ids and (len(names) < len(session.group_ids) or not all(names)):
        known = {group.id: group.name for group in await client.groups(session.group_ids)}
        names = tuple(known.get(group_id, "") for group_id in session.group_ids)
    return replace(session, manga_title=title, group_names=names)
