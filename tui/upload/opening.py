"""The first step: which session do the pages go to?"""

from __future__ import annotations

from dataclasses import replace

from tui.mangadex.errors import (
    ConnectFailed,
    MangaDexError,
    NotFound,
    RateLimited,
    Refused,
    Unavailable,
    UnknownOutcome,
)
from tui.mangadex.models import UploadSession
from tui.text import plural
from tui.upload import events
from tui.upload.abandoning import abandon_session
from tui.upload.asking import ask_session
from tui.upload.edit_session import check_chapter_pages, find_edit_session, make_room
from tui.upload.exit_codes import exit_code_of
from tui.upload.exits import Exit
from tui.upload.failing import given_up, session_gone
from tui.upload.gate import check_gate
from tui.upload.late import await_late_pages
from tui.upload.ledger import Ledger
from tui.upload.ledger_entry import LedgerEntry, PageRecord, PageState
from tui.upload.options import OnSession
from tui.upload.reconcile import carry_over, match_files
from tui.upload.run_state import GivenUp, RunState

_GRACE = 5.0
"""Seconds that a begin gets to be answered after a stop."""


async def open_session(run: RunState, on_session: OnSession) -> None:
    """Begin a session for a new upload, or deal with the one that is there as the user decided."""
    if run.plan.edit is not None:
        await adopt_session(run, await find_edit_session(run, run.plan.edit))
        return
    session = await ask_session(run)
    if session is not None and on_session is OnSession.ABANDON:
        await abandon_session(run, session.id)
        session = await ask_session(run)
        if session is not None:
            raise await _in_the_way(run, session)  # another one: nobody decided about that
    if session is not None:
        if on_session is OnSession.FAIL:
            raise await _in_the_way(run, session)
        await _refuse_other_chapter(run, session)
        await adopt_session(run, session)
        return
    await begin_session(run)


async def reopen_session(run: RunState, entry: LedgerEntry) -> None:
    """Go on in the session that the ledger knows. A session that is gone is never replaced."""
    if run.plan.edit is not None:
        await adopt_session(run, await find_edit_session(run, run.plan.edit))
        return
    session = await ask_session(run)
    if not entry.session_id:
        if session is None:
            await begin_session(run)  # killed before the begin arrived
            return
        # The begin may have arrived without its answer: only a session that surely is for the same title, and
        # holds nothing but pages of this plan, can be it.
        match = match_files(run.plan.pages, session.files)
        if not session.manga_id or not _same_chapter(run, session) or match.strangers:
            raise await _in_the_way(run, session)
    elif session is None:
        raise session_gone(f"Session {entry.session_id} is not on the server any more.")
    elif session.id != entry.session_id:
        raise await _in_the_way(run, session)
    settled = await await_late_pages(run, entry, session)
    if settled is None or settled.id != session.id:
        raise session_gone("It vanished while dexup waited for pages that were on the way.")
    await adopt_session(run, settled)


async def begin_session(run: RunState) -> None:
    """Open a new session. A lost answer is settled by asking, not by beginning again."""
    details = run.plan.details
    lost = False
    while True:
        await run.control.wait_while_paused()
        try:
            session = await run.control.until_stopped(
                run.service.begin(details.manga_id, details.group_ids), grace=_GRACE
            )
            break
        except (ConnectFailed, Unavailable) as error:
            await run.back_off(error)
        except RateLimited as error:
            await run.back_off(error, until=error.until)
        except UnknownOutcome as error:
            lost = True
            run.emit(events.Reconciling(reason="The answer to the begin was lost."))
            await run.back_off(error)
            found = await ask_session(run)
            if found is not None:
                session = await _begun_unheard(run, found)
                break
        except Refused as error:
            found = await ask_session(run)
            if found is None:
                raise _not_with_these(error, lost=lost) from error
            if not lost:
                raise await _in_the_way(run, found) from error
            session = await _begun_unheard(run, found)  # the lost begin arrived late
            break
        except NotFound as error:
            raise _not_with_these(error, lost=lost) from error
        except MangaDexError as error:
            raise given_up(error) from error
    run.worked()
    await _use(run, session)
    run.emit(events.SessionBegan(session_id=session.id))


def _not_with_these(error: MangaDexError, *, lost: bool) -> GivenUp:
    """The service begins no session for this title and these groups: nothing was sent, and there is nothing to go on
    with. A begin whose answer was `lost` may have arrived all the same."""
    check = "No page was sent: check the title and the groups. "
    return GivenUp.because(error, exit_code_of(error), before=check, resumable=lost)


async def _begun_unheard(run: RunState, found: UploadSession) -> UploadSession:
    """The session that a begin without an answer made: none was open before, so it is ours if it is for our
    chapter and empty."""
    if not _same_chapter(run, found) or found.files:
        raise await _in_the_way(run, found)
    run.emit(events.Note(text="The server has begun the session all the same."))
    return found


async def adopt_session(run: RunState, session: UploadSession) -> None:
    """Go on in an open session, sending only what it lacks. The server's word comes before the ledger's."""
    refused = run.positions(PageState.REFUSED)
    known = await _known_already(run, session)
    listed = bool(session.files_known or session.files)
    verdict = check_gate(run.plan, known, replace(session, files_known=listed))
    kept = verdict.file_ids
    if not listed:
        run.emit(
            events.Note(text="The server does not list the session's files; the ledger's word is taken.")
        )
    await _use(run, session)
    check_chapter_pages(run, verdict)
    await run.record(
        {
            page.position: PageRecord(PageState.ACCEPTED, kept[page.position])
            if page.position in kept
            else PageRecord()
            for page in run.plan.pages
        }
    )
    missing = tuple(page.position for page in run.plan.pages if page.position not in kept)
    run.emit(
        events.SessionResumed(
            session_id=session.id, kept=tuple(sorted(kept)), missing=missing, strangers=len(verdict.strangers)
        )
    )
    if run.plan.edit is not None:
        await make_room(run, run.plan.edit, session, missing)
    if refused:
        run.emit(events.Note(text=f"Pages refused before are tried again: {len(refused)}."))


async def _known_already(run: RunState, session: UploadSession) -> dict[int, str]:
    """What this plan, or an earlier one for the session, had brought in, at the positions of this plan."""
    entry = await run.ledger.do(Ledger.entry_for_session, session.id)
    return carry_over(entry.plan.pages, entry.accepted, run.plan.pages) if entry is not None else {}


async def _use(run: RunState, session: UploadSession) -> None:
    run.session, run.session_at = session, session.created_at
    await run.ledger.do(Ledger.set_session, run.plan.id, session.id, session.created_at)


async def _in_the_way(run: RunState, session: UploadSession) -> GivenUp:
    entry = await run.ledger.do(Ledger.entry_for_session, session.id)
    ours = entry is not None and (
        entry.plan.source == run.plan.source and entry.plan.details.manga_id == run.plan.details.manga_id
    )
    run.emit(events.SessionFound(session_id=session.id, belongs_to_plan=ours, files=len(session.files)))
    # Nothing was sent for this plan, so nothing of it can be resumed.
    return GivenUp(
        "Another upload session is open",
        f"session {session.id}, {plural(len(session.files), 'file')}, "
        + (f"begun on this machine from {entry.plan.source}" if entry else "not begun on this machine"),
        "Resume it, abandon it, or leave it alone and come back later.",
        Exit.SESSION_OPEN,
        resumable=False,
    )


def _same_chapter(run: RunState, session: UploadSession) -> bool:
    """Whether the session is for this title and these groups, as far as the server says: an answer without a
    title has left out the groups too, one with a title and no groups is for none."""
    if session.chapter_id:
        return False
    details = run.plan.details
    stated = bool(session.manga_id or session.group_ids)
    return not stated or (
        session.manga_id in ("", details.manga_id) and set(session.group_ids) == set(details.group_ids)
    )


async def _refuse_other_chapter(run: RunState, session: UploadSession) -> None:
    """Raises GivenUp unless the session is surely for this chapter: by the server's word, or, where it does not
    say, by the ledger's."""
    if _same_chapter(run, session):
        if session.manga_id:
            return
        entry = await run.ledger.do(Ledger.entry_for_session, session.id)
        if entry is not None and (
            entry.plan.details.manga_id == run.plan.details.manga_id
            and set(entry.plan.details.group_ids) == set(run.plan.details.group_ids)
        ):
            return
        raise GivenUp(
            "The server does not say for which title the open upload session is",
            f"session {session.id}, {plural(len(session.files), 'file')}, not begun on this machine",
            "Look at it where it was begun, or abandon it first.",
            Exit.SESSION_OPEN,
            resumable=False,
        )
    raise GivenUp(
        "The open upload session is for another title, other groups, or edits a chapter",
        f"session {session.id} is for manga {session.manga_id}",
        "Choose the details of that session, or abandon it first.",
        Exit.SESSION_OPEN,
        resumable=False,
    )
