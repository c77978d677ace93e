"""What every screen has: the App's services and the ways to the other screens, without importing the App."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from textual import events
from textual._styles_cache import StylesCache
from textual.app import ComposeResult
from textual.screen import Screen
from textual.widget import Widget

from tui.mangadex.errors import MangaDexError
from tui.screens.pasting import pasted_path
from tui.text import safe_text
from tui.widgets.bindings import bindings
from tui.widgets.dialogs import Confirm, Message
from tui.widgets.title_line import TitleLine

if TYPE_CHECKING:
    from tui.chapter.pages import Page
    from tui.chapter.selection import ChapterSelection
    from tui.mangadex.models import Chapter
    from tui.screens.details_form import DetailsDraft
    from tui.services import Services
    from tui.upload.editing import OpenedEdit


class Navigator(Protocol):
    """The App as screens see it."""

    services: Services

    def settle_soon(self) -> None:
        """A screen was left; give back what it took when the next one is there."""

    def show_login(self) -> None:
        """Go to the login form."""

    def show_session(self) -> None:
        """Go home."""

    def show_chapter(self, path: Path | None = None) -> None:
        """Go to the file browser and page list, with the chapter at `path` if given."""

    def show_details(self, selection: ChapterSelection, draft: DetailsDraft) -> None:
        """Go to the details of the chosen pages."""

    def show_upload(self) -> None:
        """Go to the upload that the engine is doing."""

    def show_queue(self, paths: Sequence[Path] = ()) -> None:
        """Go to the queue, and put the chapters that `paths` stand for into it."""

    def show_edit(self, chapter_id: str = "", *, pages: bool = False) -> None:
        """Choose a published chapter to change; this one at once, or even its pages, if it is given."""

    def show_edit_pages(self, opened: OpenedEdit) -> None:
        """Put the pages of a published chapter in order."""

    def show_edit_details(
        self,
        opened: OpenedEdit | Chapter,
        pages: Sequence[Page] = (),
        saved: Callable[[Chapter], None] | None = None,
    ) -> None:
        """Change the details of a chapter: alone, or together with `pages` in its edit session."""

    def show_history(self) -> None:
        """Go to what was uploaded."""

    def show_help(self) -> None:
        """Every key that works here."""

    def over_ssh(self) -> bool:
        """True when the terminal is at the other end of a slow line."""


class DexupScreen(Screen[None]):
    """Base of the six screens."""

    BINDINGS = bindings("app.back", "app.help", "app.history")
    PLACE = ""
    """Name of the screen in the title line and in the help."""
    HELP_TEXT = ""
    """A sentence or two for the help screen: what this place is for."""
    SHOWS_WAITS = False
    """Whether it shows by itself that the service asks for a pause."""

    @property
    def dexup(self) -> Navigator:
        """The App."""
        return cast("Navigator", self.app)

    def compose_title(self) -> ComposeResult:
        """The title line, first thing of every screen."""
        yield TitleLine(self.PLACE)

    def update_title(self, more: str = "") -> None:
        """Say who is logged in, and `more` about the place."""
        services = self.dexup.services
        who = safe_text(services.account) if services.account else "not logged in"
        sandbox = services.sandbox is not None
        for line in self.query(TitleLine):
            line.set_class(sandbox, "-sandbox")
            line.show(
                self.PLACE + (f" · {more}" if more else ""),
                f"{who} · SANDBOX, nothing real is touched" if sandbox else who,
            )

    def on_screen_resume(self) -> None:
        self.update_title()

    def on_screen_suspend(self) -> None:
        # Its painted lines: 1 MB that is painted anew when it is seen again.
        for widget in self.walk_children(Widget):
            widget._styles_cache.clear()
        self.dexup.settle_soon()

    def on_unmount(self) -> None:
        # The library remembers the answers of this method by the widget's cache that asked, and so would keep the
        # painted lines of every widget there ever was, 5 MB a chapter.
        StylesCache.get_inner_outer.cache_clear()
        self.dexup.settle_soon()

    def action_back(self) -> None:
        """Back to the screen before; home has none."""
        if len(self.app.screen_stack) > 2:
            self.app.pop_screen()
        else:
            self.dexup.show_session()

    def action_help(self) -> None:
        self.dexup.show_help()

    def action_history(self) -> None:
        self.dexup.show_history()

    def on_paste(self, event: events.Paste) -> None:
        """A path opens as a chapter, where there is one to open; text for a field never comes here."""
        event.stop()
        path = pasted_path(event.text)
        if path is None:
            return
        if not path.exists():
            self.notify(f"There is nothing at {safe_text(path, 200)}.", markup=False, severity="warning")
        else:
            self.open_pasted(path)

    def open_pasted(self, path: Path) -> None:
        """Most screens have no use for a path."""

    def confirm(self, dialog: Confirm, then: Callable[[], object]) -> None:
        """Ask, and do `then` on yes."""

        def answered(yes: bool | None) -> None:
            if yes:
                then()

        self.app.push_screen(dialog, answered)

    def show_error(self, error: MangaDexError) -> None:
        """The service's error in front of the screen until it is dismissed."""
        self.app.push_screen(Message(error.title, error_lines(error)))


def error_lines(error: MangaDexError) -> list[str]:
    """An error in words: what the server said, its numbers, and what to do. Safe to show."""
    lines = [safe_text(error.detail, 600)] if error.detail else []
    facts = [f"status {error.status}"] if error.status else []
    facts += [f"request {safe_text(error.request_id)}"] if error.request_id else []
    if facts:
        lines.append(", ".join(facts))
    if error.remedy:
        lines += ["", error.remedy]
    # Last, since there may be many: what is to be done stays in view.
    others = [safe_text(str(detail), 300) for detail in error.errors[:5] if str(detail) != error.detail]
    return [*lines, "", *others] if others else lines
