"""Answers of the service's searches, kept for a while with their age. A convenience that may be deleted at any time.

One file of bounded size; what cannot be read counts as never asked.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tui.storage.errors import StorageError
from tui.storage.files import exclusive, read_bounded, write_private

KEPT_SECONDS = 7 * 86_400.0
"""An older answer is not given any more."""
_LIMIT = 1 << 20
_MOST = 400
_LONGEST_KEY = 600


@dataclass(frozen=True, slots=True)
class Kept:
    """One answer."""

    value: Any
    """What was kept: anything that JSON can say."""
    age: float
    """Seconds since it was given."""


class SearchCache:
    """Key -> answer. Blocking; any thread."""

    def __init__(self, path: Path, now: Callable[[], float] = time.time) -> None:
        self._path = path
        self._now = now

    def get(self, key: str) -> Kept | None:
        """The answer, unless there is none, or it is too old, or from the future (a clock was set back)."""
        entry = self._read().get(key)
        if not isinstance(entry, list) or len(entry) != 2 or not isinstance(entry[0], int | float):
            return None
        age = self._now() - entry[0]
        return Kept(entry[1], age) if 0 <= age <= KEPT_SECONDS else None

    def put(self, key: str, value: Any) -> None:
        """Keep an answer; the oldest go when there are too many. StorageError when it cannot be written."""
        if len(key) > _LONGEST_KEY:
            return
        with exclusive(self._path):
            entries = self._read()
            entries.pop(key, None)
            entries[key] = [self._now(), value]
            while len(entries) > _MOST:
                del entries[next(iter(entries))]
            data = _dump(entries)
            while len(data) > _LIMIT and entries:
                # A quarter at a time: packing all of it anew for each single one would take long.
                for old in list(entries)[: max(1, len(entries) // 4)]:
                    del entries[old]
                data = _dump(entries)
            write_private(self._path, data)

    def _read(self) -> dict[str, Any]:
        try:
            data = read_bounded(self._path, _LIMIT)
            raw = json.loads(data) if data is not None else {}
        except (StorageError, ValueError, RecursionError):
            return {}
        answers = raw.get("answers") if isinstance(raw, dict) else None
        return dict(answers) if isinstance(answers, dict) else {}


def _dump(entries: dict[str, Any]) -> bytes:
    return json.dumps({"version": 1, "answers": entries}, separators=(",", ":")).encode("ascii")
