"""What the upload screen says: the state in words, and what will be published."""

from __future__ import annotations

from datetime import UTC, datetime

from tui.chapter.languages import LANGUAGES
from tui.chapter.publish_time import say_local
from tui.screens.edit_words import edit_lines
from tui.screens.history_rows import LINK
from tui.text import format_size, format_span, plural, safe_text
from tui.upload.events import Waiting
from tui.upload.exits import Exit
from tui.upload.ledger_entry import PageState
from tui.upload.plan import UploadPlan
from tui.upload.proofs.proof import Proof, proof_lines
from tui.upload.view import Phase, UploadView

_PHASES = {
    Phase.IDLE: "Nothing is being uploaded.",
    Phase.CHECKING: "Asking the server about upload sessions…",
    Phase.SENDING: "Sending",
    Phase.WAITING: "Waiting",
    Phase.PAUSED: "Paused: nothing new is sent. p goes on.",
    Phase.RECONCILING: "An answer was lost; asking the server what it kept…",
    Phase.READY: "Every page is in. Nothing is published yet: c commits.",
    Phase.COMMITTING: "Committing…",
    Phase.COMMITTED: "✓ Committed.",
    Phase.UNKNOWN: "! It is not known whether the chapter was committed.",
    Phase.STOPPED: "Stopped. The upload session is kept.",
    Phase.FAILED: "✗",
}


def status_line(view: UploadView, now: float, limit_kbit: int = 0) -> str:
    """What goes on, in one line."""
    if view.waiting is not None and view.phase in (Phase.WAITING, Phase.PAUSED, Phase.COMMITTING):
        return _waiting_words(view.waiting, now)
    if view.phase is Phase.FAILED and view.failure is not None:
        return f"✗ {safe_text(view.failure.title)}"
    if view.phase is Phase.SENDING and view.batches:
        sending = [page for page in view.pages if page.state is PageState.SENDING]
        cap = f", at most {limit_kbit:,} kbit/s" if limit_kbit else ""
        text = f"Sending {plural(len(sending), 'page')} in {plural(len(view.batches), 'request')}{cap}"
        if sending and all(page.sent_bytes == page.size for page in sending):
            text = f"{plural(len(sending), 'page')} sent; waiting for MangaDex's answer"
        return _with_wait(view.waiting, now, text)
    if view.phase is Phase.READY:
        edit = view.plan is not None and view.plan.edit is not None
        text = (
            "Every page is in. The chapter is as it was so far: c commits." if edit else _PHASES[view.phase]
        )
        return _with_wait(view.waiting, now, text)
    return _PHASES[view.phase]


def _with_wait(waiting: Waiting | None, now: float, text: str) -> str:
    """`text` behind a wait of some request, as long as it lasts."""
    if waiting is None or waiting.until <= now:
        return text
    return f"{_waiting_words(waiting, now)} · {text}"


def _waiting_words(waiting: Waiting, now: float) -> str:
    left = format_span(max(0.0, waiting.until - now))
    tries = f", attempt {waiting.attempt} of {waiting.attempts}" if waiting.attempts > 1 else ""
    at = datetime.fromtimestamp(waiting.until, UTC)
    return f"Waiting {left} more, until {at:%H:%M:%S} UTC{tries}: {safe_text(waiting.reason)}"


def panel_lines(view: UploadView, proof: Proof | None = None, now: float = 0.0) -> list[str]:
    """What there is to read and to decide when the upload has come to a stop; empty while it runs.

    `proof` says what became of the chapter since its commit.
    """
    if view.phase is Phase.FAILED and view.failure is not None:
        return _failure_lines(view)
    if view.phase is Phase.READY and view.plan is not None:
        return publish_lines(view.plan)
    if view.phase is Phase.COMMITTED:
        return _committed_lines(view, proof, now)
    if view.phase is Phase.UNKNOWN:
        return [
            "The commit was sent, but its answer never came, and the server's lists do not show it yet.",
            "Look at the title on MangaDex, or press r: dexup asks again. Nothing is sent a second time.",
        ]
    if view.phase is Phase.STOPPED:
        return [
            f"{view.accepted_count} of {plural(len(view.pages), 'page')} are on the server and stay there.",
            "r goes on · esc goes back · later, the start screen or `dexup resume` goes on too",
        ]
    return []


def _both_zones(moment: datetime) -> str:
    local = say_local(moment)
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC" + (f" ({local})" if local else "")


def publish_lines(plan: UploadPlan) -> list[str]:
    """Exactly what a commit would publish."""
    details = plan.details
    groups = ", ".join(
        safe_text(name or group_id)
        for name, group_id in zip(details.group_names or details.group_ids, details.group_ids, strict=False)
    )
    language = LANGUAGES.get(details.language, "")
    publish = _both_zones(details.publish_at) if details.publish_at else "at once"
    number = f"volume {safe_text(details.volume)}, " if details.volume else ""
    number += f"chapter {safe_text(details.chapter)}" if details.chapter else "oneshot"
    lines = [
        f"Manga      {safe_text(details.manga_title or details.manga_id)}",
        f"Groups     {groups or 'no group'}",
        f"Number     {number}",
        f"Title      {safe_text(details.title) if details.title else 'none'}",
        f"Language   {safe_text(details.language)}{f' ({language})' if language else ''}",
        f"Published  {publish}",
    ]
    if details.external_url:
        lines.append(f"Link       {safe_text(details.external_url)}")
    if plan.edit is not None:
        return [*lines[:5], *edit_lines(plan)]  # what it was published at stays
    first, last = safe_text(plan.pages[0].name), safe_text(plan.pages[-1].name)
    size = format_size(plan.total_bytes)
    return [*lines, f"Pages      {len(plan.pages)}, {size}: {first} … {last}"]


def _committed_lines(view: UploadView, proof: Proof | None, now: float) -> list[str]:
    plan = view.plan
    lines = [f"{LINK}{safe_text(view.chapter_id or '')}", ""]
    if proof is None or not proof.asks:
        if plan is not None and plan.details.publish_at is not None:
            lines.append(f"Scheduled for {_both_zones(plan.details.publish_at)}.")
        lines.append("MangaDex processes the pages now; dexup asks until the chapter can be seen.")
    else:
        lines += proof_lines(proof, len(plan.pages) if plan is not None else 0, now)
    return [*lines, "n begins the next chapter · y copies the link · h shows the history"]


def _failure_lines(view: UploadView) -> list[str]:
    failure = view.failure
    assert failure is not None
    lines = [safe_text(failure.detail)] if failure.detail else []
    facts = [f"status {failure.status}"] if failure.status else []
    facts += [f"request {safe_text(failure.request_id)}"] if failure.request_id else []
    if facts:
        lines.append(", ".join(facts))
    lines.append(safe_text(failure.remedy))
    refused = [page for page in view.pages if page.state is PageState.REFUSED]
    if refused:
        lines.append("e leaves these pages out and goes on · r tries them once more")
    elif failure.conflict:
        lines.append("r compares both and asks what is to be kept · esc goes back; the session is kept")
    elif failure.exit_code == Exit.SESSION_OPEN:
        lines.append("r asks again what to do with it · esc goes back")
    elif failure.exit_code == Exit.LOGIN:
        lines.append("l logs in; then r goes on where it stopped")
    elif failure.resumable:
        lines.append("r goes on where it stopped · esc goes back; the session is kept")
    return lines
