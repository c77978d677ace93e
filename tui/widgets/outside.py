"""What dexup does outside of the screen: the window's title, the task bar, a bell or a notification, the clipboard."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from textual.app import App

from tui.terminal import Capabilities
from tui.text import safe_text
from tui.upload.view import Phase, UploadView

SAVE_TITLE = "\x1b[22;0t"
RESTORE_TITLE = "\x1b]0;\x07\x1b[23;0t"
"""First an empty title, for terminals that keep none."""
RESET_PROGRESS = "\x1b]9;4;0\x07"

_WORKING = {
    Phase.CHECKING: "checking",
    Phase.SENDING: "uploading",
    Phase.WAITING: "waiting",
    Phase.PAUSED: "paused",
    Phase.RECONCILING: "asking what was kept",
    Phase.READY: "ready to commit",
    Phase.COMMITTING: "committing",
    Phase.COMMITTED: "committed",
    Phase.UNKNOWN: "commit not known",
    Phase.STOPPED: "stopped",
    Phase.FAILED: "failed",
}
_CALLS = frozenset({Phase.COMMITTED, Phase.FAILED, Phase.UNKNOWN, Phase.READY, Phase.STOPPED})
"""Phases that somebody who looks elsewhere wants to hear of."""
_BAR = {Phase.FAILED: 2, Phase.UNKNOWN: 2, Phase.PAUSED: 4, Phase.WAITING: 4, Phase.STOPPED: 4}
"""State of the task bar's progress: 2 is an error, 4 a warning, 1 is usual."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What was last sent to the terminal."""

    title: str = ""
    progress: str = ""
    phase: Phase = Phase.IDLE


def outside(view: UploadView) -> Shown:
    """Title and progress of this upload."""
    if view.phase is Phase.IDLE or view.plan is None:
        return Shown("dexup", "", view.phase)
    pages = f"{view.accepted_count}/{len(view.pages)} pages"
    title = f"dexup: {pages}, {_WORKING[view.phase]}"
    if view.phase is Phase.COMMITTED:
        return Shown(title, "0", view.phase)
    share = view.sent_bytes * 100 // view.total_bytes if view.total_bytes else 0
    return Shown(title, f"{_BAR.get(view.phase, 1)};{min(100, share)}", view.phase)


def sequences(before: Shown, now: Shown, can: Capabilities, when_done: str) -> str:
    """What to send to a terminal that shows `before` so that it shows `now`; "" when nothing changed.

    `when_done` is "bell", "notify" or "off" (the setting `screen.when_done`).
    """
    sent = ""
    if can.title and now.title != before.title:
        sent += f"\x1b]0;{now.title}\x07"
    if can.progress and now.progress != before.progress:
        sent += f"\x1b]9;4;{now.progress}\x07" if now.progress else RESET_PROGRESS
    if now.phase is not before.phase and now.phase in _CALLS:
        sent += _call(safe_text(now.title), can, when_done)
    return sent


def _call(text: str, can: Capabilities, when_done: str) -> str:
    if when_done == "off":
        return ""
    bell = "" if can.notifies else "\x07"  # also where the notification may be swallowed
    if when_done == "notify" and can.notification == "9":
        return f"\x1b]9;{text}\x07{bell}"
    if when_done == "notify" and can.notification == "777":
        return f"\x1b]777;notify;dexup;{text}\x07{bell}"
    return "\x07"


def copied(app: App[Any], text: str, what: str = "") -> str:
    """Send `text` to the terminal's clipboard, if it can have one, and the sentence that says so of `what`."""
    can = getattr(app, "can", None)
    end = f": {what}" if what else "."
    if isinstance(can, Capabilities) and not can.swallows:
        return f"This terminal has no clipboard{end}"
    app.copy_to_clipboard(text)
    return f"Sent to the terminal's clipboard{end}"
