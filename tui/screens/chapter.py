"""The chapter screen: choose a folder or archive, and put its pages in order."""

from __future__ import annotations

from pathlib import Path

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.timer import Timer
from textual.widgets import Footer

from tui.chapter.checks import check_pages
from tui.chapter.findings import Finding, Severity
from tui.chapter.order import PageOrder, SortBy
from tui.chapter.selection import ChapterSelection
from tui.screens.base import DexupScreen
from tui.screens.chapter_work import ChapterWork, kept_chapters
from tui.text import plural, safe_text
from tui.widgets.bindings import bindings
from tui.widgets.chapter_reader import ChapterReader
from tui.widgets.file_browser import FileBrowser
from tui.widgets.findings_panel import FindingsPanel
from tui.widgets.hint_line import HintLine
from tui.widgets.line_list import LineList
from tui.widgets.page_pane import PagePane
from tui.widgets.page_table import PageTable
from tui.widgets.preview import Preview

WIDE = 110
"""From this many columns on, files and pages stand side by side."""
VERY_WIDE = 150
"""From this many columns on, the preview has a place of its own."""
_REST = 0.2
"""Seconds of rest after a change before the pages are checked again."""


class ChapterScreen(DexupScreen):
    """Files on the left, pages on the right, findings below."""

    CSS_PATH = "chapter.tcss"
    BINDINGS = bindings(
        "chapter.next",
        "page.preview",
        "chapter.browse",
        "chapter.pane",
        "chapter.pane-back",
        "chapter.rescan",
    )

    def __init__(self, path: Path | None = None) -> None:
        super().__init__()
        self._path = path
        self._work: ChapterWork | None = None
        self._reading: Path | None = None
        self._browsing = True
        self._preview_on = False
        self._check_timer: Timer | None = None
        self._progress = ""
        self._said = ""
        self._browser = FileBrowser(recent=lambda: self.dexup.services.memory.recent(), id="browser")
        self._pane = PagePane(id="page-pane")
        self._pages = self._pane.table
        self._findings = FindingsPanel(self._pages.number_of, id="findings")
        self._preview = Preview(id="preview")
        self._status = HintLine(id="chapter-status")
        self._reader = ChapterReader(remember=lambda place: self.dexup.services.memory.remember_place(place))

    def compose(self) -> ComposeResult:
        with Horizontal(id="panes"):
            yield self._browser
            with Vertical(id="chapter"):
                yield self._pane
                yield self._findings
            yield self._preview
        yield self._status
        yield self._reader
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        self._pages.waiting = "No chapter yet.\nChoose a folder or an archive with enter, or with o."
        self._pages.show(None)
        self._findings.show(None)
        last = kept_chapters(self.app).last
        if self._path is not None and (last is None or self._path.absolute() != last.source):
            self._turn_to_files()
            self._browser.open_path(self._path.absolute())
        elif last is not None:
            self._browser.go_to(last.source.parent, last.source)
            self.take(last.source)
        else:
            self._turn_to_files()
            self._browser.go_to_last()

    def on_unmount(self) -> None:
        self._keep()

    # Taking a chapter

    def take(self, path: Path) -> None:
        """Read `path` as the chapter; whatever was being read before is given up."""
        self._keep()
        self._work, self._reading = None, path
        self._browser.files.set_taken(path)
        self._preview.show(None)
        kept = kept_chapters(self.app).get(path)
        if kept is not None:
            self._show_work(kept)
        else:
            self._pages.show(None, waiting=f"Reading {safe_text(path.name)}…")
            self._findings.show(None)
        self._reader.read(path)
        self._turn_to_pages()
        self._tell("")

    @on(FileBrowser.Taken)
    def _taken(self, message: FileBrowser.Taken) -> None:
        message.stop()
        self.take(message.path)

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
            order = PageOrder.from_pages(message.scan.pages, by=by)
            self._show_work(ChapterWork(message.source, order, message.scan.skipped, message.details))
        elif work.take_scan(message.scan, message.details, by):
            self._pages.update_order(work.order)
        else:
            self._show_work(work)
            self._tell("Other files are there than before, so the order starts anew.")
        if message.note:
            self._tell(safe_text(message.note))
        self._reader.hash(message.source, self._work.order.pages if self._work else ())
        self._check_now()

    @on(ChapterReader.Refused)
    def _refused(self, message: ChapterReader.Refused) -> None:
        message.stop()
        self._set_progress("")
        title, remedy = safe_text(message.title), safe_text(message.remedy)
        if self._work is None:
            self._reading = None
            self._pages.show(None, waiting=f"✗ {title}\n{remedy}\nb chooses another folder or archive.")
        else:
            self._work.unreadable = title
        self._tell(f"✗ {title} {remedy}")

    def _show_work(self, work: ChapterWork) -> None:
        self._work = work
        kept_chapters(self.app).put(work)
        waiting = "There are no images here.\nb chooses another folder or archive."
        self._pages.show(work.order, marked=work.marked, cursor=work.cursor, waiting=waiting)
        self._findings.show(work.findings, "checking…")
        self._tell("")

    def _keep(self) -> None:
        """Note in the chapter what only the table knows."""
        if self._work is not None:
            page = self._pages.cursor_page
            self._work.marked, self._work.cursor = self._pages.marked, page.key if page else ""

    # Hashes and checks

    @on(ChapterReader.Hashed)
    def _hashed(self, message: ChapterReader.Hashed) -> None:
        message.stop()
        if self._work is None or message.source != self._work.source:
            return
        self._pages.replace_pages(message.pages)
        if self._pages.order is not None:
            self._work.order = self._pages.order
        finished = message.done >= message.total
        self._set_progress("" if finished else f"Reading contents: {message.done} of {message.total}…")
        if finished:
            self._check_now()

    @on(PageTable.OrderChanged)
    def _order_changed(self, message: PageTable.OrderChanged) -> None:
        message.stop()
        if self._work is None:
            return
        self._work.order = message.order
        self._tell("")
        self._findings.renumber()
        if self._check_timer is not None:
            self._check_timer.stop()
        self._check_timer = self.set_timer(_REST, self._check_now)
        self._point_preview()

    def _check_now(self) -> None:
        if self._work is not None:
            self._reader.check(self._work.order.included, self._work.skipped)

    @on(ChapterReader.Checked)
    def _checked(self, message: ChapterReader.Checked) -> None:
        message.stop()
        if self._work is not None and message.pages == self._work.order.included:
            self._show_findings(message.findings)

    def _show_findings(self, findings: list[Finding]) -> None:
        if self._work is None:
            return
        self._work.findings = tuple(findings)
        self._findings.show(findings)
        self._pages.show_findings(self._findings.findings)
        self._tell(self._said)

    @on(FindingsPanel.Pointed)
    def _finding_pointed(self, message: FindingsPanel.Pointed) -> None:
        message.stop()
        finding = message.finding
        self._tell(safe_text(f"{finding.message} {finding.remedy}"))
        if finding.page is not None:
            self._pages.go_to_page(finding.page)
            if message.entered:
                self._pages.focus()

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
        findings = check_pages(work.order.included, work.skipped)
        self._show_findings(findings)
        errors = [finding for finding in self._findings.findings if finding.severity is Severity.ERROR]
        if errors:
            self._findings.focus()
            self._findings.put_cursor(0)
            places = ", ".join(dict.fromkeys(self._findings.where(finding) for finding in errors[:8]))
            more = ", …" if len(errors) > 8 else ""
            text = f"✗ First the {plural(len(errors), 'error')}: {places}{more}. Mend and press f5, or exclude with x."
            self.call_later(self._tell, text)
        elif work.hashed < len(work.order.included):
            self._tell(
                f"The pages are still being read: {work.hashed} of {len(work.order.included)}. Press again soon."
            )
        else:
            self._keep()
            self.dexup.show_details(ChapterSelection(work.source, work.order.included, work.details))

    # Panes

    def action_preview(self) -> None:
        self._preview_on = not self._preview_on
        self._arrange()
        self._point_preview()

    def action_browse(self) -> None:
        self._turn_to_files()

    def action_other_pane(self, direction: int) -> None:
        focused = self.focused
        inside = 0
        if focused is not None and self._findings is focused:
            inside = 2
        elif focused is not None and self._pane in focused.ancestors_with_self:
            inside = 1
        has_pages = self._work is not None or self._reading is not None
        panes = 3 if self._findings.findings else 2 if has_pages else 1
        turn = (self._turn_to_files, self._turn_to_pages, self._turn_to_findings)
        turn[(inside + direction) % panes]()

    def action_rescan(self) -> None:
        self._browser.read_again()
        if self._work is not None:
            self._keep()
            self._reading = self._work.source
            self._reader.read(self._work.source)

    def _turn_to_files(self) -> None:
        self._browsing = True
        self._arrange()
        self._browser.files.focus()

    def _turn_to_pages(self) -> None:
        self._browsing = False
        self._arrange()
        self._pages.focus()

    def _turn_to_findings(self) -> None:
        self._browsing = False
        self._arrange()
        self._findings.focus()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        browsing = self._browser in event.widget.ancestors_with_self
        if browsing != self._browsing:
            self._browsing = browsing
            self._arrange()

    def on_resize(self) -> None:
        self._arrange()

    def _arrange(self) -> None:
        """Show the panes that fit side by side, the one in use first."""
        width, height = self.app.size
        wide, very_wide = width >= WIDE, width >= VERY_WIDE
        has_pages = self._work is not None or self._reading is not None
        browsing = self._browsing or not has_pages
        self.set_class(wide, "-wide")
        self._browser.display = browsing or (wide and (very_wide or not self._preview_on))
        self.query_one("#chapter").display = wide or not browsing
        self._preview.display = self._preview_on and has_pages and (very_wide or not self._browser.display)
        self._findings.styles.height = max(3, min(9, height // 5))

    def _point_preview(self) -> None:
        page = self._pages.cursor_page
        if self._preview.display and page is not None:
            number = self._pages.number_of(page.key)
            self._preview.show(page, f"{number or '–'}  {page.name}")

    def on_line_list_cursor_moved(self, message: LineList.CursorMoved) -> None:
        if message.lines is self._pages:
            self._point_preview()

    # The status line

    @on(PageTable.Said)
    def _page_said(self, message: PageTable.Said) -> None:
        message.stop()
        self._tell(message.text)

    def _set_progress(self, text: str) -> None:
        self._progress = text
        self._tell(self._said)

    def _tell(self, text: str) -> None:
        """Say `text` in the status line, or, when it is empty, what goes on and what comes next."""
        self._said = text
        self._status.show(" " + (text or self._progress or self._next_step()))

    def _next_step(self) -> str:
        work = self._work
        if work is None:
            return "enter opens or takes what is under the cursor" if self._reading is None else "Reading…"
        if work.findings is None:
            return "Checking…"
        errors = sum(finding.severity is Severity.ERROR for finding in work.findings)
        if errors:
            return f"✗ {plural(errors, 'error')} to mend or to exclude before the upload: tab goes to the findings"
        return "Ready: ctrl+n goes on to the chapter's details"
