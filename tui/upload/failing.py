"""What an error of the service means for an upload that cannot go on."""

from __future__ import annotations

from tui.mangadex.errors import (
    BadAnswer,
    Banned,
    CaptchaRequired,
    Forbidden,
    LoginFailed,
    LoginRequired,
    MangaDexError,
    NotFound,
    RateLimited,
    Refused,
    TooLarge,
)
from tui.upload.errors import InUse, MaybeCommitted, StillThere
from tui.upload.exits import Exit
from tui.upload.run_state import GivenUp

_EXITS: tuple[tuple[type[MangaDexError], Exit], ...] = (
    (LoginRequired, Exit.LOGIN),
    (LoginFailed, Exit.LOGIN),
    (Banned, Exit.RESUMABLE),
    (CaptchaRequired, Exit.REFUSED),
    (Forbidden, Exit.REFUSED),
    (NotFound, Exit.REFUSED),
    (TooLarge, Exit.REFUSED),
    (Refused, Exit.REFUSED),
    (InUse, Exit.SESSION_OPEN),
    (StillThere, Exit.SESSION_OPEN),
    (MaybeCommitted, Exit.UNKNOWN),
    (RateLimited, Exit.RESUMABLE),
    (BadAnswer, Exit.RESUMABLE),
)


def exit_code_of(error: MangaDexError) -> Exit:
    """The exit code of a command that this error ends."""
    return next((code for kind, code in _EXITS if isinstance(error, kind)), Exit.RESUMABLE)


def given_up(error: MangaDexError, *, resumable: bool = True) -> GivenUp:
    """The end of the upload for this reason; not `resumable` when nothing was sent for its plan."""
    return GivenUp.because(error, exit_code_of(error), resumable=resumable)


class SessionGone(GivenUp):
    """The session vanished, and nobody here decided that: never papered over by a new one."""


def session_gone(detail: str) -> SessionGone:
    """The end of the upload because its session vanished."""
    return SessionGone(
        "The upload session is gone",
        detail,
        "It was abandoned or committed elsewhere, or the service dropped it. Look at the title on MangaDex; "
        "then start the upload anew, if you still want it.",
        Exit.REFUSED,
        resumable=False,
    )
