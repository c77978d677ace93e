"""What is known of the pages on the chapter screen: reading them to the end, and what the checks find."""

from __future__ import annotations

from collections.abc import Sequence

from textual import on
from textual.timer import Timer

from tui.chapter.findings import Finding
from tui.chapter.pages import Page
from tui.screens.chapter_changes import ChapterChanges
from tui.text import plural, safe_text
from tui.widgets.chapter_panes import ChapterPanes
from tui.widgets.chapter_reader import ChapterReader
from tui.widgets.findings_panel import FindingsPanel
from tui.widgets.line_list import LineList
from tui.widgets.page_table import PageTable

_REST = 0.2
"""Seconds of rest after a change before the pages are checked again, or a page's finding is told."""


class ChapterFindings(ChapterChanges):
    """Base of the chapter screen, which makes the widgets."""

    _panes: ChapterPanes

    def _point_preview(self) -> None:
        """The preview, if it is on, shows the page under the cursor."""
        raise NotImplementedError

    def __init__(self) -> None:
        super().__init__()
        self._check_timer: Timer | None = None
        self._reason_timer: Timer | None = None
        self._at: tuple[int, str] = (0, "")
        """Row and page (key) of the cursor when it moved last."""
        self._reason = ""
        """What the status line says of the page under the cursor, while it does."""
        self._progress = ""
        self._behind = ""
        """What goes on in the background and holds nothing up."""
        self._said = ""
        self._before_move = ""
        """What the status line said when the cursor moved on; it goes when the cursor rests."""
        self._blocked = ""
        self._unsaved = False
        """The order changed and is not kept for a later run yet."""

    def _set_progress(self, text: str) -> None:
        self._progress = text
        self._tell(self._said)

    # Hashes and checks

    @on(ChapterReader.Hashed)
    def _hashed(self, message: ChapterReader.Hashed) -> None:
        message.stop()
        if self._work is None or message.source != self._work.source:
            return
        self.pages.replace_pages(message.pages)
        if self.pages.order is not None:
            self._work.order = self.pages.order
        finished = message.done >= message.total
        self._set_progress("" if finished else f"Reading contents: {message.done} of {message.total}…")
        if finished:
            self._check_now()
            self._reader.decode(message.source, self._work.order.pages)

    @on(ChapterReader.Decoded)
    def _decoded(self, message: ChapterReader.Decoded) -> None:
        message.stop()
        if self._work is None or message.source != self._work.source:
            return
        self.pages.replace_pages(self._still_there(message.pages))
        if self.pages.order is not None:
            self._work.order = self.pages.order
        finished = message.done >= message.total
        self._behind = "" if finished else f" · looking at every pixel: {message.done} of {message.total}"
        self._tell(self._said)
        if finished:
            self._check_now()

    def _still_there(self, pages: Sequence[Page]) -> list[Page]:
        """Those of `pages` that the order knows as they were: one may have been read anew meanwhile."""
        return [page for page in pages if self._work is not None and self._work.order.knows(page)]

    @on(PageTable.OrderChanged)
    def _order_changed(self, message: PageTable.OrderChanged) -> None:
        message.stop()
        if self._work is None:
            return
        if self._reason_timer is not None:
            self._reason_timer.stop()  # what it would tell was found before this change
        self._work.order, self._unsaved = message.order, True
        self._tell(self._of_change)
        self._of_change = ""
        self._findings.renumber()
        if self._check_timer is not None:
            self._check_timer.stop()
        self._check_timer = self.set_timer(_REST, self._settled)
        self._point_preview()

    def _settled(self) -> None:
        """The order has been left alone for a moment."""
        self._check_now()
        self._unsaved = False
        if self._work is not None:
            self._reader.keep(self._work.source, self._work.order)

    def _check_now(self) -> None:
        if self._work is not None:
            self._reader.check(self._work.order, self._work.skipped)

    @on(ChapterReader.Checked)
    def _checked(self, message: ChapterReader.Checked) -> None:
        message.stop()
        if self._work is not None and message.order is self._work.order:
            self._show_findings(message.findings)

    def _show_findings(self, findings: list[Finding]) -> None:
        if self._work is None:
            return
        self._work.findings = tuple(findings)
        self._findings.show(findings)
        if not findings and self._findings.has_focus:
            self.pages.focus()  # there is nothing left to point at
        self._panes.lay_out()
        self.pages.show_findings(self._findings.findings)
        if self._reason and self._said == self._reason:
            self._tell_reason()
        else:
            self._tell(self._said)

    @on(FindingsPanel.Pointed)
    def _finding_pointed(self, message: FindingsPanel.Pointed) -> None:
        message.stop()
        finding = message.finding
        self._tell(self._blocked or safe_text(f"{finding.message} {finding.remedy}"))
        self._blocked = ""
        if finding.page is not None:
            self.pages.go_to_page(finding.page)
            if message.entered:
                self.pages.focus()

    def _point_to_errors(self, errors: tuple[Finding, ...]) -> None:
        """Say what must be mended first, and put the cursor there."""
        places = ", ".join(dict.fromkeys(self._findings.where(finding) for finding in errors[:8]))
        more = ", …" if len(errors) > 8 else ""
        what = plural(len(errors), "error")
        text = f"✗ {what} first: {places}{more}. f mends what can be mended, x leaves a page out."
        self._tell(text)
        if not self._findings.has_focus:
            self._blocked = text  # the focus tells of the first finding, which must not hide this
        self._panes.turn_to_findings()
        self._findings.put_cursor(0)

    # Leaving

    def action_back(self) -> None:
        """Unmark first: nobody marks pages to leave them."""
        if not self.unmark():
            super().action_back()

    def unmark(self) -> bool:
        """Unmark the pages and say so; False when none is marked, or another pane than theirs is in use."""
        marked = len(self.pages.marked)
        if self._panes.browsing or not marked:
            return False
        self.pages.mark_only(())
        self._tell(f"{plural(marked, 'page')} unmarked; esc again goes back.")
        return True

    # The page under the cursor

    def on_line_list_cursor_moved(self, message: LineList.CursorMoved) -> None:
        if message.lines is not self.pages:
            return
        self._point_preview()
        page = self.pages.cursor_page
        before, self._at = self._at, (message.row, page.key if page is not None else "")
        # Otherwise the page itself moved, or became another.
        if self._at[0] != before[0] and self._at[1] != before[1] and self.pages.has_focus:
            if self._reason_timer is not None:
                self._reason_timer.stop()
            self._before_move = self._said
            self._reason_timer = self.set_timer(_REST, self._tell_reason)

    def _tell_reason(self) -> None:
        """Say why the page under the cursor is marked, now that the cursor rests, and no more what was said of
        another one."""
        page = self.pages.cursor_page
        of_page = [one for one in self._findings.findings if page is not None and one.page == page.key]
        if of_page:
            told = self._findings.sentence_of(of_page, self.size.width - 2)
            self._tell(told)
            self._reason = told
        elif self._said in (self._reason, self._before_move):
            self._tell("")
        self._before_move = ""
