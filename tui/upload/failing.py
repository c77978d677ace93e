"""What an error of the service means for an upload that cannot go on."""

from __future__ import annotations

from tui.mangadex.errors import MangaDexError
from tui.upload.exit_codes import exit_code_of
from tui.upload.exits import Exit
from tui.upload.run_state import GivenUp


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
