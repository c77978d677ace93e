"""The first step: which session do the pages go to?"""

from __future__ import annotations

from tui.mangadex.errors import (
    ConnectFailed,
    MangaDexError,
    RateLimited,
    Refused,
    Unavailable,
    UnknownOutcome,
)
from tui.mangadex.models import UploadSession
from tui.upload import events
from tui.upload.exits import Exit
from tui.upload.failing import given_up, session_gone
from tui.upload.ledger import Ledger, LedgerEntry, PageRecord, PageState, Stage
from tui.upload.options import OnSession
from tui.upload.reconcile import match_files
from tui.upload.run_state import GivenUp, RunState

_ABANDON_LOOKS = 5
_ABANDON_PAUSE = 2.0


async def ask_session(run: RunState) -> UploadSession | None:
    """The account's open session, asked again while the service has trouble. Raises GivenUp."""
    while True:
        run.control.check()
        try:
            session = await run.service.current_session()
        except (ConnectFailed, Unavailable) as error:
            await run.back_off(error)
        except RateLimited as error:
            await run.back_off(error, until=error.until)
        except MangaDexError as error:
            raise given_up(error) from error
        else:
            return session  # no reason to start counting failures anew: the upload itself may still fail


async def open_session(run: RunState, on_session: OnSession) -> None:
    """Begin a session for a new upload, or deal with the one that is there as the user decided."""
    session = await ask_session(run)
    if session is not None and on_session is OnSession.ABANDON:
        await abandon_session(run, session.id)
        session = None
    if session is not None:
        if on_session is OnSession.FAIL:
            raise await _in_the_way(run, session)
        _refuse_other_chapter(run, session)
        await adopt_session(run, session)
        return
    await begin_session(run)


async def reopen_session(run: RunState, entry: LedgerEntry) -> None:
    """Go on in the session that the ledger knows. A session that is gone is never replaced."""
    session = await ask_session(run)
    if session is None and entry.stage is Stage.OPENING:
        await begin_session(run)  # killed before the begin arrived
        return
    if session is None:
        raise session_gone(f"Session {entry.session_id} is not on the server any more.")
    if entry.stage is Stage.OPENING and not entry.session_id:
        # The begin may have arrived without its answer: only a session for the same title that holds
        # nothing but pages of this plan can be it.
        match = match_files(run.plan.pages, session.files)
        if not _same_chapter(run, session) or match.strangers:
            raise await _in_the_way(run, session)
    elif session.id != entry.session_id:
        raise await _in_the_way(run, session)
    await adopt_session(run, session)


async def begin_session(run: RunState) -> None:
    """Open a new session. A lost answer is settled by asking, not by beginning again."""
    details = run.plan.details
    while True:
        run.control.check()
        try:
            session = await run.service.begin(details.manga_id, details.group_ids)
            break
        except ConnectFailed as error:
            await run.back_off(error)
        except RateLimited as error:
            await run.back_off(error, until=error.until)
        except UnknownOutcome as error:
            run.emit(events.Reconciling(reason="The answer to the begin was lost."))
            await run.back_off(error)
            found = await ask_session(run)
            if found is not None:
                if not _same_chapter(run, found) or found.files:
                    raise await _in_the_way(run, found) from error
                run.emit(events.Reconciled(kept=(), lost=()))
                session = found
                break
        except Refused as error:
            found = await ask_session(run)
            if found is not None:
                raise await _in_the_way(run, found) from error
            raise given_up(error) from error
        except MangaDexError as error:
            raise given_up(error) from error
    run.worked()
    await _use(run, session)
    run.emit(events.SessionBegan(session_id=session.id))


async def adopt_session(run: RunState, session: UploadSession) -> None:
    """Go on in an open session, sending only what it lacks. The server's word comes before the ledger's."""
    known = {position: record.file_id for position, record in run.records.items() if record.file_id}
    if session.files_known:
        match = match_files(run.plan.pages, session.files, known)
        kept, strangers = dict(match.kept), len(match.strangers)
    else:
        kept, strangers = run.accepted, 0
        run.emit(
            events.Note(text="The server does not list the session's files; the ledger's word is taken.")
        )
    await _use(run, session)
    refused = {
        position: record for position, record in run.records.items() if record.state is PageState.REFUSED
    }
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
            session_id=session.id, kept=tuple(sorted(kept)), missing=missing, strangers=strangers
        )
    )
    if refused:
        run.emit(events.Note(text=f"Pages refused before are tried again: {len(refused)}."))


async def abandon_session(run: RunState, session_id: str) -> None:
    """Delete a session and make sure that it is gone: the service was seen to keep them for a while."""
    while True:
        try:
            await run.service.abandon(session_id)
            break
        except (ConnectFailed, UnknownOutcome) as error:
            await run.back_off(error)
            found = await ask_session(run)
            if found is None or found.id != session_id:
                break
        except RateLimited as error:
            await run.back_off(error, until=error.until)
        except MangaDexError as error:
            raise given_up(error) from error
    for look in range(_ABANDON_LOOKS):
        found = await ask_session(run)
        if found is None or found.id != session_id:
            break
        await run.control.sleep(_ABANDON_PAUSE * (look + 1))
    else:
        raise GivenUp(
            "The abandoned upload session is still there",
            session_id,
            "Wait a minute, then try again.",
            Exit.SESSION_OPEN,
        )
    await run.ledger.do(Ledger.mark_abandoned, session_id)
    run.emit(events.SessionAbandoned(session_id=session_id))
    if found is not None:
        raise await _in_the_way(run, found)


async def _use(run: RunState, session: UploadSession) -> None:
    run.session, run.session_at = session, session.created_at
    await run.ledger.do(Ledger.set_session, run.plan.id, session.id, session.created_at)


async def _in_the_way(run: RunState, session: UploadSession) -> GivenUp:
    entry = await run.ledger.do(Ledger.entry_for_session, session.id)
    known = entry is not None
    run.emit(events.SessionFound(session_id=session.id, belongs_to_plan=known, files=len(session.files)))
    # Nothing was sent for this plan, so nothing of it can be resumed.
    return GivenUp(
        "Another upload session is open",
        f"session {session.id}, {len(session.files)} files, "
        + (f"begun on this machine from {entry.plan.source}" if entry else "not begun on this machine"),
        "Resume it, abandon it, or leave it alone and come back later.",
        Exit.SESSION_OPEN,
        resumable=False,
    )


def _same_chapter(run: RunState, session: UploadSession) -> bool:
    details = run.plan.details
    same_manga = not session.manga_id or session.manga_id == details.manga_id
    same_groups = not session.group_ids or set(session.group_ids) == set(details.group_ids)
    return same_manga and same_groups and not session.chapter_id


def _refuse_other_chapter(run: RunState, session: UploadSession) -> None:
    if _same_chapter(run, session):
        return
    raise GivenUp(
        "The open upload session is for another title, other groups, or edits a chapter",
        f"session {session.id} is for manga {session.manga_id}",
        "Choose the details of that session, or abandon it first.",
        Exit.SESSION_OPEN,
        resumable=False,
    )
