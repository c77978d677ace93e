"""The command line: usage errors, terminal checks, and what is set before the screen is loaded."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

import tui
from tui.cli import COMMANDS, main
from tui.terminal import over_ssh, prepare_environment


def dexup(
    *arguments: str,
    environ: dict[str, str] | None = None,
    stdin: int = subprocess.DEVNULL,
    stderr: int = subprocess.PIPE,
) -> subprocess.CompletedProcess[str]:
    """A real process, without a terminal unless one is given."""
    return subprocess.run(
        [sys.executable, "-m", "tui", *arguments],
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
        timeout=60,
        env={**os.environ, **(environ or {})},
        check=False,
    )


def test_version() -> None:
    done = dexup("--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"dexup {tui.__version__}\n", "")


def test_help_names_every_command_and_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--help"])
    assert caught.value.code == 0
    shown = capsys.readouterr().out
    assert all(f"dexup {command}" in shown for command in COMMANDS)
    assert all(f"{code} " in shown for code in (0, 1, 2, 3, 4, 5, 6, 7, 130))
    assert max(map(len, shown.splitlines())) <= 100


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--no-such-option"], "unrecognized"),
        (["uplaod"], "Did you mean `dexup upload`?"),
        (["no/such/chapter\x1b[2J"], "no/such/chapter␛[2J"),
        (["--uplink", "100"], "need --sandbox"),
        (["--sandbox", "--uplink", "-1"], "negative"),
    ],
)
def test_usage_errors_exit_2(arguments: list[str], said: str) -> None:
    done = dexup(*arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_without_a_terminal_the_headless_commands_are_offered() -> None:
    done = dexup()
    assert done.returncode == 2
    assert "standard input is none" in done.stderr
    assert "headless" in done.stderr


@pytest.mark.parametrize(("term", "shown"), [("dumb", "TERM is dumb"), ("", "TERM is not set")])
def test_a_terminal_that_cannot_draw_is_refused(term: str, shown: str) -> None:
    master, slave = pty.openpty()
    try:
        done = dexup(environ={"TERM": term}, stdin=slave, stderr=slave)
        said = os.read(master, 4096).decode()
    finally:
        os.close(master)
        os.close(slave)
    assert done.returncode == 2
    assert shown in said
    assert "headless" in said


def test_redirected_standard_error_is_refused(tmp_path: Path) -> None:
    master, slave = pty.openpty()
    try:
        with (tmp_path / "err").open("wb") as err:
            done = dexup(environ={"TERM": "xterm"}, stdin=slave, stderr=err.fileno())
    finally:
        os.close(master)
        os.close(slave)
    assert done.returncode == 2
    assert "standard error is none" in (tmp_path / "err").read_text()


def test_over_ssh_nothing_moves_and_keys_may_arrive_in_pieces() -> None:
    remote = {"SSH_CONNECTION": "10.0.0.1 1 10.0.0.2 22"}
    prepare_environment(remote)
    assert over_ssh(remote)
    assert remote["TEXTUAL_ANIMATIONS"] == "none"
    assert int(remote["ESCDELAY"]) >= 400
    local: dict[str, str] = {}
    prepare_environment(local)
    assert not over_ssh(local)
    assert "TEXTUAL_ANIMATIONS" not in local
    own = {"SSH_TTY": "/dev/pts/1", "ESCDELAY": "25", "TEXTUAL_ANIMATIONS": "full"}
    prepare_environment(own)
    assert (own["ESCDELAY"], own["TEXTUAL_ANIMATIONS"]) == ("25", "full")


def test_a_reader_that_leaves_early_is_no_traceback() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "tui", "--help"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()
    said = process.stderr.read()
    process.stderr.close()
    process.wait(timeout=60)
    assert b"Traceback" not in said
