"""How many requests an address may send (`mangadex-api.md` 3.1 to 3.3)."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass

_ID = r"[0-9a-fA-F-]{36}"


@dataclass(frozen=True, slots=True)
class Bucket:
    """Endpoints that share a fixed window."""

    name: str
    methods: str
    path: str
    requests: int
    seconds: float = 60.0

    def holds(self, method: str, path: str) -> bool:
        return method in self.methods.split() and re.fullmatch(self.path, path) is not None


BUCKETS = (
    Bucket("session", "GET", "/upload", 30),
    Bucket("begin", "POST", rf"/upload/begin(/{_ID})?", 20),
    Bucket("commit", "POST", rf"/upload/{_ID}/commit", 10),
    Bucket("files", "POST", rf"/upload/{_ID}", 250),
    Bucket("files", "DELETE", rf"/upload/{_ID}/({_ID}|batch)", 250),
    Bucket("abandon", "DELETE", rf"/upload/{_ID}", 30),
    # Its value is published nowhere; that it sends the headers is.
    Bucket("approval", "POST", "/upload/check-approval-required", 60),
    Bucket("edit-chapter", "PUT", rf"/chapter/{_ID}", 10),
    Bucket("delete-chapter", "DELETE", rf"/chapter/{_ID}", 10),
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the limits say to one request."""

    allowed: bool
    headers: dict[str, str]
    banned: bool = False


class RateLimits:
    """Counts every request of every address; `enabled` switches the refusing on and off."""

    def __init__(
        self,
        clock: Callable[[], float],
        *,
        enabled: bool,
        requests_per_second: float,
        burst: int,
        ban_after: int,
    ) -> None:
        self.enabled = enabled
        self._clock = clock
        self._per_second = requests_per_second
        self._burst = burst
        self._ban_after = ban_after
        self._levels: dict[str, tuple[float, float]] = {}
        """Address -> (requests still allowed at once, when that was so)."""
        self._windows: dict[tuple[str, str], tuple[float, int]] = {}
        """(address, bucket) -> (end of the window, requests counted in it)."""
        self._refused: dict[str, list[float]] = {}
        self._banned_until: dict[str, float] = {}

    def judge(self, address: str, method: str, path: str) -> Verdict:
        """Count a request and say whether it may pass."""
        now = self._clock()
        if not self.enabled:
            return Verdict(True, {})
        if now < self._banned_until.get(address, 0):
            # "the cooldown restarts with each request" (3.3)
            self._banned_until[address] = now + 60
            return Verdict(False, {}, banned=True)
        if not self._take_global(address, now):
            self._refuse(address, now)
            return Verdict(False, {})
        bucket = next((bucket for bucket in BUCKETS if bucket.holds(method, path)), None)
        if bucket is None:
            return Verdict(True, {})
        end, used = self._windows.get((address, bucket.name), (0.0, 0))
        if now >= end:
            end, used = now + bucket.seconds, 0
        used += 1
        self._windows[address, bucket.name] = (end, used)
        headers = {
            "X-RateLimit-Limit": str(bucket.requests),
            "X-RateLimit-Remaining": str(max(0, bucket.requests - used)),
            "X-RateLimit-Retry-After": str(math.ceil(end)),
        }
        if used > bucket.requests:
            self._refuse(address, now)
            return Verdict(False, headers)
        return Verdict(True, headers)

    def _take_global(self, address: str, now: float) -> bool:
        if self._per_second <= 0:
            return True
        level, at = self._levels.get(address, (float(self._burst), now))
        level = min(float(self._burst), level + (now - at) * self._per_second)
        allowed = level >= 1
        self._levels[address] = (level - 1 if allowed else level, now)
        return allowed

    def _refuse(self, address: str, now: float) -> None:
        if not self._ban_after:
            return
        recent = [at for at in self._refused.get(address, []) if at > now - 60]
        self._refused[address] = [*recent, now]
        if len(recent) + 1 >= self._ban_after:
            self._banned_until[address] = now + 60
