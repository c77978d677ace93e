"""Until when the service wants no requests, for the next dexup: one that is started anew must not run into a limit
that the one before was waiting out."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from tui.storage.errors import StorageError
from tui.storage.files import exclusive, read_bounded, write_private

_LIMIT = 1 << 16
_LONGEST = 2 * 3600.0
"""Seconds; no limit lasts so long. A later second was written under a wrong clock, and would hide the true one."""


class KeptLimits:
    """Name of a limit -> epoch second, of one server. Blocking. What cannot be read counts as no limit."""

    def __init__(
        self,
        path: Path,
        api_url: str,
        on_problem: Callable[[str], None],
        now: Callable[[], float] = time.time,
    ) -> None:
        """`on_problem` hears, once, that the file cannot be written."""
        self._path = path
        self._api_url = api_url
        self._on_problem = on_problem
        self._now = now
        self._told = False

    def load(self) -> dict[str, float]:
        """What is kept and not over yet."""
        return self._read().get(self._api_url, {})

    def keep(self, limits: Mapping[str, float]) -> None:
        """Add to what is kept; the later second counts."""
        try:
            with exclusive(self._path):
                kept = self._read()
                mine = kept.setdefault(self._api_url, {})
                for name, until in limits.items():
                    mine[name] = max(until, mine.get(name, 0.0))
                write_private(self._path, json.dumps(kept).encode())
        except StorageError as error:
            if not self._told:
                self._told = True
                self._on_problem(f"{error.title} The next dexup will not know of the limit.")

    def _read(self) -> dict[str, dict[str, float]]:
        try:
            found = json.loads(read_bounded(self._path, _LIMIT) or b"{}")
        except (StorageError, ValueError, RecursionError):
            return {}
        now = self._now()
        servers = found.items() if isinstance(found, dict) else ()
        return {
            server: {
                name: float(until)
                for name, until in limits.items()
                if isinstance(until, int | float) and now < until < now + _LONGEST
            }
            for server, limits in servers
            if isinstance(limits, dict)
        }
