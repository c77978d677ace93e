"""When to try again after a failure: a pure policy, so that tests and the countdown on the screen agree."""

from __future__ import annotations

import random

from tui.mangadex.errors import BadAnswer, ConnectFailed, MangaDexError, RateLimited, Unavailable
from tui.upload.events import Waiting

ATTEMPTS = 5
"""Of a question, before it is given up."""
_FIRST = 1.0
_LONGEST = 60.0
_PASSING = (ConnectFailed, Unavailable, BadAnswer, RateLimited)


def retry_delay(failures: int, attempts: int, jitter: float | None = None) -> float | None:
    """Seconds to wait after this many failures in a row, None to give up.

    Doubles from one second up to a minute, times 0.75 to 1.25 so that clients do not come back in step;
    `jitter` (0 to 1) replaces chance in tests.
    """
    if failures >= attempts:
        return None
    chance = random.random() if jitter is None else jitter
    return float(min(_LONGEST, _FIRST * 2 ** (failures - 1)) * (0.75 + chance / 2))


def wait_after(error: MangaDexError, failures: int, now: float) -> Waiting | None:
    """The wait before a question that failed this many times is asked again; None when asking again is of no
    use, or was tried often enough. `now` is an epoch second."""
    delay = retry_delay(failures, ATTEMPTS)
    if not isinstance(error, _PASSING) or delay is None:
        return None
    until = error.until if isinstance(error, RateLimited) else 0.0
    return Waiting(
        at=now, reason=str(error), until=max(until, now + delay), attempt=failures + 1, attempts=ATTEMPTS
    )
