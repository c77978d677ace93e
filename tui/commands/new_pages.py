"""New pages for a chapter that is there: from folders, archives and single images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tui.chapter.checks import check_order
from tui.chapter.decoding import decode_pages
from tui.chapter.findings import Finding
from tui.chapter.hashing import hash_pages
from tui.chapter.order import PageOrder
from tui.chapter.pages import Page
from tui.chapter.reading import read_chapter
from tui.chapter.sources import page_of_file
from tui.chapter.sources.base import SourceError, os_words
from tui.chapter.sources.names import promised_type


def read_new_pages(paths: Sequence[Path], order: str) -> tuple[list[Page], list[Finding]]:
    """The pages of all `paths`, one after the other, and what is wrong with them. SourceError."""
    pages: list[Page] = []
    findings: list[Finding] = []
    for path in paths:
        if path.is_file() and promised_type(path.name) is not None:
            page = _one_page(path.absolute())
            pages.append(page)
            findings += check_order(PageOrder.from_pages([page]))
        else:
            chapter = read_chapter(path, order)
            pages += chapter.pages
            findings += chapter.findings
    twice = next(
        (page for place, page in enumerate(pages) if page.key in {p.key for p in pages[:place]}), None
    )
    if twice is not None:
        raise SourceError(f"{twice.name} is among the new pages twice.", "Name each path once.")
    return pages, findings


def _one_page(path: Path) -> Page:
    try:
        page = replace(page_of_file(path, in_place_of=""), made_from=())
    except OSError as error:
        raise SourceError(f"{path.name} cannot be read: {os_words(error)}.", "Check the path.") from error
    return decode_pages(hash_pages([page]))[0]
