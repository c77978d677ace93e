"""Logging in with a personal client."""

from __future__ import annotations

import asyncio

from textual import on, work
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static

from tui.mangadex.credentials import Credentials
from tui.mangadex.errors import LoginFailed, LoginProblem, MangaDexError
from tui.screens.base import DexupScreen, error_lines
from tui.secret import Secret
from tui.storage.credentials import Account
from tui.storage.errors import StorageError
from tui.text import safe_text
from tui.widgets.bindings import bindings
from tui.widgets.choose import Choose
from tui.widgets.field_row import FieldRow
from tui.widgets.hint_line import HintLine
from tui.widgets.key_line import KeyLine
from tui.widgets.tick_box import TickBox

_FIELDS = (
    ("client-id", "Client id", False),
    ("client-secret", "Client secret", True),
    ("username", "User name", False),
    ("password", "Password", True),
)

_HELP = (
    "dexup logs in with a personal client of your own: on the MangaDex website, open Settings, API Clients, "
    "and create one. It can be used once it says approved; its id and secret are shown there. Only your own "
    "account can use it."
)


class LoginScreen(DexupScreen):
    """Four fields and a choice. The password is used once and never kept."""

    PLACE = "Log in"
    HELP_TEXT = _HELP
    CSS = """
    LoginScreen #login { padding: 1 1; }
    LoginScreen FieldRow .label { width: 15; }
    LoginScreen FieldRow HintLine { display: none; }
    LoginScreen TickBox { border: none; padding: 0; margin: 1 0 1 14; background: transparent; height: 1; }
    LoginScreen #login-where, LoginScreen #login-sandbox { height: auto; margin: 0 0 1 0; max-width: 100; }
    LoginScreen #login-problem { height: auto; max-height: 6; padding: 0 1; color: $text-error; }
    LoginScreen #login-hint { height: 1; background: $boost; }
    """
    BINDINGS = bindings("login.*")
    AUTO_FOCUS = "#client-id"

    def __init__(self) -> None:
        super().__init__()
        self._accounts: list[Account] = []
        self._busy = False
        """A login is under way; it is not sent a second time."""

    def compose(self) -> ComposeResult:
        services = self.dexup.services
        yield from self.compose_title()
        with VerticalScroll(id="login", can_focus=False):
            yield Static(Content(_HELP), id="login-where")
            if services.sandbox is not None:
                known = services.sandbox
                yield Static(
                    Content(
                        f"This is the sandbox: f4 fills in its credentials "
                        f"(user name {known.username}, password {known.password})."
                    ),
                    id="login-sandbox",
                )
            for name, label, hidden in _FIELDS:
                yield FieldRow(name, label, hidden=hidden)
            yield TickBox(
                Content("Stay logged in (keeps a token, never the password)"),
                value=True,
                id="stay",
                compact=True,
            )
        yield Static(id="login-problem")  # below what scrolls: it is always in view
        yield HintLine("enter goes to the next field and, in the last one, logs in", id="login-hint")
        yield KeyLine(keep=("app.back", "app.help", "app.quit"))

    def on_mount(self) -> None:
        self._find_kept()

    @work(exclusive=True, group="kept", exit_on_error=False)
    async def _find_kept(self) -> None:
        services = self.dexup.services
        if services.sandbox is not None:
            return
        try:
            self._accounts = await asyncio.to_thread(services.accounts.store.accounts)
        except StorageError as error:
            self._say([safe_text(error.title), safe_text(error.remedy)])
            return
        if self._accounts:
            first = self._accounts[0]
            field = self.query_one("#client-id", Input)
            if not field.value:
                field.value = first.client_id
            names = ", ".join(safe_text(account.username) for account in self._accounts)
            self._hint(f"f6 uses a kept account: {names}")

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        if action == "fill":
            return self.dexup.services.sandbox is not None
        return True

    @on(Input.Submitted)
    def _next_field(self, event: Input.Submitted) -> None:
        event.stop()
        if event.input.id == _FIELDS[-1][0]:
            self.action_submit()
        else:
            self.focus_next()

    def action_fill(self) -> None:
        known = self.dexup.services.sandbox
        if known is not None:
            values = (known.client_id, known.client_secret, known.username, known.password)
            for (name, _, _), value in zip(_FIELDS, values, strict=True):
                self.query_one(f"#{name}", Input).value = value
            self.query_one("#password", Input).focus()

    def action_submit(self) -> None:
        if self._busy:
            return
        for name, label, _ in _FIELDS:
            field = self.query_one(f"#{name}", Input)
            if not field.value.strip():
                self._say([f"{label} is missing."])
                field.focus()
                return
        credentials = Credentials(
            client_id=self.query_one("#client-id", Input).value.strip(),
            client_secret=Secret(self.query_one("#client-secret", Input).value.strip()),
            username=self.query_one("#username", Input).value.strip(),
            password=Secret(self.query_one("#password", Input).value),
        )
        self._begin()
        self._log_in(credentials, self.query_one("#stay", TickBox).value)

    def action_kept(self) -> None:
        if self._busy:
            return
        if not self._accounts:
            self._hint("No account is kept on this machine.")
            return
        choices = [(str(index), account.username) for index, account in enumerate(self._accounts)]
        self.app.push_screen(Choose("Use which account?", choices), self._kept_chosen)

    def action_back(self) -> None:
        self.dexup.show_session()

    # Logging in

    def _begin(self) -> None:
        self._busy = True
        self._say([])
        self._hint("Logging in… esc gives up")

    @work(exclusive=True, group="login", exit_on_error=False)
    async def _log_in(self, credentials: Credentials, stay: bool) -> None:
        try:
            await self.dexup.services.accounts.log_in(credentials, stay=stay)
        except MangaDexError as error:
            self._failed(error)
        except StorageError as error:
            words = f"Logged in, but the account could not be kept: {error}"
            self.app.notify(safe_text(words), markup=False, severity="warning", timeout=12)
            self._entered()
        else:
            self._entered()

    def _kept_chosen(self, choice: str | None) -> None:
        if choice is not None:
            self._begin()
            self._switch(self._accounts[int(choice)])

    @work(exclusive=True, group="login", exit_on_error=False)
    async def _switch(self, account: Account) -> None:
        try:
            await self.dexup.services.accounts.switch(account)
        except MangaDexError as error:
            self.query_one("#client-id", Input).value = account.client_id
            self.query_one("#username", Input).value = account.username
            self._failed(error)
        except StorageError as error:
            # Only which account comes first at the next start could not be written.
            self.app.notify(safe_text(f"Logged in. {error}"), markup=False, severity="warning", timeout=12)
            self._entered()
        else:
            self._entered()

    def _entered(self) -> None:
        self._busy = False
        for name in ("client-secret", "password"):
            self.query_one(f"#{name}", Input).value = ""
        self.dexup.show_session()

    def _failed(self, error: MangaDexError) -> None:
        self._busy = False
        self._hint("Not logged in.")
        self._say([safe_text(error.title), *error_lines(error)])
        client = isinstance(error, LoginFailed) and error.problem is LoginProblem.CLIENT
        self.query_one("#client-secret" if client else "#password", Input).focus()

    def _say(self, lines: list[str]) -> None:
        text = "\n".join(line for line in lines if line)
        self.query_one("#login-problem", Static).update(Content(f"✗ {text}" if text else ""))

    def _hint(self, text: str) -> None:
        self.query_one("#login-hint", HintLine).show(text)
