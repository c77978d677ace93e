"""A process that is killed at any step loses nothing, and the next one does nothing twice."""

from __future__ import annotations

import hashlib
import itertools
import json
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.support.chapters import image_bytes
from tests.support.ground import Held
from tests.support.headless import Dexup, Done, finish
from tests.support.killing import Ended, Forge
from tui.sandbox.options import SandboxOptions
from tui.sandbox.server import Fault, SandboxServer
from tui.upload.ledger import Ledger

PAGES = 30
BATCH = 5
CHUNKS = 6
"""Shares of the points, so that several workers can have a part each."""
RESUME = ("resume", "--accept-terms", "--json")


@dataclass
class Arena:
    """A sandbox that counts what it takes, and processes to be killed; every round is a chapter of its own."""

    folder: Path
    server: SandboxServer
    forge: Forge
    pages: list[bytes]
    taken: Counter[str] = field(default_factory=Counter)
    """SHA-256 -> how often the sandbox accepted such a page in this round."""
    seen: set[str] = field(default_factory=set)
    """Chapters of the rounds before."""
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(100))

    def round(self) -> Round:
        assert not self.server.state.sessions, "the round before left a session"
        self.taken.clear()
        self.server.requests.clear()
        self.seen.update(chapter.id for chapter in self.server.state.committed())
        number = next(self.numbers)
        home = self.folder / f"home-{number}"
        (home / "config" / "dexup").mkdir(parents=True)
        settings = home / "config" / "dexup" / "settings.toml"
        settings.write_text(f"[upload]\nbatch_files = {BATCH}\n")
        return Round(self, Dexup(home, self.server, self.folder / "data"), number)


@dataclass
class Round:
    """One chapter on its way through several processes."""

    arena: Arena
    dexup: Dexup
    number: int

    @property
    def upload_arguments(self) -> list[str]:
        details = ["--manga", self.dexup.manga, "--group", self.dexup.group, "--lang", "en"]
        folder = str(self.arena.folder / "chapter")
        return ["upload", folder, *details, "--chapter", str(self.number), "--accept-terms", "--json"]

    def upload(self, kill_at: int = 0) -> Ended:
        return self._run(self.upload_arguments, kill_at)

    def resume(self, kill_at: int = 0) -> Ended:
        return self._run(list(RESUME), kill_at)

    def _run(self, arguments: list[str], kill_at: int) -> Ended:
        ended = self.arena.forge.run(self.dexup.home, self.dexup.environ, arguments, kill_at)
        self.settle()
        return ended

    def settle(self) -> None:
        """Wait until the server has dealt with everything that a killed process had sent."""
        end = time.monotonic() + 20
        while not all(request.ended_at for request in self.arena.server.requests):
            assert time.monotonic() < end, "a request of a dead process never ended"
            time.sleep(0.002)

    def finish(self) -> Ended | Done:
        """What a user does after a kill: resume; and if nothing had begun, upload again."""
        ended = self.resume()
        if ended.code == 0 and not self.chapters:
            assert [json.loads(line)["event"] for line in ended.out.splitlines()] == [
                "result"
            ]  # and nothing begun
            assert not self.arena.server.state.sessions, f"a session that nobody knows of\n{ended}"
            assert not self.arena.taken
            ended = self.upload()
        return ended

    @property
    def chapters(self) -> list[str]:
        committed = self.arena.server.state.committed()
        return [chapter.id for chapter in committed if chapter.id not in self.arena.seen]

    def count(self, method: str, path_ending: str, status: int | None = None) -> int:
        return sum(
            request.method == method
            and request.path.endswith(path_ending)
            and status in (None, request.status)
            for request in self.arena.server.requests
        )

    def check(self) -> None:
        """The promises, from what the server has and was asked, and from the ledger."""
        arena, state = self.arena, self.arena.server.state
        assert len(self.chapters) == 1
        chapter = state.chapters[self.chapters[0]]
        assert chapter.chapter == str(self.number)
        assert [state.page_bytes(chapter.id, n) for n in range(1, PAGES + 1)] == arena.pages
        assert len(chapter.pages) == PAGES
        # Every page was taken once: nothing that the server had was sent again.
        assert arena.taken == Counter(digest(page) for page in arena.pages)
        # A session whose begin was answered to a dead process counts too, and so does a commit.
        assert len({r.path for r in arena.server.requests if r.path.endswith("/commit")}) == 1
        assert self.count("POST", "/upload/begin") - self.count("POST", "/upload/begin", 400) == 1
        assert self.count("POST", "/commit", 200) <= 1
        assert not [request.path for request in arena.server.requests if request.method == "DELETE"]
        assert not state.sessions
        assert arena.server.mistakes == []
        ledger = Ledger(self.dexup.home / "state" / "dexup" / "ledger.sqlite")
        try:
            assert ledger.unfinished() == []
            assert [receipt.chapter_id for receipt in ledger.receipts()] == [chapter.id]
        finally:
            ledger.close()


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.fixture(scope="module")
def arena(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Arena]:
    folder = tmp_path_factory.mktemp("kills")
    (folder / "chapter").mkdir()
    pages = [image_bytes("PNG", (129 + number, 140)) for number in range(PAGES)]
    for number, page in enumerate(pages, 1):
        (folder / "chapter" / f"{number}.png").write_bytes(page)
    options = SandboxOptions(data=folder / "data", rate_limits=False)
    with SandboxServer(options) as server, Forge() as forge:
        made = Arena(folder, server, forge, pages)
        keep: Callable[[bytes], Path] = server.state.store.spool

        def spool(content: bytes) -> Path:
            made.taken[digest(content)] += 1
            return keep(content)

        server.state.store.spool = spool  # type: ignore[method-assign]
        yield made


@pytest.fixture(scope="module")
def points(arena: Arena) -> tuple[str, ...]:
    """Every point of an upload that nobody kills."""
    whole = arena.round()
    ended = whole.upload()
    assert ended.code == 0, ended
    whole.check()
    return ended.points


def test_points_are_everywhere(points: tuple[str, ...]) -> None:
    def count(start: str, end: str = "") -> int:
        return sum(point.startswith(start) and point.endswith(end) for point in points)

    assert count("before POST", "/upload/begin") == count("after POST", "/upload/begin") == 1
    assert count("before POST", "/commit") == count("after POST", "/commit") == 1
    assert count("before POST /upload/") == count("after POST /upload/") == 2 + 1 + PAGES // BATCH
    assert count("in the middle of a body") == PAGES // BATCH
    # The plan, the session, each batch before and after, the names, the commit before and after.
    transactions = 2 + 2 * PAGES // BATCH + 1 + 2
    assert count("before a transaction") == count("after a transaction") == transactions
    assert count("at the end of a transaction") == transactions


@pytest.mark.parametrize("share", range(CHUNKS))
def test_resume_after_a_kill_at_every_point(arena: Arena, points: tuple[str, ...], share: int) -> None:
    for point in range(1 + share, len(points) + 1, CHUNKS):
        killed = arena.round()
        first = killed.upload(kill_at=point)
        assert first.killed, first
        last = killed.finish()
        assert last.code == 0, f"after a kill at point {point}, {first.points[-1]}\n{last}"
        killed.check()


def test_resume_that_is_killed_too(arena: Arena, points: tuple[str, ...]) -> None:
    """The resume dies as well, each time at another of its points."""
    for turn, point in enumerate(range(len(points), 16, -6)):
        killed = arena.round()
        assert killed.upload(kill_at=point).killed
        second = killed.resume(kill_at=5 + turn * 11 % 41)
        last = killed.finish() if second.killed else second
        assert last.code == 0, f"killed at {points[point - 1]}, then at {second.points[-1]}\n{last}"
        killed.check()


@pytest.mark.parametrize(
    ("method", "path", "skip"),
    [("POST", "/upload/begin", 0), ("POST", "/upload/{id}", 3), ("POST", "/upload/{id}/commit", 0)],
)
def test_whole_processes(arena: Arena, method: str, path: str, skip: int) -> None:
    """The command as a user starts it, killed from outside when the server has done what was asked."""
    killed = arena.round()
    held = Held(done=True)
    arena.server.faults.add(Fault(method, path, held, skip=skip))
    process = killed.dexup.start(*killed.upload_arguments)
    try:
        assert held.reached.wait(60)
        process.send_signal(signal.SIGKILL)
        assert finish(process).code == -signal.SIGKILL
        held.released.set()
        killed.settle()
        done = killed.resume()
        assert done.code == 0, done
        killed.check()
    finally:
        held.released.set()
        arena.server.faults.clear()
        killed.dexup.close()
