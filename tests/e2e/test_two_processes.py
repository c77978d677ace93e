"""Two dexup processes on one account: the second says who holds it and touches nothing, the first loses nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.ground import Held
from tests.support.headless import Dexup, finish, write_chapter
from tests.support.killing import Forge
from tests.support.terminal import Terminal
from tui.sandbox.options import SandboxOptions
from tui.sandbox.server import Fault, SandboxServer

PAGES = 12


@pytest.fixture
def dexup(tmp_path: Path) -> Iterator[Dexup]:
    options = SandboxOptions(data=tmp_path / "data", rate_limits=False)
    with SandboxServer(options) as server, Forge() as forge:
        command = Dexup(tmp_path / "home", server, tmp_path / "data", forge=forge)
        try:
            yield command
        finally:
            command.close()


def start_and_hold(dexup: Dexup, source: Path, *more: str) -> tuple[subprocess.Popen[str], Held]:
    """An upload in a process of its own that waits in its second request until it is released."""
    held = Held()
    dexup.server.faults.add(Fault("POST", "/upload/{id}", held, skip=1))
    settings = dexup.home / "config" / "dexup" / "settings.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text("[upload]\nbatch_files = 4\nin_flight = 1\n")
    process = dexup.start("upload", source, *dexup.details(), "--accept-terms", *more)
    assert held.reached.wait(30)
    return process, held


def test_whatever_comes_second_says_who_holds_the_account_and_touches_nothing(
    dexup: Dexup, tmp_path: Path
) -> None:
    pages = write_chapter(tmp_path / "one", PAGES)
    write_chapter(tmp_path / "Other c9 (en)", 3)
    first, held = start_and_hold(dexup, tmp_path / "one")
    holder = f"process {first.pid}"
    (session,) = dexup.server.state.sessions.values()

    added = dexup.run("queue", "add", tmp_path / "Other c9 (en)", "--manga", dexup.manga, "--group", "none")
    assert added.code == 0, added.err
    seconds: dict[str, tuple[str | Path, ...]] = {
        "upload": ("upload", tmp_path / "Other c9 (en)", *dexup.details(), "--accept-terms"),
        "upload over it": (
            "upload", tmp_path / "Other c9 (en)", *dexup.details(), "--accept-terms", "--on-session", "abandon",
        ),
        "resume": ("resume", "--accept-terms"),
        "queue": ("queue", "run", "--accept-terms"),
        "abandon": ("abandon", "--yes"),
    }  # fmt: skip
    before = len(list(dexup.server.requests))
    for name, arguments in seconds.items():
        second = dexup.run(*arguments)
        assert second.code == 4, (name, second.out, second.err)
        assert holder in second.err, (name, second.err)
        assert "Wait until it has ended, or end it" in second.err, (name, second.err)
    changes = [entry.path for entry in list(dexup.server.requests)[before:] if entry.method != "GET"]
    assert not any("/upload" in path and "check-approval" not in path for path in changes), changes
    looking = dexup.run("session", "--json")
    assert looking.code == 0
    assert json.loads(looking.out.splitlines()[0])["session"] == session.id

    held.released.set()
    done = finish(first)
    assert done.code == 0, done.err
    assert dexup.committed() == [pages]
    listed = dexup.run("queue", "list", "--json")
    assert '"waiting"' in listed.out


def test_the_screen_says_who_holds_the_account_and_goes_on_when_it_is_free(
    dexup: Dexup, tmp_path: Path
) -> None:
    pages = write_chapter(tmp_path / "one", PAGES)
    first, held = start_and_hold(dexup, tmp_path / "one", "--no-commit")
    environ = {name: dexup.environ[name] for name in dexup.environ if name.startswith(("DEXUP_", "XDG_"))}
    with Terminal([sys.executable, "-m", "tui"], environ=environ) as terminal:
        terminal.wait_for("Harbour", 40)
        terminal.press("a")
        terminal.wait_for("Abandon this upload session?")
        terminal.press("tab", "enter")
        terminal.wait_for("The session was left alone")
        terminal.wait_for(f"process {first.pid}")
        terminal.press("enter")
        terminal.press("r")
        terminal.wait_for("The upload cannot start")
        terminal.wait_for(f"process {first.pid}")
        held.released.set()
        assert finish(first).code == 0
        terminal.press("r")
        terminal.wait_for("c commits", 30)
        terminal.press("ctrl+q")
        terminal.wait_end()
    assert dexup.committed() == []
    (session,) = dexup.server.state.sessions.values()
    assert len(session.files) == len(pages)
