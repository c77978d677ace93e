"""The upload terms, accepted for a stated time: dated, bounded, one account's own, and taken back."""

from __future__ import annotations

import json
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tui.storage.consent import LONGEST_DAYS, ConsentStore

API = "https://api.mangadex.org"
START = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "consent.json"


def at(path: Path, days: float = 0) -> ConsentStore:
    return ConsentStore(path, now=lambda: START + timedelta(days=days))


def test_it_holds_for_the_stated_time_and_no_longer(path: Path) -> None:
    assert at(path).standing("someone", API) is None
    given = at(path).give("someone", API, 30)
    assert (given.given_at, given.until) == (START, START + timedelta(days=30))
    assert at(path, 29.9).standing("someone", API) == given
    assert at(path, 30).standing("someone", API) is None
    assert at(path, -1).standing("someone", API) is None, "the clock was set back"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_it_is_one_accounts_own_on_one_service(path: Path) -> None:
    at(path).give("someone", API, 30)
    assert at(path).standing("another", API) is None
    assert at(path).standing("someone", "https://api.mangadex.dev") is None


def test_it_is_taken_back(path: Path) -> None:
    at(path).give("someone", API, 30)
    at(path).give("another", API, 7)
    assert at(path, 1).revoke("someone", API)
    assert at(path, 1).standing("someone", API) is None
    assert at(path, 1).standing("another", API) is not None
    assert not at(path).revoke("someone", API)


@pytest.mark.parametrize("days", [0, -1, LONGEST_DAYS + 1])
def test_time_is_bounded(path: Path, days: int) -> None:
    with pytest.raises(ValueError, match="days"):
        at(path).give("someone", API, days)
    with pytest.raises(ValueError, match="logged in"):
        at(path).give("", API, 30)


def test_a_file_that_was_tampered_with_accepts_nothing(path: Path) -> None:
    at(path).give("someone", API, 30)
    whole = path.read_text()
    for content in (
        whole.replace("2026-12-01", "2099-12-01"),
        whole.replace("+00:00", ""),
        whole.replace("2026-12-01T00:00:00+00:00", "soon"),
        "[]",
        "{",
        json.dumps({"accepted": {"someone@" + API: 1}}),
        "x" * 100_000,
    ):
        path.write_text(content)
        assert at(path, 1).standing("someone", API) is None, content[:80]
