"""When to try again after a failure: a pure policy, so that tests and the countdown on the screen agree."""

from __future__ import annotations

import random

_FIRST = 1.0
_LONGEST = 60.0


def retry_delay(failures: int, attempts: int, jitter: float | None = None) -> float | None:
    """Seconds to wait after this many failures in a row, None to give up.

    Doubles from one second up to a minute, times 0.75 to 1.25 so that clients do not come back in step;
    `jitter` (0 to 1) replaces chance in tests.
    """
    if failures >= attempts:
        return None
    chance = random.random() if jitter is None else jitter
    return float(min(_LONGEST, _FIRST * 2 ** (failures - 1)) * (0.75 + chance / 2))
