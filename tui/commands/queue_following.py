"""Running the queue without a screen: what will be published, what happens, how it ended."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from tui.chapter.claims import Named
from tui.chapter.details import Origin
from tui.commands.console import LINK, TERMS, Console
from tui.commands.details import WRITTEN, group_called, title_called
from tui.commands.follow import STOP_SECONDS, Progress, counted_signals
from tui.commands.patience import patiently
from tui.services import Services
from tui.text import plural
from tui.upload.describe import as_json, describe
from tui.upload.events import BytesSent, Committed, Event, PageAccepted, QueueEnded, QueueEntryEnded
from tui.upload.exits import Exit
from tui.upload.queue.entry import SETTLED, QueueEntry, entry_findings, in_words
from tui.upload.queue.files import take_file
from tui.upload.queue.filling import new_entry
from tui.upload.queue.naming import with_names
from tui.upload.queue.runner import consent_to
from tui.upload.queue.table import QueueTable


def import_file(services: Services, console: Console, path: Path) -> list[int]:
    """Put the chapters of a .csv or .toml file into the queue, in the file's order; their numbers. StorageError."""
    known = services.known()
    merged, numbers = take_file(services.engine.queue, path, lambda source: new_entry(source, known=known))
    console.line(str(merged))
    return numbers


def run_queue(services: Services, console: Console, only: Sequence[int] | None = None) -> Exit:
    """Upload and commit the queue, or the entries `only`. The caller was told that the terms are accepted.

    SIGINT, SIGTERM and SIGHUP stop it: nothing more is published, nothing deleted, the exit code is 130.
    """
    store = services.engine.queue
    store.do(QueueTable.reconcile)
    entries = [entry for entry in store.do(QueueTable.entries) if only is None or entry.number in only]
    wanted = _named(services, console, [entry for entry in entries if entry.state not in SETTLED])
    if not wanted:
        console.line("Nothing in the queue is left to upload.")
        console.record({"event": "result", "exit": int(Exit.DONE)})
        return Exit.DONE
    console.line(f"{plural(len(wanted), 'chapter')} to be published (terms: {TERMS}):")
    for entry in wanted:
        console.line("  " + entry_line(entry))
    services.queue.start(services.account, consent_to(wanted), terms_accepted=True)
    code = _follow(services, console)
    for entry in store.do(QueueTable.entries):
        if entry.problem and (only is None or entry.number in only):
            console.line(f"Entry {entry.number}, {entry.what()}, {entry.state}: {entry.problem}")
    console.record({"event": "result", "exit": int(code)})
    return code


def _named(services: Services, console: Console, entries: Sequence[QueueEntry]) -> list[QueueEntry]:
    """With the ids of what MangaDex knows by exactly the name: groups, and titles that somebody wrote down."""
    manga: dict[str, Named | None] = {}
    groups: dict[str, Named | None] = {}
    found = []
    for entry in entries:
        details = entry.details
        title = details.manga_title if not details.manga_id else ""
        if title and details.origins.get("manga_id") in (*WRITTEN, Origin.TYPED) and title not in manga:
            manga[title] = patiently(services, console, partial(title_called, services, title))
        for name in entry.unknown_groups:
            if name not in groups:
                groups[name] = patiently(services, console, partial(group_called, services, name))
        found.append(entry if entry.fixed else with_names(entry, manga, groups))
    changed = [new for new, old in zip(found, entries, strict=True) if new != old]
    if changed:
        services.engine.queue.do(QueueTable.change, changed)
        console.line(f"Names found on MangaDex for {plural(len(changed), 'chapter')}.")
    return found


def _follow(services: Services, console: Console) -> Exit:
    progress = Progress(services, console)
    stop_by = 0.0
    with counted_signals() as interrupts:
        while True:
            if interrupts.count and not stop_by:
                stop_by = time.monotonic() + STOP_SECONDS
                console.warn("dexup: stopping ...")
                services.queue.stop()
            if stop_by and (interrupts.count > 1 or time.monotonic() > stop_by):
                if services.engine.view.commit_unanswered:
                    console.warn(
                        "dexup: interrupted while a chapter was being committed: the outcome is not known."
                    )
                    console.warn("       `dexup queue run` asks what became of it, and goes on.")
                    return Exit.UNKNOWN
                console.warn("dexup: interrupted. Everything is kept; `dexup queue run` goes on.")
                return Exit.INTERRUPTED
            event = services.engine.wait_event(0.2)
            if event is None:
                continue
            console.record(as_json(event))
            if isinstance(event, BytesSent):
                progress.say()
            elif isinstance(event, QueueEnded):
                return _ended(console, event)
            else:
                _say(console, event)


def _say(console: Console, event: Event) -> None:
    if isinstance(event, PageAccepted):
        return  # the batch's own line names its pages
    if isinstance(event, QueueEntryEnded) and event.problem:
        console.warn(f"dexup: {describe(event)}")
        return
    console.line(describe(event))
    if isinstance(event, Committed):
        console.line(LINK + event.chapter_id)


def _ended(console: Console, event: QueueEnded) -> Exit:
    if event.title:
        console.warn(f"dexup: {describe(event)}")
    else:
        console.line(describe(event))
    return Exit(event.exit_code)


def entry_line(entry: QueueEntry) -> str:
    """One entry for a person, with everything that would be published. Not safe to show yet."""
    details = entry.details
    groups = ", ".join(
        name or id_ for id_, name in zip(details.group_ids, details.group_names, strict=False)
    ) or ("no group" if not entry.unknown_groups else "? " + ", ".join(entry.unknown_groups))
    parts = [
        f"{entry.number:>3}",
        details.manga_title or details.manga_id or "no manga",
        entry.what(),
        details.title or "",
        groups,
        f"{details.publish_at:%Y-%m-%d %H:%M} UTC" if details.publish_at else "",
        details.external_url or "",
        plural(entry.pages, "page") if entry.pages is not None else "",
        str(entry.source),
    ]
    return "  ".join(part for part in parts if part)


def entry_record(entry: QueueEntry) -> dict[str, object]:
    """The same as JSON values."""
    details = entry.details
    findings = entry_findings(entry, datetime.now(UTC))
    return {
        "event": "entry",
        "number": entry.number,
        "state": str(entry.state),
        "source": str(entry.source),
        "manga": details.manga_id,
        "manga_title": details.manga_title,
        "groups": list(details.group_ids),
        "group_names": list(details.group_names),
        "unknown_groups": list(entry.unknown_groups),
        "volume": details.volume,
        "chapter": details.chapter,
        "title": details.title,
        "language": details.language,
        "publish_at": details.publish_at,
        "external_url": details.external_url,
        "again": entry.again,
        "pages": entry.pages,
        "problem": entry.problem or in_words(findings),
        "chapter_id": entry.chapter_id or None,
        "link": LINK + entry.chapter_id if entry.chapter_id else None,
    }
