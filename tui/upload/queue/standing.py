"""Is such a chapter there already? On the service, in the receipts, or earlier in the queue."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from tui.chapter.details import ChapterDetails
from tui.mangadex.models import Chapter
from tui.upload.queue.entry import EntryState, QueueEntry, groups_overlap, same_chapter
from tui.upload.receipts import Receipt

LINK = "https://mangadex.org/chapter/"


def on_service(found: Iterable[Chapter], details: ChapterDetails) -> Chapter | None:
    """The first of the service's chapters that is the same."""
    for chapter in found:
        same_number = chapter.chapter == details.chapter and (
            chapter.chapter is not None or chapter.title == details.title
        )
        if (
            same_number
            and chapter.language == details.language
            and groups_overlap(chapter.group_ids, details.group_ids)
        ):
            return chapter
    return None


def in_receipts(receipts: Iterable[Receipt], details: ChapterDetails) -> Receipt | None:
    """The receipt of such a chapter; its commit may not be settled yet."""
    for receipt in receipts:
        if (receipt.manga_id, receipt.chapter, receipt.language) != (
            details.manga_id,
            details.chapter,
            details.language,
        ):
            continue
        if receipt.chapter is None and receipt.title != details.title:
            continue
        # Receipts hold the names of groups, which need not be known.
        names = [name for name in receipt.group_names if name]
        own = [name for name in details.group_names if name]
        if not names or not own or groups_overlap(names, own):
            return receipt
    return None


def by_hand(
    receipts: Iterable[Receipt], source: Path, details: ChapterDetails, since: float
) -> Receipt | None:
    """The receipt of this very folder or archive, committed since then under another plan: somebody left
    pages out, say, and went on without the queue."""
    for receipt in receipts:
        if (
            receipt.source == source
            and receipt.chapter_id
            and receipt.committed_at.timestamp() >= since
            and in_receipts([receipt], details) is not None
        ):
            return receipt
    return None


def earlier_in_queue(entries: Sequence[QueueEntry], entry: QueueEntry) -> QueueEntry | None:
    """An entry before this one, or a committed one, that is for the same chapter."""
    before = True
    for other in entries:
        if other.number == entry.number:
            before = False
        elif (before or other.state is EntryState.COMMITTED) and same_chapter(other.details, entry.details):
            return other
    return None
