"""What the session screen says: the open session, interrupted uploads, and what went wrong. All safe to show."""

from __future__ import annotations

from datetime import UTC, datetime

from textual.events import Key

from tui.mangadex.errors import MangaDexError
from tui.screens.base import error_lines
from tui.screens.kept_chapters import KeptChapters
from tui.screens.session_state import SessionState
from tui.text import fit, format_age, format_size, plural, safe_text
from tui.upload.ledger_entry import LedgerEntry
from tui.upload.ledger_file import LedgerError
from tui.upload.view import UploadView


def problem_lines(error: MangaDexError | LedgerError) -> list[str]:
    """Why the session could not be read or abandoned, and what to do."""
    if isinstance(error, LedgerError):
        return [f"✗ {safe_text(error)}", "", error.remedy]
    return [f"✗ {safe_text(error.title)}", *error_lines(error)]


def stranded_lines(state: SessionState, width: int) -> list[str]:
    """Interrupted uploads that no open session belongs to, one a line."""
    if not state.stranded:
        return []
    lines = ["Interrupted uploads whose session is not on the server:"]
    for entry in state.stranded[:3]:
        sent = f"{len(entry.accepted)} of {plural(len(entry.plan.pages), 'page')} sent"
        source = safe_text(entry.plan.source)
        lines.append(fit(f"  {_age(entry.updated_at)}, {sent}: {source}", width - 2, keep_end=True))
    if len(state.stranded) > 3:
        lines.append(f"  and {len(state.stranded) - 3} more: h shows them all")
    return [*lines, "  Look at the title on MangaDex before you upload one again.", ""]


def idle_lines(view: UploadView, kept: KeptChapters, *, running: bool) -> tuple[list[str], str]:
    """What there is to say, and to do, while no session is open."""
    others = "e edits a chapter · h history"
    prepared = kept.prepared
    if running:
        return ["No upload session is open at the moment.", ""], f"b shows the queue · {others}"
    others = f"b many at once · {others}"
    if view.active:
        source = safe_text(view.plan.source.name, 100) if view.plan is not None else ""
        return [f"No upload session is open yet. An upload is under way: {source}", ""], "r shows the upload"
    if prepared is not None:
        name, pages = safe_text(prepared.source.name, 100), plural(len(prepared.order.included), "page")
        lines = ["No upload session is open. A chapter is prepared:"]
        return [*lines, f"  {name}, {pages}", ""], f"n goes on with it · {others}"
    lines = ["No upload session is open: you can begin a chapter.", ""]
    return lines, f"n chooses a folder or archive · {others}"


def silent_key_words(event: Key) -> str:
    """A key that does nothing on the start screen."""
    if event.key in ("r", "a"):
        return f"{event.key}: no upload session is known. n chooses a chapter; ? shows all keys"
    if event.key == "escape":
        return "This is the start screen: ctrl+q leaves dexup, ? shows all keys"
    name = event.character if event.is_printable and event.character else event.key.replace("_", " ")
    return f"{safe_text(name, 20)} does nothing here. ? shows all keys, ctrl+q leaves"


def queue_lines(state: SessionState, *, running: bool) -> list[str]:
    """What the queue holds, if there is anything left to do."""
    begun = state.begun
    if running:
        return ["The queue is running: b shows it.", ""]
    if begun is None and not state.waiting:
        return []
    parts = [f"{plural(state.waiting, 'chapter')} waiting"] if state.waiting else []
    if begun is not None:
        parts.append(f"{safe_text(begun.what())} was begun")
    return [f"Queue: {', '.join(parts)}. b goes on with it; nothing is published before you start it.", ""]


def session_lines(state: SessionState, width: int) -> list[str]:
    """The session that is open, and what this machine knows of it, for a screen of `width` columns."""
    session = state.session
    assert session is not None
    groups = [
        safe_text(name or group_id)
        for name, group_id in zip(
            session.group_names or ("",) * len(session.group_ids), session.group_ids, strict=False
        )
    ]
    size = sum(file.size or 0 for file in session.files)
    lines = [
        fit(f"Manga    {safe_text(session.manga_title or session.manga_id or 'not known')}", width - 2),
        fit(f"Groups   {', '.join(groups) or 'no group'}", 2 * width - 20).rstrip(),
    ]
    if session.chapter_id:
        lines.append(f"Edits    chapter {safe_text(session.chapter_id)}")
    if session.created_at is not None:
        lines.append(f"Started  {_age(session.created_at)} ({session.created_at:%Y-%m-%d %H:%M} UTC)")
    files = f"{plural(len(session.files), 'file')}, {format_size(size)}"
    lines.append(f"Holds    {files if session.files_known else 'no files that the server lists'}")
    entry = state.entry
    if entry is None and session.chapter_id:
        return [*lines, "Here     nothing of it was sent from this machine yet", ""]
    if entry is None:
        return [*lines, "Here     not begun on this machine", ""]
    if entry.plan.edit is not None:
        return [*lines, f"Here     {_progress(entry, state)}", ""]
    folder = fit(safe_text(entry.plan.source.parent), width - 15, keep_end=True)
    return [
        *lines,
        f"Here     {_progress(entry, state)}",
        f"         from {fit(safe_text(entry.plan.source.name), width - 17)}",
        f"           in {folder}",
        "",
    ]


def _progress(entry: LedgerEntry, state: SessionState) -> str:
    total = len(entry.plan.pages)
    match = state.match
    there = len(match.kept) if match is not None else 0
    chapter = entry.plan.details.chapter
    what = f"chapter {safe_text(chapter)}" if chapter else "oneshot"
    text = f"{what}: {there} of {plural(total, 'page')} there, {total - there} to send"
    left_out = entry.plan.edit.left_out if entry.plan.edit is not None else ()
    others = [
        file_id for file_id in (match.strangers if match is not None else ()) if file_id not in left_out
    ]
    if left_out:
        text += f", {plural(len(left_out), 'page')} left out"
    if others:
        text += f", {plural(len(others), 'file')} not of this chapter"
    return text


def next_step(state: SessionState) -> str:
    """What can be done with the open session."""
    if state.session is not None and state.session.chapter_id and state.entry is None:
        return "r goes on with its pages · a abandons it: the chapter stays as it is"
    if state.entry is not None:
        return "r goes on with this upload · a abandons it (asks first)"
    return "r goes on, once you choose its folder · a abandons it (asks first)"


def _age(moment: datetime) -> str:
    return format_age((datetime.now(UTC) - moment).total_seconds())
