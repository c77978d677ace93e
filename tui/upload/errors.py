"""Why an upload session is not abandoned, said like an error of the service."""

from __future__ import annotations

from tui.mangadex.errors import MangaDexError
from tui.upload.account_lock import AccountBusy


class InUse(MangaDexError):
    """Another dexup uploads with the account, perhaps into this very session."""

    remedy = "Wait until it has ended, or end it; the session is kept."

    def __init__(self, busy: AccountBusy) -> None:
        super().__init__("The upload session cannot be abandoned now", str(busy))


class StillThere(MangaDexError):
    """The server said yes to the abandon and lists the session all the same (`mangadex-api.md` 7)."""

    remedy = "Wait a minute, then look again."

    def __init__(self, session_id: str) -> None:
        super().__init__("The abandoned upload session is still there", f"session {session_id}")


class MaybeCommitted(MangaDexError):
    """The session was gone already, and a commit of it went out: it may be a chapter by now."""

    remedy = "Resume the upload (`dexup resume`): it asks what became of the commit. Nothing was deleted."

    def __init__(self, session_id: str) -> None:
        super().__init__(
            "The upload session was gone already; it may have been committed", f"session {session_id}"
        )
