"""Exit codes of the headless commands, and of a failed upload."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """How a command ended; scripts rely on these numbers."""

    DONE = 0
    FINDINGS = 1
    USAGE = 2
    LOGIN = 3
    SESSION_OPEN = 4
    RESUMABLE = 5
    UNKNOWN = 6
    REFUSED = 7
    INTERRUPTED = 130
