"""dexup in real terminals: inside tmux and GNU screen, and on ones that are old, small, or change their size."""

from __future__ import annotations

import contextlib
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.chapters import image_bytes, write_files
from tests.support.headless import write_chapter
from tests.support.terminal import Terminal

DEXUP = [sys.executable, "-m", "tui", "--sandbox"]
EIGHT = set(range(30, 38)) | set(range(40, 48)) | {39, 49}
"""SGR numbers of a terminal with eight colours."""
ASCII = set(range(0x20, 0x7F)) | {0x07, 0x0A, 0x0D, 0x1B}


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    temporary = tmp_path / "t"
    temporary.mkdir()
    return {
        "TMPDIR": str(temporary), "TMUX_TMPDIR": str(temporary), "SCREENDIR": str(temporary),
        "XDG_CONFIG_HOME": str(temporary / "config"), "COLORTERM": "", "TMUX": "", "STY": "",
    }  # fmt: skip


def needs(program: str) -> None:
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not there")


def stopped(process: int | None) -> bool:
    status = Path(f"/proc/{process}/status")
    return not status.exists() or "T (stopped)" in status.read_text()  # only Linux says


@contextlib.contextmanager
def inside(program: list[str], environ: dict[str, str]) -> Iterator[Terminal]:
    Path(environ["SCREENDIR"]).chmod(0o700)  # GNU screen insists on it
    with Terminal([*program, *DEXUP, "--uplink", "0"], environ=environ) as terminal:
        yield terminal


_TMUX = "tmux -f /dev/null -L dexup-test set -g default-terminal tmux-256color ; new-session"


@pytest.mark.parametrize(
    "program",
    [_TMUX.split(), ["screen", "-c", "/dev/null", "-m"]],
    ids=["tmux", "screen"],
)
def test_inside_another_terminal_program(program: list[str], environ: dict[str, str]) -> None:
    """TERM is tmux-256color in the one, and screen in the other, which runs on an xterm of few colours."""
    needs(program[0])
    if program[0] == "screen":
        environ |= {"TERM": "xterm"}
    with inside(program, environ) as terminal:
        terminal.wait_for("No upload session is open", 40)
        terminal.press("n")
        terminal.wait_for("Low Tide")
        terminal.press("enter")
        terminal.wait_for("24 pages")
        terminal.press("J", "x")
        terminal.wait_for("excluded")
        assert "[?" not in terminal.text  # nothing of what was asked of the terminal is painted
        terminal.press("ctrl+q")
        terminal.wait_end()
    if program[0] == "tmux":
        assert terminal.colours() >= {38, 48}
    else:
        assert {30, 43} <= terminal.colours() <= EIGHT  # the title line


def test_old_terminals_get_what_they_can_show(environ: dict[str, str]) -> None:
    """Three at once: a VT100 gets ASCII and no colour, the console eight, xterm with NO_COLOR none."""
    kinds = {
        "vt100": {"TERM": "vt100", "LANG": "C.UTF-8"},
        "linux": {"TERM": "linux", "LANG": "C"},
        "no colour": {"TERM": "xterm", "NO_COLOR": "1"},
    }
    with contextlib.ExitStack() as stack:
        terminals = {
            name: stack.enter_context(Terminal([*DEXUP, "--uplink", "0"], environ=environ | own))
            for name, own in kinds.items()
        }
        for terminal in terminals.values():
            terminal.wait_for("No upload session is open", 60)
            terminal.press("n")
            terminal.wait_for("Low Tide", 40)
        for terminal in terminals.values():
            terminal.press("ctrl+q")
            assert terminal.wait_end() == 0
    colours = {name: terminal.colours() for name, terminal in terminals.items()}
    assert colours["vt100"] == colours["no colour"] == set()
    assert colours["linux"]
    assert colours["linux"] <= EIGHT
    for name in ("vt100", "linux"):
        assert set(terminals[name].raw) <= ASCII, name
        for unknown in (b"\x1b[>", b"\x1b[<", b"\x1b]"):  # keys of newer terminals, a title
            assert unknown not in terminals[name].raw
        assert not terminals[
            name
        ].text.strip()  # these have no second screen that would bring back what was there
    for terminal in terminals.values():
        assert not re.search(rb"\x1b\[[?>=]?[\d;]*(?:\$p|[cn])", terminal.raw)  # no questions
        assert b"\x1b[?1004h" not in terminal.raw  # nor word of each look elsewhere
    assert b"\x1b]0;dexup\x07" in terminals["no colour"].raw
    assert bytes(terminals["no colour"].raw).rindex(b"\x1b[23;0t") > 0  # the title that was there before


def test_what_a_decoder_complains_about_is_not_painted(tmp_path: Path, environ: dict[str, str]) -> None:
    """libtiff and others write to standard error by themselves, which is the terminal that the screens are on."""
    whole = image_bytes("TIFF", (400, 600), compression="tiff_lzw")
    part = len(whole) // 4
    files = {"1.png": image_bytes(), "2.tif": whole[:part] + bytes(part) + whole[2 * part :]}
    write_files(tmp_path / "c1", files)
    check = subprocess.run(
        [sys.executable, "-m", "tui", "check", str(tmp_path / "c1")],
        capture_output=True,
        text=True,
        check=False,
    )
    complaint = "tempfile.tif: Using code not yet in table"
    assert complaint in check.stderr
    with Terminal([*DEXUP, str(tmp_path / "c1")], environ=environ) as terminal:
        terminal.wait_for("cannot be decoded", 40)
        terminal.process.kill(signal.SIGTSTP)
        terminal.wait_for(lambda _: terminal.raw.count(b"\x1b[?1049l") == 1)
        terminal.wait_for(lambda _: stopped(terminal.process.pid))  # before that it would go on in vain
        terminal.process.kill(signal.SIGCONT)
        terminal.wait_for(lambda _: terminal.raw.count(b"\x1b[?1049h") == 2)
        terminal.settle()
        terminal.press("ctrl+q")
        assert terminal.wait_end() == 0
        assert complaint.encode() not in terminal.raw


def test_the_size_changes_while_pages_go_up_and_the_mouse_is_handed_over(
    tmp_path: Path, environ: dict[str, str]
) -> None:
    folder = tmp_path / "[Example Scans] Harbour Lights - Vol.02 Ch.020 - Stretched (en)"
    write_chapter(folder, 12, kilobytes=50)
    environ |= {"COLUMNS": "80", "LINES": "24"}  # a shell that exports them must not nail the size down
    with Terminal(
        [*DEXUP, str(folder), "--uplink", "2000"], environ=environ, columns=80, rows=24
    ) as terminal:
        terminal.wait_for("ctrl+n goes on", 40)
        assert b"\x1b[?1000h" in terminal.raw
        # What somebody else asked, answered late: as keys it would open the help and move and exclude pages.
        terminal.type("\x1b[?62;22c\x1bP>|xterm(390)\x1b\\j")
        terminal.wait_for(lambda text: "▸   2" in text)
        assert "12 pages" in terminal.text
        assert "natural order" in terminal.text
        terminal.press("f8")
        terminal.wait_for("The terminal has the mouse")
        assert bytes(terminal.raw).rindex(b"\x1b[?1000l") > bytes(terminal.raw).rindex(b"\x1b[?1000h")
        terminal.press("ctrl+n")
        terminal.wait_for("Ready: ctrl+n starts the upload")
        terminal.press("ctrl+n")
        terminal.wait_for("of 12 pages")
        terminal.resize(59, 20)
        terminal.wait_for("dexup needs 60x16")
        for columns, rows in ((300, 100), (60, 16)):
            terminal.resize(columns, rows)
            terminal.wait_for(lambda text: "dexup needs" not in text and "12 pages" in text)
        terminal.wait_for("c commits", 40)
        terminal.wait_for(lambda _: terminal.title == "dexup: 12/12 pages, ready to commit")
        terminal.press("ctrl+q")
        assert terminal.wait_end() == 5
        assert terminal.title == ""
