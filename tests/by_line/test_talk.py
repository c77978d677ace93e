"""The main job and what goes wrong in it, in questions and answers, against the sandbox."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.headless import write_chapter
from tests.support.sessions import put_session
from tests.support.terminal import Terminal
from tui.by_line import home
from tui.by_line.talk import Talk
from tui.sandbox.fault_actions import RefuseFiles, TooMany
from tui.sandbox.options import SandboxOptions
from tui.sandbox.server import Fault, SandboxServer
from tui.services import SandboxInfo, Services, open_services
from tui.storage.paths import Paths
from tui.storage.settings import Settings


class Person:
    """Answers each question in turn, and leaves when there is nothing more to say."""

    def __init__(self, *answers: str) -> None:
        self._answers = iter(answers)
        self.heard = io.StringIO()

    def __call__(self, question: str) -> str:
        answer = next(self._answers, None)
        print(question, answer, file=self.heard)
        if answer is None:
            raise EOFError
        if answer == "^C":
            raise KeyboardInterrupt
        return answer


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SandboxServer]:
    with SandboxServer(SandboxOptions(data=tmp_path / "data", rate_limits=False)) as running:
        yield running


@pytest.fixture
def services(tmp_path: Path, server: SandboxServer) -> Iterator[Services]:
    sandbox = SandboxInfo.of(server.info, tmp_path)
    opened = open_services(Paths.below(tmp_path / "profile"), Settings(), {}, sandbox)
    yield opened
    opened.close()


@pytest.fixture
def chapter(tmp_path: Path) -> tuple[Path, list[bytes]]:
    folder = tmp_path / "[Example Scans] Harbour Lights - Vol.02 Ch.020 - Told (en)"
    return folder, write_chapter(folder, 4)


def talk(services: Services, path: Path | None, *answers: str) -> tuple[int, str]:
    person = Person(*answers)
    code = home.run(services, path, Talk(out=person.heard, read=person))
    return code, person.heard.getvalue()


def committed(tmp_path: Path) -> list[list[bytes]]:
    folders = sorted((tmp_path / "data" / "chapters").glob("*"))
    return [[page.read_bytes() for page in sorted(folder.glob("*.png"))] for folder in folders]


def test_only_the_word_yes_commits_and_resume_finishes_later(
    tmp_path: Path, services: Services, chapter: tuple[Path, list[bytes]]
) -> None:
    folder, pages = chapter
    start = ("move 1 4", "ready", "title", "-", "volume", "x", "start", "volume", "3", "start")
    code, heard = talk(services, folder, *start, "y", "resume", "YES", "history", "quit")
    assert "Not committed. The upload session is kept" in heard
    assert "Chapter title: none" in heard
    assert "is not a volume number" in heard or "number" in heard
    assert "Volume: 3" in heard
    assert heard.count("This would be published:") == 2
    assert "Committed: chapter" in heard
    assert (code, "Nothing is left undone" in heard) == (0, True)
    assert committed(tmp_path) == [[pages[1], pages[2], pages[3], pages[0]]]


def test_the_log_is_told_in_lines_as_it_happens(
    server: SandboxServer, services: Services, chapter: tuple[Path, list[bytes]]
) -> None:
    """Pages that are in, a wait, a page that is refused, and an error: each once, and in words."""
    server.faults.add(Fault("POST", "/upload/{id}", TooMany(3)))
    server.faults.add(Fault("POST", "/upload/{id}", RefuseFiles("^0003"), times=0))
    folder, _ = chapter
    _, heard = talk(services, folder, "ready", "start", "quit")
    assert "Pages 1 to 4: Only 128 by 128 pixels" in heard
    assert "Batch 1: sending pages 1 to 4 (" in heard
    assert re.search(r"^Waiting [34] s, until [\d:]+ UTC", heard, re.MULTILINE)
    assert "Page 3 (3.png) was refused: " in heard
    assert heard.count("page 3 (3.png): ") == 1
    assert "Error: 1 page is not on the server." in heard
    server.faults.clear()
    _, heard = talk(services, None, "resume", "no", "quit")
    assert re.search(r"^Page 3 is in; 4 of 4\.$", heard, re.MULTILINE)


def test_a_session_in_the_way_is_a_question(
    tmp_path: Path, server: SandboxServer, services: Services, chapter: tuple[Path, list[bytes]]
) -> None:
    put_session(server)
    folder, pages = chapter
    code, heard = talk(services, folder, "ready", "start", "?", "abandon", "no", "quit")
    assert "An upload session is open" in heard
    assert len(server.state.sessions) == 1  # left alone
    code, heard = talk(services, folder, "ready", "start", "abandon", "yes", "yes", "quit")
    assert code == 0
    assert committed(tmp_path) == [pages]


def test_going_back_and_leaving_do_nothing(services: Services, chapter: tuple[Path, list[bytes]]) -> None:
    folder, _ = chapter
    code, heard = talk(
        services, None, "new", "/no/such", "^C", "new", str(folder), "?", "^C", "look", "z", "l"
    )
    assert "There is nothing at /no/such." in heard
    assert "Back at the start." in heard
    assert "move 3 10: page 3 becomes page 10" in heard
    assert "There is no z." in heard
    assert code == 0


def test_the_whole_job_on_a_terminal_that_can_do_nothing(
    tmp_path: Path, chapter: tuple[Path, list[bytes]]
) -> None:
    """TERM=dumb and the C locale; not one escape sequence, not one character beyond ASCII."""
    folder, pages = chapter
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    environ = {"TERM": "dumb", "LANG": "C", "TMPDIR": str(temporary), "XDG_CONFIG_HOME": str(temporary / "c")}
    command = [sys.executable, "-m", "tui", "--sandbox", "--sandbox-data", str(tmp_path / "data")]
    with Terminal([*command, "--screen-reader"], rows=100, environ=environ) as terminal:
        for question, answer in (
            ("What next?", "new"),
            ("Number of a recent chapter", f"'{folder}'"),
            ("Pages:", "move 1 4"),
            ("at the end.", "ready"),
            ("Details:", "start"),
            ("Commit?", "yes"),
            ("Committed: chapter", "quit"),
        ):
            terminal.wait_for(question, 40)
            terminal.type(answer + "\n")
        assert terminal.wait_end() == 0
        assert all(byte < 0x7F and (byte >= 0x20 or byte in b"\r\n") for byte in terminal.raw)
    assert committed(tmp_path) == [[pages[1], pages[2], pages[3], pages[0]]]
