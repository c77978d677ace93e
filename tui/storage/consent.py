"""For how long somebody accepted the upload terms: one entry an account and service, with its date.

Only the person at the screen gives it, and it can be taken back at any time. Without it the terms are accepted
at each commit. A file that cannot be read counts as no acceptance.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tui.storage.errors import StorageError
from tui.storage.files import exclusive, read_bounded, write_private

TERMS = "https://mangadex.org/compliance"
"""The service's upload terms (`mangadex-api.md` 1.1)."""
LONGEST_DAYS = 90
_LIMIT = 1 << 16
_MOST = 50


@dataclass(frozen=True, slots=True)
class Consent:
    """An acceptance for a stated time. Times are aware, UTC."""

    account: str
    given_at: datetime
    until: datetime


class ConsentStore:
    """The file with the acceptances."""

    def __init__(self, path: Path, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._path = path
        self._now = now

    def standing(self, account: str, api_url: str) -> Consent | None:
        """The acceptance that holds now. One that lies in the future, after a clock was set back, does not."""
        entry = self._read().get(_key(account, api_url))
        if not isinstance(entry, dict):
            return None
        given_at, until = _moment(entry.get("given_at")), _moment(entry.get("until"))
        # A file changed by hand must not accept for longer than anybody could.
        if given_at is None or until is None or until - given_at > timedelta(days=LONGEST_DAYS):
            return None
        return Consent(account, given_at, until) if given_at <= self._now() < until else None

    def give(self, account: str, api_url: str, days: int) -> Consent:
        """Accept for `days` days from now. ValueError unless it is 1 to LONGEST_DAYS; StorageError."""
        if not account or not 1 <= days <= LONGEST_DAYS:
            raise ValueError(f"1 to {LONGEST_DAYS} days, by somebody who is logged in")
        given = Consent(account, self._now(), self._now() + timedelta(days=days))
        with exclusive(self._path):
            entries = self._read()
            entries.pop(_key(account, api_url), None)
            entries[_key(account, api_url)] = {
                "given_at": given.given_at.isoformat(timespec="seconds"),
                "until": given.until.isoformat(timespec="seconds"),
                "terms": TERMS,
            }
            while len(entries) > _MOST:
                del entries[next(iter(entries))]
            self._write(entries)
        return given

    def revoke(self, account: str, api_url: str) -> bool:
        """Take it back; whether there was anything to take back. StorageError."""
        with exclusive(self._path):
            entries = self._read()
            if entries.pop(_key(account, api_url), None) is None:
                return False
            self._write(entries)
        return True

    def _read(self) -> dict[str, Any]:
        try:
            data = read_bounded(self._path, _LIMIT)
            raw = json.loads(data) if data is not None else {}
        except (StorageError, ValueError, RecursionError):
            return {}
        entries = raw.get("accepted") if isinstance(raw, dict) else None
        return dict(entries) if isinstance(entries, dict) else {}

    def _write(self, entries: dict[str, Any]) -> None:
        write_private(self._path, json.dumps({"version": 1, "accepted": entries}, indent=1).encode("ascii"))


def _key(account: str, api_url: str) -> str:
    return f"{account}@{api_url}"


def _moment(value: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return moment if moment is not None and moment.utcoffset() is not None else None
