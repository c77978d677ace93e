"""The page number in a file's name: which of its numbers counts, learned from the names around it.

"Harbour v02 c012 p003.png" has three numbers; among its neighbours only the last one changes, so that is the
page. Names of one shape in one folder are a run.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from tui.chapter.numerals import with_plain_digits
from tui.chapter.pages import Page

_NUMBER = re.compile(r"(\d+)")
_SPREAD = re.compile(r"(\d+)([-_~–+])(\d+)(?!.*\d)")
_TAIL = re.compile(r"(?<=\d)[ _-]?\(?(l(?=eft)|r(?=ight)|[a-z](?=\)?$))(?:eft|ight)?\)?$")
_PART = re.compile(r"[._ -]")

RUN_OF = 3
"""Names of one shape that make a run."""


class NumberedPage(NamedTuple):
    """A page in a run. "008-009" covers two numbers."""

    page: Page
    first: int
    last: int
    digits: str
    """The number as written, with its leading zeros."""
    suffix: str
    """A letter or a further number behind it: "a" in 012a and 012_a, "l" in "012 left", ".5" in 012.5."""


@dataclass(frozen=True, slots=True)
class Run:
    """Pages whose names differ by their number alone, lowest number first."""

    folder: str
    shape: str
    """The name with # for the number."""
    pages: tuple[NumberedPage, ...]
    numbers: frozenset[int]
    """Every number that is covered."""
    is_dense: bool
    """Whether these are counted pages. Dates, hashes and ids are sparse."""


class _Name(NamedTuple):
    page: Page
    folder: str
    texts: tuple[str, ...]
    numbers: tuple[str, ...]
    suffix: str
    last: str = ""
    """The second number of a spread."""


def find_runs(pages: Sequence[Page]) -> list[Run]:
    """Runs of at least RUN_OF names, the longest first. Pages whose names have no number are in none."""
    groups: dict[tuple[str, tuple[str, ...]], list[_Name]] = {}
    for page in pages:
        name = _taken_apart(page)
        if name.numbers:
            groups.setdefault((name.folder, name.texts), []).append(name)
    _join_spreads(groups)
    _join_parts(groups)
    series = [names for group in groups.values() if len(group) >= RUN_OF for names in _begun_anew(group)]
    runs = [_run(names) for names in series if len(names) >= RUN_OF]
    return sorted(runs, key=lambda run: -len(run.pages))


@lru_cache(maxsize=4096)
def stem_of(name: str) -> str:
    """The last part of a path without its ending, in plain lower case letters and digits of ASCII where they
    have such a form."""
    last = name.rpartition("/")[2]
    stem, dot, _ = last.rpartition(".")
    stem = stem if dot and stem else last
    return stem.lower() if stem.isascii() else unicodedata.normalize("NFKC", stem).casefold()


def _taken_apart(page: Page) -> _Name:
    name = page.name
    stem = stem_of(name)
    if not stem.isascii():
        stem = with_plain_digits(stem)
    suffix = ""
    if (stem[-1:].isalpha() or stem.endswith(")")) and (tail := _TAIL.search(stem)):
        suffix, stem = tail[1], stem[: tail.start()]
    parts = _NUMBER.split(stem)
    folder = name.rpartition("/")[0] if "/" in name else ""
    return _Name(page, folder, tuple(parts[::2]), tuple(parts[1::2]), suffix)


def _join_spreads(groups: dict[tuple[str, tuple[str, ...]], list[_Name]]) -> None:
    """ "008-009" belongs to the run of "007"; "01-02", "03-04", "05-06" are a run of spreads without one."""
    for (folder, texts), names in list(groups.items()):
        if len(texts) < 3 or not re.fullmatch(r"[-_~–+]", texts[-2]):
            continue
        shorter = (folder, (*texts[:-2], texts[-1]))
        if shorter not in groups and len(names) < RUN_OF:
            continue
        covered = [_value(name.numbers[place]) for name in names for place in (-2, -1)]
        pairs = zip(covered[::2], covered[1::2], strict=True)
        if all(last == first + 1 for first, last in pairs) and len(set(covered)) == len(covered):
            groups.setdefault(shorter, []).extend(
                name._replace(texts=shorter[1], numbers=name.numbers[:-1], last=name.numbers[-1])
                for name in names
            )
            del groups[folder, texts]


def _join_parts(groups: dict[tuple[str, tuple[str, ...]], list[_Name]]) -> None:
    """ "002.5" and "002-1" belong to the run of "002"."""
    for (folder, texts), names in list(groups.items()):
        if len(texts) < 3 or not _PART.fullmatch(texts[-2]):
            continue
        shorter = (folder, (*texts[:-2], texts[-1]))
        whole = groups.get(shorter, [])
        if len(whole) < RUN_OF or any(len(name.numbers[-1]) > 1 for name in names):
            continue
        values = [_value(name.numbers[-1]) for name in whole]
        if all(min(values) <= _value(name.numbers[-2]) <= max(values) + 1 for name in names):
            whole += [
                name._replace(
                    texts=shorter[1], numbers=name.numbers[:-1], suffix=f"{texts[-2]}{name.numbers[-1]}"
                )
                for name in names
            ]
            del groups[folder, texts]


def _begun_anew(names: list[_Name]) -> list[list[_Name]]:
    """The series in names of one shape: "c1 p01" to "c1 p20" and "c2 p01" to "c2 p18" are two."""
    count = len(names[0].numbers)
    place = _page_place(names)
    if count < 2 or len({name.numbers[place] for name in names}) == len(names):
        return [names]
    for place in reversed(range(count)):
        series: dict[tuple[str, ...], list[_Name]] = {}
        for name in names:
            series.setdefault((*name.numbers[:place], *name.numbers[place + 1 :]), []).append(name)
        if len(names) >= RUN_OF * len(series):
            return list(series.values())
    return [names]


def _page_place(names: list[_Name]) -> int:
    """Which of the numbers is the page: the one that changes most."""
    places = range(len(names[0].numbers))
    return max(places, key=lambda index: (len({name.numbers[index] for name in names}), index))


def _run(names: list[_Name]) -> Run:
    model = names[0]
    count = len(model.numbers)
    place = _page_place(names)
    pages = []
    for name in names:
        digits = name.numbers[place]
        first = _value(digits)
        last = _value(name.last) if name.last else first
        pages.append(NumberedPage(name.page, first, last, digits, name.suffix))
    pages.sort(key=lambda page: (page.first, page.suffix, page.page.name))
    shape = "".join(
        text + ("#" if index == place else model.numbers[index] if index < count else "")
        for index, text in enumerate(model.texts)
    )
    numbers = frozenset(n for page in pages for n in range(page.first, page.last + 1))
    dense = max(numbers) - min(numbers) < 2 * len(numbers) + 2
    return Run(model.folder, shape, tuple(pages), numbers, dense)


def _value(digits: str) -> int:
    """Its value; of what no page can be numbered, only the last digits."""
    return int(digits[-15:])
