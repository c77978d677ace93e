"""Events in words and as JSON."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime

from tui.text import format_size, format_span, plural, safe_text
from tui.upload import events


def describe(event: events.Event) -> str:
    """One plain line, safe to show."""
    match event:
        case events.UploadStarted() if event.edits:
            return (
                f"Edit of chapter {safe_text(event.edits)}: {plural(event.pages, 'page')}, "
                f"{event.new_pages} of them new."
            )
        case events.UploadStarted():
            return f"Upload of {plural(event.pages, 'page')}, {format_size(event.bytes)}."
        case events.SessionBegan():
            return f"Upload session {safe_text(event.session_id)} begun."
        case events.SessionFound():
            known = "of this very upload" if event.belongs_to_plan else "not of this upload"
            return (
                f"An upload session is open already, {known}; it was left alone: "
                f"{plural(event.files, 'file')}, {safe_text(event.session_id)}."
            )
        case events.SessionResumed():
            text = f"Going on: {plural(len(event.kept), 'page')} there, {len(event.missing)} to send"
            if event.strangers:
                text += f", {plural(event.strangers, 'other file')} to be deleted"
            return f"{text}; session {safe_text(event.session_id)}."
        case events.SessionAbandoned():
            return f"Upload session {safe_text(event.session_id)} abandoned, as you decided."
        case events.BatchStarted():
            again = f", attempt {event.attempt}" if event.attempt > 1 else ""
            pages = page_numbers(event.positions)
            return f"Batch {event.batch}: sending {pages} ({format_size(event.bytes)}{again})."
        case events.BytesSent():
            return f"Batch {event.batch}: {format_size(event.sent)} sent."
        case events.BatchFinished():
            return _batch_finished(event)
        case events.PageAccepted():
            return f"Page {event.position} is in."
        case events.PageRefused():
            return f"Page {event.position} ({safe_text(event.name)}) was refused: {safe_text(event.reason)}"
        case events.Waiting():
            until = datetime.fromtimestamp(event.until, UTC).strftime("%H:%M:%S UTC")
            span = format_span(max(0.0, event.until - event.at))
            tries = f", attempt {event.attempt} of {event.attempts}" if event.attempts > 1 else ""
            return f"Waiting {span}, until {until}{tries}: {safe_text(event.reason)}"
        case events.WaitOver():
            return "The wait is over."
        case events.Reconciling():
            return f"{safe_text(event.reason)} Asking the server what it kept."
        case events.Reconciled():
            text = (
                f"The server has {page_numbers(event.kept)}" if event.kept else "The server has none of them"
            )
            return text + (f"; {page_numbers(event.lost)} will be sent again." if event.lost else ".")
        case events.StrangersRemoved():
            verb = "is" if event.count == 1 else "are"
            return f"{plural(event.count, 'file')} removed that {verb} not in this chapter."
        case events.AllPagesIn():
            proof = (
                "plan, ledger and server agree"
                if event.listed
                else "the server accepted each, but does not list them"
            )
            return f"All {plural(event.pages, 'page')} are in ({format_size(event.bytes)}): {proof}."
        case events.CommitStarted():
            return "Committing."
        case events.Committed():
            how = " (its answer was lost; found by asking)" if event.settled_by == "lookup" else ""
            return f"Committed: chapter {safe_text(event.chapter_id)}{how}."
        case events.FollowedUp():
            text = f"{safe_text(event.name)} is {safe_text(event.standing)}"
            if event.pages_differ:
                text += f", but with {event.pages} pages, not those committed"
            return text + "."
        case events.CommitUnknown():
            return f"Whether the chapter was committed is not known: {safe_text(event.reason)}"
        case events.Paused():
            return "Paused: nothing new is sent."
        case events.WentOn():
            return "Going on."
        case events.Stopped():
            why = f": {safe_text(event.reason)}" if event.reason else ""
            return f"Stopped{why}. The upload session is kept and can be resumed."
        case events.Failed():
            text = safe_text(event.title) + (f": {safe_text(event.detail)}" if event.detail else "")
            end = "" if text.endswith((".", "!", "?", "…")) else "."
            return f"{text}{end} {safe_text(event.remedy)}".rstrip()
        case events.QueueEntryBegan():
            return f"Queue, entry {event.number}: {safe_text(event.what)} from {safe_text(event.source)}"
        case events.QueueEntryEnded():
            text = f"Queue, entry {event.number}: {safe_text(event.what)}: {safe_text(event.state)}"
            return text + (f". {safe_text(event.problem)}" if event.problem else ".")
        case events.QueueEnded():
            return _queue_ended(event)
        case events.Note():
            return safe_text(event.text)
    raise AssertionError(f"no words for {type(event).__name__}")


def as_json(event: events.Event) -> dict[str, object]:
    """The event as a flat object: "event" names it ("batch-finished"), "text" says it in words."""
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", type(event).__name__).lower()
    return {"event": name, **asdict(event), "text": describe(event)}


def page_numbers(positions: Sequence[int]) -> str:
    """ "page 3", "pages 1-10, 12"."""
    ranges: list[list[int]] = []
    for position in sorted(positions):
        if ranges and position == ranges[-1][1] + 1:
            ranges[-1][1] = position
        else:
            ranges.append([position, position])
    shown = ", ".join(f"{first}-{last}" if last > first else str(first) for first, last in ranges)
    return f"{'page' if len(positions) == 1 else 'pages'} {shown}"


def _queue_ended(event: events.QueueEnded) -> str:
    counts = f"{event.committed} committed, {event.failed} failed, {event.left} left"
    if not event.title:
        return f"The queue is done: {counts}."
    text = safe_text(event.title) + (f": {safe_text(event.detail)}" if event.detail else "")
    end = "" if text.endswith((".", "!", "?", "…")) else "."
    return f"The queue has stopped ({counts}). {text}{end} {safe_text(event.remedy)}".rstrip()


def _batch_finished(event: events.BatchFinished) -> str:
    text = f"Batch {event.batch}: {len(event.accepted)} successful, {len(event.failed)} failed"
    if event.seconds:
        text += f" in {event.seconds:.1f} s"
    reasons: dict[str, list[int]] = {}
    for position, reason in event.failed:
        reasons.setdefault(reason, []).append(position)
    for reason, positions in reasons.items():
        text += f"; {page_numbers(positions)}: {safe_text(reason, 300)}"
    return text + "."
