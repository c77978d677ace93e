"""Running other programs: bounded, ended with all they started, given nothing they need not know."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.archives import open_files, use_temporary, write_script
from tui.chapter.cancel import Cancelled
from tui.chapter.sources import SourceError
from tui.chapter.sources import programs as programs_module
from tui.chapter.sources.programs import Program, ProgramFailed, find_program, plain_name

linux = pytest.mark.skipif(sys.platform != "linux", reason="bounds, and looking at them, are for Linux only")


@pytest.fixture
def script(tmp_path: Path) -> Callable[[str], list[str]]:
    """Makes a program of a few lines of shell; its first argument is a folder that it may use."""
    return lambda text: [str(write_script(tmp_path / "bin" / "helper", text)), str(tmp_path)]


def _gone(process: int) -> bool:
    """The process ends, or is a corpse that nobody has taken away yet."""
    end = time.monotonic() + 10
    while time.monotonic() < end:
        try:
            os.kill(process, 0)
            if sys.platform == "linux" and "State:\tZ" in Path(f"/proc/{process}/status").read_text():
                return True
        except (ProcessLookupError, FileNotFoundError):
            return True
        time.sleep(0.01)
    return False


def test_programs_are_found_in_folders_with_a_full_path_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_script(tmp_path / "here" / "unrar", "exit 1")
    good = write_script(tmp_path / "bin" / "unrar", "exit 0")
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("PATH", os.pathsep.join([".", "", "../here"]))
    assert find_program(["unrar"]) == ""
    monkeypatch.setenv("PATH", os.pathsep.join([".", str(tmp_path / "bin")]))
    assert find_program(["missing", "unrar"]) == str(good)
    monkeypatch.setenv("PATH", "")
    assert find_program(["unrar", "sh"]) == ""


def test_output_comes_in_pieces_and_ends(script: Callable[[str], list[str]]) -> None:
    with Program(script("printf abcdef; echo talk >&2")) as program:
        assert program.read(2) == b"ab"
        found = b""
        while chunk := program.read(100):
            found += chunk
        assert found == b"cdef"
        assert program.read(1) == b""
        program.finish()


def test_a_failure_is_told_in_the_programs_words(script: Callable[[str], list[str]]) -> None:
    with (
        Program(
            script("echo >&2; echo 'ERROR: /tmp/dexup-archive-x1/archive' >&2; echo bad >&2; exit 3")
        ) as program,
        pytest.raises(ProgramFailed) as caught,
    ):
        program.read_all(100)
    assert str(caught.value) == "helper: ERROR: archive · bad"
    assert not caught.value.locked
    for text, words in (("exit 7", "exit code 7"), ("kill -SEGV $$", "signal 11")):
        with Program(script(text)) as program, pytest.raises(ProgramFailed, match=words):
            program.read_all(100)
    with (
        Program(script("echo 'Wrong password?' >&2; exit 2")) as program,
        pytest.raises(ProgramFailed) as caught,
    ):
        program.read_all(100)
    assert caught.value.locked


def test_more_output_than_expected_is_a_failure(script: Callable[[str], list[str]]) -> None:
    with Program(script("head -c 5000 /dev/zero")) as program, pytest.raises(ProgramFailed, match="sensible"):
        program.read_all(4000)
    with Program(script("printf abc")) as program, pytest.raises(ProgramFailed, match="table"):
        assert program.read(2) == b"ab"
        program.finish()


def test_endless_talk_holds_nothing_up_and_is_not_kept(script: Callable[[str], list[str]]) -> None:
    with Program(script("head -c 3000000 /dev/zero | tr '\\0' x >&2; echo done; exit 1")) as program:
        assert program.read(10) == b"done\n"
        with pytest.raises(ProgramFailed) as caught:
            program.finish()
    assert len(str(caught.value)) < 400


def test_what_cannot_be_started_is_said(tmp_path: Path) -> None:
    (tmp_path / "broken").write_bytes(b"\x7fELF")
    (tmp_path / "broken").chmod(0o755)
    with pytest.raises(ProgramFailed, match="broken cannot be started"):
        Program([str(tmp_path / "broken")])


@pytest.mark.parametrize("how", ["read too little", "cancelled", "silent", "too long"])
def test_the_whole_group_is_ended(
    script: Callable[[str], list[str]], monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """Also what the program started, and what heeds no request to stop."""
    arguments = script("trap '' TERM INT HUP; sleep 600 & echo $!; while :; do sleep 600; done")
    if how == "too long":
        arguments = script("trap '' TERM; sleep 600 & echo $!; while :; do echo x; done")
    children: list[int] = []
    before = open_files() if sys.platform == "linux" else 0

    def run() -> None:
        with Program(arguments, cancelled=lambda: how == "cancelled" and bool(children)) as program:
            line = b""
            while b"\n" not in line:
                line += program.read(100)
            children.append(int(line.split()[0]))
            # Only now, so that a slow machine gets this far.
            if how == "silent":
                monkeypatch.setattr(programs_module, "SILENCE", 0.05)
            if how == "too long":
                program._end = time.monotonic()
            while how != "read too little":
                program.read(100_000)

    if how == "cancelled":
        with pytest.raises(Cancelled):
            run()
    elif how == "read too little":
        run()
    else:
        with pytest.raises(ProgramFailed, match="took too long"):
            run()
    assert _gone(children[0])
    if sys.platform == "linux":
        assert open_files() == before


def test_a_program_that_has_ended_is_not_ended_again(
    script: Callable[[str], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its number may be somebody else's by then."""
    killed: list[tuple[int, signal.Signals]] = []
    monkeypatch.setattr(os, "killpg", lambda *what: killed.append(what))
    with Program(script("echo a")) as program:
        program.read_all(10)
    assert killed == []


@linux
def test_a_program_has_no_input_and_no_terminal(script: Callable[[str], list[str]]) -> None:
    text = 'read line; echo "[$line]"; (: </dev/tty) 2>/dev/null && echo terminal; pwd; echo $$; cat /proc/$$/stat'
    with Program(script(text)) as program:
        answer, folder, own, *state = program.read_all(1000).decode().split()
    assert (answer, folder) == ("[]", "/")
    assert state[5] == own, "a session of its own"


def test_a_program_is_told_no_secret_and_no_option(
    script: Callable[[str], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEXUP_PASSWORD", "hunter2")
    monkeypatch.setenv("TAR_READER_OPTIONS", "x")
    monkeypatch.setenv("RARINISWITCHES", "x")
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    with Program(script("env")) as program:
        told = program.read_all(100_000).decode()
    assert "LC_ALL=C.UTF-8" in told
    assert "PATH=" in told
    assert not any(word in told for word in ("hunter2", "DEXUP_", "TAR_READER", "RARINI", "de_DE"))


@linux
def test_a_program_can_write_no_file(script: Callable[[str], list[str]], tmp_path: Path) -> None:
    # Tried again until the bound is there, which is set just after the start.
    text = 'trap "" XFSZ; until ! { echo x > "$1/written"; } 2>/dev/null; do :; done; echo refused'
    with Program(script(text)) as program:
        assert program.read_all(100) == b"refused\n"
    assert (tmp_path / "written").read_bytes() == b""


@linux
def test_a_program_gets_no_more_memory_than_is_sensible(script: Callable[[str], list[str]]) -> None:
    text = 'until [ "$(ulimit -v)" != unlimited ]; do :; done; ulimit -v'
    with Program(script(text)) as program:
        assert int(program.read_all(100)) == 4 * 1024 * 1024


def test_an_archive_is_given_by_a_plain_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "temporary").mkdir()
    use_temporary(monkeypatch, tmp_path / "temporary")
    odd = tmp_path / "-x @list *?[a]\n.cb7"
    odd.write_bytes(b"here")
    with pytest.raises(ZeroDivisionError), plain_name(odd) as path:
        assert Path(path).read_bytes() == b"here"
        assert Path(path).name == "archive"
        assert Path(path).parent.stat().st_mode & 0o777 == 0o700
        raise ZeroDivisionError
    assert list((tmp_path / "temporary").iterdir()) == []
    assert odd.read_bytes() == b"here"


def test_no_place_for_the_plain_name_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use_temporary(monkeypatch, tmp_path / "missing")
    with pytest.raises(SourceError, match="TMPDIR"), plain_name(tmp_path / "a.cbr"):
        pass
