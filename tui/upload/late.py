"""Pages that a process was sending when it died a moment ago: its requests may still arrive."""

from __future__ import annotations

from tui.mangadex.models import UploadSession
from tui.upload import events
from tui.upload.asking import ask_session
from tui.upload.describe import page_numbers
from tui.upload.ledger_entry import LedgerEntry, PageState
from tui.upload.reconcile import match_files
from tui.upload.run_state import RunState

LATE = 10.0
"""Seconds after the ledger's last word in which a request that nobody waits for any more may still arrive: the
system sends what it was given, and the service looks at every picture before it lists it."""
_LOOK = 2.0
"""Seconds between two looks."""


async def await_late_pages(run: RunState, entry: LedgerEntry, session: UploadSession) -> UploadSession | None:
    """`session` once the pages that were under way are listed, or will not come any more. What is sent before
    that would be there twice. (A list of files that is empty may only be late as well.) Raises GivenUp,
    StopRequested."""
    until = entry.updated_at.timestamp() + LATE
    told = False
    found: UploadSession | None = session
    try:
        while found is not None and found.id == session.id:
            missing = match_files(run.plan.pages, found.files).missing
            late = [p for p in missing if p in entry.states and entry.states[p].state is PageState.SENDING]
            left = until - run.clock.now()
            if not late or not 0 < left <= LATE:
                break
            if not told:
                told = True
                reason = (
                    f"when dexup ended, {page_numbers(late)} may have been on the way; they may still arrive"
                )
                run.emit(events.Waiting(reason=reason, until=until))
            await run.control.sleep(min(_LOOK, left))
            found = await ask_session(run)
    finally:
        if told:
            run.emit(events.WaitOver())
    return found
