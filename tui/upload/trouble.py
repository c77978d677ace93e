"""What a failed request with pages means, and how it is settled by asking the server."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

from tui.mangadex.errors import (
    ConnectFailed,
    MangaDexError,
    NotFound,
    PageChanged,
    RateLimited,
    Refused,
    TooLarge,
    Unavailable,
    UnknownOutcome,
)
from tui.upload import events
from tui.upload.asking import ask_own_session
from tui.upload.exits import Exit
from tui.upload.failing import given_up
from tui.upload.ledger_entry import PageRecord, PageState
from tui.upload.plan import PlannedPage
from tui.upload.reconcile import match_files
from tui.upload.run_state import GivenUp, RunState


class Cause(Enum):
    """What is to blame for a request that failed."""

    LINE = auto()
    """The line, the service or its limits: the same may work later."""
    SESSION = auto()
    """Perhaps the session: the server does not know it."""
    BATCH = auto()
    """Something in the batch, as yet unknown what."""
    PAGE = auto()
    """One page, whose file is not what it was."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What an error says of its request."""

    cause: Cause
    arrived: bool = True
    """Whether the server may have kept pages of it, so that it has to be asked."""
    smaller: bool = False
    """Whether less should be sent at once from now on."""
    position: int | None = None
    """The page to blame."""


def diagnose(error: MangaDexError, pages: Sequence[PlannedPage]) -> Diagnosis:
    """What `error` says of a request with these pages. Raises GivenUp for what ends the upload."""
    if isinstance(error, PageChanged):
        bad = next((page.position for page in pages if page.part_name == error.part_name), None)
        if bad is None:
            raise GivenUp(error.title, error.detail, error.remedy, Exit.RESUMABLE)
        return Diagnosis(Cause.PAGE, position=bad)
    if isinstance(error, (UnknownOutcome, Unavailable)):
        return Diagnosis(Cause.LINE, smaller=True)
    if isinstance(error, (ConnectFailed, RateLimited)):
        return Diagnosis(Cause.LINE, arrived=False)
    if isinstance(error, NotFound):
        return Diagnosis(Cause.SESSION)
    if isinstance(error, (TooLarge, Refused)):
        return Diagnosis(Cause.BATCH, smaller=isinstance(error, TooLarge))
    raise given_up(error)


@dataclass(frozen=True, slots=True)
class Trouble:
    """Requests that failed at about the same time; settled once for all of them."""

    error: MangaDexError
    unknown: tuple[int, ...]
    """Positions that the server may or may not have kept."""
    unsent: tuple[int, ...]
    """Positions that surely did not reach it."""
    wait: bool
    """Whether to wait before anything is asked or sent."""
    until: float = 0.0
    """Epoch second that the service set for it."""

    @classmethod
    def joined(
        cls, before: Trouble | None, error: MangaDexError, batch: tuple[int, ...], found: Diagnosis
    ) -> Trouble:
        """`before`, if any, and one more failed request."""
        unknown, unsent = (batch, ()) if found.arrived else ((), batch)
        wait = found.cause is not Cause.PAGE
        until = error.until if isinstance(error, RateLimited) else 0.0
        if before is None:
            return cls(error, unknown, unsent, wait, until)
        return cls(
            error if wait else before.error,
            (*before.unknown, *unknown),
            (*before.unsent, *unsent),
            before.wait or wait,
            max(before.until, until),
        )


async def settle(run: RunState, trouble: Trouble) -> tuple[int, ...]:
    """Wait, then ask the server what it kept. The result is what has to be sent again, in the plan's order.

    Pages that wait for their turn may be found too: an earlier request can arrive after it was given up.
    """
    if trouble.wait:
        if trouble.unknown:
            run.emit(events.Reconciling(reason=f"{words_of(trouble.error)}."))
        await run.back_off(trouble.error, until=trouble.until)
    unknown = tuple(sorted(set(trouble.unknown)))
    kept = await _kept(run) if unknown else {}
    again = sorted({*trouble.unsent, *unknown} - set(kept))
    await run.record(
        {position: PageRecord(PageState.ACCEPTED, file_id) for position, file_id in kept.items()}
        | {position: PageRecord() for position in again}
    )
    if unknown:
        lost = tuple(position for position in unknown if position not in kept)
        run.emit(events.Reconciled(kept=tuple(sorted(kept)), lost=lost))
    for position, file_id in sorted(kept.items()):
        run.emit(events.PageAccepted(position=position, file_id=file_id))
    if kept:
        run.worked()
    return tuple(again)


async def _kept(run: RunState) -> dict[int, str]:
    session = await ask_own_session(run, "It vanished while pages were being sent.")
    taken = set(run.accepted.values())
    files = [file for file in session.files if file.id not in taken]
    open_pages = [*run.positions(PageState.SENDING), *run.positions(PageState.PLANNED)]
    return dict(match_files([run.page(position) for position in sorted(open_pages)], files).kept)


def words_of(error: MangaDexError) -> str:
    """The error in one line: what it is and what the server said."""
    return f"{error.title}: {error.detail}" if error.title and error.detail else error.detail or error.title
