"""A chapter being put in order. It outlives the screen: coming back finds everything as it was left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tui.chapter.findings import Finding, Severity
from tui.chapter.guess import Guess
from tui.chapter.order import PageOrder, SortBy
from tui.chapter.refit import refit
from tui.chapter.sources import Scan, Skipped
from tui.screens.details_form import DetailsDraft
from tui.text import plural


@dataclass
class ChapterWork:
    """One folder or archive, and what was done with it so far."""

    source: Path
    order: PageOrder
    skipped: tuple[Skipped, ...] = ()
    guess: Guess = field(default_factory=Guess)
    marked: frozenset[str] = frozenset()
    cursor: str = ""
    """Key of the page under the cursor."""
    findings: tuple[Finding, ...] | None = None
    """None until the pages were checked."""
    unreadable: str = ""
    """Why reading the pages ended early, or empty."""
    draft: DetailsDraft = field(default_factory=DetailsDraft)
    """What was typed into the details."""

    @property
    def is_edit(self) -> bool:
        """It changes the pages of a published chapter."""
        return any(page.remote_id for page in self.order.pages)

    @property
    def hashed(self) -> int:
        """Included pages whose bytes were read to the end, or cannot be."""
        return sum(page.is_read or bool(page.problem) for page in self.order.included)

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that stop the way on."""
        return tuple(finding for finding in self.findings or () if finding.severity is Severity.ERROR)

    @property
    def next_step(self) -> str:
        """What to do now, in one line."""
        if self.findings is None or self.hashed < len(self.order.included):
            return "Checking…"
        if self.errors:
            count = plural(len(self.errors), "error")
            return f"✗ {count} to mend first: tab shows them, f mends a page, x leaves it out"
        return "Ready: ctrl+n goes on to the chapter's details"

    def take_scan(self, scan: Scan, guess: Guess, by: SortBy) -> str:
        """Take in what was found on disk now; what became other, in one line, or "".

        The order stays and its history too; new files come to their places in it, and one that changed is
        another page in its place. When no known page is left, the order starts anew.
        """
        self.skipped, self.guess, self.findings, self.unreadable = scan.skipped, guess, None, ""
        refitted = refit(self.order, scan.pages, {self.source})
        if refitted is None:
            self.order = PageOrder.from_pages(scan.pages, by=by)
            return "Other files are there than before, so the order starts anew."
        before = [refitted.renamed.get(page.key, page.key) for page in self.order.pages]
        self.order = refitted.order
        self.marked = frozenset(refitted.renamed.get(key, key) for key in self.marked)
        self.cursor = self._nearest(refitted.renamed.get(self.cursor, self.cursor), before)
        return refitted.told

    def _nearest(self, key: str, before: Sequence[str]) -> str:
        """`key`, or, when that page is gone, the one that followed it in the order `before`, or preceded it."""
        if key not in before:
            return key
        place = before.index(key)
        left = set(self.order.keys)
        return next((one for one in (*before[place:], *reversed(before[:place])) if one in left), "")
