"""Doubts about the order: what in the names, times and shapes of the pages speaks against it.

A doubt is a finding and never stops an upload. A new one is one more function and one more row in DOUBTS.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from tui.chapter.findings import Finding
from tui.chapter.name_doubts import back_covers, covers, credits_inside, roman, two_endings, zeros
from tui.chapter.number_doubts import doubles, gaps, mixed_padding, two_runs
from tui.chapter.order import PageOrder
from tui.chapter.order_doubts import plain_disagrees, time_disagrees
from tui.chapter.page_numbers import Run, find_runs
from tui.chapter.shape_doubts import odd_pixels, spreads
from tui.chapter.twin_doubts import halves, versions

__all__ = ["DOUBTS", "find_doubts"]


def find_doubts(order: PageOrder) -> list[Finding]:
    """Everything that makes the order of the included pages doubtful, in no particular order."""
    found: list[Finding] = []
    runs = find_runs(order.pages)
    for doubt in DOUBTS:
        found += doubt(order, runs)
    return found


DOUBTS: tuple[Callable[[PageOrder, Sequence[Run]], Iterator[Finding]], ...] = (
    plain_disagrees,
    time_disagrees,
    mixed_padding,
    gaps,
    doubles,
    versions,
    halves,
    roman,
    two_endings,
    two_runs,
    covers,
    back_covers,
    zeros,
    credits_inside,
    spreads,
    odd_pixels,
)
