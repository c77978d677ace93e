"""A chapter being put in order. It outlives the screen: coming back finds everything as it was left."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from weakref import WeakKeyDictionary

from textual.app import App

from tui.chapter.findings import Finding, Severity
from tui.chapter.guess import Guess
from tui.chapter.order import PageOrder, SortBy
from tui.chapter.pages import Page
from tui.chapter.sources import Scan, Skipped
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

    @property
    def is_edit(self) -> bool:
        """It changes the pages of a published chapter."""
        return any(page.remote_id for page in self.order.pages)

    @property
    def hashed(self) -> int:
        """Included pages whose bytes were read to the end."""
        return sum(page.is_read for page in self.order.included)

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
            return f"✗ {count} to mend or exclude before the upload: tab shows the findings"
        return "Ready: ctrl+n goes on to the chapter's details"

    def take_scan(self, scan: Scan, guess: Guess, by: SortBy) -> bool:
        """Take in what was found on disk now; false when the order had to start anew.

        While the same files are there, the order stays, and a file that changed is another page in its place.
        """
        self.skipped, self.guess, self.findings, self.unreadable = scan.skipped, guess, None, ""
        found = {page.key: page for page in scan.pages}
        originals = [
            page for page in self.order.pages if not page.made_from and page.location.source == self.source
        ]
        mended = {
            key
            for page in self.order.pages
            for key in page.made_from
            if (known := self.order.known(key)) is not None and known.location.source == self.source
        }
        if found.keys() != {page.key for page in originals} | mended or not all(
            self.order.knows(found[key]) for key in mended
        ):
            self.order = PageOrder.from_pages(scan.pages, by=by)
            return False
        changed = [found[page.key] for page in originals if not _is_current(page, found[page.key])]
        self.order = self.order.replace_pages(changed)
        return True


class KeptChapters:
    """The chapters of one run, by their folder or archive."""

    def __init__(self) -> None:
        self._by_source: dict[Path, ChapterWork] = {}
        self.last: ChapterWork | None = None
        """The chapter that was on the screen last."""

    def get(self, source: Path) -> ChapterWork | None:
        """What was done with `source` so far in this run."""
        return self._by_source.get(source)

    def put(self, work: ChapterWork) -> None:
        """Keep `work`, and make it the last one unless its place is on the server."""
        self._by_source[work.source] = work
        if not work.is_edit:
            self.last = work


_KEPT: WeakKeyDictionary[App[object], KeptChapters] = WeakKeyDictionary()


def kept_chapters(app: App[object]) -> KeptChapters:
    """The chapters kept for this run of the App."""
    return _KEPT.setdefault(app, KeptChapters())


def _is_current(before: Page, now: Page) -> bool:
    """The hash that `before` has still stands for the file."""
    return bool(before.sha256) and (before.size, before.modified_ns) == (now.size, now.modified_ns)
