"""Limits of the service outlive the process that met them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.clock import FakeClock
from tui.mangadex.endpoints import COMMIT, MANGA, UPLOAD
from tui.mangadex.limits import Limiter
from tui.storage.kept_limits import KeptLimits

API = "https://api.example"
NOW = 1_800_000_000.0


def kept(path: Path, problems: list[str] | None = None, api: str = API, now: float = NOW) -> KeptLimits:
    told = [] if problems is None else problems
    return KeptLimits(path, api, told.append, now=lambda: now)


def refused(limiter: Limiter, name: str, until: float | None, status: int = 429) -> None:
    headers = {} if until is None else {"x-ratelimit-retry-after": str(until), "x-ratelimit-remaining": "0"}
    limiter.learn(name, status, headers)


async def test_the_next_process_waits_out_what_the_one_before_has_met(tmp_path: Path) -> None:
    path = tmp_path / "state" / "limits.json"
    refused(Limiter(FakeClock(NOW), memory=kept(path)), UPLOAD.limit_name, NOW + 40)
    refused(
        Limiter(FakeClock(NOW), memory=kept(path)), COMMIT.limit_name, NOW + 50, status=200
    )  # none is left
    clock = FakeClock(NOW + 10)
    heard: list[tuple[str, float]] = []
    limiter = Limiter(clock, lambda reason, until: heard.append((reason, until)), kept(path))
    await limiter.enter(MANGA.limit_name)
    assert clock.now() == NOW + 10
    await limiter.enter(UPLOAD.limit_name)
    assert NOW + 40 <= clock.now() < NOW + 43
    await limiter.enter(COMMIT.limit_name)
    assert NOW + 50 <= clock.now() < NOW + 53
    assert [f"MangaDex limits {UPLOAD.limit_name}", f"MangaDex limits {COMMIT.limit_name}"] == [
        reason for reason, _ in heard
    ]


async def test_a_limit_on_everything_is_kept_too_and_other_servers_have_their_own(tmp_path: Path) -> None:
    path = tmp_path / "limits.json"
    refused(Limiter(FakeClock(NOW), memory=kept(path)), MANGA.limit_name, None)
    clock = FakeClock(NOW)
    await Limiter(clock, memory=kept(path, api="https://other.example")).enter(MANGA.limit_name)
    assert clock.now() == NOW
    await Limiter(clock, memory=kept(path)).enter(UPLOAD.limit_name)
    assert clock.now() > NOW + 29


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b'{"https://api.example": {"": "soon", "x": 1e99}}'])
async def test_damage_and_impossible_seconds_are_no_limit(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "limits.json"
    path.write_bytes(content)
    clock = FakeClock(NOW)
    await Limiter(clock, memory=kept(path)).enter("x")
    assert clock.now() == NOW
    refused(Limiter(clock, memory=kept(path)), "x", NOW + 9)
    assert NOW + 9 <= kept(path).load()["x"] < NOW + 12
    assert kept(path, now=NOW + 20).load() == {}  # it is over


def test_a_folder_that_cannot_be_written_is_told_once(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file")
    problems: list[str] = []
    limiter = Limiter(FakeClock(NOW), memory=kept(tmp_path / "state" / "limits.json", problems))
    refused(limiter, "a", NOW + 5)
    refused(limiter, "b", NOW + 5)
    assert len(problems) == 1
    assert "will not know of the limit" in problems[0]
