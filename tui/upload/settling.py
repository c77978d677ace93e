"""Whether a commit without an answer happened: found out by asking, never by committing again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tui.mangadex.errors import MangaDexError, NotFound, RateLimited
from tui.mangadex.models import Chapter
from tui.upload import events
from tui.upload.asking import NOTHING_CHANGED, ask_any_session
from tui.upload.failing import given_up
from tui.upload.ledger import Ledger
from tui.upload.ledger_file import LedgerError
from tui.upload.plan import EditTarget
from tui.upload.run_state import RunState

_LOOKS = 5
"""Times a chapter is looked for; processing keeps it out of lists for a while (`mangadex-api.md` 4.8)."""
_LOOK_PAUSE = 3.0
_SKEW = timedelta(minutes=2)
"""Clocks of this machine and the service may differ by that much."""


async def settle_commit(run: RunState, intent: float) -> bool:
    """Did a commit that was sent at epoch second `intent` happen? True when it did, or when nobody can tell
    yet (CommitUnknown); False when its session is still open, so that the commit may be sent again."""
    for look in range(1, _LOOKS + 1):
        session = await ask_any_session(run)
        ours = session is not None and session.id == run.session_id and not session.is_deleted
        committed = ours and session is not None and session.is_committed
        edit = run.plan.edit
        chapter = await _find_chapter(run, intent) if edit is None else await _find_edited(run, edit)
        if chapter is not None:
            await finish(run, chapter.id, "lookup")
            return True
        if ours and not committed and look > 1:
            await run.ledger.do(Ledger.commit_refused, run.plan.id, surely=False)
            return False  # twice open, and no chapter
        if look < _LOOKS:
            await run.control.sleep(_LOOK_PAUSE * look)
    await note_unknown(
        run, "the upload session is gone from the server, but the chapter is not in its lists yet"
    )
    return True


async def note_unknown(run: RunState, reason: str) -> None:
    """Leave a receipt that says so; the upload stays in the ledger, so that a resume asks again."""
    try:
        await run.ledger.do(Ledger.finish, run.plan, run.account, "", "unknown")
    except LedgerError as error:  # the ledger still says that a commit is under way, so a resume asks too
        reason = f"{reason}; {error}"
    run.unsettled_commit = None
    run.emit(
        events.CommitUnknown(
            reason=f"{reason}. Look at the title on MangaDex, or let dexup ask again later with a resume."
        )
    )


async def finish(run: RunState, chapter_id: str, settled_by: str) -> None:
    """Write the receipt of a chapter that is there; `settled_by` is "answer" or "lookup"."""
    state = "committed" if settled_by == "answer" else "found"
    try:
        await run.ledger.do(Ledger.finish, run.plan, run.account, chapter_id, state)
    except LedgerError as error:
        # The chapter is published whatever the disk does: that is said first of all.
        run.emit(
            events.Note(
                text=f"The chapter is committed, but its receipt could not be written: {error}. "
                "A resume finds the chapter and writes it, once there is room."
            )
        )
    run.unsettled_commit = None
    run.worked()
    run.emit(events.Committed(chapter_id=chapter_id, settled_by=settled_by))


async def _find_chapter(run: RunState, intent: float) -> Chapter | None:
    """A chapter like the plan's, by this account, made since the session or the commit began."""
    details = run.plan.details
    while True:
        try:
            if not run.own_id:
                run.own_id = (await run.control.until_stopped(run.service.me())).id
            found = await run.control.until_stopped(
                run.service.chapters(
                    manga_id=details.manga_id, language=details.language, uploader_id=run.own_id
                )
            )
            break
        except NOTHING_CHANGED as error:
            await run.back_off(error)
        except RateLimited as error:
            await run.back_off(error, until=error.until)
        except MangaDexError as error:
            raise given_up(error) from error
    since = run.session_at or datetime.fromtimestamp(intent, UTC) - _SKEW
    ours = {receipt.chapter_id for receipt in await run.ledger.do(Ledger.receipts)}
    for chapter in found.items:
        same = (
            chapter.id not in ours
            and chapter.uploader_id in ("", run.own_id)  # filters are not relied upon (5.3)
            and (chapter.chapter or None) == details.chapter
            and (chapter.volume or None) == details.volume
            and set(chapter.group_ids) == set(details.group_ids)
        )
        if same and (chapter.created_at is None or chapter.created_at >= since):
            return chapter
    return None


async def _find_edited(run: RunState, edit: EditTarget) -> Chapter | None:
    """The edited chapter, once it says what the commit said; None while it is as before or being processed."""
    details = run.plan.details
    while True:
        try:
            chapter = await run.control.until_stopped(run.service.chapter(edit.chapter_id))
            break
        except NotFound:
            return None  # a chapter that is being processed may be hidden
        except NOTHING_CHANGED as error:
            await run.back_off(error)
        except RateLimited as error:
            await run.back_off(error, until=error.until)
        except MangaDexError as error:
            raise given_up(error) from error
    found = chapter.metadata
    same = (found.volume, found.chapter, found.title, found.language) == (
        details.volume,
        details.chapter,
        details.title,
        details.language,
    )
    pages = chapter.pages in (None, 0, len(run.plan.pages))
    return chapter if chapter.version > edit.version and same and pages else None
