"""What the queue's screen says: how far it is, and exactly what will be published. All safe to show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC

from tui.chapter.publish_time import example_time
from tui.storage.consent import TERMS
from tui.text import format_size, format_span, plural, safe_text
from tui.upload.queue.control import QueueEnd, QueueStatus
from tui.upload.queue.entry import QueueEntry
from tui.upload.view import Phase, UploadView
from tui.widgets.queue_rows import Checked, group_doubts

EMPTY = (
    "The queue is empty.\n"
    "a chooses chapters: in the files, space marks them and Q puts them here;\n"
    "Q on a folder takes all chapters in it. i loads a .csv or .toml file."
)
_PROMPTS = {
    "manga": "Title on MangaDex: its name, link or id",
    "groups": "Groups: name, link or id; several with commas; none for no group",
    "volume": "Volume number; empty for none",
    "chapter": "Chapter number, or oneshot",
    "title": "Title of the chapter; may stay empty",
    "language": "Language: en, pt-br, Indonesian …",
    "publish_at": "Publish at, with its zone: {example}; empty: at once",
}


def prompt_of(column: str) -> str:
    """What is to be typed into a cell of this column."""
    return _PROMPTS[column].format(example=example_time(" +01:00"))


def progress_line(status: QueueStatus, view: UploadView, entries: Sequence[QueueEntry], now: float) -> str:
    """How far the run is, and the chapter under way."""
    left = max(0, status.total - status.committed - status.failed)
    text = f"{status.committed} of {status.total} committed"
    text += f", {status.failed} failed" if status.failed else ""
    text += f", {left} left"
    if status.stopping:
        return f"Stopping… {text}"
    entry = next((entry for entry in entries if entry.number == status.number), None)
    if entry is None:
        return f"{'Paused' if status.paused else 'Running'}: {text}"
    text += f" · entry {entry.number}, {safe_text(entry.what())}: "
    if status.step != "uploading" or view.plan is None:
        return text + (f"{status.step}…" if status.step else "…")
    if view.waiting is not None and view.phase is Phase.WAITING:
        return (
            text
            + f"waiting {format_span(max(0.0, view.waiting.until - now))}: {safe_text(view.waiting.reason)}"
        )
    text += f"{view.accepted_count} of {plural(len(view.pages), 'page')}"
    text += f", {format_size(view.sent_bytes)} of {format_size(view.total_bytes)}"
    if view.bytes_per_second > 0 and view.phase is Phase.SENDING:
        text += f", {format_size(view.bytes_per_second)}/s"
        if view.seconds_left is not None:
            text += f", {format_span(view.seconds_left)} left"
    if status.paused or view.paused:
        text += ", paused: P goes on"
    elif view.phase in (Phase.COMMITTING, Phase.RECONCILING):
        text += f", {view.phase}"
    return text


def end_line(end: QueueEnd, committed: int, failed: int) -> str:
    """How the last run ended."""
    counts = f"{committed} committed, {failed} failed"
    if not end.title:
        return f"{'!' if failed else '✓'} The queue is done: {counts}."
    detail = f": {safe_text(end.detail)}" if end.detail else ""
    return f"! {safe_text(end.title)}{detail} ({counts}). {safe_text(end.remedy)}"


def consent_lines(
    wanted: Sequence[QueueEntry],
    bad: Sequence[tuple[QueueEntry, str]],
    checked: Mapping[int, Checked],
    doubts: Mapping[str, Sequence[str]],
) -> list[str]:
    """Exactly what a run would publish, in its order, and what it would not."""
    common = _common(wanted)
    said = dict.fromkeys(text for entry in wanted for text in group_doubts(entry, doubts))
    lines = [f"By starting you accept the upload terms: {TERMS}", ""]
    if said:
        lines += [*(f"! {safe_text(text)}" for text in said), ""]
    if common:
        lines.append(f"Each of them: {' · '.join(safe_text(part) for part in common)}")
    lines += [_publish_line(entry, checked.get(entry.number), common) for entry in wanted]
    if bad:
        lines += ["", f"{plural(len(bad), 'chapter')} will be left out:"]
        lines += [f"{entry.number}  {safe_text(entry.what())}: {problem}" for entry, problem in bad]
    lines += [
        "",
        "A chapter that the service refuses is named and its own upload session abandoned, so that the next "
        "has its turn. A session that is not the queue's stops it.",
    ]
    return lines


def _common(entries: Sequence[QueueEntry]) -> list[str]:
    """What all the entries share, so that it need not be said of each."""
    told = [_of_series(entry) for entry in entries]
    return [part for part in told[0] if all(part in other for other in told)] if len(told) > 1 else []


def _of_series(entry: QueueEntry) -> list[str]:
    details = entry.details
    names = zip(details.group_ids, details.group_names, strict=False)
    return [
        details.manga_title or details.manga_id,
        ", ".join(name or id_ for id_, name in names) or "no group",
        f"published {details.publish_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
        if details.publish_at
        else "published at once",
    ]


def _publish_line(entry: QueueEntry, checked: Checked | None, common: Sequence[str]) -> str:
    details = entry.details
    parts = [
        entry.what(),
        details.title or "",
        *(part for part in _of_series(entry) if part not in common),
        details.external_url or "",
        plural(checked.pages, "page") if checked is not None else "",
        "although it is there" if entry.again else "",
    ]
    return f"{entry.number}  " + " · ".join(safe_text(part) for part in parts if part)
