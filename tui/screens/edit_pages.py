"""The pages of a published chapter: the chapter screen on an open edit session."""

from __future__ import annotations

import asyncio
from pathlib import Path

from textual import work

from tui.chapter.sources import Scan
from tui.mangadex.errors import MangaDexError
from tui.screens.chapter import ChapterScreen
from tui.screens.chapter_work import ChapterWork
from tui.screens.edit_words import changed_pages, name_of
from tui.screens.kept_chapters import kept_chapters
from tui.text import safe_text
from tui.upload.editing import OpenedEdit
from tui.upload.ledger_file import LedgerError
from tui.widgets.choose import Choose


class EditPagesScreen(ChapterScreen):
    """Files on the left, the chapter's pages on the right; the chapter changes with the commit and not before."""

    PLACE = "Edit pages"
    HELP_TEXT = (
        "The pages of a published chapter, in the order in which the server lists them. Move them, leave some "
        "out, add new ones from a folder or archive, or put a file in the place of one. The chapter stays as it "
        "is until you commit; what is on the server already is not sent again."
    )

    def __init__(self, opened: OpenedEdit) -> None:
        super().__init__()
        self._opened = opened

    def _begin(self) -> None:
        place = self._opened.place
        self._reading, self._panes.has_pages = place, True
        kept = kept_chapters(self.app).get(place)
        if kept is not None:
            self._show_work(kept)
        self._reader.take(place, Scan(self._opened.pages, ()))
        self._browser.go_to_last()
        self._panes.turn_to_pages()
        self.update_title()
        if self._opened.resumed:
            self.notify("This edit was open on the server already; it goes on.", markup=False)

    def update_title(self, more: str = "") -> None:
        super().update_title(more or name_of(self._opened.chapter))

    def take(self, path: Path) -> None:
        """Nothing takes the place of the chapter: what is chosen is added to it."""
        self._tell(f"Adding {safe_text(path.name)}…")
        self._reader.join(self._opened.place, path)
        self._panes.turn_to_pages()

    def _next_step(self) -> str:
        if self._work is None or self._work.findings is None or self._work.errors:
            return super()._next_step()
        changed = changed_pages(self._opened, self._work.order.included)
        if not changed:
            return "As on the server: J K m move · x excludes · b adds pages · = replaces one"
        return f"{changed} · ctrl+n goes on; the chapter changes with the commit"

    def _go_on(self, work: ChapterWork) -> None:
        if not self._opened.is_changed(work.order.included):
            self._tell("The pages are as they were. Only the details? esc, then choose the details alone.")
            return
        self.dexup.show_edit_details(self._opened, work.order.included)

    def action_rescan(self) -> None:
        self._browser.read_again()

    # Leaving

    def action_back(self) -> None:
        if self._panes.browsing:
            self._panes.turn_to_pages()
            return
        if self.unmark():
            return
        engine = self.dexup.services.engine
        if engine.view.active:
            self.dexup.show_upload()
            return
        choices = [
            ("stay", "Go on with the edit"),
            ("keep", "Leave it open: r on the start screen goes on with it"),
            ("abandon", "Abandon it: the chapter stays as it is"),
        ]
        self.app.push_screen(Choose("Leave the edit?", choices), self._left)

    def _left(self, choice: str | None) -> None:
        if choice == "keep":
            self.dexup.show_session()
            self.notify("The edit is kept open; the chapter is as it was.", markup=False)
        elif choice == "abandon":
            self._abandon()

    @work(exclusive=True, group="abandon", exit_on_error=False)
    async def _abandon(self) -> None:
        self._tell("Abandoning the edit…")
        engine = self.dexup.services.engine
        try:
            await asyncio.wrap_future(engine.abandon(self._opened.session.id, self.dexup.services.account))
        except MangaDexError as error:
            self._tell("")
            self.show_error(error)
            return
        except LedgerError as error:
            self._tell(safe_text(f"✗ {error} {error.remedy}"))
            return
        self.dexup.show_session()
        self.app.notify("The edit was abandoned. The chapter stays as it is.", markup=False)
