"""The columns of the queue's table, and how wide each is on a screen."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Column:
    """One column."""

    name: str
    label: str
    width: int
    """At least."""
    share: int = 0
    """Of the room that is left over."""
    optional: bool = False
    """Left out where there is little room, unless the cursor is in it."""
    right: bool = False
    """Its texts stand at the right."""


COLUMNS = (
    Column("number", "", 3, right=True),
    Column("source", "Source", 12, share=3),
    Column("manga", "Manga", 12, share=2, optional=True),
    Column("volume", "Vol", 3, right=True),
    Column("chapter", "Chap", 5, right=True),
    Column("title", "Title", 10, share=2),
    Column("language", "Lang", 5),
    Column("groups", "Groups", 8, share=2),
    Column("publish_at", "Publish, UTC", 12, optional=True),
    Column("pages", "Pages", 5, right=True),
    Column("found", "Found", 5),
    Column("state", "State", 10, share=0),
)
EDITABLE = ("manga", "volume", "chapter", "title", "language", "groups", "publish_at")
"""Columns that the cursor goes to, from left to right."""
_ROOMY = 125
"""From this many columns on, the optional ones are always there."""


def laid_out(width: int, at: str) -> list[tuple[Column, int]]:
    """The columns to show in `width` columns, a blank between two, and their widths; `at` is the one that the
    cursor is in, which is always shown."""
    shown = [column for column in COLUMNS if not column.optional or width >= _ROOMY or column.name == at]
    taken = sum(column.width for column in shown) + len(shown) - 1
    if taken > width and at in ("manga", "publish_at"):
        shown = [column for column in shown if column.name != "title"]
        taken = sum(column.width for column in shown) + len(shown) - 1
    spare = max(0, width - taken)
    shares = sum(column.share for column in shown) or 1
    widths = [column.width + spare * column.share // shares for column in shown]
    rest = width - sum(widths) - (len(shown) - 1)
    if rest > 0:
        place = next(place for place, column in enumerate(shown) if column.name == "source")
        widths[place] += rest
    return list(zip(shown, widths, strict=True))
