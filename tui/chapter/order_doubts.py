"""Doubts from comparing orders: natural with plain, by name with by time."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise

from tui.chapter.doubt_words import FEW, note, short_name, warning
from tui.chapter.findings import Finding
from tui.chapter.fixes import Look, Sort
from tui.chapter.order import PageOrder, SortBy, sort_pages
from tui.chapter.page_numbers import Run
from tui.chapter.pages import Page

_MOSTLY_IN_ORDER = 0.8
_SECOND = 1_000_000_000
"""Nanoseconds."""


def plain_disagrees(order: PageOrder, _: Sequence[Run]) -> Iterator[Finding]:
    """Natural and plain order differ, and the pages are in one of the two."""
    if order.sort not in (SortBy.NATURAL, SortBy.PLAIN) or order.reverse:
        return
    is_natural = order.sort is SortBy.NATURAL
    natural = order.included if is_natural else sort_pages(order.included, SortBy.NATURAL)
    plain = sort_pages(order.included, SortBy.PLAIN) if is_natural else order.included
    place = next(
        (place for place, (a, b) in enumerate(zip(natural, plain, strict=True)) if a.key != b.key), None
    )
    if place is None:
        return
    one, other = _apart(plain[place], natural[place])
    at = f"page {place + 1} would be {one}, and not {other}"
    if order.sort is SortBy.NATURAL:
        yield note(
            "orders-disagree", f"In plain order {at}; in natural order numbers count by value.",
            "Nothing to do if the order looks right.", None,
        )  # fmt: skip
    else:
        yield warning(
            "orders-disagree", f"In plain order {at}, as it is in natural order.",
            "Natural order counts numbers by value: 2 before 10.", None, Sort(SortBy.NATURAL),
        )  # fmt: skip


def time_disagrees(order: PageOrder, _: Sequence[Run]) -> Iterator[Finding]:
    """A few pages are much older or newer than their neighbours, while the times of the others rise."""
    pages = [page for page in order.included if page.modified_ns]
    if order.sort in (SortBy.MANUAL, SortBy.TIME) or len(pages) < FEW:
        return
    times = [page.modified_ns for page in pages]
    if times == sorted(times) or len(set(times)) < 0.9 * len(times):
        return
    rising = _longest_rising(times)
    astray = [page for place, page in enumerate(pages) if place not in rising]
    if len(rising) < _MOSTLY_IN_ORDER * len(pages):
        yield from _other_by_time(pages)
        return
    for page in astray:
        yield note(
            "time-disagrees", f"{short_name(page)} was written at another time than the pages around it.",
            "Look whether it belongs here: p shows it.", page, Look(page.key),
        )  # fmt: skip


def _other_by_time(pages: Sequence[Page]) -> Iterator[Finding]:
    """The times give quite another order, and were not just made by copying, which takes no second a page."""
    by_time = sort_pages(pages, SortBy.TIME)
    steps = sorted(after.modified_ns - before.modified_ns for before, after in pairwise(by_time))
    if steps[len(steps) // 2] < _SECOND:
        return
    place = next(place for place, (a, b) in enumerate(zip(pages, by_time, strict=True)) if a.key != b.key)
    one, other = _apart(by_time[place], pages[place])
    yield note(
        "time-disagrees", f"By time the order would be another: {one} would come before {other}.",
        "Nothing to do if the order looks right.", None, Sort(SortBy.TIME),
    )  # fmt: skip


def _apart(one: Page, other: Page) -> tuple[str, str]:
    """Their names, with the folders where only these tell them apart."""
    short = short_name(one), short_name(other)
    return short if short[0] != short[1] else (one.name, other.name)


def _longest_rising(values: Sequence[int]) -> frozenset[int]:
    """Places of a longest run of rising values."""
    ends: list[int] = []
    places: list[int] = []
    before: list[int] = []
    for place, value in enumerate(values):
        at = bisect_right(ends, value)
        if at == len(ends):
            ends.append(value)
            places.append(place)
        else:
            ends[at], places[at] = value, place
        before.append(places[at - 1] if at else -1)
    found: set[int] = set()
    place = places[-1] if places else -1
    while place >= 0:
        found.add(place)
        place = before[place]
    return frozenset(found)
