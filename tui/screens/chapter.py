"""The chapter screen: choose a folder or archive, and put its pages in order."""

from __future__ import annotations

import os
from pathlib import Path

from textual import events, on
from textual.app import ComposeResult

from tui.chapter.checks import check_order
from tui.chapter.order import PageOrder, SortBy
from tui.chapter.selection import ChapterSelection
from tui.screens.chapter_findings import ChapterFindings
from tui.screens.chapter_work import ChapterWork
from tui.screens.kept_chapters import kept_chapters
from tui.storage.kept_orders import KeptOrders
from tui.text import safe_text
from tui.widgets.bindings import bindings
from tui.widgets.chapter_panes import ChapterPanes
from tui.widgets.chapter_reader import ChapterReader
from tui.widgets.file_browser import FileBrowser
from tui.widgets.hint_line import HintLine
from tui.widgets.key_line import KeyLine
from tui.widgets.names import steady_text
from tui.widgets.page_mender import PageMender
from tui.widgets.page_table import PageTable
from tui.widgets.pictures import Graphics, Way, why_none


class ChapterScreen(ChapterFindings):
    """Files on the left, pages on the right, findings below."""

    CSS_PATH = "chapter.tcss"
    PLACE = "Chapter"
    HELP_TEXT = (
        "Choose a folder or an archive, then put its pages in order. Keys work on the page under the cursor,"
        " or on the marked pages when there are any. Nothing on disk is changed."
    )
    BINDINGS = bindings(
        "chapter.next",
        "page.preview",
        "page.view",
        "chapter.browse",
        "chapter.pane",
        "chapter.pane-back",
        "chapter.rescan",
    )

    def __init__(self, path: Path | None = None, *, browse: bool = False, around: Path | None = None) -> None:
        """With `browse` it opens at the files, whatever chapter was open last; with `around` too, at these."""
        super().__init__()
        self._path = path
        self._browse = browse
        self._around = around
        self._reading: Path | None = None
        self._panes = ChapterPanes(
            FileBrowser(
                recent=lambda: self.dexup.services.memory.recent(),
                starred=lambda: self.dexup.services.memory.starred(),
                last=lambda: self.dexup.services.memory.last_folder(),
                leave=lambda folder: self.dexup.services.memory.remember_folder(folder),
                toggle_star=lambda place: self.dexup.services.memory.toggle_star(place),
                id="browser",
            )
        )
        self.pages, self._findings = self._panes.pages, self._panes.findings
        self._preview, self._browser = self._panes.preview, self._panes.browser
        self._status = HintLine(id="chapter-status")
        self._mender = PageMender(lambda: self.dexup.services.paths.mended_folder)
        self._reader = ChapterReader(
            remember=lambda place: self.dexup.services.memory.remember_place(place),
            orders=lambda: KeptOrders(self.dexup.services.paths.orders_folder),
            guess=lambda source, scan: self.dexup.services.known().guess(source, scan),
        )

    def compose(self) -> ComposeResult:
        yield from self.compose_title()
        yield self._panes
        yield self._status
        yield self._reader
        yield self._mender
        yield KeyLine(keep=("chapter.next", "app.help"))

    def on_mount(self) -> None:
        self.pages.waiting = "No chapter yet.\nChoose a folder or an archive with enter, or with o."
        self.pages.show(None)
        self._findings.show(None)
        self._panes.lay_out(self.app.size)
        self._begin()

    def _begin(self) -> None:
        """Take what is to be on the screen first."""
        kept = kept_chapters(self.app)
        last = kept.last
        if self._browse:
            self._panes.turn_to_files()
            if self._around is not None and self._around.parent.is_dir():
                self._browser.go_to(self._around.parent, self._around)
            else:
                self._browser.go_to_last()
        elif last is not None and self._path is None and kept.prepared is None:
            self._panes.turn_to_files()
            self._browser.go_to(last.source.parent, last.source)
        elif self._path is not None and (last is None or self._path.absolute() != last.source):
            self._panes.turn_to_files()
            self._browser.open_path(self._path.absolute())
        elif last is not None:
            self._browser.go_to(last.source.parent, last.source)
            self.take(last.source)
        else:
            self._panes.turn_to_files()
            self._browser.go_to_last()

    @property
    def open_since(self) -> float | None:
        """From when on the screen can be typed at: a filter that was typed ahead is for the files of the folder."""
        return self._browser.open_since

    def update_title(self, more: str = "") -> None:
        source = self._work.source if self._work is not None else self._reading
        super().update_title(more or (steady_text(source.name) if source is not None else ""))

    def on_unmount(self) -> None:
        self._keep()
        if self._unsaved and self._work is not None:
            self._reader.keep_now(self._work.source, self._work.order)

    # Taking a chapter

    def take(self, path: Path) -> None:
        """Read `path` as the chapter; whatever was being read before is given up."""
        self._keep()
        self._work, self._reading, self._panes.has_pages = None, path, True
        self._browser.files.set_taken(path)
        self._preview.show(None)
        kept = kept_chapters(self.app).get(path)
        if kept is not None:
            self._show_work(kept)
        else:
            self.pages.show(None, waiting=f"Reading {safe_text(path.name)}…")
            self._findings.show(None)
            self._panes.lay_out()
        self._reader.read(path)
        self._panes.turn_to_pages()
        self.update_title()
        self._tell("")

    @on(FileBrowser.Taken)
    def _taken(self, message: FileBrowser.Taken) -> None:
        message.stop()
        self.take(message.path)

    @on(FileBrowser.Queued)
    def _queued(self, message: FileBrowser.Queued) -> None:
        message.stop()
        self.dexup.show_queue(message.paths)

    @on(ChapterReader.Scanning)
    def _scanning(self, message: ChapterReader.Scanning) -> None:
        message.stop()
        if message.source == self._reading:
            self._set_progress(f"Reading {message.done} of {message.total}…")

    @on(ChapterReader.Scanned)
    def _scanned(self, message: ChapterReader.Scanned) -> None:
        message.stop()
        if message.source != self._reading:
            return
        self._reading, self._progress = None, ""
        by = SortBy(self.dexup.services.settings.upload.order)
        self._keep()
        work = kept_chapters(self.app).get(message.source)
        if work is None:
            kept = message.kept
            order = kept.order if kept is not None else PageOrder.from_pages(message.scan.pages, by=by)
            self._show_work(ChapterWork(message.source, order, message.scan.skipped, message.guess))
            if kept is not None and kept.told:
                self._tell_refitted(message.source, kept.told)
            elif kept is not None:
                self._tell("The pages are in the order in which you left them; s sorts them anew.")
        elif told := work.take_scan(message.scan, message.guess, by):
            self._show_work(work)
            self._tell_refitted(message.source, told)
        else:
            self.pages.update_order(work.order)
        if message.note:
            self._tell(safe_text(message.note))
        self._reader.hash(message.source, self._work.order.pages if self._work else ())
        self._check_now()

    def _tell_refitted(self, source: Path, told: str) -> None:
        """Say once which files came and went; the order as it is now is the one to be found again."""
        if self._reason_timer is not None:
            self._reason_timer.stop()  # it would hide this
        self._tell(safe_text(told))
        if self._work is not None:
            self._reader.keep(source, self._work.order)

    @on(ChapterReader.NotKept)
    def _not_kept(self, message: ChapterReader.NotKept) -> None:
        message.stop()
        self._tell(safe_text(message.text))

    @on(ChapterReader.Refused)
    def _refused(self, message: ChapterReader.Refused) -> None:
        message.stop()
        self._set_progress("")
        title, remedy = safe_text(message.title), safe_text(message.remedy)
        if self._work is None:
            self._reading = None
            self.pages.show(None, waiting=f"✗ {title}\n{remedy}\nb chooses another folder or archive.")
        else:
            self._work.unreadable = title
        self._tell(f"✗ {title} {remedy}")

    def _show_work(self, work: ChapterWork) -> None:
        self._work = work
        kept_chapters(self.app).put(work)
        waiting = "There are no images here.\nb chooses another folder or archive."
        self.pages.show(work.order, marked=work.marked, cursor=work.cursor, waiting=waiting)
        page = self.pages.cursor_page
        self._at = (self.pages.cursor_row, page.key if page is not None else "")  # nobody moved it there
        self._findings.show(work.findings, "checking…")
        self._tell("")

    def _keep(self) -> None:
        """Note in the chapter what only the table knows."""
        if self._work is not None:
            page = self.pages.cursor_page
            self._work.marked, self._work.cursor = self.pages.marked, page.key if page else ""

    # Going on

    def action_details(self) -> None:
        work = self._work
        if work is None:
            self._tell(
                "Reading is not finished." if self._reading else "Choose a folder or an archive first."
            )
            return
        if not work.order.included:
            self._tell("No page is left to upload: x takes a page in again.")
            return
        self._show_findings(check_order(work.order, work.skipped))
        if work.errors:
            self._point_to_errors(work.errors)
        elif work.hashed < len(work.order.included):
            self._tell(
                f"Still reading the pages: {work.hashed} of {len(work.order.included)}. Press again soon."
            )
        else:
            self._keep()
            self._go_on(work)

    def _go_on(self, work: ChapterWork) -> None:
        """Every page is read, and nothing speaks against it."""
        selection = ChapterSelection(work.source, work.order.included, work.guess)
        self.dexup.show_details(selection, work.draft)

    # Panes

    def action_preview(self) -> None:
        graphics = self._graphics()
        if graphics.way is Way.OFF:
            self._tell("The preview is switched off in the settings file (screen.preview).")
            return
        if none := why_none(self.app):
            self._tell(none)
            return
        self._preview.use(graphics)
        self._panes.preview_on = not self._panes.preview_on
        self._panes.lay_out()
        self._point_preview()

    def _graphics(self) -> Graphics:
        return Graphics.of(self.dexup.services.settings.screen.preview, os.environ)

    def action_view(self) -> None:
        page = self.pages.cursor_page
        if self._work is None or page is None:
            self._tell("There is no page to look at.")
            return
        shown = self._work.order.included
        index = next((place for place, one in enumerate(shown) if one.key == page.key), 0)
        if shown:
            from tui.screens.view import ViewScreen  # late: few chapters are looked at page by page

            self.app.push_screen(
                ViewScreen(shown, index, lambda one: self.pages.go_to_page(one.key), self._graphics())
            )

    def open_pasted(self, path: Path) -> None:
        self._panes.turn_to_files()
        self._browser.open_path(path.absolute())

    def action_browse(self) -> None:
        self._panes.turn_to_files()

    def action_other_pane(self, direction: int) -> None:
        self._panes.turn(direction)

    def action_rescan(self) -> None:
        self._browser.read_again()
        if self._work is not None:
            self._keep()
            self._reading = self._work.source
            self._reader.read(self._work.source)

    def on_resize(self, event: events.Resize) -> None:
        self._panes.lay_out(event.size)
        self._point_preview()

    def _point_preview(self) -> None:
        page = self.pages.cursor_page
        if self._preview.display and page is not None:
            number = self.pages.number_of(page.key)
            self._preview.show(page, f"{number or '–'}  {page.name}")

    # The status line

    @on(PageTable.Said)
    def _page_said(self, message: PageTable.Said) -> None:
        message.stop()
        self._tell(message.text)

    def _tell(self, text: str) -> None:
        """Say `text` in the status line, or, when it is empty, what goes on and what comes next."""
        self._said = text
        self._status.show(text or self._progress or self._next_step() + self._behind, most_lines=3)

    def _next_step(self) -> str:
        if self._work is not None:
            return self._work.next_step
        return "Reading…" if self._reading is not None else "Choose a folder or an archive."
