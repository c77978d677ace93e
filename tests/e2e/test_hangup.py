"""The terminal vanishes in the middle of an upload: over SSH, under tmux, by a stalled line, by a signal."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.headless import Dexup, write_chapter
from tests.support.ssh import SshHost, SshTerminal, dexup_command, until
from tests.support.terminal import Terminal
from tui.sandbox.fault_actions import Delay
from tui.sandbox.options import SandboxOptions
from tui.sandbox.server import Fault, SandboxServer

PAGES = 16
NAME = "[Example Scans] Harbour Lights - Vol.02 Ch.020 - Hung Up (en)"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SandboxServer]:
    """Slow enough that an upload of the chapter takes some seconds."""
    options = SandboxOptions(data=tmp_path / "data", uplink_bits_per_second=2_000_000)
    with SandboxServer(options) as running:
        yield running


@pytest.fixture
def dexup(tmp_path: Path, server: SandboxServer) -> Iterator[Dexup]:
    made = Dexup(tmp_path / "home", server, tmp_path / "data")
    settings = tmp_path / "home" / "config" / "dexup" / "settings.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text("[upload]\nbatch_files = 4\n")
    yield made
    made.close()


@pytest.fixture
def chapter(tmp_path: Path) -> tuple[Path, list[bytes]]:
    folder = tmp_path / NAME
    return folder, write_chapter(folder, PAGES, kilobytes=50)


def pages_in(server: SandboxServer) -> int:
    return sum(len(session.files) for session in server.state.sessions.values())


def sent_files(server: SandboxServer) -> int:
    """How often a page went over the line, whatever became of it."""
    return len(
        [line for line in server.requests if line.method == "POST" and line.path.startswith("/upload/")]
    )


async def start_upload(terminal: SshTerminal) -> None:
    await terminal.wait_for("Ready: ctrl+n goes on")
    terminal.type("\x0e")
    await terminal.wait_for("Ready: ctrl+n starts the upload")
    terminal.type("\x0e")


async def wait_end(process: subprocess.Popen[bytes]) -> int:
    await until(lambda: process.poll() is not None, 40, lambda: "the process never ended")
    return process.returncode


async def test_over_ssh_the_upload_goes_on_without_its_terminal(
    dexup: Dexup, server: SandboxServer, chapter: tuple[Path, list[bytes]]
) -> None:
    folder, contents = chapter
    async with SshHost(dexup_command(folder), dexup.environ).serving() as host:
        async with host.login() as terminal:
            await start_upload(terminal)
            await until(lambda: 0 < pages_in(server) < PAGES, 40, lambda: terminal.text)
            await terminal.vanish()
        (process,) = host.processes
        assert await wait_end(process) in (0, -signal.SIGHUP, 128 + signal.SIGHUP)
    assert pages_in(server) == PAGES
    assert dexup.committed() == []
    sent = sent_files(server)

    async with SshHost(dexup_command(), dexup.environ).serving() as host, host.login() as terminal:
        await terminal.wait_for(f"{PAGES} of {PAGES} pages there, 0 to send")
        terminal.type("r")
        await terminal.wait_for("Nothing is published yet: c commits")
        assert sent_files(server) == sent
        terminal.type("c")
        await terminal.wait_for("Publish this chapter?")
        terminal.type("y")
        await terminal.wait_for("Committed")
    assert dexup.committed() == [contents]


async def test_over_ssh_a_confirmed_commit_is_finished(
    dexup: Dexup, server: SandboxServer, chapter: tuple[Path, list[bytes]]
) -> None:
    folder, contents = chapter
    server.faults.add(Fault("POST", "/upload/{id}/commit", Delay(2.0)))
    async with SshHost(dexup_command(folder), dexup.environ).serving() as host:
        async with host.login() as terminal:
            await start_upload(terminal)
            await terminal.wait_for("Nothing is published yet: c commits")
            terminal.type("c")
            await terminal.wait_for("Publish this chapter?")
            terminal.type("y")
            commits = lambda: [line for line in server.requests if line.path.endswith("/commit")]  # noqa: E731
            await until(commits, 20, lambda: terminal.text)
            await terminal.vanish()
        await wait_end(host.processes[0])
    assert dexup.committed() == [contents]
    history = (await asyncio.to_thread(dexup.run, "history", "--json")).records
    assert [record["state"] for record in history if record["event"] == "receipt"] == ["committed"]


@pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")
def test_under_tmux_a_killed_server_takes_nothing_along(
    dexup: Dexup, server: SandboxServer, chapter: tuple[Path, list[bytes]], tmp_path: Path
) -> None:
    folder, contents = chapter
    socket = str(tmp_path / "tmux")

    def tmux(*words: str) -> str:
        done = subprocess.run(
            ["tmux", "-S", socket, "-f", "/dev/null", *words],
            env=dexup.environ,
            capture_output=True,
            text=True,
        )
        return done.stdout

    def shows(text: str) -> Callable[[], bool]:
        return lambda: text in tmux("capture-pane", "-p")

    tmux("new-session", "-d", "-x", "80", "-y", "24", *dexup_command(folder))
    try:
        wait(shows("Ready: ctrl+n goes on"))
        tmux("send-keys", "C-n")
        wait(shows("Ready: ctrl+n starts the upload"))
        child = int(tmux("list-panes", "-F", "#{pane_pid}"))
        tmux("send-keys", "C-n")
        wait(lambda: 0 < pages_in(server) < PAGES)
        os.kill(int(tmux("display-message", "-p", "#{pid}")), signal.SIGKILL)
        wait(lambda: not alive(child))
    finally:
        tmux("kill-server")
    assert pages_in(server) == PAGES
    assert dexup.committed() == []
    done = dexup.run("resume", "--accept-terms", "--json")
    assert done.code == 0, done.err
    assert dexup.committed() == [contents]


def test_a_stalled_line_does_not_hold_up_the_upload(
    dexup: Dexup, server: SandboxServer, chapter: tuple[Path, list[bytes]]
) -> None:
    folder, _ = chapter
    with Terminal(dexup_command(folder), environ=dexup.environ) as terminal:
        begin(terminal)
        terminal.wait_for(lambda _: pages_in(server) > 0, 40)
        with Path(f"/proc/{terminal.process.pid}/fd/0").resolve().open("rb") as line:
            termios.tcflow(line, termios.TCOOFF)  # from now on every write to the terminal blocks
            try:
                assert pages_in(server) < PAGES  # there is something left that could be held up
                wait(lambda: pages_in(server) == PAGES)
            finally:
                termios.tcflow(line, termios.TCOON)
        terminal.wait_for("Nothing is published yet: c commits")
        assert f"{PAGES} of {PAGES} pages" in terminal.text
        terminal.press("ctrl+q")
        terminal.wait_for("The upload session is kept")
        terminal.press("y")
        assert terminal.wait_end() == 5  # it can be resumed


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_in_order_and_the_upload_can_go_on(
    dexup: Dexup, server: SandboxServer, chapter: tuple[Path, list[bytes]], number: signal.Signals
) -> None:
    folder, contents = chapter
    with Terminal(dexup_command(folder), environ=dexup.environ) as terminal:
        begin(terminal)
        terminal.wait_for(lambda _: 0 < pages_in(server) < PAGES, 40)
        terminal.process.kill(number)
        assert terminal.wait_end() == 128 + number
    (session,) = server.state.sessions.values()
    done = dexup.run("resume", "--accept-terms", "--json")
    assert done.code == 0, done.err
    assert dexup.committed() == [contents]
    assert json.loads(done.out.splitlines()[0])["event"]
    assert session.id in done.out


def begin(terminal: Terminal) -> None:
    terminal.wait_for("Ready: ctrl+n goes on")
    terminal.press("ctrl+n")
    terminal.wait_for("Ready: ctrl+n starts the upload")
    terminal.press("ctrl+n")


def wait(true: Callable[[], object], seconds: float = 40.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "never"
        time.sleep(0.05)


def alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return "zombie" not in Path(f"/proc/{process}/status").read_text() if sys.platform == "linux" else True
