"""Home: the upload session that the account has open on the server, and what can be done with it."""

from __future__ import annotations

import asyncio
from pathlib import Path

from textual import events, work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from tui.mangadex.errors import LoginRequired, MangaDexError
from tui.screens.base import DexupScreen
from tui.screens.kept_chapters import kept_chapters
from tui.screens.session_state import SessionState, read_session_state
from tui.screens.session_words import (
    idle_lines,
    next_step,
    problem_lines,
    queue_lines,
    session_lines,
    silent_key_words,
    stranded_lines,
)
from tui.screens.terms import show_terms
from tui.storage.errors import StorageError
from tui.text import plural, safe_text
from tui.upload.errors import InUse
from tui.upload.ledger_file import LedgerError
from tui.upload.view import Phase
from tui.widgets.bindings import bindings
from tui.widgets.choose import Choose
from tui.widgets.dialogs import Confirm, Message
from tui.widgets.hint_line import HintLine
from tui.widgets.key_line import KeyLine
from tui.widgets.session_files import SessionFiles


class SessionScreen(DexupScreen):
    """What the server holds now. Nothing here is done to a session without a decision."""

    PLACE = "Upload session"
    HELP_TEXT = (
        "MangaDex keeps one upload session for an account. An open one is shown with all that is known "
        "of it; resume it, abandon it, or leave it alone."
    )
    CSS = """
    SessionScreen #summary { height: auto; padding: 1 1; }
    SessionScreen #session-files { height: 1fr; }
    SessionScreen #session-hint { height: 1; background: $boost; }
    """
    BINDINGS = bindings("session.*")

    def __init__(self) -> None:
        super().__init__()
        self._state: SessionState | None = None
        self._busy = ""
        self._acting = False
        """A decision is being carried out; it reads the session itself when it is done."""
        self._error: MangaDexError | LedgerError | None = None

    def compose(self) -> ComposeResult:
        yield from self.compose_title()
        with Vertical():
            yield Static(id="summary")
            yield SessionFiles(id="session-files")
        yield HintLine(id="session-hint")
        yield KeyLine(keep=("app.help", "app.quit"))

    def on_mount(self) -> None:
        self._show()

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        if self.dexup.services.account:
            self.look_again()
        else:
            self._show()

    def logging_in(self, who: str) -> None:
        """A kept login is being taken up."""
        self._busy = f"Logging in{f' as {safe_text(who)}' if who else ''}…"
        self._show()

    def logging_in_done(self) -> None:
        """The kept login was taken up, or nobody is logged in after all."""
        self._busy = ""
        self._show()

    def look_again(self) -> None:
        """Ask the server; the answer replaces what is shown."""
        if self._acting:
            return  # a dialog that closes brings the screen back just as its answer is acted upon
        self._busy = "Asking the server…"
        self._show()
        self._read()

    @work(exclusive=True, group="session", exit_on_error=False)
    async def _read(self) -> None:
        try:
            self._state, self._error = await read_session_state(self.dexup.services), None
        except LoginRequired:
            self._busy = ""
            self.dexup.show_login()
            return
        except (MangaDexError, LedgerError) as error:
            self._error = error
        self._busy = ""
        self._show()

    # Showing

    def _show(self) -> None:
        self.update_title()
        state = self._state
        lines, hint = self._texts(state)
        self.query_one("#summary", Static).update(Content("\n".join(lines)))
        files = self.query_one(SessionFiles)
        shown = state.session.files if state and state.session and not self._error else ()
        if state is not None:
            shown = tuple(sorted(shown, key=state.position_of))
        files.show(shown, state.name_of if state else lambda _: "")
        files.display = bool(shown)
        if shown and self.focused is None:
            files.focus()
        self.query_one("#session-hint", HintLine).show(hint)
        self.refresh_bindings()

    def _texts(self, state: SessionState | None) -> tuple[list[str], str]:
        services = self.dexup.services
        if self._busy and (state is None or not services.account):
            return [self._busy], ""
        if self._error is not None:
            return problem_lines(self._error), self._busy or "f5 asks again"
        if not services.account:
            return ["Nobody is logged in."], "l logs in"
        if state is None:
            return [""], ""
        if state.session is None:
            running = services.queue.running
            lines, hint = idle_lines(services.engine.view, kept_chapters(self.app), running=running)
            lines += queue_lines(state, running=running)
            lines += stranded_lines(state, self.app.size.width)
            return lines, self._busy or hint
        width = self.app.size.width
        lines = [
            *session_lines(state, width),
            *queue_lines(state, running=services.queue.running),
            *stranded_lines(state, width),
        ]
        return lines, self._busy or next_step(state)

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        if action == "back":
            return False  # this is home
        if action in ("resume", "abandon"):
            there = self._state is not None and self._state.session is not None
            there = there or (action == "resume" and self.dexup.services.engine.view.active)
            return True if there else None
        return True

    def on_key(self, event: events.Key) -> None:
        """What nothing took: over a slow line a key without any answer looks like one that was lost."""
        active = self.active_bindings.get(event.key)
        if active is None or not active.enabled:
            self.query_one("#session-hint", HintLine).show(silent_key_words(event))

    def action_refresh_session(self) -> None:
        if self.dexup.services.account:
            self.look_again()
        else:
            self.dexup.show_login()

    def open_pasted(self, path: Path) -> None:
        if not self.dexup.services.account:
            self.notify("Log in first: l logs in.", markup=False)
        elif self.dexup.services.engine.view.active:
            self.action_new_chapter()
        else:
            self.dexup.show_chapter(path)

    def action_new_chapter(self) -> None:
        if self.dexup.services.engine.view.active:
            self.notify("An upload is under way; this is it.", markup=False)
            self.dexup.show_upload()
            return
        self.dexup.show_chapter()

    def action_queue(self) -> None:
        self.dexup.show_queue()

    def action_edit(self) -> None:
        if self.dexup.services.engine.view.active:
            self.notify("An upload is under way; this is it.", markup=False)
            self.dexup.show_upload()
        elif not self.dexup.services.account:
            self.dexup.show_login()
        else:
            self.dexup.show_edit()

    def action_resume(self) -> None:
        state = self._state
        engine = self.dexup.services.engine
        if engine.view.active:
            self.dexup.show_upload()
        elif state is not None and state.entry is not None:
            engine.resume(state.entry, account=self.dexup.services.account)
            self.dexup.show_upload()
        elif state is not None and state.session is not None and state.session.chapter_id:
            self.dexup.show_edit(state.session.chapter_id, pages=True)
        elif state is not None and state.session is not None:
            self.notify(
                "This session was not begun here. Choose its folder or archive: pages that are on the server "
                "already are found by name, size and hash, and only the others are sent.",
                markup=False,
                timeout=12,
            )
            self.dexup.show_chapter()

    def action_abandon(self) -> None:
        state = self._state
        if state is None or state.session is None:
            return
        if self.dexup.services.engine.view.phase not in (
            Phase.IDLE,
            Phase.FAILED,
            Phase.STOPPED,
            Phase.COMMITTED,
        ):
            self.notify("The upload is still under way: stop it first.", markup=False, severity="warning")
            return
        session = state.session
        lost = plural(len(session.files), "file")
        if not session.files_known:
            lost = "All files that it holds"
        lines = [
            "The chapter that it edits stays as it is; new pages that were sent are deleted."
            if session.chapter_id
            else f"{lost} on the server will be deleted. Your own files stay.",
            "",
            *session_lines(state, 70),
        ]
        session_id, edits = session.id, bool(session.chapter_id)
        dialog = Confirm("Abandon this upload session?", lines, yes="Abandon it", no="Keep it")
        self.confirm(dialog, lambda: self._abandon(session_id, edits))

    def _abandon(self, session_id: str, edits: bool) -> None:
        self._act("Abandoning the upload session…")
        self._abandon_now(session_id, edits)

    @work(exclusive=True, group="session", exit_on_error=False)
    async def _abandon_now(self, session_id: str, edits: bool) -> None:
        engine = self.dexup.services.engine
        try:
            await asyncio.wrap_future(engine.abandon(session_id, self.dexup.services.account))
            self._state, self._error = await read_session_state(self.dexup.services), None
        except LoginRequired:
            self._acted()
            self.dexup.show_login()
            return
        except (MangaDexError, LedgerError) as error:
            self._acted()
            kept = isinstance(error, InUse)
            title = "The session was left alone" if kept else "It is not known whether the session is gone"
            self.app.push_screen(Message(title, problem_lines(error)))
            return
        self._acted()
        if self._state.session is not None and self._state.session.id == session_id:
            self.notify(
                "The server still shows the session: it was seen to keep them for a while. f5 asks again.",
                markup=False,
                severity="warning",
            )
        else:
            stays = " The chapter stays as it is." if edits else ""
            self.notify(f"The upload session was abandoned.{stays}", markup=False)

    def _act(self, words: str) -> None:
        """A decision is carried out from here on; nothing is read in between."""
        self._acting, self._busy = True, words
        self._show()

    def _acted(self) -> None:
        self._acting, self._busy = False, ""
        self._show()

    def action_terms(self) -> None:
        show_terms(self)

    def action_history(self) -> None:
        self.dexup.show_history()

    def action_accounts(self) -> None:
        services = self.dexup.services
        if not services.account:
            self.dexup.show_login()
            return
        choices = [("out", f"Log out {services.account}"), ("other", "Use another account")]
        self.app.push_screen(Choose("Account", choices), self._account_chosen)

    def _account_chosen(self, choice: str | None) -> None:
        services = self.dexup.services
        if choice is not None and (services.engine.view.active or services.queue.running):
            self.notify("An upload is under way: stop it first.", markup=False, severity="warning")
        elif choice == "out" and self._state is not None and self._state.session is not None:
            lines = ["The open upload session stays on the server. To go on with it, log in again."]
            dialog = Confirm(f"Log out {services.account}?", lines, yes="Log out", no="Stay", dangerous=False)
            self.confirm(dialog, self._log_out)
        elif choice == "out":
            self._log_out()
        elif choice == "other":
            self.dexup.show_login()

    def _log_out(self) -> None:
        self._act("Logging out…")
        self._log_out_now()

    @work(exclusive=True, group="session", exit_on_error=False)
    async def _log_out_now(self) -> None:
        problem = None
        try:
            await self.dexup.services.accounts.log_out()
        except StorageError as error:
            problem = error
        self._state, self._error = None, None
        self._acted()
        self.dexup.show_login()
        if problem is not None:
            title = "Logged out, but the account is still kept on this machine"
            self.app.push_screen(Message(title, [problem.title, problem.remedy]))
