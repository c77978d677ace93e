"""Reading a chapter from a folder or archive for a headless command."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tui.chapter.checks import check_order
from tui.chapter.decoding import decode_pages
from tui.chapter.details import ChapterDetails
from tui.chapter.findings import Finding
from tui.chapter.guess import guess_details
from tui.chapter.hashing import hash_pages
from tui.chapter.order import PageOrder, SortBy
from tui.chapter.pages import Page
from tui.chapter.sources import open_source

ORDERS = {
    "natural": SortBy.NATURAL,
    "name": SortBy.PLAIN,
    "plain": SortBy.PLAIN,
    "time": SortBy.TIME,
    "size": SortBy.SIZE,
    "pixels": SortBy.PIXELS,
}
"""What --order and the settings file may say; "name" is plain character order."""


@dataclass(frozen=True, slots=True)
class ReadChapter:
    """A chapter as it was found."""

    source: Path
    pages: tuple[Page, ...]
    """Hashed and in order."""
    findings: tuple[Finding, ...]
    details: ChapterDetails
    """As far as the name and ComicInfo.xml tell them."""
    skipped: tuple[tuple[str, str], ...]
    """(name, reason) of files that are no pages."""


def read_chapter(path: Path, order: str) -> ReadChapter:
    """Read, sort, hash, decode and check; SourceError for what cannot be a chapter."""
    source = open_source(path.absolute())
    scan = source.scan()
    sorted_pages = PageOrder.from_pages(scan.pages, ORDERS[order])
    hashed = sorted_pages.replace_pages(decode_pages(hash_pages(sorted_pages.pages)))
    return ReadChapter(
        source=source.path,
        pages=hashed.pages,
        findings=tuple(check_order(hashed, scan.skipped)),
        details=guess_details(source.path, scan.comic_info),
        skipped=tuple((entry.name, entry.reason) for entry in scan.skipped),
    )
