"""Doubts from the page numbers in the names: padding, gaps, doubles, two series."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise

from tui.chapter.doubt_words import note, short_name, warning
from tui.chapter.findings import Finding
from tui.chapter.fixes import Exclude, ExcludeAll, Group, Look, Sort
from tui.chapter.order import PageOrder, SortBy
from tui.chapter.page_numbers import Run, stem_of
from tui.chapter.pages import Page
from tui.text import plural

_MOST_MISSING = 5


def mixed_padding(order: PageOrder, runs: Sequence[Run]) -> Iterator[Finding]:
    for run in runs:
        padded = [page for page in run.pages if page.digits.startswith("0") and len(page.digits) > 1]
        if not padded:
            continue
        width = max(len(page.digits) for page in padded)
        # 00a, and numbers in other characters than digits (二十四), are no less wide by an oversight.
        bare = [
            page
            for page in run.pages
            if len(page.digits) < width and page.last and page.digits in stem_of(page.page.name)
        ]
        if not bare:
            continue
        widest = next(page for page in padded if len(page.digits) == width)
        names = ", ".join(short_name(page.page) for page in bare[:3])
        more = f" and {len(bare) - 3} more" if len(bare) > 3 else ""
        plain = order.sort is SortBy.PLAIN  # which alone goes by the digits as they are written
        make = warning if plain else note
        harmless = "In natural order that does no harm." if order.sort is SortBy.NATURAL else "Nothing to do."
        yield make(
            "mixed-padding",
            f"Some numbers have {width} digits ({short_name(widest.page)}), others fewer ({names}{more}).",
            "Natural order puts them right." if plain else harmless,
            bare[0].page, Sort(SortBy.NATURAL) if plain else None,
        )  # fmt: skip


def gaps(order: PageOrder, runs: Sequence[Run]) -> Iterator[Finding]:
    """Numbers that are missing between two pages. An excluded page is there and leaves no gap."""
    for run in runs:
        if not run.is_dense:
            continue
        numbers = run.numbers | _numbers_outside(order, run)
        for before, after in zip(run.pages, run.pages[1:], strict=False):
            missing = [n for n in range(before.last + 1, after.first) if n not in numbers]
            if not missing or after.page.key in order.excluded:
                continue
            listed = ", ".join(map(str, missing[:_MOST_MISSING]))
            more = ", …" if len(missing) > _MOST_MISSING else ""
            yield warning(
                "number-gap",
                f"{plural(len(missing), 'number')} missing before {short_name(after.page)}: {listed}{more}.",
                "Look whether a page was lost.", after.page, Look(after.page.key),
            )  # fmt: skip


def _numbers_outside(order: PageOrder, run: Run) -> set[int]:
    """Numbers in the names of other pages of the same folder: "05 cover.png" fills the place of 05.png."""
    if len(run.pages) == len(order.pages):
        return set()
    inside = {page.page.key for page in run.pages}
    return {
        int(digits[-15:])
        for page in order.pages
        if page.key not in inside and page.name.rpartition("/")[0] == run.folder
        for digits in re.findall(r"\d+", stem_of(page.name))
    }


def doubles(order: PageOrder, runs: Sequence[Run]) -> Iterator[Finding]:
    """The same number twice in one run: 5.png and 05.png, or 5.png and 5.jpg."""
    for run in runs:
        if not run.is_dense:
            continue
        for before, after in zip(run.pages, run.pages[1:], strict=False):
            if (before.first, before.suffix) != (after.first, after.suffix):
                continue
            if {before.page.key, after.page.key} & order.excluded:
                continue
            if stem_of(before.page.name) == stem_of(after.page.name):
                continue  # told as one stem with two endings
            yield warning(
                "number-twice", f"{short_name(before.page)} and {short_name(after.page)} have the same number.",
                "Leave one out if it is the same page.", after.page, Exclude(after.page.key),
            )  # fmt: skip


def two_runs(order: PageOrder, runs: Sequence[Run]) -> Iterator[Finding]:
    """Names of several shapes in one folder, whose numbers overlap."""
    by_folder: dict[str, list[Run]] = {}
    for run in runs:
        by_folder.setdefault(run.folder, []).append(run)
    for here in by_folder.values():
        main = here[0]
        apart: list[Run] = []
        for other in here[1:]:
            page = _first_included(order, other)
            if page is None or not (main.numbers & other.numbers):
                continue
            if not _mixed(order, _keys(main), _keys(other)):
                apart.append(other)
                continue
            yield warning(
                "two-runs", f"Two series of numbers: {_range(main)} and {_range(other)}.",
                "Their pages are mixed; look which series comes first.", page, Group(_keys(other)),
            )  # fmt: skip
        if apart:
            yield _several(order, [main, *apart])


def _several(order: PageOrder, runs: Sequence[Run]) -> Finding:
    """Series that stand one behind the other: often several chapters."""
    places = {key: place for place, key in enumerate(order.keys)}
    first, *others = sorted(runs, key=lambda run: min(places[key] for key in _keys(run)))
    page = _first_included(order, others[0])
    out = frozenset().union(*map(_keys, others))
    if len(others) == 1:
        return warning(
            "two-runs", f"Two series of numbers: {_range(first)} and {_range(others[0])}.",
            "Look which comes first, or leave one out if these are two chapters.", page, ExcludeAll(out),
        )  # fmt: skip
    return warning(
        "two-runs", f"{len(runs)} series of numbers: {_range(first)}, {_range(others[0])}, ….",
        "Look whether they are in order, or leave all but one out if these are chapters of their own.",
        page, ExcludeAll(out, "Leave all but the first series out"),
    )  # fmt: skip


def _first_included(order: PageOrder, run: Run) -> Page | None:
    return next((page.page for page in run.pages if page.page.key not in order.excluded), None)


def _keys(run: Run) -> frozenset[str]:
    return frozenset(page.page.key for page in run.pages)


def _mixed(order: PageOrder, one: Collection[str], other: Collection[str]) -> bool:
    """Pages of both stand among each other."""
    sides = [page.key in one for page in order.included if page.key in one or page.key in other]
    return sum(a != b for a, b in pairwise(sides)) > 1


def _range(run: Run) -> str:
    return f"{short_name(run.pages[0].page)} … {short_name(run.pages[-1].page)}"
