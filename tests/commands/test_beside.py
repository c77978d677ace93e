"""What `dexup upload` asks while the pages go up."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.command import Command
from tests.support.faults import COMMIT
from tests.support.ground import Ground, Nameless
from tui.commands import follow
from tui.commands.beside import AskedBeside
from tui.sandbox.fault_actions import Delay, Status

QUESTIONS = ("/user/me", "/manga/{id}", "/chapter", "/group", "/upload/check-approval-required")


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    made = Ground(tmp_path_factory.mktemp("ground"), kilobytes=4)
    with made.server:
        yield made


@pytest.fixture
def command(
    ground: Ground,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Command:
    ground.clean()
    return Command(ground, tmp_path_factory.mktemp("home"), monkeypatch, capsys)


def places(command: Command, path: str, method: str = "GET") -> list[int]:
    """Where in the row of all requests those of this kind are."""
    every = list(command.ground.server.requests)
    return [every.index(entry) for entry in command.ground.requests(method, path)]


def test_they_come_after_the_first_page_and_before_the_commit(command: Command) -> None:
    command.strike("GET", "/upload", Nameless(), times=0)
    command.strike("GET", "/chapter", Delay(0.5))
    done = command.upload()
    command.check_committed(done)
    begun = min(places(command, "/upload/begin", "POST"))
    (published,) = places(command, COMMIT, "POST")
    for path in QUESTIONS:
        (asked,) = places(command, path, "POST" if "approval" in path else "GET")
        assert begun < asked < published, path
    assert done.out.index("Groups: Example Scans") < done.out.index("Committing")
    (receipt,) = command.receipts()
    assert receipt.account == command.ground.server.info["username"]
    assert receipt.manga_title
    assert all(receipt.group_names)


def test_what_the_look_at_the_session_brings_is_not_waited_for(command: Command) -> None:
    for path in ("/user/me", "/manga/{id}", "/group"):
        command.strike("GET", path, Delay(20.0))
    done = command.upload()
    command.check_committed(done)
    assert done.err.count("could not be looked up") == 0
    assert done.out.index("Groups: Example Scans") < done.out.index("Committing")
    (receipt,) = command.receipts()
    assert receipt.account == command.ground.server.info["username"]
    assert receipt.manga_title
    assert all(receipt.group_names)


def test_a_long_wait_for_them_is_told_of_once(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    told = AskedBeside.told
    late = iter([False] * 3)

    def told_late(self: AskedBeside, seconds: float = 0.0) -> bool:
        return bool(seconds) and next(late, True) and told(self, seconds)

    monkeypatch.setattr(AskedBeside, "told", told_late)
    monkeypatch.setattr(follow, "_SILENT_SECONDS", 0.0)
    done = command.upload()
    command.check_committed(done)
    assert done.out.count("has yet to answer") == 1
    assert done.out.index("has yet to answer") < done.out.index("Committing")


def test_what_is_not_answered_is_told_and_stops_nothing(command: Command) -> None:
    command.strike("GET", "/upload", Nameless(), times=0)
    for path in QUESTIONS:
        command.strike("*", path, Status(500), times=0)
    done = command.upload()
    command.check_committed(done)
    for what in ("who is logged in", "the title", "whether the chapter is there already", "the groups"):
        assert f"dexup: {what} (" in done.err
    (receipt,) = command.receipts()
    assert receipt.account == command.ground.server.info["username"]


def test_an_upload_is_of_who_began_it_before_the_service_says_who_that_is(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = command.ground.server.info["username"]
    monkeypatch.setenv("DEXUP_USERNAME", name.upper())
    command.strike("*", "/user/me", Status(500), times=3)
    command.strike("POST", "/upload/{id}", Status(403))
    command.check_kept(command.upload(), 7)
    (entry,) = command.unfinished()
    assert entry.account == name.upper()
    command.ground.server.faults.clear()
    monkeypatch.setenv("DEXUP_USERNAME", name)
    command.check_committed(command.resume())
    (receipt,) = command.receipts()
    assert receipt.account == name


def test_a_resume_tells_what_was_not_told(command: Command) -> None:
    command.strike("GET", "/upload", Nameless(), times=0)
    command.strike("POST", "/upload/{id}", Status(403))
    command.strike("GET", "/manga/{id}", Status(500), times=0)
    command.check_kept(command.upload(), 7)
    command.ground.server.faults.clear()
    done = command.resume()
    command.check_committed(done)
    assert done.out.index("Groups: Example Scans") < done.out.index("Committing")
    (receipt,) = command.receipts()
    assert receipt.manga_title
    assert all(receipt.group_names)


def test_a_title_that_is_not_there_any_more_ends_it_without_a_commit(command: Command) -> None:
    command.strike("GET", "/upload", Nameless(), times=0)
    command.strike("GET", "/manga/{id}", Status(404))
    done = command.upload()
    command.check_kept(done, 7)
    assert "dexup abandon --yes" in done.err
