"""What is different when the session changes the pages of a published chapter (`mangadex-api.md` 4.3).

Its pages are in the session from the start, cannot be sent again when they are lost there, and somebody may
change the chapter while the session is open. The chapter itself changes with the commit and not before.
"""

from __future__ import annotations

from collections.abc import Sequence

from tui.chapter.limits import LIMITS
from tui.mangadex.errors import MangaDexError, RateLimited
from tui.mangadex.models import Chapter, UploadSession
from tui.text import plural
from tui.upload.asking import NOTHING_CHANGED, ask_own_session, ask_session
from tui.upload.exits import Exit
from tui.upload.failing import given_up, session_gone
from tui.upload.gate import GateVerdict
from tui.upload.plan import EditTarget
from tui.upload.removing import remove_files
from tui.upload.run_state import GivenUp, RunState

_ANEW = "Abandon the session (the chapter stays as it is), then begin the edit anew."
_ROUNDS = 4


async def find_edit_session(run: RunState, edit: EditTarget) -> UploadSession:
    """The session that was begun for this edit. Raises SessionGone: no other one is ever taken for it."""
    session = await ask_session(run)
    if session is None:
        raise session_gone(
            f"Session {edit.session_id} is not on the server any more. Unless somebody committed it, chapter "
            f"{edit.chapter_id} is as it was."
        )
    if session.id != edit.session_id:
        raise session_gone(f"Another session, {session.id}, is open in its place; it is left alone.")
    return session


def check_chapter_pages(run: RunState, verdict: GateVerdict) -> None:
    """Raise GivenUp when a page of the chapter that the plan keeps is lost, or one is there that it does not
    know: a commit would delete what nobody decided to delete."""
    if run.plan.edit is None:
        return
    lost = [position for position in verdict.missing if run.page(position).remote_id]
    if lost:
        names = ", ".join(f"{position} ({run.page(position).name})" for position in lost[:10])
        raise GivenUp(
            "The session has lost pages of the chapter",
            f"missing: {names}; they are not on this machine, so that they cannot be sent again",
            _ANEW,
            Exit.REFUSED,
            resumable=False,
        )
    if verdict.unseen:
        raise GivenUp(
            "The session holds pages of the chapter that were not shown",
            f"{plural(len(verdict.unseen), 'page')}: a commit would delete them",
            _ANEW,
            Exit.REFUSED,
            resumable=False,
        )


async def make_room(run: RunState, edit: EditTarget, session: UploadSession, missing: Sequence[int]) -> None:
    """Delete the pages that are left out from the session, if it would be too full with them.

    Otherwise they stay until the commit leaves them out, so that they can still be taken in again.
    """
    for _ in range(_ROUNDS):
        out = [file.id for file in session.files if file.id in edit.left_out]
        size = sum(file.size or 0 for file in session.files) + sum(run.page(p).size for p in missing)
        count = len(session.files) + len(missing)
        if not out or (count <= LIMITS.session_files and size <= LIMITS.session_bytes):
            return
        await remove_files(run, out)
        session = await ask_own_session(run, "It vanished while room was made in it.")


async def ask_chapter(run: RunState, chapter_id: str) -> Chapter:
    """The chapter as it is now. Raises GivenUp, StopRequested."""
    while True:
        try:
            return await run.control.until_stopped(run.service.chapter(chapter_id))
        except NOTHING_CHANGED as error:
            await run.back_off(error)
        except RateLimited as error:
            await run.back_off(error, until=error.until)
        except MangaDexError as error:
            raise given_up(error) from error


async def check_unchanged(run: RunState, edit: EditTarget) -> None:
    """Raise GivenUp when somebody has changed the chapter since the edit began: a commit carries no version, and
    would overwrite that."""
    now = await ask_chapter(run, edit.chapter_id)
    if now.version != edit.version:
        raise GivenUp(
            "The chapter was changed meanwhile",
            f"it has version {now.version} now and had {edit.version} when the edit began",
            "Nothing was committed. Compare both, then decide what is kept.",
            Exit.REFUSED,
            conflict=True,
        )
