"""The last step: the gate, the commit, and what to do when its answer is lost."""

from __future__ import annotations

from datetime import UTC

from tui.mangadex.errors import (
    ConnectFailed,
    MangaDexError,
    NotFound,
    RateLimited,
    Refused,
    Unavailable,
    UnknownOutcome,
)
from tui.mangadex.models import ChapterDraft, UploadSession
from tui.upload import events
from tui.upload.asking import ask_own_session
from tui.upload.edit_session import check_chapter_pages, check_unchanged
from tui.upload.exits import Exit
from tui.upload.failing import given_up
from tui.upload.gate import GateVerdict, check_gate
from tui.upload.ledger import Ledger
from tui.upload.ledger_entry import PageRecord, PageState, Stage
from tui.upload.removing import remove_files
from tui.upload.run_state import GivenUp, RunState
from tui.upload.settling import finish, settle_commit
from tui.upload.trouble import words_of

_FRESH = 2.0
"""Seconds for which what was seen at the gate counts: whoever commits at once needs no second look."""
_ROUNDS = 5
"""Times that files which are no pages of the plan are removed before that is given up."""
_PAUSE = 1.0
"""Seconds before the server is asked again whether they are gone, more each time."""
_GRACE = 10.0
"""Seconds that a commit gets to be answered after a stop."""


async def look_through_gate(run: RunState) -> GateVerdict:
    """Compare plan, ledger and server. Once every page is there, what is not in the plan is removed; pages
    that turn out to be missing are planned again, and the verdict is not open then. Raises GivenUp when files do
    not go away."""
    for removed in range(_ROUNDS + 1):
        if removed > 1:  # a server may list for a while what it has deleted
            await run.control.sleep(_PAUSE * (removed - 1))
        session = await ask_own_session(run, "It vanished before the commit.")
        verdict = check_gate(run.plan, run.accepted, session)
        check_chapter_pages(run, verdict)
        found_again = {
            position: PageRecord(PageState.ACCEPTED, file_id)
            for position, file_id in verdict.file_ids.items()
            if run.records[position].file_id != file_id
        }
        await run.record(found_again)
        if verdict.missing or not verdict.strangers:
            break
        if removed == _ROUNDS:
            raise _strangers_stay(session, verdict.strangers)
        await remove_files(run, verdict.strangers)
    if verdict.missing:
        lost = [p for p in verdict.missing if run.records[p].state is not PageState.REFUSED]
        await run.plan_again(lost)
        if lost:
            run.emit(events.Reconciled(kept=tuple(sorted(verdict.file_ids)), lost=tuple(lost)))
    return verdict


async def commit(run: RunState) -> None:
    """Commit, exactly once, after one more look through the gate, unless there was one a moment ago. Raises GivenUp
    when it did not happen."""
    while True:
        verdict = _just_seen(run) or await look_through_gate(run)
        if not verdict.is_open:
            raise _pages_missing(run, verdict)
        if run.plan.edit is not None:
            await check_unchanged(run, run.plan.edit)
        await run.ledger.do(Ledger.set_stage, run.plan.id, Stage.COMMITTING)
        run.emit(events.CommitStarted())
        run.unsettled_commit = run.clock.now()
        try:
            chapter = await run.control.until_stopped(
                run.service.commit(
                    run.session_id, _draft(run), verdict.page_order(run.plan), terms_accepted=True
                ),
                grace=_GRACE,
            )
        except (ConnectFailed, RateLimited) as error:
            await _did_not_arrive(run)
            await run.back_off(error, until=error.until if isinstance(error, RateLimited) else 0.0)
            continue
        except (UnknownOutcome, Unavailable, NotFound) as error:
            run.emit(events.Reconciling(reason=f"The answer to the commit was lost ({words_of(error)})."))
            if await settle_commit(run, run.unsettled_commit):
                return
            # The session is open and holds no chapter: nothing was published so far. It may still come late,
            # so that a session that vanishes from now on is looked into.
            run.doubted_commit = run.doubted_commit or run.unsettled_commit
            run.unsettled_commit = None
            await run.back_off(error)
            continue
        except Refused as error:
            await _did_not_arrive(run)
            if verdict.trusted_ledger and _speaks_of_files(error, verdict):
                await run.plan_again([page.position for page in run.plan.pages])
                raise _ledger_was_wrong(error) from error
            raise given_up(error) from error
        except MangaDexError as error:
            await _did_not_arrive(run)
            raise given_up(error) from error
        await finish(run, chapter.id, "answer")
        return


def _just_seen(run: RunState) -> GateVerdict | None:
    """What was seen at the gate a moment ago; it serves one commit."""
    gate, run.gate = run.gate, None
    return gate[1] if gate is not None and run.clock.monotonic() - gate[0] <= _FRESH else None


async def _did_not_arrive(run: RunState) -> None:
    """This commit surely did nothing; an earlier one may still come late."""
    run.unsettled_commit = None
    await run.ledger.do(Ledger.commit_refused, run.plan.id, surely=run.doubted_commit is None)


def _speaks_of_files(error: Refused, verdict: GateVerdict) -> bool:
    """Whether the commit was refused for its page order, and not for a field of the chapter."""
    words = f"{error}".casefold()
    return "pageorder" in words or any(file_id and file_id in words for file_id in verdict.file_ids.values())


def _ledger_was_wrong(error: Refused) -> GivenUp:
    return GivenUp(
        "The server does not hold every page",
        f"It does not list the session's files, and refused the commit: {error}",
        "Nothing was committed. Resume the upload: every page is sent again.",
        Exit.RESUMABLE,
    )


def _strangers_stay(session: UploadSession, file_ids: tuple[str, ...]) -> GivenUp:
    names = [file.name or file.id for file in session.files if file.id in file_ids]
    more = ", …" if len(names) > 5 else ""
    return GivenUp(
        "Files that are no pages of this chapter do not leave the upload session",
        f"{len(names)}: {', '.join(names[:5])}{more}",
        "Nothing was committed. Resume later, or abandon the session and upload anew.",
        Exit.RESUMABLE,
    )


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
