"""The exit code that belongs to an error of the service."""

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
