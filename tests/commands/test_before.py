"""What `dexup upload` says before it sends anything."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.headless import Dexup, write_chapter
from tui.sandbox.options import SandboxOptions


@pytest.fixture
def options(tmp_path: Path) -> SandboxOptions:
    """A commit is in no list: only our own receipt knows of it."""
    return SandboxOptions(data=tmp_path / "data", rate_limits=False, approval_required=True)


def test_duplicates_approval_and_cost(dexup: Dexup, tmp_path: Path) -> None:
    write_chapter(tmp_path / "c", pages=3)
    done = dexup.upload(tmp_path / "c", "--accept-terms", "--json")
    assert done.code == 0, done.err
    (before,) = [record for record in done.records if record["event"] == "before"]
    assert before["needs_approval"] is True
    assert before["duplicates"] == []
    paths = [entry.path for entry in dexup.server.requests]
    sent = [path for path in paths if path.startswith("/upload") and "approval" not in path]
    assert len(sent) == before["requests"], sent

    again = dexup.upload(tmp_path / "c", "--accept-terms", "--json", "--on-duplicate", "fail")
    assert again.code == 1
    (before,) = [record for record in again.records if record["event"] == "before"]
    (same,) = before["duplicates"]
    assert same["own"] is True
    assert same["link"].startswith("https://mangadex.org/chapter/")
    assert same["date"]
    assert f"already there: {same['link']}" in again.err
    assert len(dexup.committed()) == 1

    other = dexup.upload(
        tmp_path / "c", "--chapter", "6", "--accept-terms", "--json", "--on-duplicate", "fail"
    )
    assert other.code == 1
    (before,) = [record for record in other.records if record["event"] == "before"]
    assert before["duplicates"] == []
    assert [record["chapter"] for record in before["same_pages"]] == ["5"]
    assert "its pages were committed before" in other.err
    assert same["link"] in other.err
