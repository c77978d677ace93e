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
    gives_way: int = 0
    """The first to be left out where there is little room is the one with the most; 0 never is."""
    right: bool = False
    """Its texts stand at the right."""


COLUMNS = (
    Column("number", "", 3, right=True),
    Column("source", "Source", 12, share=3),
    Column("manga", "Manga", 12, share=2, gives_way=6),
    Column("volume", "Vol", 3, gives_way=1, right=True),
    Column("chapter", "Chap", 5, right=True),
    Column("title", "Title", 10, share=2, gives_way=5),
    Column("language", "Lang", 5, gives_way=3),
    Column("groups", "Groups", 8, share=2, gives_way=2),
    Column("publish_at", "Publish, UTC", 12, gives_way=7),
    Column("pages", "Pages", 5, gives_way=4, right=True),
    Column("found", "Found", 5),
    Column("state", "State", 10, share=0),
)
EDITABLE = ("manga", "volume", "chapter", "title", "language", "groups", "publish_at")
"""Columns that the cursor goes to, from left to right."""
_ROOMY = 125
"""From this many columns on, all are there."""
_OPTIONAL = 6
"""What gives way at least so much is there only when there is much room, or the cursor is in it."""


def laid_out(width: int, at: str) -> list[tuple[Column, int]]:
    """The columns to show in `width` columns, a blank between two, and their widths; `at` is the one that the
    cursor is in, which is always shown."""
    shown = [
        column for column in COLUMNS if column.gives_way < _OPTIONAL or width >= _ROOMY or column.name == at
    ]
    for column in sorted(COLUMNS, key=lambda column: -column.gives_way):
        if _taken(shown) > width and column.gives_way and column.name != at and column in shown:
            shown.remove(column)
    spare = max(0, width - _taken(shown))
    shares = sum(column.share for column in shown) or 1
    widths = [column.width + spare * column.share // shares for column in shown]
    rest = width - sum(widths) - (len(shown) - 1)
    if rest > 0:
        place = next(place for place, column in enumerate(shown) if column.name == "source")
        widths[place] += rest
    return list(zip(shown, widths, strict=True))


def _taken(shown: list[Column]) -> int:
    return sum(column.width for column in shown) + len(shown) - 1
