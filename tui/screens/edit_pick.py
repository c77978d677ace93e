"""Choosing a published chapter to change: the account's own, what this machine committed, or a pasted link."""

from __future__ import annotations

import asyncio

from textual import events, on, work
from textual.app import ComposeResult
from textual.widgets import Input

from tui.chapter.references import parse_reference
from tui.mangadex.client import MangaDex
from tui.mangadex.clock import SystemClock
from tui.mangadex.errors import MangaDexError
from tui.mangadex.models import Chapter, Collection
from tui.screens.base import DexupScreen, error_lines
from tui.screens.edit_rows import PickList, PickRow, row_of, row_of_receipt
from tui.screens.edit_words import chapter_lines
from tui.text import plural, safe_text
from tui.upload.editing import OpenedEdit, OtherSession, open_edit
from tui.upload.ledger_entry import belongs_to
from tui.upload.ledger_file import LedgerError
from tui.upload.receipts import Receipt
from tui.upload.wanted import matching
from tui.widgets.bindings import bindings
from tui.widgets.choose import Choose
from tui.widgets.dialogs import Confirm
from tui.widgets.field_row import FieldRow
from tui.widgets.hint_line import HintLine
from tui.widgets.key_line import KeyLine

_MOST = 1000
"""Chapters that are loaded at once: ten requests."""
_STEPS = {"up": -1, "down": 1, "pageup": -10, "pagedown": 10}


class EditPickScreen(DexupScreen):
    """A field to search with, and chapters below it."""

    PLACE = "Edit a chapter"
    HELP_TEXT = (
        "Your chapters on MangaDex, the newest first. Type to search among them, or paste the id or link of a "
        "chapter. Details are changed by one request; pages through an upload session, and the chapter stays as "
        "it is until the commit."
    )
    CSS = """
    EditPickScreen #row-find { margin: 1 1; }
    EditPickScreen #row-find Input { max-width: 100; }
    EditPickScreen #row-find HintLine { display: none; }
    EditPickScreen #edit-chapters { height: 1fr; }
    EditPickScreen #edit-hint { height: 1; background: $boost; }
    """
    BINDINGS = bindings("edit.take", "edit.refresh")

    def __init__(self, chapter_id: str = "", *, pages: bool = False) -> None:
        """With `chapter_id` that chapter is asked about at once; with `pages` its pages are opened."""
        super().__init__()
        self._first, self._pages = chapter_id, pages
        self._find = FieldRow(
            "find", "Search", placeholder="title, number, group; “a phrase”; or a chapter's link"
        )
        self._list = PickList()
        self._all: list[PickRow] = []
        self._ours: frozenset[str] = frozenset()
        """Ids of the chapters that this machine has committed."""
        self._said = ""
        self._busy = ""

    def compose(self) -> ComposeResult:
        yield from self.compose_title()
        yield self._find
        yield self._list
        yield HintLine(id="edit-hint")
        yield KeyLine(keep=("app.back", "app.help"))

    def on_mount(self) -> None:
        self._find.field.focus()
        self._load()
        first, self._first = self._first, ""
        if first and self._pages:
            self._open(first)
        elif first:
            self._ask(first)

    # The list

    def action_refresh_chapters(self) -> None:
        self._load()

    @work(exclusive=True, group="load", exit_on_error=False)
    async def _load(self) -> None:
        engine = self.dexup.services.engine
        receipts: list[Receipt] = []
        found: list[Chapter] = []
        self._said = ""
        try:
            receipts = await asyncio.wrap_future(engine.records.receipts())
        except LedgerError as error:
            self._said = f"✗ {safe_text(error)}"
        try:
            me = await engine.ask(lambda client: client.me())
            while len(found) < _MOST:
                page = await self._chapters(me.id, len(found))
                found += page.items
                self._take(found, receipts, loading=len(found) < page.total and bool(page.items))
                if len(found) >= page.total or not page.items:
                    break
            else:
                self._said = f"The newest {len(found)} are shown; older ones by their link."
        except MangaDexError as error:
            self._said = f"✗ {safe_text(error.title)}. {safe_text(error.remedy)}"
        self._take(found, receipts, loading=False)

    async def _chapters(self, uploader_id: str, offset: int) -> Collection[Chapter]:
        return await self.dexup.services.engine.ask(
            lambda client: client.own_chapters(uploader_id, offset=offset)
        )

    def _take(self, found: list[Chapter], receipts: list[Receipt], *, loading: bool) -> None:
        account = self.dexup.services.account
        own = [one for one in receipts if one.chapter_id and belongs_to(one.account, account)]
        self._ours = frozenset(one.chapter_id for one in own)
        rows = [row_of(chapter, self._ours) for chapter in found]
        if not loading:
            known = {row.chapter_id for row in rows}
            newest = {one.chapter_id: one for one in reversed(own) if one.chapter_id not in known}
            rows = [*map(row_of_receipt, newest.values()), *rows]
        self._all = rows
        self._show(loading)

    def _show(self, loading: bool = False) -> None:
        text = self._find.field.value
        rows = self._all
        if parse_reference(text, "chapter") is None:
            rows = matching(rows, text, lambda row: row.search_text)
        empty = "Asking the server for your chapters…" if loading else "No chapter of yours is on the server."
        if self._all and not rows:
            empty = "None of your chapters matches. A link or id finds any chapter."
        self._list.show(rows, empty)
        shown = plural(len(rows), "chapter")
        more = ", loading more…" if loading else ""
        hint = self._busy or self._said or f"{shown}{more} · ↓ ↑ and enter choose one"
        if not self._busy and parse_reference(text, "chapter") is not None:
            hint = "enter looks this chapter up"
        self.query_one("#edit-hint", HintLine).show(hint)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._list.put_cursor(0)
        self._show()

    def on_key(self, event: events.Key) -> None:
        step = _STEPS.get(event.key)
        if step is not None and self._list.rows:
            event.stop()
            event.prevent_default()
            self._list.put_cursor(self._list.cursor_row + step)

    # Choosing

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_take()

    def action_take(self) -> None:
        pasted = parse_reference(self._find.field.value, "chapter")
        if pasted is not None:
            self._ask(pasted)
        elif self._list.rows:
            self._ask(self._list.rows[self._list.cursor_row].chapter_id)

    def _set_busy(self, text: str) -> None:
        self._busy = text
        self._show()

    @work(exclusive=True, group="ask", exit_on_error=False)
    async def _ask(self, chapter_id: str) -> None:
        self._set_busy("Asking the server for the chapter…")
        try:
            chapter = await self.dexup.services.engine.ask(lambda client: client.chapter(chapter_id))
        except MangaDexError as error:
            self._set_busy("")
            self.show_error(error)
            return
        self._set_busy("")
        choices = [
            ("details", "Details: numbers, title, language, groups (one request)"),
            ("pages", "Pages: move, leave out, add (opens an upload session)"),
        ]
        dialog = Choose("What is to be changed?", choices, chapter_lines(chapter))
        self.app.push_screen(dialog, lambda choice: self._chosen(choice, chapter))

    def _chosen(self, choice: str | None, chapter: Chapter) -> None:
        if choice == "details":
            self.dexup.show_edit_details(chapter, saved=self._saved)
        elif choice == "pages" and chapter.external_url:
            self.notify("It is a link to another site and has no pages here.", markup=False)
        elif choice == "pages":
            self._open(chapter.id)

    def _saved(self, chapter: Chapter) -> None:
        """The list says what the chapter has become; the server's own list may lag behind."""
        self._all = [
            row_of(chapter, self._ours) if row.chapter_id == chapter.id else row for row in self._all
        ]
        self._show()

    @work(exclusive=True, group="ask", exit_on_error=False)
    async def _open(self, chapter_id: str, abandon: str = "") -> None:
        engine = self.dexup.services.engine
        if engine.view.active:
            self.notify("An upload is under way: it needs the upload session.", markup=False)
            return
        self._set_busy("Opening an upload session for the chapter…")
        clock = SystemClock()

        async def job(client: MangaDex) -> OpenedEdit:
            return await open_edit(client, clock, chapter_id)

        try:
            if abandon:
                await asyncio.wrap_future(engine.abandon(abandon, self.dexup.services.account))
            opened = await engine.ask(job)
        except OtherSession as other:
            self._set_busy("")
            self._other_session(other, chapter_id)
            return
        except MangaDexError as error:
            self._set_busy("")
            self.show_error(error)
            return
        except LedgerError as error:
            self._set_busy("")
            self.notify(safe_text(f"{error} {error.remedy}"), markup=False, severity="error")
            return
        self._set_busy("")
        self.dexup.show_edit_pages(opened)

    def _other_session(self, other: OtherSession, chapter_id: str) -> None:
        session = other.session
        lines = [
            f"For {safe_text(session.manga_title or session.manga_id or 'a title')}: "
            f"{plural(len(session.files), 'file')} on the server.",
            "An account has one upload session at a time, and changing pages needs it.",
        ]
        if session.chapter_id:
            lines.insert(
                1, f"It edits another chapter, {safe_text(session.chapter_id)}, which stays as it is."
            )
        dialog = Confirm(
            "Another upload session is open. Abandon it?",
            [*lines, *error_lines(other)[-1:]],
            yes="Abandon it",
            no="Leave it alone",
        )
        self.confirm(dialog, lambda: self._open(chapter_id, abandon=session.id))
