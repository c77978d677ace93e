"""The App around the screens: start, help, palette, leaving, and crashes without secrets."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from textual.widget import Widget
from textual.widgets import Input

from tests.support.screens import lines_of, press, until
from tui.app import DexupApp
from tui.sandbox.server import SandboxServer
from tui.screens.chapter import ChapterScreen
from tui.screens.help import HelpScreen
from tui.screens.session import SessionScreen
from tui.secret import Secret
from tui.services import Services
from tui.upload.view import Phase
from tui.widgets.dialogs import Confirm


def shown(app: DexupApp) -> str:
    return "\n".join(lines_of(app))


async def test_starts_logged_in_at_home(app: DexupApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "No upload session is open" in shown(app))
        assert isinstance(app.screen, SessionScreen)
        assert "SANDBOX" in shown(app)
        assert "n New chapter" in shown(app)


async def test_opens_at_a_chapter(services: Services, harbour: Path) -> None:
    app = DexupApp(services, harbour)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: "24 pages" in shown(app))
        assert isinstance(app.screen, ChapterScreen)


async def test_it_tells_when_it_is_quiet_and_whether_the_start_screen_is_alone(services: Services) -> None:
    told: list[bool] = []
    app = DexupApp(services, when_quiet=told.append)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "No upload session is open" in shown(app))
        await until(pilot, lambda: told == [True])
        await pilot.press("h")
        await until(pilot, lambda: told == [True, False])
        await pilot.press("escape")
        await until(pilot, lambda: told[-1] and len(told) > 2)


async def test_help_lists_the_keys_of_the_place_and_of_the_screen(app: DexupApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "No upload session is open" in shown(app))
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))
        text = shown(app)
        assert "Help: Upload session" in text
        assert "Delete the open upload session; asks first." in text
        await pilot.press("escape")
        assert isinstance(app.screen, SessionScreen)


async def test_palette_runs_our_actions(app: DexupApp) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: "No upload session is open" in shown(app))
        await pilot.press("ctrl+p")
        await pilot.press(*"history")
        await until(pilot, lambda: "History  (h)" in shown(app))
        assert not app.screen.query_one(Input).cursor_blink  # each blink is bytes on the line
        await pilot.press("enter")
        await until(pilot, lambda: "Nothing was uploaded yet" in shown(app))


async def test_keys_can_be_remapped(services: Services) -> None:
    from dataclasses import replace

    services.settings = replace(services.settings, keys={"session.new": "ctrl+t"})
    app = DexupApp(services)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "No upload session is open" in shown(app))
        await pilot.press("n")
        assert isinstance(app.screen, SessionScreen)
        await pilot.press("ctrl+t")
        await until(pilot, lambda: isinstance(app.screen, ChapterScreen))


async def test_leaving_asks_while_an_upload_is_under_way(app: DexupApp, services: Services) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "No upload session is open" in shown(app))
        from tui.upload.view import UploadView

        services.engine._outbox._view = UploadView(phase=Phase.SENDING, session_id="s")
        await pilot.press("ctrl+q")
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        assert "The upload session is kept" in shown(app)
        assert app.focused is not None
        assert app.focused.id == "no"
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, SessionScreen))
        services.engine._outbox._view = UploadView()
        await pilot.press("ctrl+q")
    assert app.return_code == 0


class Broken(Widget):
    """Raises while it is drawn, with a secret in reach."""

    def render_line(self, y: int) -> object:  # type: ignore[override]
        password = Secret("hunter2-hunter2")
        plain = password.reveal()
        raise ZeroDivisionError(f"{len(plain)}")


async def test_crash_report_says_where_and_holds_no_secret(app: DexupApp, services: Services) -> None:
    services.redact.add(Secret("hunter2-hunter2"))
    with pytest.raises(ZeroDivisionError):
        async with app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: "No upload session is open" in shown(app))
            await app.screen.mount(Broken())
            # Not pilot.pause(): that draws in this task, and the App would never see the fault.
            await asyncio.wait_for(app._exception_event.wait(), 30)
    (report,) = services.paths.state.glob("crash-*.txt")
    text = report.read_text()
    assert "render_line" in text
    assert "hunter2" not in text
    assert report.stat().st_mode & 0o777 == 0o600


async def test_nothing_is_sent_to_another_host(server: SandboxServer, app: DexupApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "No upload session is open" in shown(app))
    assert {line.path.split("?")[0] for line in server.requests} <= {
        "/realms/mangadex/protocol/openid-connect/token",
        "/user/me",
        "/upload",
    }


async def test_notes_stand_below_the_title_and_go_with_their_screen_unless_they_are_errors(
    app: DexupApp,
) -> None:
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await until(pilot, lambda: "No upload session is open" in shown(app))
        app.notify("A note.", timeout=600)
        app.notify("A fault.", severity="error", timeout=600)
        await until(pilot, lambda: "A note." in shown(app) and "A fault." in shown(app))
        lines = lines_of(app)
        assert lines[1].endswith("A note.")
        assert lines[2].endswith("A fault.")
        await press(pilot, "f3")
        await until(pilot, lambda: "History" in lines_of(app)[0] and "A fault." in shown(app))
        assert "A note." not in shown(app)
        app.notify("Said while leaving.", timeout=600)
        app.show_session()
        await until(pilot, lambda: "Said while leaving." in shown(app))
