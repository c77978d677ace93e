"""Editing a published chapter, all the way with keys."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from tests.support.headless import write_chapter
from tests.support.screens import lines_of, press, until
from tui.app import DexupApp
from tui.sandbox.records import Chapter
from tui.sandbox.server import SandboxServer
from tui.screens.edit_details import EditDetailsScreen
from tui.screens.edit_pages import EditPagesScreen
from tui.screens.edit_pick import EditPickScreen
from tui.screens.session import SessionScreen
from tui.screens.upload import UploadScreen
from tui.services import Services
from tui.upload.view import Phase
from tui.widgets.choose import Choose
from tui.widgets.dialogs import Confirm
from tui.widgets.prompt import Prompt


@pytest.fixture
def chapter(server: SandboxServer) -> Chapter:
    """A chapter by the account, with four pages that the server has no names for."""
    state = server.state
    found = next(one for one in state.chapters.values() if one.title == "Ebb")
    del found.pages[4:]
    return found


def shown(app: DexupApp) -> str:
    return "\n".join(lines_of(app))


def pages_of(server: SandboxServer, chapter_id: str) -> list[bytes]:
    count = len(server.state.chapters[chapter_id].pages)
    return [server.state.page_bytes(chapter_id, number) for number in range(1, count + 1)]


async def pick(pilot: Pilot[None], app: DexupApp, what: str) -> None:
    """From home to the question what is to be changed of the chapter "Ebb", and its answer."""
    await until(pilot, lambda: isinstance(app.screen, SessionScreen) and "No upload session" in shown(app))
    await press(pilot, "e")
    await until(pilot, lambda: isinstance(app.screen, EditPickScreen) and "Slack Water" in shown(app))
    await press(pilot, "quotation_mark e b b quotation_mark")  # a phrase, as in the history
    await until(pilot, lambda: "Slack Water" not in shown(app) and "Ebb" in shown(app))
    await press(pilot, "enter")
    await until(pilot, lambda: isinstance(app.screen, Choose))
    await press(pilot, what)


async def test_pages_are_changed_with_keys(
    app: DexupApp, services: Services, server: SandboxServer, chapter: Chapter, tmp_path: Path
) -> None:
    before = pages_of(server, chapter.id)
    pages = write_chapter(tmp_path / "new", 2)
    async with app.run_test(size=(120, 40)) as pilot:
        await pick(pilot, app, "2")
        await until(pilot, lambda: isinstance(app.screen, EditPagesScreen) and "page 004" in shown(app))
        await until(pilot, lambda: "As on the server" in shown(app))
        assert shown(app).count("on server") == 4
        screen = app.screen
        assert isinstance(screen, EditPagesScreen)
        await press(pilot, "ctrl+n")
        assert "as they were" in shown(app)
        await press(pilot, "J g j j x")  # the second page comes first, the third leaves
        await until(pilot, lambda: "1 left out, moved" in shown(app))
        await press(pilot, "u u ctrl+r ctrl+r equals_sign")
        await until(pilot, lambda: isinstance(app.screen, Prompt))
        assert "mangadex.org" not in app.screen.query_one(Input).value  # a folder of this machine
        await press(pilot, "escape")
        await press(pilot, "b escape")
        assert screen.pages.has_focus
        screen.take(tmp_path / "new")  # the browser has its own tests
        await until(pilot, lambda: "2 pages of" in shown(app) and "m moves them" in shown(app))
        await press(pilot, "m 2 enter")
        await until(pilot, lambda: "2 new, 1 left out, moved" in shown(app))
        assert pages_of(server, chapter.id) == before
        await press(pilot, "ctrl+n")
        await until(pilot, lambda: isinstance(app.screen, EditDetailsScreen))
        assert "pages: 2 new, 1 left out, moved" in shown(app)
        await press(pilot, "ctrl+n")
        await until(pilot, lambda: services.engine.view.phase is Phase.READY)
        assert isinstance(app.screen, UploadScreen)
        await until(pilot, lambda: "4 before, 5 after: 2 new, 1 left out" in shown(app))
        await press(pilot, "c")
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        assert "Change this published chapter?" in shown(app)
        chapter.title, chapter.version = "Theirs", 2
        await press(pilot, "y")
        await until(pilot, lambda: isinstance(app.screen, Choose))
        await until(pilot, lambda: "now      Theirs" in shown(app))
        assert services.engine.view.phase is Phase.FAILED
        await press(pilot, "2")  # my pages, and what they wrote
        await until(pilot, lambda: services.engine.view.phase is Phase.READY)
        await press(pilot, "c")
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        await press(pilot, "y")
        await until(pilot, lambda: services.engine.view.phase is Phase.COMMITTED)
    now = pages_of(server, chapter.id)
    assert now == [before[1], *pages, before[0], before[3]]
    changed = server.state.chapters[chapter.id]
    assert (changed.title, changed.version) == ("Theirs", 3)


async def test_an_edit_that_is_left_goes_on_from_home_or_is_abandoned(
    app: DexupApp, services: Services, server: SandboxServer, chapter: Chapter
) -> None:
    before = pages_of(server, chapter.id)
    async with app.run_test(size=(80, 24)) as pilot:
        await pick(pilot, app, "2")
        await until(pilot, lambda: isinstance(app.screen, EditPagesScreen) and "page 004" in shown(app))
        await press(pilot, "J")
        await until(pilot, lambda: "moved · ctrl+n" in shown(app))
        await press(pilot, "space escape")
        await until(pilot, lambda: "1 page unmarked" in shown(app))
        await press(pilot, "escape")
        await until(pilot, lambda: isinstance(app.screen, Choose))
        await press(pilot, "2")
        await until(pilot, lambda: isinstance(app.screen, SessionScreen) and "r goes on" in shown(app))
        await until(pilot, lambda: f"Edits    chapter {chapter.id}" in shown(app))  # painted after the hint
        await press(pilot, "r")
        await until(pilot, lambda: isinstance(app.screen, EditPagesScreen) and "moved · ctrl+n" in shown(app))
        await press(pilot, "escape")
        await until(pilot, lambda: isinstance(app.screen, Choose))
        await press(pilot, "3")
        await until(
            pilot, lambda: isinstance(app.screen, SessionScreen) and "No upload session" in shown(app)
        )
        assert not server.state.sessions
    assert pages_of(server, chapter.id) == before
    assert server.state.chapters[chapter.id] is chapter


async def test_details_are_saved_and_a_change_by_somebody_else_is_compared(
    app: DexupApp, server: SandboxServer, chapter: Chapter
) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await pick(pilot, app, "1")
        await until(pilot, lambda: isinstance(app.screen, EditDetailsScreen))
        await press(pilot, "ctrl+n")
        await until(pilot, lambda: any("nothing is sent" in one.message for one in app._notifications))
        assert isinstance(app.screen, EditDetailsScreen)
        chapter.title, chapter.version = "Theirs", 2
        await press(pilot, ["backspace", "3"])
        await until(pilot, lambda: "volume: 2 → 3" in shown(app))
        await press(pilot, "ctrl+n")
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        assert "volume: 2 → 3" in shown(app)
        assert chapter.volume == "2"
        await press(pilot, "y")
        await until(pilot, lambda: isinstance(app.screen, Choose))
        await until(pilot, lambda: "Nothing was" in shown(app))
        assert (chapter.volume, chapter.version) == ("2", 2)
        await press(pilot, "2")
        await until(pilot, lambda: isinstance(app.screen, EditPickScreen))
        app.screen.query_one(Input).value = ""  # the filter was for the old title
        await until(pilot, lambda: "Vol. 3" in shown(app) and "Theirs" in shown(app))
    assert (chapter.volume, chapter.title, chapter.version) == ("3", "Theirs", 3)
    assert not server.state.sessions
