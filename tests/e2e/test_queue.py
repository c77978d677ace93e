"""Fifty chapters, five of them broken, and a process that is killed twice in the middle: everything else is
committed exactly once, in order, under its own number."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.headless import Dexup, png
from tests.support.killing import Ended, Forge
from tui.sandbox.options import SandboxOptions
from tui.sandbox.server import SandboxServer

COUNT = 50
BROKEN = {7, 13, 21, 33, 44}
NOWHERE = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def dexup(tmp_path: Path) -> Iterator[Dexup]:
    with SandboxServer(SandboxOptions(data=tmp_path / "data", rate_limits=False)) as server:
        yield Dexup(tmp_path / "home", server, tmp_path / "data")


@pytest.fixture(scope="module")
def forge() -> Iterator[Forge]:
    with Forge() as made:
        yield made


def write_chapters(folder: Path, count: int) -> dict[int, list[bytes]]:
    """`folder` with that many chapters of two or three pages, numbered from 101; number -> their pages."""
    chapters: dict[int, list[bytes]] = {}
    for number in range(1, count + 1):
        pages = [png(number * 10 + page, 1) for page in range(2 + number % 2)]
        below = folder / f"Harbour Lights - c{100 + number} (en)"
        below.mkdir(parents=True)
        for place, content in enumerate(pages, 1):
            (below / f"{place}.png").write_bytes(content)
        chapters[number] = pages
    return chapters


class Commands:
    """`dexup` in forked processes whose clock jumps, so that no wait takes time."""

    def __init__(self, forge: Forge, dexup: Dexup) -> None:
        self._forge, self._dexup = forge, dexup

    def __call__(self, *arguments: str | Path, kill_at: int = 0) -> Ended:
        return self._forge.run(
            self._dexup.home, self._dexup.environ, [str(argument) for argument in arguments], kill_at
        )

    def states(self) -> dict[int, dict[str, object]]:
        listed = self("queue", "list", "--json")
        assert listed.code == 0, listed
        return {entry["number"]: entry for entry in map(json.loads, listed.out.splitlines())}


def committed(dexup: Dexup, before: set[str]) -> list[tuple[str | None, list[bytes]]]:
    """(number, pages) of every chapter made since `before`, oldest first."""
    state = dexup.server.state
    return [
        (chapter.chapter, [state.page_bytes(id_, page) for page in range(1, len(chapter.pages) + 1)])
        for id_, chapter in state.chapters.items()
        if id_ not in before
    ]


def test_fifty_chapters_with_five_broken_ones_survive_two_kills(
    dexup: Dexup, forge: Forge, tmp_path: Path
) -> None:
    run = Commands(forge, dexup)
    before = set(dexup.server.state.chapters)
    chapters = write_chapters(tmp_path / "in", COUNT)
    broken = tmp_path / "in" / "Harbour Lights - c107 (en)" / "1.png"
    broken.write_bytes(broken.read_bytes()[:-60])
    for page in (tmp_path / "in" / "Harbour Lights - c113 (en)").iterdir():
        page.unlink()
    added = run("queue", "add", tmp_path / "in", "--manga", dexup.manga, "--group", dexup.group)
    assert added.code == 0, added
    assert "50 chapters added" in added.out
    (tmp_path / "in" / "Harbour Lights - c121 (en)").rename(tmp_path / "elsewhere")
    assert run("queue", "set", "33", "chapter=10").code == 0  # by this group, and there already
    assert run("queue", "set", "44", f"manga={NOWHERE}").code == 0

    arguments = ("queue", "run", "--accept-terms")
    first = run(*arguments, kill_at=900)
    assert first.killed, first
    some = len(committed(dexup, before))
    second = run(*arguments, kill_at=900)
    assert second.killed, second
    assert 0 < some < len(committed(dexup, before)) < COUNT - len(BROKEN)
    last = run(*arguments)
    assert last.code == 1, last

    good = [number for number in chapters if number not in BROKEN]
    assert committed(dexup, before) == [(str(100 + number), chapters[number]) for number in good]
    states = run.states()
    assert {n for n, entry in states.items() if entry["state"] == "committed"} == set(good)
    problems = {number: str(states[number]["problem"]) for number in BROKEN}
    assert "1.png" in problems[7]
    assert "no images" in problems[13].lower() or "no page" in problems[13].lower(), problems[13]
    assert "c121" in problems[21] or "not there" in problems[21].lower(), problems[21]
    assert "https://mangadex.org/chapter/" in problems[33]
    assert "404" in problems[44] or "not" in problems[44].lower()
    for number in BROKEN:
        assert f"Entry {number}," in last.out

    again = run(*arguments)
    assert again.code == 1
    assert len(committed(dexup, before)) == len(good)
