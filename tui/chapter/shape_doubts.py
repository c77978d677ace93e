"""Doubts from the pixels of the pages: spreads, thumbnails, pages unlike the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from tui.chapter.doubt_words import FEW, note, warning
from tui.chapter.findings import Finding
from tui.chapter.fixes import Exclude, Look
from tui.chapter.limits import LIMITS
from tui.chapter.order import PageOrder
from tui.chapter.page_numbers import Run

_MOSTLY_ALIKE = 0.8
_CLEARLY = 0.02
_MUCH_SMALLER = 0.5
_STRIP = 3
"""A page so many times as high as wide is a strip, and like no page."""


def spreads(order: PageOrder, _: Sequence[Run]) -> Iterator[Finding]:
    """A page wider than high among upright ones."""
    seen = [page for page in order.included if page.width and page.height]
    wide = [page for page in seen if page.height < page.width < _STRIP * page.height]
    if len(seen) < FEW or len(wide) > (1 - _MOSTLY_ALIKE) * len(seen):
        return
    for page in wide:
        yield note(
            "spread", f"Wider than high ({page.width:,} × {page.height:,}) among upright pages: a spread?",
            "Nothing to do if it is one page across two.", page, Look(page.key),
        )  # fmt: skip


def odd_pixels(order: PageOrder, _: Sequence[Run]) -> Iterator[Finding]:
    """Pages that are much smaller than the others, or clearly not of the one size that they have."""
    upright = [
        page
        for page in order.included
        if LIMITS.tiny_pixels < page.width <= page.height < min(_STRIP * page.width, LIMITS.pixels_below)
        and not page.problem
    ]
    sizes = Counter([(page.width, page.height) for page in upright])
    if len(upright) < FEW or len(sizes) == 1:
        return
    (width, height), count = sizes.most_common(1)[0]
    alike = count >= _MOSTLY_ALIKE * len(upright)
    middle = sorted(page.pixels for page in upright)[len(upright) // 2]
    for page in upright:
        if page.pixels < _MUCH_SMALLER * middle:
            yield warning(
                "much-smaller",
                f"{page.width:,} × {page.height:,} pixels, {page.pixels * 100 // middle} % of the usual.",
                "Leave it out if it is a thumbnail or a draft.", page, Exclude(page.key),
            )  # fmt: skip
        elif alike and (abs(page.width / width - 1) > _CLEARLY or abs(page.height / height - 1) > _CLEARLY):
            yield note(
                "other-pixels",
                f"{page.width:,} × {page.height:,} pixels, where the others have {width:,} × {height:,}.",
                "Look whether it belongs to this chapter.", page, Look(page.key),
            )  # fmt: skip
