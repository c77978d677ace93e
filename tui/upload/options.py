"""How an upload is done: what a user may set, and what to do with a session that is open already."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

MOST_FILES = 10
"""Files that one request may hold (`mangadex-api.md` 4.0)."""

MOST_IN_FLIGHT = 3
"""Requests at the same time; more would only make each slower."""


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
    batch_bytes: int = 4_000_000
    """Bytes in one request before anything was measured; a larger page goes alone."""
    batch_seconds: float = 6.0
    """How long a request should take, so that a lost one costs no more; the byte limit follows the measured
    speed."""
    in_flight: int = MOST_IN_FLIGHT
    """Requests at the same time at most; how many it takes to keep the line busy is measured."""
    attempts: int = 5
    """Failures in a row before the engine gives up."""

    def __post_init__(self) -> None:
        if not 1 <= self.batch_files <= MOST_FILES:
            raise ValueError(f"batch_files is {self.batch_files}; a request holds 1 to {MOST_FILES} files")
        if not 1 <= self.in_flight <= MOST_IN_FLIGHT:
            raise ValueError(f"in_flight is {self.in_flight}; 1 to {MOST_IN_FLIGHT} requests go at a time")
        if self.attempts < 1:
            raise ValueError("attempts is at least 1")
