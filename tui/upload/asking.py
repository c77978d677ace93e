"""Asking the server for the account's open session: the truth after every doubt."""

from __future__ import annotations

from tui.mangadex.errors import (
    BadAnswer,
    ConnectFailed,
    MangaDexError,
    NotFound,
    RateLimited,
    Unavailable,
)
from tui.mangadex.models import UploadSession
from tui.upload.failing import given_up, session_gone
from tui.upload.run_state import RunState

NOTHING_CHANGED = (ConnectFailed, Unavailable, BadAnswer, NotFound)
"""A question that failed like this may be asked again. (The service says "no session" in a way of its own; a
bare 404 is a load balancer's.)"""


async def ask_session(run: RunState) -> UploadSession | None:
    """The account's open session, asked again while the service has trouble; None when there is none.

    A session that is committed or deleted already counts as none: it takes no more pages, and its place is
    free (`mangadex-api.md` 6). Waits while the user has paused. Raises GivenUp, StopRequested.
    """
    session = await ask_any_session(run)
    return session if session is not None and session.is_open else None


async def ask_own_session(run: RunState, why: str) -> UploadSession:
    """The session that the pages go to. Raises SessionGone, with `why`, when it is not open any more."""
    session = await ask_any_session(run)
    if session is not None and session.id != run.session_id:
        raise session_gone(f"{why} Another session, {session.id}, is open in its place; it is left alone.")
    if session is None or session.is_deleted:
        raise session_gone(why)
    if session.is_committed:
        raise session_gone("It was committed meanwhile, and not by this upload.")
    return session


async def ask_any_session(run: RunState) -> UploadSession | None:
    """The same, with a session that is committed or deleted as the server lists it."""
    while True:
        await run.control.wait_while_paused()
        try:
            # No reason to count failures anew when it works: what it was asked for may still fail.
            return await run.control.until_stopped(run.service.current_session())
        except NOTHING_CHANGED as error:
            await run.back_off(error)
        except RateLimited as error:
            await run.back_off(error, until=error.until)
        except MangaDexError as error:
            raise given_up(error) from error
