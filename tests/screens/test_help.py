"""Help and palette: read from the bindings, so that they say what the keys really do."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from textual.binding import Binding
from textual.widgets import Input

from tests.support.screens import lines_of, press, until
from tui.app import DexupApp
from tui.keys import actions
from tui.screens.base import DexupScreen
from tui.screens.chapter import ChapterScreen
from tui.screens.help import HelpScreen, key_name, key_rows, row_lines
from tui.screens.login import LoginScreen
from tui.screens.session import SessionScreen
from tui.services import Services


def shown(app: DexupApp) -> str:
    return "\n".join(lines_of(app))


def on_screen(app: DexupApp, words: str) -> bool:
    return words in shown(app)


def keys_of(app: DexupApp) -> dict[str, str]:
    """What is done -> the keys, from the rows of the help."""
    assert isinstance(app.screen, HelpScreen)
    rows: list[tuple[str, str]] = []
    for row in lines_of(app, app.screen.query_one("#keys")):
        keys, what = row[:27].strip(), row[27:].rstrip("█▁▂▃▄▅▆▇ ")
        if row.startswith("     ") and rows:
            rows[-1] = (f"{rows[-1][0]} {keys}".strip(), f"{rows[-1][1]} {what}".strip())
        elif row.startswith("   "):
            rows.append((keys, what))
    return {what: keys for keys, what in rows}


def test_names_of_keys() -> None:
    names = {
        "question_mark": "?",
        "ctrl+n": "ctrl+n",
        "alt+down": "alt+down",
        "J": "J",
        "less_than_sign": "<",
        "space": "space",
        "tab": "tab",
        "pagedown": "page down",
        "escape": "esc",
        "ctrl+left_square_bracket": "ctrl+[",
        "slash": "/",
    }
    assert {key: key_name(key) for key in names} == names


def test_one_row_for_what_several_keys_do() -> None:
    found = [
        Binding("j", "cursor(1)", "Down", tooltip="Cursor down.", id="page.down"),
        Binding("down", "cursor(1)", "Down", tooltip="Cursor down.", id="page.down"),
        Binding("h", "history", "History", tooltip="What was uploaded.", id="session.history"),
        Binding("f3", "history", "History", tooltip="What was uploaded.", id="app.history"),
        Binding("x", "nothing", ""),
    ]
    assert key_rows(found) == [("j, down", "Cursor down."), ("h, f3", "What was uploaded.")]


def test_a_row_takes_as_many_lines_as_it_needs() -> None:
    keys, what = "page down, ctrl+d, space, ctrl+alt+page down", "Put the marked chapters into the queue."
    lines = row_lines(keys, what, 50)
    assert lines == [
        ("   page down, ctrl+d,", "Put the marked chapters"),
        ("     space, ctrl+alt+page", "into the queue."),
        ("     down", ""),
    ]
    assert row_lines("", "On this screen", 50) == [("", "On this screen")]


async def test_every_key_of_the_screen_it_was_opened_from(app: DexupApp, harbour: Path) -> None:
    async with app.run_test(size=(100, 60)) as pilot:
        await until(pilot, lambda: "No upload session is open" in shown(app))
        for open_screen, words, wanted in (
            (app.show_session, "No upload session", ("session.*", "app.help", "app.quit")),
            (app.show_history, "Nothing was uploaded", ("history.*", "page.down", "page.last", "app.back")),
            (partial(app.show_chapter, harbour), "24 pages", ("page.*", "chapter.*", "app.back")),
        ):
            open_screen()
            await until(pilot, partial(on_screen, app, words))
            # The focus comes a moment after the words, and brings the keys of a list with it.
            ids = {action.id for action in actions(*wanted)}
            await until(
                pilot,
                partial(lambda ids: ids <= {a.binding.id for a in app.screen.active_bindings.values()}, ids),
            )
            before = app.screen
            assert isinstance(before, DexupScreen)
            await press(pilot, "f1")
            await until(pilot, lambda: isinstance(app.screen, HelpScreen))
            await until(pilot, lambda: keys_of(app))
            assert f"Help: {before.PLACE}" in shown(app)
            found = keys_of(app)
            for action in actions(*wanted):
                for key in action.keys.split(","):
                    assert key_name(key) in found[action.help].split(", "), action.id
            await press(pilot, "f1")
            assert app.screen is before, "the same key closes it"


async def test_remapped_keys_are_the_ones_shown(services: Services) -> None:
    services.settings = replace(services.settings, keys={"session.new": "ctrl+t,f9", "app.help": "f12"})
    app = DexupApp(services)
    async with app.run_test(size=(80, 30)) as pilot:
        await until(pilot, lambda: "No upload session is open" in shown(app))
        assert "^t New chapter" in shown(app)
        assert "f12 Help" in shown(app)
        await press(pilot, "f1 question_mark")
        assert isinstance(app.screen, SessionScreen)
        await press(pilot, "f12")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))
        found = keys_of(app)
        assert found["Choose a folder or archive to upload."] == "ctrl+t, f9"
        assert found["Every key that works here."] == "f12"
        await press(pilot, "f12 ctrl+p")
        await press(pilot, list("chapter"))
        await until(pilot, lambda: "New chapter  (ctrl+t)" in shown(app))


async def test_help_of_a_form_does_not_take_what_is_typed(app: DexupApp, services: Services) -> None:
    await services.accounts.log_out()
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, LoginScreen) and app.focused)
        await press(pilot, "question_mark ? f1")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))
        assert "personal client of your own" in shown(app)
        found = keys_of(app)
        assert found["Fill in the sandbox's credentials."] == "f4"
        assert "?" not in found["Every key that works here."]
        await press(pilot, "escape")
        assert isinstance(app.screen, LoginScreen)
        assert "?" in app.screen.query_one("#client-id", Input).value


@pytest.mark.parametrize("size", [(60, 16)])
async def test_help_longer_than_the_screen_scrolls(
    app: DexupApp, harbour: Path, size: tuple[int, int]
) -> None:
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: "No upload session is open" in shown(app))
        app.show_chapter(harbour)
        await until(pilot, lambda: isinstance(app.screen, ChapterScreen) and "24 pages" in shown(app))
        await press(pilot, "f1")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen) and keys_of(app))
        assert "Leave dexup" not in shown(app)
        await press(pilot, "G")
        assert "Leave dexup" in shown(app)
        await press(pilot, "g")
        assert "Where the cursor is" in shown(app)
