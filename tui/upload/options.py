"""How an upload is done: what a user may set, and what to do with a session that is open already."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

MOST_FILES = 10
"""Files that one request may hold (`mangadex-api.md` 4.0)."""


class OnSession(StrEnum):
    """What to do when the account already has an upload session open."""

    FAIL = "fail"
    """Leave it alone and say so."""
    RESUME = "resume"
    """Go on in it with this plan, keeping every page that it already holds."""
    ABANDON = "abandon"
    """Delete it. Somebody must have decided that."""


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """Limits of the sender."""

    batch_files: int = MOST_FILES
    """Files in one request, 1 to MOST_FILES."""
    batch_bytes: int = 8_000_000
    """Bytes in one request before anything was measured; a larger page goes alone."""
    batch_seconds: float = 8.0
    """How long a request should take; the byte limit follows the measured speed."""
    in_flight: int = 2
    """Requests at the same time."""
    attempts: int = 5
    """Failures in a row before the engine gives up."""

    def __post_init__(self) -> None:
        if not 1 <= self.batch_files <= MOST_FILES:
            raise ValueError(f"batch_files is {self.batch_files}; a request holds 1 to {MOST_FILES} files")
        if self.in_flight < 1 or self.attempts < 1:
            raise ValueError("in_flight and attempts are at least 1")
