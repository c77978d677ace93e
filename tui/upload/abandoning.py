"""Deleting an upload session on the server, because somebody decided it, and making sure that it is gone."""

from __future__ import annotations

from tui.mangadex.clock import Clock
from tui.mangadex.errors import ConnectFailed, MangaDexError, RateLimited, Unavailable, UnknownOutcome
from tui.upload import events
from tui.upload.asking import ask_session
from tui.upload.errors import MaybeCommitted, StillThere
from tui.upload.failing import given_up
from tui.upload.ledger import Ledger
from tui.upload.run_state import RunState
from tui.upload.service import Service

_LOOKS = 5
_PAUSE = 2.0
_GRACE = 5.0


async def abandon_session(run: RunState, session_id: str) -> None:
    """Delete a session as the first step of an upload.

    Raises GivenUp when it does not go away, and when it was gone already and may have been committed.
    """
    deleted = False
    while True:
        try:
            deleted = await run.control.until_stopped(run.service.abandon(session_id), grace=_GRACE)
            break
        except (ConnectFailed, Unavailable, UnknownOutcome) as error:
            await run.back_off(error)
            found = await ask_session(run)
            if found is None or found.id != session_id:
                break
        except RateLimited as error:
            await run.back_off(error, until=error.until)
        except MangaDexError as error:
            raise given_up(error) from error
    run.worked()
    for look in range(1, _LOOKS + 1):
        found = await ask_session(run)
        if found is None or found.id != session_id:
            break
        if look < _LOOKS:
            await run.control.sleep(_PAUSE * look)
    else:
        raise given_up(StillThere(session_id), resumable=False)
    if await run.ledger.do(Ledger.mark_abandoned, session_id, deleted=deleted):
        raise given_up(MaybeCommitted(session_id), resumable=False)
    run.emit(events.SessionAbandoned(session_id=session_id))


async def abandon_surely(service: Service, session_id: str, clock: Clock) -> bool:
    """Delete a session outside an upload; false when it was, or may have been, gone already. Raises a
    MangaDexError unless it is gone at the end."""
    deleted = False
    try:
        deleted = await service.abandon(session_id)
    except UnknownOutcome:
        found = await service.current_session()
        if found is not None and found.id == session_id:
            deleted = await service.abandon(session_id)
    for look in range(1, _LOOKS + 1):
        found = await service.current_session()
        if found is None or found.id != session_id or found.is_deleted:
            return deleted
        if look < _LOOKS:
            await clock.sleep(_PAUSE * look)
    raise StillThere(session_id)
