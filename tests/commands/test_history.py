"""What was committed, what became of it, and finding it again."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.headless import Dexup, write_chapter
from tui.sandbox.options import SandboxOptions


@pytest.fixture
def options(tmp_path: Path) -> SandboxOptions:
    return SandboxOptions(data=tmp_path / "data", rate_limits=False, approval_required=True, pages_lost=1)


def test_proof_search_and_states(dexup: Dexup, tmp_path: Path) -> None:
    write_chapter(tmp_path / "Low Tide", pages=3)
    assert dexup.upload(tmp_path / "Low Tide", "--accept-terms").code == 0
    (receipt,) = dexup.run("history", "--json").records
    assert (receipt["standing"], receipt["asked_at"]) == ("committed", None)

    (receipt,) = dexup.run("history", "--json", "--refresh").records
    assert receipt["standing"] == "waiting for approval"
    for chapter in dexup.server.state.chapters.values():
        chapter.approved = True
    (receipt,) = dexup.run("history", "--json", "--refresh").records
    assert (receipt["standing"], receipt["pages"], receipt["pages_counted"]) == ("visible", 3, 2)
    assert receipt["pages_differ"] is True

    shown = dexup.run("history", "--search", "tide HARBOUR", "--state", "visible")
    assert receipt["link"] in shown.out
    assert "counts 2 pages" in shown.out
    assert dexup.run("history", "--state", "waiting-for-approval").out == "Nothing matches.\n"
    assert dexup.run("history", "--search", "mountain").out == "Nothing matches.\n"
    assert dexup.run("history", "--state", "lost").code == 2
