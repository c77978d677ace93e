"""The knobs of the sandbox."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class SandboxOptions:
    """How the sandbox behaves. The defaults are what the service documents.

    What no source documents is a switch here (`mangadex-api.md` 6); its default is the likelier reading.
    Times are seconds, speeds bits a second, 0 switches a limit off.
    """

    port: int = 0
    """0 takes any free port."""
    username: str = "sandbox"
    password: str = "open-sesame"  # noqa: S105 - an account of the sandbox
    client_id: str = "personal-client-5ac1f2d4-6c1e-4e0b-9a52-3f1d0e8b7a10-sandbox"
    client_secret: str = "sandbox-client-secret"  # noqa: S105 - a client of the sandbox

    data: Path | None = None
    """Committed chapters are kept under data/chapters/<chapter id>/; a temporary folder when None."""

    latency: float = 0.0
    """Added before every request is looked at."""
    uplink_bits_per_second: float = 0
    """Speed at which request bodies arrive, shared by all connections."""

    access_token_life: float = 900.0
    refresh_token_life: float = 2_419_200.0
    single_use_refresh: bool = True
    """A refresh token that was exchanged once is refused. Unknown of the service."""

    rate_limits: bool = True
    requests_per_second: float = 5.0
    """Of one address over the whole API."""
    burst: int = 10
    """Requests that may come at once before requests_per_second counts. Undocumented ("a floor")."""
    ban_after: int = 0
    """Refused requests in a minute after which the address is banned for a minute; 0 never bans."""

    strict_terms: bool = True
    """A commit without termsAccepted: true is refused."""
    approval_required: bool = False
    """Staff must approve what this account uploads before anyone sees it."""
    approval_seconds: float = 0.0
    """With approval_required: staff approves so long after the commit; 0 leaves it to /_sandbox/approve."""
    processing_seconds: float = 0.0
    """How long a committed chapter is processed; until then nothing lists it."""
    pages_lost: int = 0
    """So many pages fewer are counted once a chapter is processed. No source says that it happens."""
    publish_delay_seconds: float = 0.0
    """Added to readableAt of a chapter without publishAt."""
    publish_window_days: float = 14.0
    """publishAt may lie this far ahead."""
    external_urls: bool = False
    """Whether the account has the permission to link chapters elsewhere."""
    session_life: float = 0.0
    """An open session that nobody touches for so long vanishes; 0 keeps it. Unknown of the service."""

    open_session_status: int = 400
    """Answer to begin while a session is open. Unknown of the service."""
    too_many_files_status: int = 400
    """Answer to more than 10 files in a request. Unknown of the service."""
    name_refused_files: bool = True
    """Whether the error of a refused file begins with the file's name. Unknown of the service."""
    all_refused_result: str = "ok"
    """`result` of an answer to files of which none was taken: "ok" or "error". Unknown of the service."""
    list_session_files: bool = True
    """Whether GET /upload honours includes[]=upload_session_file, which the specification does not mention."""
    refuse_same_content: bool = False
    """Whether a session takes the same bytes only once. Unknown of the service."""
    maps_as_lists: bool = False
    """Whether every empty map is sent as []; the aggregate's maps always are."""
    list_scheduled: bool = False
    """Whether lists show chapters with publishAt in the future when includeFuturePublishAt is not given."""
    own_unlisted_visible: bool = False
    """Whether an uploader sees a chapter by id before it is processed and approved. Unknown of the service."""
    guests_may_search: bool = True
    """Whether manga, groups and chapters are shown without a login."""

    clock: Callable[[], float] = time.time
    """Epoch seconds; a test may bring its own."""
