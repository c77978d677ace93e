"""Answers of searches: kept with their age, bounded, private, and never in the way."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from tui.storage.search_cache import KEPT_SECONDS, SearchCache


class Time:
    now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "searches.json"


def test_an_answer_has_an_age_and_an_end(path: Path, time: Time) -> None:
    cache = SearchCache(path, time)
    assert cache.get("a") is None
    cache.put("a", [{"id": "1", "name": "港\udce3"}])
    time.now += 3600
    kept = SearchCache(path, time).get("a")
    assert kept is not None
    assert (kept.value, kept.age) == ([{"id": "1", "name": "港\udce3"}], 3600)
    time.now -= 7200
    assert cache.get("a") is None, "the clock was set back"
    time.now += 3600 + KEPT_SECONDS + 1
    assert cache.get("a") is None
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_it_is_bounded_and_the_oldest_go(path: Path, time: Time) -> None:
    cache = SearchCache(path, time)
    for number in range(40):
        cache.put(f"k{number}", "x" * 60_000)
    assert path.stat().st_size <= 1 << 20
    assert cache.get("k39") is not None
    assert cache.get("k0") is None
    cache.put("k" * 10_000, 1)
    assert cache.get("k" * 10_000) is None
    cache.put("huge", "x" * (2 << 20))
    assert path.stat().st_size <= 1 << 20


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"\xff", b'{"answers": {"a": 1}}', b'{"answers": {"a": ["x", 1]}}', b"[" * 100_000],
)
def test_what_cannot_be_read_counts_as_never_asked(path: Path, time: Time, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    cache = SearchCache(path, time)
    assert cache.get("a") is None
    cache.put("a", 2)
    kept = cache.get("a")
    assert kept is not None
    assert kept.value == 2
