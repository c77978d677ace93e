"""Doubts about the order: what in the names, times and shapes of the pages speaks against it.

A doubt is a finding and never stops an upload. A new one is one more function and one more row in DOUBTS.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

from tui.chapter.findings import Finding, Severity
from tui.chapter.fixes import Exclude, ExcludeAll, Group, Look, MoveTo, OrderFix, Sort
from tui.chapter.order import PageOrder, SortBy, sort_pages
from tui.chapter.page_numbers import Run, find_runs, stem_of
from tui.chapter.pages import Page
from tui.chapter.sources.names import extension
from tui.text import plural

_COVER = re.compile(r"(?<![a-z])(front[ _-]?)?cover(?![a-z])(?!.*back)|表紙|カバー|hyoushi|封面|표지")
_CREDITS = re.compile(
    r"(?<![a-z])(credits?|recruit(ment|ing)?|scan[ _-]?notes?|staff|join[ _-]?us|donat\w*|zz+\w*)(?![a-z])"
    r"|奥付|募集|招募"
)
_ZERO = re.compile(r"(?<!\d)0{2,}[a-z]?$")
"""000 and 00a: what stands before the first page."""
_MOST_MISSING = 5
_MOSTLY_IN_ORDER = 0.8
_MOSTLY_ALIKE = 0.8
_SECOND = 1_000_000_000
"""Nanoseconds."""
_CLEARLY = 0.02
_MUCH_SMALLER = 0.5
_STRIP = 3
"""A page so many times as high as wide is a strip, and like no page."""
_FEW = 5
"""Pages below which nothing is said of what most of them are like."""


def find_doubts(order: PageOrder) -> list[Finding]:
    """Everything that makes the order of the included pages doubtful, in no particular order."""
    found: list[Finding] = []
    runs = find_runs(order.pages)
    for doubt in DOUBTS:
        found += doubt(order, runs)
    return found


def _note(
    rule: str, message: str, remedy: str, page: Page | None, fix: OrderFix | Look | None = None
) -> Finding:
    return Finding(Severity.NOTE, rule, message, remedy, page=page.key if page else None, fix=fix)


def _warning(
    rule: str, message: str, remedy: str, page: Page | None, fix: OrderFix | Look | None = None
) -> Finding:
    return Finding(Severity.WARNING, rule, message, remedy, page=page.key if page else None, fix=fix)


def _short(page: Page) -> str:
    return page.name.rpartition("/")[2]


def _plain_disagrees(order: PageOrder, _: Sequence[Run]) -> Iterator[Finding]:
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
    at = f"page {place + 1} would be {_short(plain[place])}, and not {_short(natural[place])}"
    if order.sort is SortBy.NATURAL:
        yield _note(
            "orders-disagree", f"In plain order {at}; in natural order numbers count by value.",
            "Nothing to do if the order looks right.", None, Sort(SortBy.PLAIN),
        )  # fmt: skip
    else:
        yield _warning(
            "orders-disagree", f"In plain order {at}, as it is in natural order.",
            "Natural order counts numbers by value: 2 before 10.", None, Sort(SortBy.NATURAL),
        )  # fmt: skip


def _time_disagrees(order: PageOrder, _: Sequence[Run]) -> Iterator[Finding]:
    """A few pages are much older or newer than their neighbours, while the times of the others rise."""
    pages = [page for page in order.included if page.modified_ns]
    if order.sort in (SortBy.MANUAL, SortBy.TIME) or len(pages) < _FEW:
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
        yield _note(
            "time-disagrees", f"{_short(page)} was written at another time than the pages around it.",
            "Look whether it belongs here: p shows it.", page, Sort(SortBy.TIME),
        )  # fmt: skip


def _other_by_time(pages: Sequence[Page]) -> Iterator[Finding]:
    """The times give quite another order, and were not just made by copying, which takes no second a page."""
    by_time = sort_pages(pages, SortBy.TIME)
    steps = sorted(after.modified_ns - before.modified_ns for before, after in pairwise(by_time))
    if steps[len(steps) // 2] < _SECOND:
        return
    place = next(place for place, (a, b) in enumerate(zip(pages, by_time, strict=True)) if a.key != b.key)
    yield _note(
        "time-disagrees", f"By time the order would be another: {_short(by_time[place])} would come before "
        f"{_short(pages[place])}.",
        "Nothing to do if the order looks right.", None, Sort(SortBy.TIME),
    )  # fmt: skip


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


def _mixed_padding(order: PageOrder, runs: Sequence[Run]) -> Iterator[Finding]:
    for run in runs:
        padded = [page for page in run.pages if page.digits.startswith("0") and len(page.digits) > 1]
        if not padded:
            continue
        width = max(len(page.digits) for page in padded)
        bare = [page for page in run.pages if len(page.digits) < width]
        if not bare:
            continue
        names = ", ".join(_short(page.page) for page in bare[:3])
        more = f" and {len(bare) - 3} more" if len(bare) > 3 else ""
        natural = order.sort is SortBy.NATURAL
        make = _note if natural else _warning
        yield make(
            "mixed-padding",
            f"Some numbers have {width} digits ({_short(padded[0].page)}), others fewer ({names}{more}).",
            "In natural order that does no harm." if natural else "Natural order puts them right.",
            bare[0].page, None if natural else Sort(SortBy.NATURAL),
        )  # fmt: skip


def _gaps(order: PageOrder, runs: Sequence[Run]) -> Iterator[Finding]:
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
            yield _warning(
                "number-gap",
                f"{plural(len(missing), 'number')} missing before {_short(after.page)}: {listed}{more}.",
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


def _doubles(order: PageOrder, runs: Sequence[Run]) -> Iterator[Finding]:
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
            yield _warning(
                "number-twice", f"{_short(before.page)} and {_short(after.page)} have the same number.",
                "Leave one out if it is the same page.", after.page, Exclude(after.page.key),
            )  # fmt: skip


def _two_endings(order: PageOrder, _: Sequence[Run]) -> Iterator[Finding]:
    """One name with two endings: often the same page saved twice."""
    seen: dict[str, Page] = {}
    for page in order.included:
        folder = page.name.rpartition("/")[0]
        first = seen.setdefault(f"{folder}/{stem_of(page.name)}", page)
        if first is not page and extension(first.name) != extension(page.name):
            yield _warning(
                "two-endings", f"{_short(first)} and {_short(page)} have the same name but for the ending.",
                "Leave one out if it is the same page.", page, Exclude(page.key),
            )  # fmt: skip


def _two_runs(order: PageOrder, runs: Sequence[Run]) -> Iterator[Finding]:
    """Names of several shapes in one folder, whose numbers overlap."""
    by_folder: dict[str, list[Run]] = {}
    for run in runs:
        by_folder.setdefault(run.folder, []).append(run)
    for here in by_folder.values():
        main = here[0]
        for other in here[1:]:
            page = next((page.page for page in other.pages if page.page.key not in order.excluded), None)
            if page is None or not (main.numbers & other.numbers):
                continue
            keys = frozenset(one.page.key for one in other.pages)
            mixed = _mixed(order, {one.page.key for one in main.pages}, keys)
            yield _warning(
                "two-runs",
                f"Two series of numbers: {_range(main)} and {_range(other)}.",
                "Their pages are mixed; look which series comes first." if mixed
                else "Look which comes first, or leave one out if these are two chapters.",
                page, Group(keys) if mixed else ExcludeAll(keys),
            )  # fmt: skip


def _mixed(order: PageOrder, one: Collection[str], other: Collection[str]) -> bool:
    """Pages of both stand among each other."""
    sides = [page.key in one for page in order.included if page.key in one or page.key in other]
    return sum(a != b for a, b in pairwise(sides)) > 1


def _range(run: Run) -> str:
    return f"{_short(run.pages[0].page)} … {_short(run.pages[-1].page)}"


def _covers(order: PageOrder, _: Sequence[Run]) -> Iterator[Finding]:
    """A page named as a cover that does not come first."""
    if not _any_named(order, _COVER):
        return
    ahead = True
    for page in order.included:
        cover = _COVER.search(stem_of(page.name)) is not None
        if cover and not ahead:
            yield _warning(
                "cover-not-first", f"{_short(page)} is named as a cover and does not come first.",
                "Move it to the beginning if it is one.", page, MoveTo(page.key, first=True),
            )  # fmt: skip
        # Behind credits, and behind other covers, it is still at the beginning.
        ahead = ahead and (cover or _CREDITS.search(stem_of(page.name)) is not None)


def _any_named(order: PageOrder, words: re.Pattern[str]) -> bool:
    """Some included page has one of the words in its name."""
    return words.search(_stems(order)) is not None


@lru_cache(maxsize=1)
def _stems(order: PageOrder) -> str:
    """The names of the included pages without their endings, one a line."""
    return "\n".join([stem_of(page.name) for page in order.included])


def _zeros(order: PageOrder, _: Sequence[Run]) -> Iterator[Finding]:
    """000 or 00a, as a cover or title page is called, behind other pages of its folder."""
    numbered: set[str] = set()
    for page in order.included:
        folder, stem = page.name.rpartition("/")[0], stem_of(page.name)
        if "00" not in stem or _ZERO.search(stem) is None:
            if folder not in numbered and re.search(r"\d", stem):
                numbered.add(folder)
        elif folder in numbered:
            yield _warning(
                "cover-not-first", f"{_short(page)} is numbered as what comes before the first page.",
                "Move it to the beginning if it is a cover or title page.", page, MoveTo(page.key, first=True),
            )  # fmt: skip


def _credits(order: PageOrder, _: Sequence[Run]) -> Iterator[Finding]:
    """A page named as credits in the middle; at either end it is where such pages go."""
    if not _any_named(order, _CREDITS):
        return
    pages = order.included
    named = [_CREDITS.search(stem_of(page.name)) is not None for page in pages]
    beginning = next((place for place, (page, is_credits) in enumerate(zip(pages, named, strict=True))
                      if not is_credits and not _COVER.search(stem_of(page.name))), 0)  # fmt: skip
    end = next((place for place in range(len(pages), 0, -1) if not named[place - 1]), len(pages))
    for place in range(beginning, end):
        if named[place]:
            yield _warning(
                "credits-inside", f"{_short(pages[place])} is named as credits and stands among the pages.",
                "Move it to the end if it is that.", pages[place], MoveTo(pages[place].key, first=False),
            )  # fmt: skip


def _spreads(order: PageOrder, _: Sequence[Run]) -> Iterator[Finding]:
    """A page wider than high among upright ones."""
    seen = [page for page in order.included if page.width and page.height]
    wide = [page for page in seen if page.width > page.height]
    if len(seen) < _FEW or len(wide) > (1 - _MOSTLY_ALIKE) * len(seen):
        return
    for page in wide:
        yield _note(
            "spread", f"Wider than high ({page.width:,} × {page.height:,}) among upright pages: a spread?",
            "Nothing to do if it is one page across two.", page, Look(page.key),
        )  # fmt: skip


def _odd_pixels(order: PageOrder, _: Sequence[Run]) -> Iterator[Finding]:
    """Pages that are much smaller than the others, or clearly not of the one size that they have."""
    upright = [page for page in order.included if page.width <= page.height < _STRIP * page.width]
    sizes = Counter([(page.width, page.height) for page in upright])
    if len(upright) < _FEW or len(sizes) == 1:
        return
    (width, height), count = sizes.most_common(1)[0]
    alike = count >= _MOSTLY_ALIKE * len(upright)
    middle = sorted(page.pixels for page in upright)[len(upright) // 2]
    for page in upright:
        if page.pixels < _MUCH_SMALLER * middle:
            yield _warning(
                "much-smaller",
                f"{page.width:,} × {page.height:,} pixels, {page.pixels * 100 // middle} % of the usual.",
                "Leave it out if it is a thumbnail or a draft.", page, Exclude(page.key),
            )  # fmt: skip
        elif alike and (abs(page.width / width - 1) > _CLEARLY or abs(page.height / height - 1) > _CLEARLY):
            yield _note(
                "other-pixels",
                f"{page.width:,} × {page.height:,} pixels, where the others have {width:,} × {height:,}.",
                "Look whether it belongs to this chapter.", page, Look(page.key),
            )  # fmt: skip


DOUBTS: tuple[Callable[[PageOrder, Sequence[Run]], Iterator[Finding]], ...] = (
    _plain_disagrees,
    _time_disagrees,
    _mixed_padding,
    _gaps,
    _doubles,
    _two_endings,
    _two_runs,
    _covers,
    _zeros,
    _credits,
    _spreads,
    _odd_pixels,
)
