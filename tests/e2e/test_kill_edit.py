"""An edit of a published chapter that is killed at any step: the chapter is as it was, or as it was to be."""

from __future__ import annotations

import itertools
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.support.headless import Dexup, write_chapter
from tests.support.killing import Ended, Forge
from tui.sandbox.options import SandboxOptions
from tui.sandbox.records import Chapter, StoredPage
from tui.sandbox.server import SandboxServer
from tui.upload.ledger import Ledger

SPARSE = 9
"""Of the points that nothing hangs on, every ninth; all of them take half a minute."""


@dataclass
class Arena:
    """A sandbox for many rounds; each edits a chapter of its own on a machine of its own."""

    folder: Path
    server: SandboxServer
    forge: Forge
    new: list[bytes]
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def round(self) -> Round:
        state = self.server.state
        assert not state.sessions
        self.server.requests.clear()
        now = state.now() - 1000
        chapter = Chapter(
            str(uuid.uuid4()), state.manga_id, [state.group_id], state.account.id, "1", "5", "Before", "en",
            None, now, now, now, now, now, pages=[StoredPage("image/png", 0, "", "", None) for _ in range(4)],
        )  # fmt: skip
        state.chapters[chapter.id] = chapter
        home = self.folder / f"home-{next(self.numbers)}"
        made = Round(self, Dexup(home, self.server, self.folder / "data"), chapter, [])
        made.before = made.pages()
        return made


@dataclass
class Round:
    """One edit on its way through several processes."""

    arena: Arena
    dexup: Dexup
    chapter: Chapter
    before: list[bytes]

    def pages(self) -> list[bytes]:
        state = self.arena.server.state
        now = state.chapters[self.chapter.id]
        return [state.page_bytes(now.id, number) for number in range(1, len(now.pages) + 1)]

    def edit(self, kill_at: int = 0, on_session: str = "fail") -> Ended:
        new = str(self.arena.folder / "new")
        return self._run(
            ["edit", self.chapter.id, "--order", "2,1,new,4", "--pages", new, "--title", "After",
             "--on-session", on_session, "--accept-terms", "--json"], kill_at
        )  # fmt: skip

    def resume(self) -> Ended:
        return self._run(["resume", "--accept-terms", "--json"], 0)

    def _run(self, arguments: list[str], kill_at: int) -> Ended:
        ended = self.arena.forge.run(self.dexup.home, self.dexup.environ, arguments, kill_at)
        end = time.monotonic() + 20
        while not all(request.ended_at for request in self.arena.server.requests):
            assert time.monotonic() < end, "a request of a dead process never ended"
            time.sleep(0.002)
        return ended

    def finish(self) -> Ended:
        """What a user does after a kill: resume; and if the edit was not in the ledger yet, edit again."""
        ended = self.resume()
        if ended.code == 4:
            assert f"edit {self.chapter.id} --on-session resume" in ended.err
            return self.edit(on_session="resume")
        if ended.code == 0 and self.pages() == self.before:
            return self.edit()
        return ended

    def check(self, said: object) -> None:
        arena, state = self.arena, self.arena.server.state
        now = state.chapters[self.chapter.id]
        assert self.pages() == [self.before[1], self.before[0], *arena.new, self.before[3]], said
        assert (now.title, now.version) == ("After", 2), said
        assert not state.sessions, said
        assert not [request for request in arena.server.requests if request.method == "DELETE"], said
        commits = [r for r in arena.server.requests if r.path.endswith("/commit") and r.status == 200]
        assert len(commits) <= 1, said
        ledger = Ledger(self.dexup.home / "state" / "dexup" / "ledger.sqlite")
        try:
            assert ledger.unfinished() == [], said
            assert [(r.chapter_id, r.edited) for r in ledger.receipts()] == [(now.id, True)], said
        finally:
            ledger.close()


@pytest.fixture(scope="module")
def arena(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Arena]:
    folder = tmp_path_factory.mktemp("edits")
    new = write_chapter(folder / "new", 2)
    options = SandboxOptions(data=folder / "data", rate_limits=False)
    with SandboxServer(options) as server, Forge() as forge:
        yield Arena(folder, server, forge, new)


def test_an_edit_that_is_killed_at_any_step_is_finished_by_the_next_process(arena: Arena) -> None:
    whole = arena.round()
    ended = whole.edit()
    assert ended.code == 0, ended
    whole.check(ended)
    for point, label in enumerate(ended.points, 1):
        if not label.endswith(("/commit", "body")) and "/begin" not in label and point % SPARSE:
            continue
        killed = arena.round()
        first = killed.edit(kill_at=point)
        assert first.killed, first
        committed = any(
            request.path.endswith("/commit") and request.status == 200 for request in arena.server.requests
        )
        assert committed or killed.pages() == killed.before, first
        last = killed.finish()
        said = f"killed at point {point}, {first.points[-1]}\n{last}"
        assert last.code == 0, said
        killed.check(said)
