"""The last step: the gate, the commit, and what to do when its answer is lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tui.mangadex.errors import (
    ConnectFailed,
    MangaDexError,
    NotFound,
    RateLimited,
    Unavailable,
    UnknownOutcome,
)
from tui.mangadex.models import Chapter, ChapterDraft
from tui.upload import events
from tui.upload.exits import Exit
from tui.upload.failing import FATAL, given_up, session_gone
from tui.upload.gate import GateVerdict, check_gate
from tui.upload.ledger import Ledger, PageRecord, PageState, Stage
from tui.upload.opening import ask_session
from tui.upload.run_state import GivenUp, RunState

_LOOKS = 5
"""Times a chapter is looked for after a lost answer; processing keeps it out of lists for a while."""
_LOOK_PAUSE = 3.0
_SKEW = timedelta(minutes=2)
"""Clocks of this machine and the service may differ by that much."""


async def look_through_gate(run: RunState) -> GateVerdict:
    """Compare plan, ledger and server. Once every page is there, what is not in the plan is removed; pages
    that turn out to be missing are planned again, and the verdict is not open then."""
    while True:
        session = await ask_session(run)
        if session is None or session.id != run.session_id:
            raise session_gone("It vanished before the commit.")
        verdict = check_gate(run.plan, run.accepted, session)
        found_again = {
            position: PageRecord(PageState.ACCEPTED, file_id)
            for position, file_id in verdict.file_ids.items()
            if run.records[position].file_id != file_id
        }
        await run.record(found_again)
        if verdict.missing or not verdict.strangers:
            break
        await _remove_strangers(run, verdict.strangers)
    if verdict.missing:
        lost = [p for p in verdict.missing if run.records[p].state is not PageState.REFUSED]
        await run.plan_again(lost)
        if lost:
            run.emit(events.Reconciled(kept=tuple(sorted(verdict.file_ids)), lost=tuple(lost)))
    return verdict


async def _remove_strangers(run: RunState, file_ids: tuple[str, ...]) -> None:
    try:
        await run.service.delete_files(run.session_id, file_ids)
    except (ConnectFailed, UnknownOutcome, Unavailable) as error:
        await run.back_off(error)
        return
    except RateLimited as error:
        await run.back_off(error, until=error.until)
        return
    except NotFound:
        return  # some of them, or the session, is gone already: the gate asks again
    except MangaDexError as error:
        raise given_up(error) from error
    run.worked()
    run.emit(events.StrangersRemoved(count=len(file_ids)))


async def commit(run: RunState) -> None:
    """Commit, exactly once, after one more look through the gate. Raises GivenUp when it did not happen."""
    while True:
        verdict = await look_through_gate(run)
        if not verdict.is_open:
            raise _pages_missing(run, verdict)
        await run.ledger.do(Ledger.set_stage, run.plan.id, Stage.COMMITTING)
        run.emit(events.CommitStarted())
        intent = run.clock.now()
        try:
            chapter = await run.service.commit(
                run.session_id, _draft(run), verdict.page_order(run.plan), terms_accepted=True
            )
        except ConnectFailed as error:
            await run.ledger.do(Ledger.set_stage, run.plan.id, Stage.SENDING)
            await run.back_off(error)
            continue
        except RateLimited as error:
            await run.ledger.do(Ledger.set_stage, run.plan.id, Stage.SENDING)
            await run.back_off(error, until=error.until)
            continue
        except FATAL as error:
            await run.ledger.do(Ledger.set_stage, run.plan.id, Stage.SENDING)
            raise given_up(error) from error
        except (UnknownOutcome, Unavailable, NotFound) as error:
            run.emit(
                events.Reconciling(
                    reason=f"The answer to the commit was lost ({error.detail or error.title})."
                )
            )
            if await settle_commit(run, intent):
                return
            await run.back_off(error)
            continue
        except MangaDexError as error:
            await run.ledger.do(Ledger.set_stage, run.plan.id, Stage.SENDING)
            raise given_up(error) from error
        await _finish(run, chapter.id, "answer")
        return


async def settle_commit(run: RunState, intent: float) -> bool:
    """Did a commit whose answer was lost happen? True when it is settled that it did, or cannot be known
    (CommitUnknown); False when the session is surely still open, so that the commit may be sent again."""
    for look in range(_LOOKS):
        session = await ask_session(run)
        open_still = session is not None and session.id == run.session_id and not session.is_committed
        chapter = await _find_chapter(run, intent)
        if chapter is not None:
            await _finish(run, chapter.id, "lookup")
            return True
        if open_still and look > 0:
            await run.ledger.do(Ledger.set_stage, run.plan.id, Stage.SENDING)
            return False  # twice open, and no chapter: the commit did not arrive
        if look < _LOOKS - 1:
            await run.control.sleep(_LOOK_PAUSE * (look + 1))
    reason = (
        "the upload session is gone from the server, but the chapter is not in its lists yet. Look at the "
        "title on MangaDex, or let dexup ask again later."
    )
    await run.ledger.do(Ledger.finish, run.plan, run.account, "", "unknown")
    run.emit(events.CommitUnknown(reason=reason))
    return True


async def _find_chapter(run: RunState, intent: float) -> Chapter | None:
    """A chapter like the plan's, by this account, made since the session or the commit began."""
    details = run.plan.details
    while True:
        try:
            me = await run.service.me()
            found = await run.service.chapters(
                manga_id=details.manga_id, language=details.language, uploader_id=me.id
            )
        except (ConnectFailed, Unavailable) as error:
            await run.back_off(error)
            continue
        except RateLimited as error:
            await run.back_off(error, until=error.until)
            continue
        except MangaDexError as error:
            raise given_up(error) from error
        break
    since = run.session_at or datetime.fromtimestamp(intent, UTC) - _SKEW
    known = await run.ledger.do(Ledger.receipts)
    ours = {receipt.chapter_id for receipt in known}
    for chapter in found.items:
        same = (
            chapter.id not in ours
            and chapter.chapter == details.chapter
            and (chapter.volume or None) == details.volume
            and set(chapter.group_ids) == set(details.group_ids)
        )
        if same and (chapter.created_at is None or chapter.created_at >= since):
            return chapter
    return None


async def _finish(run: RunState, chapter_id: str, settled_by: str) -> None:
    state = "committed" if settled_by == "answer" else "found"
    await run.ledger.do(Ledger.finish, run.plan, run.account, chapter_id, state)
    run.worked()
    run.emit(events.Committed(chapter_id=chapter_id, settled_by=settled_by))


def _draft(run: RunState) -> ChapterDraft:
    details = run.plan.details
    return ChapterDraft(
        volume=details.volume,
        chapter=details.chapter,
        title=details.title,
        language=details.language,
        external_url=details.external_url,
        publish_at=details.publish_at.astimezone(UTC) if details.publish_at else None,
    )


def _pages_missing(run: RunState, verdict: GateVerdict) -> GivenUp:
    names = ", ".join(f"{position} ({run.page(position).name})" for position in verdict.missing[:10])
    more = ", …" if len(verdict.missing) > 10 else ""
    return GivenUp(
        "The server does not hold every page",
        f"missing: {names}{more}",
        "Nothing was committed. Resume the upload to send them.",
        Exit.RESUMABLE,
    )
