"""Is such a chapter there already? Earlier in the queue, or committed from the same place by hand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tui.upload.before import SameChapter
from tui.upload.before_words import same_words
from tui.upload.queue.entry import EntryState, QueueEntry, same_chapter
from tui.upload.receipts import Receipt


def by_hand(receipts: Iterable[Receipt], entry: QueueEntry) -> Receipt | None:
    """The receipt of the entry's folder or archive, committed since it was begun but under another plan: somebody
    left pages out, say, and went on without the queue."""
    details = entry.details
    for receipt in receipts:
        if (
            receipt.source == entry.source.absolute()
            and receipt.chapter_id
            and receipt.committed_at.timestamp() >= entry.begun_at
            and (receipt.manga_id, receipt.chapter, receipt.language)
            == (details.manga_id, details.chapter, details.language)
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


def there_words(same: Sequence[SameChapter]) -> str:
    """Why an entry is not uploaded, with the first link."""
    first = same[0]
    more = f" (and {len(same) - 1} more)" if len(same) > 1 else ""
    where = first.link or "a commit of which the outcome is not known: look at the title on MangaDex"
    return f"This chapter is there already: {where} ({same_words(first)}){more}"
