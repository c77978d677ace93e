"""Reading a chapter from a folder or archive, whole, for work without a screen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tui.chapter.cancel import stop_if
from tui.chapter.checks import check_order
from tui.chapter.decoding import decode_pages
from tui.chapter.findings import Finding, Severity
from tui.chapter.hashing import hash_pages
from tui.chapter.kept_order import restore_order
from tui.chapter.order import ORDERS, PageOrder
from tui.chapter.pages import Page
from tui.chapter.refit import Refitted
from tui.chapter.sources import Scan, open_source
from tui.chapter.sources.base import IsCancelled

if TYPE_CHECKING:
    from tui.chapter.guess import Guess

REFITTED = "order-refitted"
"""Rule of what is said of an order that was kept when other files were there."""

Guessing = Callable[[Path, Scan], "Guess"]
"""From a path, and what the scan found there, to the details."""


@dataclass(frozen=True, slots=True)
class ReadChapter:
    """A chapter as it was found."""

    source: Path
    pages: tuple[Page, ...]
    """The included ones, hashed and in order."""
    findings: tuple[Finding, ...]
    guess: Guess
    """The details, as far as what is inside and around the chapter tells them."""
    skipped: tuple[tuple[str, str], ...]
    """(name, reason) of files that are no pages."""


def read_chapter(
    path: Path,
    order: str,
    *,
    kept: Callable[[Path], Mapping[str, Any] | None] | None = None,
    guess: Guessing | None = None,
    cancelled: IsCancelled | None = None,
) -> ReadChapter:
    """Read, sort, hash, decode and check; SourceError for what cannot be a chapter, Cancelled.

    `kept` finds the order in which somebody left the chapter's pages; new ones come to their places in it. Which
    ones came and went is a finding (REFITTED), but for what its "told" says already.
    `guess` makes the details of the path and what the scan found; without it only the name and ComicInfo.xml count.
    """
    source = open_source(path.absolute())
    scan = source.scan(cancelled=cancelled)
    stored = kept(source.path) if kept is not None else None
    left = restore_order(stored, source.path, scan.pages, cancelled) if stored is not None else None
    sorted_pages = left.order if left is not None else PageOrder.from_pages(scan.pages, ORDERS[order])
    hashed = hash_pages(sorted_pages.pages, cancelled=cancelled)
    stop_if(cancelled)
    checked = sorted_pages.replace_pages(decode_pages(hashed, cancelled))
    told = stored.get("told") if stored is not None else None
    refitted = [_as_left(left)] if left is not None and left.is_other and left.told != told else []
    return ReadChapter(
        source=source.path,
        pages=checked.included,
        findings=(*check_order(checked, scan.skipped), *refitted),
        guess=guess(source.path, scan) if guess is not None else _from_inside(source.path, scan),
        skipped=tuple((entry.name, entry.reason) for entry in scan.skipped),
    )


def _from_inside(path: Path, scan: Scan) -> Guess:
    from tui.chapter.evidence import (
        Evidence,
    )  # late: few guess with no more than that
    from tui.chapter.guess import guess_details

    return guess_details(path, Evidence(comic_info=scan.comic_info, inside=scan.sidecar))


def _as_left(refitted: Refitted) -> Finding:
    """What is said of an order that somebody left when other files were there."""
    return Finding(
        Severity.NOTE, REFITTED, refitted.told,
        "The pages are in the order in which they were left; look whether the new ones stand right.",
    )  # fmt: skip
