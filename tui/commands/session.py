"""Show the upload session that the account has open on the server."""

from __future__ import annotations

import argparse
from dataclasses import replace
from datetime import UTC, datetime

from tui.commands.console import Console
from tui.commands.guard import add_json, guarded
from tui.commands.running import ask, logged_in
from tui.mangadex.client import MangaDex
from tui.mangadex.models import UploadSession
from tui.services import Services
from tui.text import format_age, format_size, plural
from tui.upload.exits import Exit
from tui.upload.ledger_entry import LedgerEntry


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What may follow `dexup session`."""
    add_json(parser)


def run(arguments: argparse.Namespace) -> Exit:
    """Do it."""
    return guarded(arguments.json, _show)


def _show(console: Console) -> Exit:
    with logged_in(console) as services:
        session = open_session(services)
        if session is None:
            console.line("No upload session is open.")
            console.record({"event": "session", "session": None})
            return Exit.DONE
        entry = services.engine.records.entry_for_session(session.id).result()
        print_session(console, session, entry)
        return Exit.DONE


def open_session(services: Services) -> UploadSession | None:
    """The account's open session with the names that its answer may have left out. MangaDexError."""

    async def job(client: MangaDex) -> tuple[UploadSession | None, str, tuple[str, ...]]:
        session = await client.open_session()
        if session is None:
            return None, "", ()
        title = session.manga_title
        if not title and session.manga_id:
            title = (await client.manga(session.manga_id)).title
        names = session.group_names
        if session.group_ids and not all(names):
            known = {group.id: group.name for group in await client.groups(session.group_ids)}
            names = tuple(known.get(group_id, "") for group_id in session.group_ids)
        return session, title, names

    session, title, names = ask(services, job)
    return replace(session, manga_title=title, group_names=names) if session is not None else None


def print_session(console: Console, session: UploadSession, entry: LedgerEntry | None) -> None:
    """Everything that is known of the session."""
    groups = [
        name or group_id for name, group_id in zip(session.group_names, session.group_ids, strict=False)
    ]
    console.line(f"Upload session {session.id}")
    console.line(f"Manga: {session.manga_title or session.manga_id or 'not known'}")
    console.line(f"Groups: {', '.join(groups) or 'none'}")
    if session.chapter_id:
        console.line(f"Edits the chapter {session.chapter_id}")
    for label, moment in (("Started", session.created_at), ("Last change", session.updated_at)):
        if moment is not None:
            age = format_age((datetime.now(UTC) - moment).total_seconds())
            console.line(f"{label}: {moment:%Y-%m-%d %H:%M} UTC ({age})")
    if entry is None:
        console.line("Not started on this machine.")
    else:
        plan = entry.plan
        where = "an edit begun on this machine" if plan.edit is not None else f"from {plan.source}"
        console.line(f"Known here: {plural(len(plan.pages), 'page')}, {where}")
    size = sum(file.size or 0 for file in session.files)
    console.line(
        f"{plural(len(session.files), 'file')}, {format_size(size)}" + (":" if session.files else "")
    )
    for file in session.files:
        shown = [
            format_size(file.size) if file.size is not None else "size not known",
            file.media_type or "type not known",
            file.hash,
        ]
        console.line(f"  {file.name or file.id}  " + "  ".join(filter(None, shown)))
    console.record(
        {
            "event": "session",
            "session": session.id,
            "manga": session.manga_id,
            "manga_title": session.manga_title,
            "groups": list(session.group_ids),
            "group_names": list(session.group_names),
            "chapter": session.chapter_id or None,
            "created_at": session.created_at,
            "updated_at": session.updated_at,
            "known": entry is not None,
            "source": str(entry.plan.source) if entry is not None else None,
            "files": [
                {
                    "id": file.id,
                    "name": file.name,
                    "bytes": file.size,
                    "type": file.media_type,
                    "hash": file.hash,
                }
                for file in session.files
            ],
        }
    )
