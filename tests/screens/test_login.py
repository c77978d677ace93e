"""Logging in: what goes wrong is named beside what was typed, and no secret is ever shown."""

from __future__ import annotations

import re
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from textual.widgets import Checkbox, Input

from tests.support.hostile import HOSTILE
from tests.support.screens import lines_of, press, until
from tui.app import DexupApp
from tui.sandbox.fault_actions import Hang, Status, TooMany
from tui.sandbox.server import Fault, SandboxServer
from tui.screens.login import LoginScreen
from tui.screens.session import SessionScreen
from tui.services import Services, open_services
from tui.storage.paths import Paths
from tui.storage.settings import ServiceSettings, Settings
from tui.text import safe_text
from tui.widgets.choose import Choose
from tui.widgets.dialogs import Message

TOKEN = "/realms/*"
EMPTY = "No upload session is open"


@pytest.fixture
def plain(tmp_path: Path, server: SandboxServer) -> Iterator[Callable[[], Services]]:
    """Services as outside the sandbox mode, on the same files each time: nobody is logged in by itself."""
    every: list[Services] = []

    def make() -> Services:
        service = ServiceSettings(server.info["api"], server.info["auth"])
        every.append(open_services(Paths.below(tmp_path / "plain"), Settings(service=service), {}))
        return every[-1]

    yield make
    for services in every:
        services.close()


def shown(app: DexupApp) -> str:
    return "\n".join(lines_of(app))


def field(app: DexupApp, name: str) -> Input:
    return app.screen.query_one(f"#{name}", Input)


def fill(app: DexupApp, server: SandboxServer, **other: str) -> None:
    info = server.info | other
    for name in ("client-id", "client-secret", "username", "password"):
        field(app, name).value = info[name.replace("-", "_")]


def logins(server: SandboxServer) -> int:
    return sum(request.path.endswith("/token") for request in server.requests)


def everything_written(app: DexupApp) -> str:
    """All that dexup wrote."""
    state = app.services.paths.state
    return "".join(path.read_text(errors="replace") for path in state.rglob("*") if path.is_file())


async def test_f4_fills_in_the_sandbox_and_enter_goes_on_to_the_login(
    app: DexupApp, services: Services
) -> None:
    await services.accounts.log_out()
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, LoginScreen) and app.focused)
        assert "personal client of your own" in shown(app)
        await press(pilot, "x enter")
        assert app.focused is field(app, "client-secret")
        await press(pilot, "f4")
        assert app.focused is field(app, "password")
        await press(pilot, "enter")
        await until(pilot, lambda: EMPTY in shown(app))
        assert services.account == "sandbox"
        assert isinstance(app.screen, SessionScreen)


async def test_missing_field_is_named_and_nothing_is_sent(
    plain: Callable[[], Services], server: SandboxServer
) -> None:
    app = DexupApp(plain())
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, LoginScreen) and app.focused)
        assert "sandbox" not in shown(app).lower()
        await press(pilot, "f4")  # there is nothing to fill in
        await press(pilot, "m e ctrl+s")
        assert "✗ Client secret is missing." in shown(app)
        assert app.focused is field(app, "client-secret")
        assert field(app, "client-id").value == "me"
    assert not list(server.requests)


async def test_the_chapter_named_at_the_start_opens_once_somebody_is_logged_in(
    plain: Callable[[], Services], server: SandboxServer, harbour: Path
) -> None:
    app = DexupApp(plain(), harbour)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, LoginScreen) and app.focused)
        fill(app, server)
        await press(pilot, "ctrl+s")
        await until(pilot, lambda: "24 pages" in shown(app))


async def test_a_login_that_has_to_wait_says_until_when(
    plain: Callable[[], Services], server: SandboxServer
) -> None:
    server.faults.add(Fault("POST", TOKEN, TooMany(seconds=40)))
    app = DexupApp(plain())
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await until(pilot, lambda: isinstance(app.screen, LoginScreen) and app.focused)
        fill(app, server)
        await press(pilot, "ctrl+s")
        await until(pilot, lambda: "✗ MangaDex is limiting requests" in shown(app))
        await until(pilot, lambda: re.search(r"Wait until \d\d:\d\d:\d\d UTC, then go on\.", shown(app)))
        await press(pilot, "ctrl+s")
        await until(pilot, lambda: "limits logging in" in shown(app) and "UTC" in shown(app))
        assert "esc gives up" in shown(app)
    assert logins(server) == 1


async def test_wrong_password_and_wrong_client_are_told_apart_and_nothing_is_lost(
    plain: Callable[[], Services], server: SandboxServer
) -> None:
    app = DexupApp(plain())
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, LoginScreen) and app.focused)
        fill(app, server, password="hunter2-hunter2")
        assert "hunter2" not in shown(app)
        await press(pilot, "ctrl+s")
        await until(pilot, lambda: "✗ User name or password is wrong" in shown(app))
        assert "Check user name, password, client id" in shown(app)
        assert app.focused is field(app, "password")
        assert field(app, "password").value == "hunter2-hunter2"
        assert field(app, "client-id").value == server.info["client_id"]

        fill(app, server, client_secret="hunter2-hunter2")
        await press(pilot, "ctrl+s")
        await until(pilot, lambda: "✗ Client id or client secret is wrong" in shown(app))
        assert "the client is not approved yet" in shown(app)
        assert app.focused is field(app, "client-secret")
        for secret in ("hunter2", server.info["password"]):
            assert secret not in shown(app)
            assert secret not in app.export_screenshot()

        fill(app, server)
        await press(pilot, "ctrl+s")
        await until(pilot, lambda: EMPTY in shown(app))
    for secret in ("hunter2", server.info["password"]):
        assert secret not in everything_written(app)


async def test_login_under_way_is_not_sent_twice_and_can_be_given_up(
    app: DexupApp, services: Services, server: SandboxServer
) -> None:
    await services.accounts.log_out()
    server.faults.add(Fault("POST", TOKEN, Hang()))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, LoginScreen) and app.focused)
        await press(pilot, "f4 enter")
        await until(pilot, lambda: logins(server) == 1)
        assert "Logging in… esc gives up" in shown(app)
        await press(pilot, "enter ctrl+s f6 ctrl+s")
        assert isinstance(app.screen, LoginScreen)
        await press(pilot, "escape")
        await until(pilot, lambda: "Nobody is logged in." in shown(app))
        assert services.account == ""
        assert logins(server) == 1
        await press(pilot, "l f4 enter")
        await until(pilot, lambda: EMPTY in shown(app))
        assert logins(server) == 2


async def test_unreachable_service(app: DexupApp, services: Services, server: SandboxServer) -> None:
    await services.accounts.log_out()
    password = server.info["password"]
    server.stop()
    async with app.run_test(size=(60, 16)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, LoginScreen) and app.focused)
        await press(pilot, "f4 enter")
        await until(pilot, lambda: "✗ No connection to MangaDex" in shown(app))
        assert "Check the network; it is safe to try again." in shown(app)
        assert field(app, "password").value == password
        assert "•••" in shown(app), "the field is in view beside the error"


async def test_hostile_answer_of_the_auth_server_is_shown_as_it_is(
    app: DexupApp, services: Services, server: SandboxServer
) -> None:
    await services.accounts.log_out()
    detail = " ".join(text for text in HOSTILE.values() if len(text) < 30)
    async with app.run_test(size=(100, 30)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, LoginScreen) and app.focused)
        server.faults.add(Fault("POST", TOKEN, Status(403, "text", detail=detail), times=0))
        await press(pilot, "f4 enter")
        await until(pilot, lambda: "Not logged in." in shown(app))
        assert "✗ " in shown(app)
        assert "\x1b" not in shown(app)
        server.faults.clear()
        server.faults.add(Fault("GET", "/user/me", Status(400, detail=detail), times=0))
        await press(pilot, "enter")
        await until(pilot, lambda: "status 400" in shown(app))
        together = "".join(shown(app).split())
        assert "".join(safe_text(detail).split())[:120] in together


@pytest.mark.parametrize("stay", [True, False])
async def test_staying_logged_in_is_a_choice(
    plain: Callable[[], Services], server: SandboxServer, stay: bool
) -> None:
    services = plain()
    app = DexupApp(services)
    kept = services.paths.credentials_file
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, LoginScreen) and app.focused)
        fill(app, server)
        box = app.screen.query_one("#stay", Checkbox)
        assert box.value
        if not stay:
            box.focus()
            await press(pilot, "space")
        await until(
            pilot, lambda: f"[{'x' if stay else ' '}] Stay logged in" in shown(app)
        )  # without colours too
        await press(pilot, "ctrl+s")
        await until(pilot, lambda: EMPTY in shown(app))
        assert kept.exists() == stay
        if stay:
            assert stat.S_IMODE(kept.stat().st_mode) == 0o600
            assert server.info["password"] not in kept.read_text()

    again = DexupApp(plain())
    async with again.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: EMPTY in shown(again) or (again.focused and "Log in" in shown(again)))
        assert isinstance(again.screen, SessionScreen) == stay
        if stay:  # and a log out leaves nothing behind
            await press(pilot, "l")
            await until(pilot, lambda: isinstance(again.screen, Choose))
            assert "Log out sandbox" in shown(again)
            await press(pilot, "enter")
            await until(pilot, lambda: isinstance(again.screen, LoginScreen) and again.focused)
            assert again.services.account == ""
            assert "sandbox" not in kept.read_text()


async def test_kept_account_is_chosen_by_name(plain: Callable[[], Services], server: SandboxServer) -> None:
    services = plain()
    app = DexupApp(services)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, LoginScreen) and app.focused)
        fill(app, server)
        await press(pilot, "ctrl+s")
        await until(pilot, lambda: EMPTY in shown(app))
        await press(pilot, "l 2")
        await until(pilot, lambda: "f6 uses a kept account: sandbox" in shown(app))
        assert field(app, "client-id").value == server.info["client_id"]
        assert field(app, "password").value == ""
        await press(pilot, "f6 enter")
        await until(pilot, lambda: isinstance(app.screen, SessionScreen) and EMPTY in shown(app))


async def test_start_without_network_says_so_over_the_form(app: DexupApp, server: SandboxServer) -> None:
    server.stop()
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, Message) and app.focused)
        assert "Not logged in: No connection to MangaDex" in shown(app)
        assert "Check the network" in shown(app)
        await press(pilot, "escape")
        assert isinstance(app.screen, LoginScreen)
