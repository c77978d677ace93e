"""The panes of the chapter screen, and which of them are seen at a given size."""

from __future__ import annotations

from dataclasses import dataclass

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.geometry import Size

from tui.widgets.file_browser import FileBrowser
from tui.widgets.findings_panel import FindingsPanel
from tui.widgets.page_pane import PagePane
from tui.widgets.page_table import PageTable
from tui.widgets.preview import Preview

WIDE = 110
"""From this many columns on, files and pages stand side by side."""
ROOMY = 140
"""From this many columns on, the files have room for whole names, unless there is a preview."""
VERY_WIDE = 150
"""From this many columns on, the preview has a place of its own."""


@dataclass(frozen=True, slots=True)
class Seen:
    """Which panes are seen."""

    files: bool
    pages: bool
    preview: bool

    @classmethod
    def at(cls, width: int, *, has_pages: bool, browsing: bool, preview: bool) -> Seen:
        """In `width` columns. `browsing` says that the file browser is in use, `preview` that it is on.

        Below WIDE, files and pages take turns; between WIDE and VERY_WIDE, files and preview do.
        """
        browsing = browsing or not has_pages
        files = browsing or width >= VERY_WIDE or (width >= WIDE and not preview)
        pages = width >= WIDE or not browsing
        return cls(files, pages, preview and has_pages and (width >= VERY_WIDE or not files))


class ChapterPanes(Horizontal):
    """Files, pages over findings, preview, from left to right."""

    DEFAULT_CSS = """
    ChapterPanes { height: 1fr; }
    ChapterPanes FileBrowser { width: 1fr; }
    ChapterPanes.-wide FileBrowser { width: 36; border-right: solid $surface-lighten-2; }
    ChapterPanes.-roomy FileBrowser { width: 64; }
    ChapterPanes.-empty FileBrowser { width: 2fr; }
    ChapterPanes #pages-and-findings { width: 1fr; }
    ChapterPanes PagePane { height: 1fr; }
    ChapterPanes FindingsPanel { height: 5; background: $panel; scrollbar-background: $panel; }
    ChapterPanes Preview { width: 42%; max-width: 64; padding: 0 1; }
    """

    def __init__(self, browser: FileBrowser) -> None:
        super().__init__()
        self.browser = browser
        self.page_pane = PagePane(id="page-pane")
        self.findings = FindingsPanel(self.pages.number_of, id="findings")
        self.preview = Preview(id="preview")
        self._left = Vertical(self.page_pane, self.findings, id="pages-and-findings")
        self._screen_size = Size(0, 0)
        self.has_pages = False
        """There is a chapter, or one is being read."""
        self.browsing = True
        """The file browser is in use."""
        self.preview_on = False

    @property
    def pages(self) -> PageTable:
        """The page table."""
        return self.page_pane.table

    def compose(self) -> ComposeResult:
        yield self.browser
        yield self._left
        yield self.preview

    def lay_out(self, size: Size | None = None) -> None:
        """Show what is to be seen, on a screen of `size` (as before, when it is None)."""
        self._screen_size = size or self._screen_size
        width, height = self._screen_size
        seen = Seen.at(width, has_pages=self.has_pages, browsing=self.browsing, preview=self.preview_on)
        self.set_class(width >= WIDE, "-wide")
        self.set_class(not self.has_pages, "-empty")
        self.set_class(width >= ROOMY and not seen.preview, "-roomy")
        self.browser.display = seen.files
        self._left.display = seen.pages
        self.preview.display = seen.preview
        self.findings.display = self.has_pages
        self.findings.styles.height = self._findings_height(height)

    def _findings_height(self, screen_height: int) -> int:
        """Notes alone take one line, until somebody goes there to read them."""
        findings = self.findings
        if not findings.findings or (findings.only_notes and not findings.has_focus):
            return 1
        return max(3, min(9, screen_height // 5, len(findings.findings) + 1))

    def turn_to_files(self) -> None:
        """Show the files and give them the focus."""
        self._turn(browsing=True)
        self.browser.files.focus()

    def turn_to_pages(self) -> None:
        """Show the pages and give them the focus."""
        self._turn(browsing=False)
        self.pages.focus()

    def turn_to_findings(self) -> None:
        """Show the findings and give them the focus."""
        self._turn(browsing=False)
        self.findings.focus()

    def turn(self, direction: int) -> None:
        """To the next pane (1) or the one before (-1), of files, pages and, when there are any, findings."""
        panes = [self.turn_to_files]
        if self.has_pages:
            panes.append(self.turn_to_pages)
        if self.findings.findings:
            panes.append(self.turn_to_findings)
        here = 0 if self.browsing else 2 if self.findings.has_focus else 1
        panes[(here + direction) % len(panes)]()

    def _turn(self, *, browsing: bool) -> None:
        if browsing != self.browsing:
            self.browsing = browsing
            self.lay_out()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        self._turn(browsing=self.browser in event.widget.ancestors_with_self)
        wanted = self._findings_height(self._screen_size.height)
        if self.findings.size.height not in (0, wanted):
            self.findings.styles.height = wanted
