"""Home: the open upload session, and the two decisions that can be made about it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from textual.pilot import Pilot

from tests.support.chapters import image_bytes
from tests.support.hostile import HOSTILE
from tests.support.screens import lines_of, press, until
from tests.support.sessions import make_plan, note_upload, put_session, put_upload
from tui.app import DexupApp
from tui.sandbox.fault_actions import Hang, Status
from tui.sandbox.server import Fault, SandboxServer
from tui.screens.chapter import ChapterScreen
from tui.screens.kept_chapters import KeptChapters
from tui.screens.login import LoginScreen
from tui.screens.session import SessionScreen
from tui.screens.session_words import idle_lines
from tui.screens.upload import UploadScreen
from tui.services import Services
from tui.text import safe_text
from tui.upload.view import Phase, UploadView
from tui.widgets.dialogs import Confirm, Message
from tui.widgets.session_files import SessionFiles

EMPTY = "No upload session is open"
GONE = "5f0d7c6e-2b1a-4c3d-8e9f-0a1b2c3d4e5f"
"""Id of a session that no server has."""


def shown(app: DexupApp) -> str:
    return "\n".join(lines_of(app))


async def home(pilot: Pilot[None], app: DexupApp, words: str) -> None:
    """Until the session screen says `words` and is at rest."""
    await until(pilot, lambda: isinstance(app.screen, SessionScreen) and words in shown(app))
    await until(pilot, lambda: "Asking the server" not in shown(app))
    # A text that became longer moves what is below it, one refresh later.
    before = ""
    while before != (before := shown(app)):
        await pilot.pause(0.05)


def deletes(server: SandboxServer) -> int:
    return sum(request.method == "DELETE" for request in server.requests)


def test_while_the_queue_runs_the_hint_names_whole_keys() -> None:
    _, hint = idle_lines(UploadView(), KeptChapters(), running=True)
    assert hint == "b shows the queue · e edits a chapter · h history"


async def test_answer_that_hangs_shows_what_it_waits_for_and_f5_asks_again(
    app: DexupApp, server: SandboxServer
) -> None:
    server.faults.add(Fault("GET", "/upload", Hang()))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "Asking the server…" in shown(app))
        await press(pilot, "r a")  # there is nothing yet to resume or to abandon
        assert isinstance(app.screen, SessionScreen)
        await press(pilot, "f5")
        await home(pilot, app, EMPTY)
        assert "n chooses a folder or archive" in shown(app)


async def test_error_stays_in_words_until_the_next_answer(app: DexupApp, server: SandboxServer) -> None:
    words = "[/] the server's own words \x1b]52;c;AAAA\x07 " + "and more of them " * 200
    fault = server.faults.add(Fault("GET", "/upload", Status(400, detail=words), times=0))
    put_session(server)
    async with app.run_test(size=(80, 24)) as pilot:
        await home(pilot, app, "✗ MangaDex refused the request")
        assert "[/] the server's own words ␛]52;c;AAAA␇ and more" in shown(app)
        (request,) = [request for request in server.requests if request.path == "/upload"]
        assert f"status 400, request {request.request_id}" in shown(app)
        assert "Change what the server names, then try again." in shown(app)
        assert "f5 asks again" in shown(app)
        fault.times = fault.struck
        await press(pilot, "f5")
        await home(pilot, app, "Harbour Lights")
        assert "✗" not in shown(app)


async def test_ledger_that_cannot_be_read_is_an_error_too(app: DexupApp, services: Services) -> None:
    services.paths.ledger_file.mkdir()
    async with app.run_test(size=(80, 24)) as pilot:
        await home(pilot, app, "✗ ")
        assert "ledger" in shown(app)
        assert "Asking" not in shown(app)


async def test_session_begun_here_is_resumed_with_only_what_is_missing(
    app: DexupApp, services: Services, server: SandboxServer, tmp_path: Path
) -> None:
    plan = make_plan(server, tmp_path / "Harbour Lights v02 c012", 5)
    session = put_upload(server, services, plan, [1, 2, 4])
    before = set(session.files)
    async with app.run_test(size=(80, 24)) as pilot:
        await home(pilot, app, "Here ")
        text = shown(app)
        assert "Manga    Harbour Lights" in text
        assert "Groups   Example Scans" in text
        assert "chapter 12: 3 of 5 pages there, 2 to send" in text
        assert "from Harbour Lights v02 c012" in text
        assert f"{plan.pages[3].part_name}  ←  4.png" in text
        assert "r goes on with this upload" in text
        await press(pilot, "r")
        await until(pilot, lambda: isinstance(app.screen, UploadScreen))
        await until(pilot, lambda: services.engine.view.phase is Phase.READY)
        assert sorted(file.name for file in session.files.values()) == [page.part_name for page in plan.pages]
        assert before < set(session.files), "what was there is kept, and not sent again"
        await press(pilot, "escape a")
        await until(pilot, lambda: isinstance(app.screen, SessionScreen))
        assert deletes(server) == 0, "an upload under way is not abandoned"
        await press(pilot, "n")
        assert isinstance(app.screen, UploadScreen)


async def test_session_of_somewhere_else_lists_its_files_and_asks_for_the_folder(
    app: DexupApp, services: Services, server: SandboxServer, tmp_path: Path
) -> None:
    plan = make_plan(server, tmp_path / "chapter", 2)
    session = put_session(
        server, [("001.png", image_bytes()), ("002.png", image_bytes(seed=2))], group_ids=[]
    )
    note_upload(services, plan, session.id, {}, account="somebody else")
    async with app.run_test(size=(100, 24), notifications=True) as pilot:
        await home(pilot, app, "Here ")
        text = shown(app)
        assert "Here     not begun on this machine" in text
        assert "Groups   no group" in text
        assert "Holds    2 files, " in text
        for number, file in enumerate(session.files.values(), 1):
            row = next(line for line in lines_of(app) if file.name in line)
            assert row.strip("▸ ").split()[0] == str(number)
            assert f"png    {file.sha256[:12]}" in row
        await press(pilot, "r")
        await until(pilot, lambda: isinstance(app.screen, ChapterScreen))
        await until(pilot, lambda: "This session was not begun here." in shown(app))
        assert not [
            request for request in server.requests if request.method != "GET" and "upload" in request.path
        ]


async def test_session_that_edits_a_chapter_but_does_not_say_its_pages_can_only_be_abandoned(
    app: DexupApp, server: SandboxServer
) -> None:
    chapter = next(iter(server.state.chapters))
    put_session(server, [("old.png", image_bytes())], chapter_id=chapter)
    async with app.run_test(size=(80, 24)) as pilot:
        await home(pilot, app, f"Edits    chapter {chapter}")
        assert "a abandons it: the chapter stays as it is" in shown(app)
        await press(pilot, "r")
        await until(pilot, lambda: isinstance(app.screen, Message))
        await until(pilot, lambda: "does not list the chapter's pages" in shown(app))
        await press(pilot, "escape escape")
        await home(pilot, app, f"Edits    chapter {chapter}")
        await press(pilot, "a y")
        await home(pilot, app, EMPTY)
        assert chapter in server.state.chapters


async def test_abandon_names_what_is_lost_and_keeps_it_unless_told_otherwise(
    app: DexupApp, services: Services, server: SandboxServer, tmp_path: Path
) -> None:
    session = put_upload(server, services, make_plan(server, tmp_path / "chapter", 3), [1, 2])
    async with app.run_test(size=(60, 16)) as pilot:
        await home(pilot, app, "Here ")
        for answer in ("enter", "escape", "n", "a"):
            await press(pilot, "a")
            await until(pilot, lambda: isinstance(app.screen, Confirm) and app.focused)
            text = shown(app)
            assert "Abandon this upload session?" in text
            assert "2 files on the server will be deleted" in text
            assert "Your own files stay" in " ".join(text.replace("│", " ").split())
            assert "Keep it (n)" in text
            await press(pilot, answer)
        assert isinstance(app.screen, Confirm), "a second a is no answer"
        await press(pilot, "escape")
        await home(pilot, app, "Here ")
        assert deletes(server) == 0

        await press(pilot, "a")
        await until(pilot, lambda: isinstance(app.screen, Confirm) and app.focused)
        await press(pilot, "y")
        await home(pilot, app, EMPTY)
        assert session.id not in server.state.sessions
        assert deletes(server) == 1
        assert "Interrupted" not in shown(app), "nothing is left to be resumed"
        await press(pilot, "a r")
        assert isinstance(app.screen, SessionScreen)


async def test_abandon_that_fails_says_so_and_shows_the_session_still(
    app: DexupApp, server: SandboxServer
) -> None:
    session = put_session(server, [("a.png", image_bytes())])
    server.faults.add(Fault("DELETE", "/upload/{id}", Status(403, detail="[b]not you[/b]"), times=0))
    async with app.run_test(size=(80, 24)) as pilot:
        await home(pilot, app, "Here ")
        await press(pilot, "a y")
        await until(pilot, lambda: isinstance(app.screen, Message) and app.focused)
        assert "It is not known whether the session is gone" in shown(app)
        assert "[b]not you[/b]" in shown(app)
        assert "status 403" in shown(app)
        await press(pilot, "escape")
        await home(pilot, app, "a.png")
        assert session.id in server.state.sessions
        server.faults.clear()
        await press(pilot, "a y")
        await home(pilot, app, EMPTY)


async def test_interrupted_uploads_without_a_session_are_named_one_a_line(
    app: DexupApp, services: Services, server: SandboxServer, tmp_path: Path
) -> None:
    plan = make_plan(server, tmp_path / "a folder with quite a long name [of its own] in it", 3)
    for number in range(5):
        copy = replace(
            plan, id=f"{number:032x}", source=plan.source.with_name(f"{plan.source.name} {number}")
        )
        note_upload(services, copy, GONE[:-1] + str(number), {1: "x"})
    async with app.run_test(size=(60, 16)) as pilot:
        await home(pilot, app, EMPTY)
        rows = [line for line in lines_of(app) if "1 of 3 pages sent" in line]
        assert len(rows) == 3
        assert all(row.endswith(("2", "3", "4")) for row in rows)
        assert "and 2 more: h shows them all" in shown(app)
        assert "Look at the title on MangaDex" in shown(app)
        await press(pilot, "h")
        await until(pilot, lambda: shown(app).count(" interrupted ") == 5)


async def test_hostile_names_are_shown_as_they_are(app: DexupApp, server: SandboxServer) -> None:
    state = server.state
    state.manga[state.manga_id].attributes["title"] = {"en": HOSTILE["action"] + HOSTILE["escape"]}
    state.groups[state.group_id].attributes["name"] = HOSTILE["closing tag"] + HOSTILE["title setting"]
    session = put_session(server, [(name, b"x") for name in HOSTILE.values()])
    async with app.run_test(size=(120, 40)) as pilot:
        await home(pilot, app, "Here ")
        text = shown(app)
        assert "Manga    [@click=app.quit]x[/]␛[2J␛[31mred.png" in text
        assert "Groups   [/␛]0;owned␇.png" in text
        for label, name in HOSTILE.items():
            if label != "lone surrogate":  # JSON in UTF-8 cannot carry one
                assert safe_text(name)[:20] in text, label
        assert not {chr(code) for code in (*range(10), *range(11, 32), *range(127, 160), 0x202E)} & set(text)
        files = app.screen.query_one(SessionFiles)
        assert len(lines_of(app, files)) >= len(session.files)
        assert len([line for line in lines_of(app, files) if line.strip()]) == len(session.files) + 1
        await press(pilot, "a")
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        assert "[@click=app.quit]x[/]␛[2J" in shown(app)
        assert f"{len(session.files)} files on the server" in shown(app)


async def test_log_out_goes_to_the_login_and_leaves_the_session_alone(
    app: DexupApp, services: Services, server: SandboxServer
) -> None:
    session = put_session(server, [("a.png", image_bytes())])
    async with app.run_test(size=(80, 24)) as pilot:
        await home(pilot, app, "a.png")
        await press(pilot, "l")
        assert "Log out sandbox" in shown(app)
        await press(pilot, "escape")
        await home(pilot, app, "a.png")
        await press(pilot, "l 1")
        await until(pilot, lambda: isinstance(app.screen, Confirm) and app.focused)
        assert "stays on the server" in shown(app)
        await press(pilot, "f1")
        await until(pilot, lambda: "To the other answer; enter gives it." in shown(app))
        await press(pilot, "escape")
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        await press(pilot, "y")
        await until(pilot, lambda: isinstance(app.screen, LoginScreen) and app.focused)
        assert services.account == ""
        await press(pilot, "escape")
        await home(pilot, app, "Nobody is logged in.")
        assert "a.png" not in shown(app)
        assert "not logged in" in shown(app)
        await press(pilot, "r a")
        assert isinstance(app.screen, SessionScreen)
        assert "a: no upload session is known." in shown(app)  # the one that is open cannot be seen now
        await press(pilot, "z")
        assert "z does nothing here. ? shows all keys" in shown(app)
        await press(pilot, "f5")
        await until(pilot, lambda: isinstance(app.screen, LoginScreen) and app.focused)
    assert session.id in server.state.sessions
