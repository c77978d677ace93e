"""Pages numbered i, ii, iii, as front matter is: sorting by name takes these for words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tui.chapter.page_numbers import stem_of
from tui.chapter.pages import Page

_NUMERAL = re.compile(r"(?:^|.*[^a-z])(x{0,3}(?:ix|iv|v?i{0,3}))$")
"""Up to 39: the whole of a name, or its last word."""
_VALUES = {"i": 1, "v": 5, "x": 10}
_FEWEST = 3


@dataclass(frozen=True, slots=True)
class RomanRun:
    """The pages of one folder that are numbered so, in the order in which they stand."""

    pages: tuple[Page, ...]
    values: tuple[int, ...]

    @property
    def by_value(self) -> tuple[Page, ...]:
        """The same, lowest number first."""
        ranked = sorted(zip(self.values, range(len(self.pages)), strict=True))
        return tuple(self.pages[place] for _, place in ranked)


def find_roman_runs(pages: Sequence[Page]) -> list[RomanRun]:
    """One run a folder, where the numbers go from i on without a gap or double."""
    folders: dict[str, list[tuple[Page, int]]] = {}
    for page in pages:
        stem = stem_of(page.name)
        if stem[-1:] not in _VALUES:
            continue
        numeral = _NUMERAL.match(stem)
        if numeral and numeral[1]:
            folders.setdefault(page.name.rpartition("/")[0], []).append((page, _value(numeral[1])))
    runs = [
        RomanRun(tuple(page for page, _ in found), tuple(value for _, value in found))
        for found in folders.values()
    ]
    return [
        run
        for run in runs
        if len(run.pages) >= _FEWEST and sorted(run.values) == list(range(1, len(run.pages) + 1))
    ]


def _value(numeral: str) -> int:
    """A smaller digit before a greater one is taken from it."""
    digits = [_VALUES[letter] for letter in numeral]
    return sum(
        -digit if any(digit < after for after in digits[place + 1 : place + 2]) else digit
        for place, digit in enumerate(digits)
    )
