"""Doubts from what names say: covers, credits, Roman numbers, one name with two endings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tui.chapter.doubt_words import any_named, short_name, warning
from tui.chapter.findings import Finding
from tui.chapter.fixes import Exclude, LineUp, MoveTo
from tui.chapter.order import PageOrder
from tui.chapter.page_numbers import Run, stem_of
from tui.chapter.pages import Page
from tui.chapter.roman import find_roman_runs
from tui.chapter.sources.names import extension

_COVER = re.compile(r"(?<![a-z])((front|back|rear)[ _-]?)?cover(?![a-z])|表紙|カバー|hyoushi|封面|표지")
_BACK = re.compile(
    r"(?<![a-z])(back|rear)(?![a-z])|(back|rear)[ _-]?cover|裏|(?<![a-z])ura|封底|뒤표지|뒷표지"
)
"""What makes a cover the back one."""
_CREDITS = re.compile(
    r"(?<![a-z])(credits?|recruit(ment|ing)?|scan[ _-]?notes?|staff|join[ _-]?us|donat\w*|zz+\w*)(?![a-z])"
    r"|奥付|募集|招募"
)
_ZERO = re.compile(r"(?:^|[^0-9a-z]|(?<![a-z])(?:p|pg|page))0{2,4}[a-z]?$")
"""000, p000 and 00a: what stands before the first page. Not the end of a time or of a hash."""
_ARABIC = re.compile(r"\d")


def roman(order: PageOrder, _: Sequence[Run]) -> Iterator[Finding]:
    """i, ii, iii … that do not stand by value, or behind page 1 although they number what comes before it."""
    for run in find_roman_runs(order.included):
        wanted = run.by_value
        named = f"{short_name(wanted[0])}, {short_name(wanted[1])} … {short_name(wanted[-1])}"
        if run.pages != wanted:
            yield warning(
                "roman-numbers", f"{named} do not stand in the order of their Roman numbers.",
                "Names are sorted as words; put them in the order of the numbers.", run.pages[0],
                LineUp(tuple(page.key for page in wanted)),
            )  # fmt: skip
            continue
        folder = wanted[0].name.rpartition("/")[0]
        of_folder = [page for page in order.included if page.name.rpartition("/")[0] == folder]
        first = next((page for page in of_folder if _ARABIC.search(stem_of(page.name))), None)
        if first is not None and of_folder.index(first) < of_folder.index(wanted[0]):
            behind = of_folder[of_folder.index(first) :]
            rest = [page.key for page in behind if page not in wanted]
            yield warning(
                "roman-numbers",
                f"{named} stand behind {short_name(first)}; Roman numbers count what comes before page 1.",
                "Move them to the beginning if they are that.", wanted[0],
                LineUp((*(page.key for page in wanted), *rest)),
            )  # fmt: skip


def two_endings(order: PageOrder, _: Sequence[Run]) -> Iterator[Finding]:
    """One name with two endings, or twice the same one: often the same page saved twice. An archive can hold a
    name twice, and a folder it in two spellings that look alike."""
    seen: dict[str, Page] = {}
    for page in order.included:
        folder = page.name.rpartition("/")[0]
        first = seen.setdefault(f"{folder}/{stem_of(page.name)}", page)
        if first is page:
            continue
        if extension(first.name) == extension(page.name):
            if page.location.source != first.location.source:
                continue  # one was put there from elsewhere, where names are given anew
            yield warning(
                "same-name", f"Two pages are called {short_name(page)}.",
                "Leave one out if it is the same page.", page, Exclude(page.key),
            )  # fmt: skip
        else:
            yield warning(
                "two-endings", f"{short_name(first)} and {short_name(page)} have the same name but for the ending.",
                "Leave one out if it is the same page.", page, Exclude(page.key),
            )  # fmt: skip


def covers(order: PageOrder, _: Sequence[Run]) -> Iterator[Finding]:
    """A page named as a cover that does not come first."""
    if not any_named(order, _COVER):
        return
    ahead = True
    for page in order.included:
        cover = _is_front(page)
        if cover and not ahead:
            yield warning(
                "cover-not-first", f"{short_name(page)} is named as a cover and does not come first.",
                "Move it to the beginning if it is one.", page, MoveTo(page.key, first=True),
            )  # fmt: skip
        # Behind credits, and behind other covers, it is still at the beginning.
        ahead = ahead and (cover or _CREDITS.search(stem_of(page.name)) is not None)


def _is_front(page: Page) -> bool:
    stem = stem_of(page.name)
    return _COVER.search(stem) is not None and _BACK.search(stem) is None


def _is_back(page: Page) -> bool:
    stem = stem_of(page.name)
    return _BACK.search(stem) is not None and _COVER.search(stem.replace("封底", "封面")) is not None


def back_covers(order: PageOrder, _: Sequence[Run]) -> Iterator[Finding]:
    """A page named as a back cover with other pages than credits and back covers behind it."""
    if not any_named(order, _BACK):
        return
    pages = order.included
    end = next(
        (place for place in range(len(pages), 0, -1)
         if not _is_back(pages[place - 1]) and not _CREDITS.search(stem_of(pages[place - 1].name))), 0
    )  # fmt: skip
    for page in pages[:end]:
        if _is_back(page):
            yield warning(
                "back-cover-not-last", f"{short_name(page)} is named as a back cover and does not come last.",
                "Move it to the end if it is one.", page, MoveTo(page.key, first=False),
            )  # fmt: skip


def zeros(order: PageOrder, _: Sequence[Run]) -> Iterator[Finding]:
    """000 or 00a, as a cover or title page is called, behind other pages of its folder."""
    numbered: set[str] = set()
    for page in order.included:
        folder, stem = page.name.rpartition("/")[0], stem_of(page.name)
        if "00" not in stem or _ZERO.search(stem) is None:
            if folder not in numbered and re.search(r"\d", stem):
                numbered.add(folder)
        elif folder in numbered:
            yield warning(
                "cover-not-first", f"{short_name(page)} is numbered as what comes before the first page.",
                "Move it to the beginning if it is a cover or title page.", page, MoveTo(page.key, first=True),
            )  # fmt: skip


def credits_inside(order: PageOrder, _: Sequence[Run]) -> Iterator[Finding]:
    """A page named as credits in the middle; at either end it is where such pages go."""
    if not any_named(order, _CREDITS):
        return
    pages = order.included
    named = [_CREDITS.search(stem_of(page.name)) is not None for page in pages]
    beginning = next((place for place, (page, is_credits) in enumerate(zip(pages, named, strict=True))
                      if not is_credits and not _is_front(page)), 0)  # fmt: skip
    end = next((place for place in range(len(pages), 0, -1)
                if not named[place - 1] and not _is_back(pages[place - 1])), len(pages))  # fmt: skip
    for place in range(beginning, end):
        if named[place]:
            yield warning(
                "credits-inside", f"{short_name(pages[place])} is named as credits and stands among the pages.",
                "Move it to the end if it is that.", pages[place], MoveTo(pages[place].key, first=False),
            )  # fmt: skip
