"""What is said of a chapter before its upload starts; all of it safe to show."""

from __future__ import annotations

from collections.abc import Sequence

from tui.text import format_size, plural, safe_text
from tui.upload.before import CHAPTER_LINK, Cost, SameChapter
from tui.upload.proofs.proof import UNKNOWN
from tui.upload.receipts import Receipt

_LOST = "a commit whose answer was lost: look at the title on MangaDex first"


def same_words(chapter: SameChapter) -> str:
    """What it is, by whom, from when; the link stands on a line of its own."""
    number = f"volume {safe_text(chapter.volume)}, " if chapter.volume else ""
    groups = ", ".join(safe_text(name) for name in chapter.groups if name) or "no group"
    parts = [f"{number}by {groups}"]
    if chapter.title:
        parts.append(f"“{safe_text(chapter.title, 80)}”")
    if chapter.pages:
        parts.append(plural(chapter.pages, "page"))
    if chapter.when is not None:
        parts.append(f"{chapter.when:%Y-%m-%d}")
    if chapter.state:
        parts.append(chapter.state)
    if chapter.own:
        parts.append("committed from this machine")
    return ", ".join(parts)


def same_lines(chapters: Sequence[SameChapter], most: int = 5) -> list[str]:
    """Two lines for each: words, then the link."""
    lines: list[str] = []
    for chapter in chapters[:most]:
        lines.append(same_words(chapter))
        if chapter.link:
            lines.append(f"  {chapter.link}")
        elif chapter.state == UNKNOWN:
            lines.append(f"  {_LOST}")
    if len(chapters) > most:
        lines.append(f"and {len(chapters) - most} more")
    return lines


def sent_lines(receipts: Sequence[Receipt], most: int = 3) -> list[str]:
    """The same for chapters that were committed with these very pages."""
    lines: list[str] = []
    for receipt in receipts[:most]:
        lines.append(f"These pages were committed before: {sent_words(receipt)}")
        lines.append(f"  {CHAPTER_LINK}{receipt.chapter_id}" if receipt.chapter_id else f"  {_LOST}")
    return lines


def cost_words(cost: Cost) -> str:
    """ "about 8 requests, 4.2 MB"."""
    return f"about {plural(cost.requests, 'request')}, {format_size(cost.bytes)}"


def sent_short(receipt: Receipt) -> str:
    """The same in few words, with its link at the end: two lines of a queue at 80 columns."""
    number = f"chapter {receipt.chapter}" if receipt.chapter else "a oneshot"
    where = f"{CHAPTER_LINK}{receipt.chapter_id}" if receipt.chapter_id else _LOST
    when = f"{receipt.committed_at:%Y-%m-%d}"
    return safe_text(f"The same pages were committed as {number}, {when}: {where}")


def sent_words(receipt: Receipt) -> str:
    """ "chapter 21 of Harbour Lights (en), 24 pages, 2026-11-28, from c021"; safe."""
    number = f"chapter {receipt.chapter}" if receipt.chapter else "a oneshot"
    parts = [
        f"{number} of {receipt.manga_title or receipt.manga_id} ({receipt.language})",
        plural(receipt.pages, "page"),
        f"{receipt.committed_at:%Y-%m-%d}",
        f"from {receipt.source.name}",
    ]
    return safe_text(", ".join(parts))
