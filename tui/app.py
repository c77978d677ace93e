"""The App: services, ways between the screens, theme, global keys, signals. No logic of its own."""

from __future__ import annotations

import asyncio
import importlib
import os
import signal
import threading
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import work
from textual.app import SystemCommand
from textual.binding import Binding
from textual.screen import Screen
from textual.timer import Timer

from tui.crash import write_crash_report
from tui.mangadex.errors import LoginRequired, MangaDexError
from tui.screens.base import DexupScreen
from tui.screens.kept_chapters import kept_chapters
from tui.screens.palette import ActionCommands, Palette
from tui.screens.session import SessionScreen
from tui.services import Services
from tui.storage.errors import StorageError
from tui.storage.settings import save_value
from tui.terminal import Capabilities, over_ssh
from tui.text import plural, safe_text
from tui.upload.describe import describe
from tui.upload.events import Committed, Event, Waiting
from tui.upload.exits import Exit
from tui.upload.unattended import finish_unattended
from tui.upload.view import Phase
from tui.widgets.bindings import bindings
from tui.widgets.choose import Choose
from tui.widgets.dialogs import Confirm, Dialog, Message
from tui.widgets.terminal_app import TerminalApp
from tui.widgets.themes import CHOICES

if TYPE_CHECKING:
    from tui.chapter.pages import Page
    from tui.chapter.selection import ChapterSelection
    from tui.mangadex.models import Chapter
    from tui.screens.details_form import DetailsDraft
    from tui.upload.editing import OpenedEdit

_PATIENCE = 8.0
"""Seconds after a signal at which a process whose screen is stuck ends itself."""
_QUIET = 1.5
"""Seconds after the first frame at which the start is over."""
_AHEAD = 0.2
"""Seconds after the first frame at which modules are loaded that every chapter needs."""
_CALM = 0.1
"""The same after a screen was left."""
_HANG_UP = getattr(signal, "SIGHUP", 0)
_OUTSIDE = 1.0
"""Seconds between two looks at what is shown outside of the screen."""
_LONG_WAIT = 3.0
"""Seconds of a wait that is worth a word on a screen that has no place for it."""
_SHOWN = 10.0
"""Seconds for which such a word is shown."""
_UNFINISHED = frozenset(
    {Phase.CHECKING, Phase.SENDING, Phase.WAITING, Phase.PAUSED, Phase.RECONCILING, Phase.COMMITTING}
)


class DexupApp(TerminalApp[None]):
    """dexup on a terminal."""

    TITLE = "dexup"
    CSS_PATH = "app.tcss"
    COMMANDS = {ActionCommands}
    BINDINGS: ClassVar = bindings("app.quit", "app.mouse", "app.redraw", "app.theme")
    ENABLE_COMMAND_PALETTE = True
    # Esc must never be taken for the start of an Alt key on a slow line, so no screen binds escape to more
    # than "back".

    def __init__(
        self,
        services: Services,
        start_path: Path | None = None,
        can: Capabilities | None = None,
        *,
        when_painted: Callable[[], None] | None = None,
        when_quiet: Callable[[bool], None] | None = None,
    ) -> None:
        """`when_painted` is called after the first frame, `when_quiet` some time after it and after each screen that
        was left, with True when the start screen alone is left."""
        super().__init__(can, when_done=services.settings.screen.when_done)
        self.services = services
        self.animation_level = "none"
        self.hung_up = False
        """The terminal is gone; the upload may finish without it."""
        self._start_path = start_path
        self._when_painted = when_painted
        self._when_quiet = when_quiet
        self._settling: Timer | None = None
        self._home = SessionScreen()
        self._old_handlers: dict[signal.Signals, object] = {}
        self._backstop: threading.Timer | None = None

    # Start

    def on_mount(self) -> None:
        settings = self.services.settings
        if not self.use_theme(settings.screen.theme):
            self.notify(f"There is no theme {safe_text(settings.screen.theme)}.", markup=False)
        self.set_keymap(settings.keys)
        self._catch_signals()
        self.push_screen(self._home)
        self.set_interval(_OUTSIDE, lambda: self.show_outside(self.services.engine.view))
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        """After the first frame: whatever needs the network."""
        if self._when_painted is not None:
            self._when_painted()
        if self._when_quiet is not None:
            self.set_timer(_QUIET, self._tell_quiet)
        for warning in self.services.settings.warnings:
            self.notify(safe_text(warning), markup=False, severity="warning", timeout=10)
        self._restore()
        self.set_timer(_AHEAD, self._load_ahead)
        self.services.engine.follow(lambda: self.services.account)
        self.services.engine.listen(self._heard)

    def _heard(self, event: Event) -> None:
        """In the engine's thread: a wait that the service asks for looks like a hang where nobody says so, and a
        chapter that was published is done with."""
        plan = self.services.engine.view.plan
        if isinstance(event, Committed) and plan is not None:
            self.call_later(kept_chapters(self).published, plan.source)
        if isinstance(event, Waiting) and not event.can_retry_now and event.until - event.at > _LONG_WAIT:
            self.call_later(self._say_wait, event)

    def _say_wait(self, wait: Waiting) -> None:
        if not (isinstance(self.screen, DexupScreen) and self.screen.SHOWS_WAITS):
            seconds = min(wait.until - wait.at, _SHOWN)  # it covers a part of the screen, and says until when
            self.notify(describe(wait), markup=False, severity="warning", timeout=seconds)

    def settle_soon(self) -> None:
        if self._when_quiet is not None and self.is_running:
            # A timer made here and now would hold on to the screen that goes.
            self.call_later(self._settle_later)

    def _settle_later(self) -> None:
        if self._settling is not None:
            self._settling.stop()
        self._settling = self.set_timer(_CALM, self._settle)

    def _settle(self) -> None:
        self._settling = None
        self.call_later(self._tell_quiet)

    @work(thread=True, group="ahead")
    def _load_ahead(self) -> None:
        """While the first screen is being read, so that the next ones open sooner."""
        for module in ("tui.chapter.reading", "tui.upload.uploader"):
            importlib.import_module(module)

    def _tell_quiet(self) -> None:
        if self._when_quiet is not None:
            self._when_quiet(self.screen is self._home)

    @work(exclusive=True, group="restore", exit_on_error=False)
    async def _restore(self) -> None:
        given = self.services.accounts.environment
        self._home.logging_in(given.username if given is not None else "")
        try:
            logged_in = await self.services.accounts.restore()
        except LoginRequired:
            logged_in = False
        except (MangaDexError, StorageError) as error:
            self._home.logging_in_done()
            self.show_login()
            detail = error.detail if isinstance(error, MangaDexError) else ""
            self.push_screen(Message(f"Not logged in: {error.title}", [detail, error.remedy]))
            return
        self._home.logging_in_done()
        if not logged_in:
            self.show_login()  # the path waits until somebody is logged in
        elif self._start_path is not None:
            self.show_session()
        else:
            self._home.look_again()

    # Ways between the screens

    def show_session(self) -> None:
        self._back_to_home()
        if self._start_path is not None and self.services.account:
            path, self._start_path = self._start_path, None
            self.show_chapter(path)

    def show_login(self) -> None:
        from tui.screens.login import LoginScreen  # late: not every start needs it

        self._go(LoginScreen, LoginScreen)

    def show_chapter(self, path: Path | None = None) -> None:
        from tui.screens.chapter import ChapterScreen  # late: it loads the image readers

        self._back_to_home()
        self.push_screen(ChapterScreen(path))

    def show_details(self, selection: ChapterSelection, draft: DetailsDraft) -> None:
        from tui.screens.details import DetailsScreen

        self.push_screen(DetailsScreen(selection, draft))

    def show_upload(self) -> None:
        from tui.screens.upload import UploadScreen

        self._go(UploadScreen, UploadScreen)

    def show_queue(self, paths: Sequence[Path] = ()) -> None:
        from tui.screens.queue import QueueScreen

        self._go(QueueScreen, QueueScreen)
        screen = self.screen
        assert isinstance(screen, QueueScreen)
        if paths:
            screen.add(paths)

    def show_edit(self, chapter_id: str = "", *, pages: bool = False) -> None:
        from tui.screens.edit_pick import EditPickScreen

        self.push_screen(EditPickScreen(chapter_id, pages=pages))

    def show_edit_pages(self, opened: OpenedEdit) -> None:
        from tui.screens.edit_pages import EditPagesScreen

        self.push_screen(EditPagesScreen(opened))

    def show_edit_details(
        self,
        opened: OpenedEdit | Chapter,
        pages: Sequence[Page] = (),
        saved: Callable[[Chapter], None] | None = None,
    ) -> None:
        from tui.screens.edit_details import EditDetailsScreen

        self.push_screen(EditDetailsScreen(opened, pages, saved))

    def show_history(self) -> None:
        from tui.screens.history import HistoryScreen

        self._go(HistoryScreen, HistoryScreen)

    def show_help(self) -> None:
        from tui.screens.help import HelpScreen, key_rows

        screen = self.screen
        if isinstance(screen, HelpScreen):
            return
        own: list[Binding] = []
        for _, found in screen.focused._bindings if screen.focused is not None else ():
            own += [found] if isinstance(found, Binding) else found
        seen = {binding.id for binding in own if binding.id}
        rest = [active.binding for active in screen.active_bindings.values() if active.binding.id not in seen]
        place = screen.PLACE if isinstance(screen, DexupScreen) else ""
        if isinstance(screen, Dialog):
            place = screen.question
        about = screen.HELP_TEXT if isinstance(screen, DexupScreen) else ""
        sections = (
            [("Where the cursor is", key_rows(b for b in own if b.id))] if any(b.id for b in own) else []
        )
        # What Textual binds has no id; neither have a dialog's own keys, but these say what they do.
        told = [b for b in rest if b.id or (isinstance(screen, Dialog) and b.tooltip)]
        sections.append(("On this screen", key_rows(told)))
        self.push_screen(HelpScreen(place, about, sections))

    def action_show_help(self) -> None:
        self.show_help()

    def action_choose_theme(self) -> None:
        first = {name for name, _ in CHOICES}
        rest = [(name, name) for name in sorted(self.available_themes) if name not in first]
        self.push_screen(Choose("Theme", [*CHOICES, *rest]), self._theme_chosen)

    @work(thread=True, exclusive=True, group="settings", exit_on_error=False)
    def _keep_theme(self, name: str) -> None:
        try:
            save_value(self.services.paths.settings_file, "screen.theme", name)
        except StorageError as error:
            self.call_from_thread(self.notify, f"Not kept: {error.title}", markup=False, severity="warning")

    def _theme_chosen(self, name: str | None) -> None:
        if name is not None and self.use_theme(name):
            self._keep_theme(name)

    def over_ssh(self) -> bool:
        return over_ssh(os.environ)

    def _go(self, kind: type[DexupScreen], make: type[DexupScreen]) -> None:
        """To the screen of this kind: the open one if there is one, else a new one on top."""
        for screen in self.screen_stack:
            if isinstance(screen, kind):
                while self.screen is not screen:
                    self.pop_screen()
                return
        self.push_screen(make())

    def _back_to_home(self) -> None:
        while self.screen is not self._home and len(self.screen_stack) > 2:
            self.pop_screen()

    def action_command_palette(self) -> None:
        if not isinstance(self.screen, Palette):
            self.push_screen(Palette())

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:  # noqa: ARG002
        """None of Textual's own: what the palette offers is what the keys do."""
        yield from ()

    # Leaving

    def action_quit_dexup(self) -> None:
        """Ask when an upload is under way; leaving never publishes and never deletes."""
        if isinstance(self.screen, Confirm):
            return
        view = self.services.engine.view
        if self.services.queue.running:
            self._ask_about_queue()
            return
        if view.phase not in _UNFINISHED:
            self._leave()
            return
        lines = [
            f"{view.accepted_count} of {len(view.pages)} pages are on the server.",
            "The upload session is kept: the next start, or `dexup resume`, goes on from there.",
        ]
        if view.phase is Phase.COMMITTING:
            lines = ["The commit is under way. The next start finds out what became of it."]
        dialog = Confirm("Quit while an upload is under way?", lines, yes="Stop and quit", no="Stay")
        self.push_screen(dialog, lambda yes: self._leave() if yes else None)

    def _ask_about_queue(self) -> None:
        lines = [
            f"{plural(self.services.queue.status.committed, 'chapter')} of this run committed so far.",
            "The queue is kept: b on the start screen, or `dexup queue run`, goes on where it stopped.",
        ]
        dialog = Confirm("Quit while the queue is running?", lines, yes="Stop and quit", no="Stay")
        self.push_screen(dialog, lambda yes: self._leave() if yes else None)

    async def action_quit(self) -> None:
        """Textual's own quit is ours too."""
        self.action_quit_dexup()

    def _leave(self) -> None:
        view = self.services.engine.view
        unfinished = view.phase in _UNFINISHED or view.phase in (Phase.READY, Phase.STOPPED, Phase.FAILED)
        kept = bool(unfinished and view.session_id)
        message = None
        if kept:
            message = Text(
                f"The upload session is kept ({view.accepted_count} of {len(view.pages)} pages are there); "
                "`dexup` or `dexup resume` goes on."
            )
        self.exit(return_code=int(Exit.RESUMABLE) if kept else 0, message=message)

    # Signals

    def _catch_signals(self) -> None:
        """Signals end the App in order. The handlers are Python's own and not the loop's: they run even while
        a terminal that stopped reading holds the loop up."""
        if threading.current_thread() is not threading.main_thread():
            return  # tests run the App in other threads
        for name in ("SIGTERM", "SIGHUP", "SIGINT"):
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
                self._old_handlers[number] = signal.signal(number, self._signalled)

    def on_unmount(self) -> None:
        if self.hung_up and self._backstop is not None:
            self._backstop.cancel()  # the main thread goes on with the upload
        for number, handler in self._old_handlers.items():
            if self.hung_up and number == _HANG_UP:
                handler = signal.SIG_IGN  # a dying session sends it more than once
            signal.signal(number, handler)  # type: ignore[arg-type]  # what signal.signal() gave back

    def _signalled(self, number: int, _frame: FrameType | None) -> None:
        engine = self.services.engine
        code = 128 + number
        if number == _HANG_UP:
            self.hung_up = True
        else:
            engine.stop()
        # The screen may be stuck in a write that never ends; the process must end all the same.
        self._backstop = threading.Timer(_PATIENCE, self._end_now, [code])
        self._backstop.daemon = True
        self._backstop.start()
        loop = asyncio.get_running_loop() if _loop_runs() else None
        if loop is not None:
            loop.call_soon_threadsafe(lambda: self.exit(return_code=code))

    def terminal_lost(self) -> None:
        """The terminal is gone, and perhaps no signal told it (nohup)."""
        self.hung_up = True
        self.exit(return_code=128 + _HANG_UP)

    def _end_now(self, code: int) -> None:
        if self.hung_up:
            finish_unattended(self.services.engine, threading.Event())
        self.services.engine.close(3.0)
        os._exit(code)

    # Faults of ours

    def _fatal_error(self) -> None:
        """Textual would print every local variable; ours says where, and keeps the rest to itself."""
        error = self._exception
        path = None
        if error is not None:
            path = write_crash_report(self.services.paths.state, error, self.services.redact)
        where = f" A report without any secret is in {path}." if path is not None else ""
        kind = type(error).__name__ if error is not None else "an error"
        self.panic(
            Text(
                f"dexup has a fault ({kind}) and had to stop.{where}\nNothing was published or deleted; "
                "an upload session, if one was open, is kept: `dexup resume` goes on."
            )
        )


def _loop_runs() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
