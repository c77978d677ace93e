"""What counts against one rate limit: requests of the last moments by our own count, and the server's word."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from tui.mangadex.endpoints import Rate


@dataclass(slots=True)
class Entry:
    """One request that was let in."""

    at: float
    """When it left, or was let in if it could leave at once."""
    connecting: bool = False
    """It has not left yet: a connection is being made for it."""
    counts_until: float = math.inf
    """Sooner than its window would have it, once it was answered."""

    def until(self, seconds: float, now: float) -> float:
        """Up to when it counts in a window of so many seconds; while it has not left, as if it did so now."""
        return min((now if self.connecting else self.at) + seconds, self.counts_until)


@dataclass(slots=True)
class Bucket:
    """One limit: a window of our own counting, overruled by what the server says."""

    rate: Rate | None
    sent: list[Entry] = field(default_factory=list)
    in_flight: int = 0
    remaining: int | None = None
    until: float = 0.0
    """Epoch second at which `remaining` starts anew."""
    blocked_until: float = 0.0
    """Epoch second before which the server wants no request (429)."""
    announced: float = 0.0

    @property
    def connecting(self) -> bool:
        """Whether a request that counts has not left yet."""
        return any(entry.connecting for entry in self.sent)

    def seconds_until_free(self, now: float, requests: int = 1) -> float:
        """Until its own count allows so many more; 0 without a published rate."""
        if self.rate is None:
            return 0.0
        seconds = self.rate.seconds
        self.sent = [entry for entry in self.sent if entry.until(seconds, now) > now]
        allowed = self.rate.requests - requests
        if len(self.sent) <= allowed:
            return 0.0
        free = sorted(entry.until(seconds, now) for entry in self.sent)
        wait = free[-allowed - 1] - now
        return wait + 0.001 if wait > 0 else 0.0
