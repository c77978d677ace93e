"""Removing files from the open session."""

from __future__ import annotations

from collections.abc import Sequence

from tui.mangadex.errors import (
    ConnectFailed,
    MangaDexError,
    NotFound,
    RateLimited,
    Unavailable,
    UnknownOutcome,
)
from tui.upload import events
from tui.upload.failing import given_up
from tui.upload.run_state import RunState


async def remove_files(run: RunState, file_ids: Sequence[str]) -> None:
    """Try once. Whoever wants them gone asks the server afterwards what it holds. Raises GivenUp."""
    try:
        await run.service.delete_files(run.session_id, file_ids)
    except (ConnectFailed, UnknownOutcome, Unavailable) as error:
        await run.back_off(error)
        return
    except RateLimited as error:
        await run.back_off(error, until=error.until)
        return
    except NotFound:
        return  # some of them, or the session, is gone already: the server is asked again
    except MangaDexError as error:
        raise given_up(error) from error
    run.worked()
    run.emit(events.StrangersRemoved(count=len(file_ids)))
