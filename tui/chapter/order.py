"""The order of the pages: sorting, and an order under the user's hands.

A new way of sorting is one more member of SortBy and one more row in SORTS.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Any

from tui.chapter.numerals import with_plain_digits
from tui.chapter.pages import Page

_DIGITS = re.compile(r"(\d+)")

NaturalKey = tuple[str | tuple[int, str], ...]


class SortBy(StrEnum):
    """How pages are sorted."""

    NATURAL = "natural"
    """By name, numbers by value: 2 before 10."""
    PLAIN = "plain"
    """By name, character by character, as the service's own sample does: 10 before 2."""
    TIME = "time"
    """By last change, oldest first."""
    SIZE = "size"
    """By bytes, smallest first."""
    PIXELS = "pixels"
    """By width times height, smallest first."""
    MANUAL = "manual"
    """As the user put them."""


def natural_key(name: str) -> NaturalKey:
    """Sort key of a name: letters without regard to case or width, runs of digits and Chinese numerals by value."""
    plain = name.lower() if name.isascii() else _compatible(name)
    parts: list[str | tuple[int, str]] = list(_DIGITS.split(plain))
    for index in range(1, len(parts), 2):
        parts[index] = _value(parts[index])
    return tuple(parts)


def _compatible(name: str) -> str:
    return with_plain_digits(unicodedata.normalize("NFKD", name).casefold())


def naturally_sorted(names: Sequence[str]) -> list[str]:
    """File names in the order of their natural keys; fast for thousands that are numbered alike.

    Names of one shape (the same but for their digits) are in natural order when they are in plain order.
    """
    if not names:
        return []
    lower = "/".join(names).lower()  # no file name holds a slash
    shapes = lower.translate(_SHAPE).split("/") if lower.isascii() else []
    if shapes and shapes.count(shapes[0]) == len(shapes):
        return sorted(names, key=str.lower)
    groups: dict[str, list[tuple[str, str]]] = {}
    for shape, low, name in zip(shapes, lower.split("/"), names, strict=False):
        groups.setdefault(shape, []).append((low, name))
    runs = [[name for _, name in sorted(group)] for group in groups.values()]
    runs.sort(key=lambda run: natural_key(run[0]))
    apart = all(natural_key(one[-1]) < natural_key(after[0]) for one, after in pairwise(runs))
    if shapes and apart:
        return [name for run in runs for name in run]
    return sorted(names, key=lambda name: (natural_key(name), name))


_SHAPE = str.maketrans("123456789", "000000000")


def _value(digits: Any) -> tuple[int, str]:
    """Compares like the number, of any length (int() refuses more than 4,300 digits)."""
    if not digits.isascii():
        digits = "".join(str(unicodedata.digit(character)) for character in digits)
    plain = digits.lstrip("0")
    return len(plain), plain


@lru_cache(maxsize=4096)
def page_key(name: str) -> tuple[tuple[NaturalKey, ...], str]:
    """Natural key of a path: folder by folder, the last name before its ending, so that "cover" comes before
    "cover2"; then the name as it is, so that no two differ and tie."""
    *folders, last = name.split("/")
    stem, dot, ending = last.rpartition(".")
    if not (dot and stem):
        stem, ending = last, ""
    before = tuple(_folder_key(folder) for folder in folders) if folders else ()
    return (*before, natural_key(stem), _folder_key(ending)), name


_folder_key = lru_cache(maxsize=256)(natural_key)
"""Folders and endings are the same for many pages."""


SORTS: Mapping[SortBy, Callable[[Page], Any]] = {
    SortBy.NATURAL: lambda page: page_key(page.name),
    SortBy.PLAIN: lambda page: page.name,
    SortBy.TIME: lambda page: page.modified_ns,
    SortBy.SIZE: lambda page: page.size,
    SortBy.PIXELS: lambda page: page.pixels,
}
"""What each order compares. Equal pages come in natural order."""


def sort_pages(pages: Sequence[Page], by: SortBy, *, reverse: bool = False) -> tuple[Page, ...]:
    """`pages` sorted; MANUAL keeps the order they have. Reversed, equal pages still come in natural order."""
    if by is SortBy.MANUAL:
        return tuple(reversed(pages)) if reverse else tuple(pages)
    natural = sorted(pages, key=SORTS[SortBy.NATURAL])
    if by is SortBy.NATURAL and not reverse:
        return tuple(natural)
    return tuple(sorted(natural, key=SORTS[by], reverse=reverse))


@dataclass(frozen=True, slots=True)
class _Arrangement:
    """One state of an order."""

    keys: tuple[str, ...]
    excluded: frozenset[str]
    sort: SortBy
    reverse: bool


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class _Step:
    """A state to go back or forward to, and those behind it. Chains are shared between orders."""

    arrangement: _Arrangement
    next: _Step | None


@dataclass(frozen=True, eq=False)
class PageOrder:
    """Pages in an order that can be changed and taken back without limit.

    Immutable: every change makes another PageOrder, and one that changes nothing returns the order itself.
    Pages are named by their keys; unknown keys are ignored. Excluded pages keep their place in `pages`.
    """

    _pages: Mapping[str, Page] = field(repr=False)
    _now: _Arrangement
    _past: _Step | None = field(default=None, repr=False)
    _future: _Step | None = field(default=None, repr=False)

    @classmethod
    def from_pages(
        cls, pages: Sequence[Page], by: SortBy = SortBy.NATURAL, *, reverse: bool = False
    ) -> PageOrder:
        """All `pages`, sorted, with nothing excluded and nothing to undo."""
        by_key = {page.key: page for page in sort_pages(pages, by, reverse=reverse)}
        if len(by_key) != len(pages):
            raise ValueError("two pages have the same key")
        return cls(by_key, _Arrangement(tuple(by_key), frozenset(), by, reverse))

    @classmethod
    def arranged(
        cls,
        pages: Sequence[Page],
        keys: Sequence[str],
        *,
        excluded: frozenset[str] = frozenset(),
        sort: SortBy = SortBy.MANUAL,
        reverse: bool = False,
    ) -> PageOrder:
        """As it was left before: `keys` in their order, each of one of `pages`, and nothing to undo."""
        return cls({page.key: page for page in pages}, _Arrangement(tuple(keys), excluded, sort, reverse))

    @cached_property
    def pages(self) -> tuple[Page, ...]:
        """All pages in order, the excluded ones too."""
        return tuple(self._pages[key] for key in self._now.keys)

    @cached_property
    def included(self) -> tuple[Page, ...]:
        """The pages of the chapter, in order."""
        return tuple(page for page in self.pages if page.key not in self._now.excluded)

    @property
    def excluded(self) -> frozenset[str]:
        """Keys of the pages left out."""
        return self._now.excluded

    @property
    def sort(self) -> SortBy:
        """The order last asked for; MANUAL once a page was moved by hand."""
        return self._now.sort

    @property
    def reverse(self) -> bool:
        return self._now.reverse

    @property
    def can_undo(self) -> bool:
        return self._past is not None

    @property
    def can_redo(self) -> bool:
        return self._future is not None

    def move(self, keys: Collection[str], offset: int) -> PageOrder:
        """Shift pages by `offset` places (down if positive), all alike, as far as the outermost can go."""
        chosen, places = self._chosen(keys)
        if not places:
            return self
        step = max(-places[0], min(offset, len(self._now.keys) - 1 - places[-1]))
        wanted = {place + step: self._now.keys[place] for place in places}
        others = (key for key in self._now.keys if key not in chosen)
        return self._arranged(
            tuple(wanted[place] if place in wanted else next(others) for place in range(len(self._now.keys)))
        )

    def move_to(self, keys: Collection[str], position: int) -> PageOrder:
        """Bring pages together, the first at `position` (1 is the first place; excluded pages count)."""
        chosen, places = self._chosen(keys)
        if not places:
            return self
        others = [key for key in self._now.keys if key not in chosen]
        start = max(0, min(position - 1, len(others)))
        moved = [self._now.keys[place] for place in places]
        return self._arranged((*others[:start], *moved, *others[start:]))

    def reverse_run(self, keys: Collection[str]) -> PageOrder:
        """The places of these pages stay theirs, filled from the last to the first; two pages are swapped."""
        chosen, places = self._chosen(keys)
        turned = iter([self._now.keys[place] for place in reversed(places)])
        return self._arranged(tuple(next(turned) if key in chosen else key for key in self._now.keys))

    def exclude(self, keys: Collection[str]) -> PageOrder:
        """Leave pages out."""
        return self._with_excluded(self._now.excluded | (self._pages.keys() & set(keys)))

    def include(self, keys: Collection[str]) -> PageOrder:
        """Take pages in again."""
        return self._with_excluded(self._now.excluded - set(keys))

    def toggle_excluded(self, keys: Collection[str]) -> PageOrder:
        """Leave pages out, or take them in again when all of them are out."""
        known = self._pages.keys() & set(keys)
        return self.include(known) if known <= self._now.excluded else self.exclude(known)

    def sorted(self, by: SortBy, reverse: bool = False) -> PageOrder:
        """Sort all pages; what is excluded stays excluded."""
        keys = tuple(page.key for page in sort_pages(self.pages, by, reverse=reverse))
        return self._changed(replace(self._now, keys=keys, sort=by, reverse=reverse))

    def undo(self) -> PageOrder:
        """The order before the last change; itself when there is none."""
        if self._past is None:
            return self
        return replace(
            self, _now=self._past.arrangement, _past=self._past.next, _future=_Step(self._now, self._future)
        )

    def redo(self) -> PageOrder:
        """The order after the change last undone; itself when there is none."""
        if self._future is None:
            return self
        return replace(
            self, _now=self._future.arrangement, _past=_Step(self._now, self._past), _future=self._future.next
        )

    def replace_page(self, page: Page) -> PageOrder:
        """The same order with a newer state of one page (its hash, say). KeyError when it is not in it."""
        return self.replace_pages((page,))

    def replace_pages(self, pages: Collection[Page]) -> PageOrder:
        """The same order with newer states of some pages. KeyError for one that is not in it."""
        newer = {page.key: page for page in pages}
        for key in newer:
            self._pages[key]
        return replace(self, _pages={**self._pages, **newer}) if newer else self

    def append(self, pages: Sequence[Page]) -> PageOrder:
        """More pages behind the last one (of another folder, say); those that are there already stay."""
        new = [page for page in pages if page.key not in self._now.keys]
        known = replace(self, _pages={**self._pages, **{page.key: page for page in new}})
        return known._arranged((*self._now.keys, *(page.key for page in new)))

    def known(self, key: str) -> Page | None:
        """The page with this key, also one that was mended or replaced since."""
        return self._pages.get(key)

    def substitute(self, keys: Collection[str], pages: Sequence[Page]) -> PageOrder:
        """Other pages (mended copies) in the place of some; undo brings the old ones back."""
        chosen, places = self._chosen(keys)
        if not places or not pages:
            return self
        known = replace(self, _pages={**self._pages, **{page.key: page for page in pages}})
        new = [page.key for page in pages]
        taken = chosen | set(new)
        before = [key for key in self._now.keys[: places[0]] if key not in taken]
        after = [key for key in self._now.keys[places[0] :] if key not in taken]
        now = replace(
            self._now, keys=(*before, *new, *after), excluded=self._now.excluded - chosen - set(new)
        )
        return known._changed(now)

    def knows(self, page: Page) -> bool:
        """Whether this file, unchanged, is one of the pages, or was one before it was mended."""
        known = self._pages.get(page.key)
        return known is not None and (known.size, known.modified_ns) == (page.size, page.modified_ns)

    def became(self, later: PageOrder) -> PageOrder:
        """The order `later` reached from this one by any number of changes, as one change."""
        return replace(self, _pages=later._pages)._changed(later._now)

    def _chosen(self, keys: Collection[str]) -> tuple[frozenset[str], list[int]]:
        chosen = frozenset(keys)
        return chosen, [place for place, key in enumerate(self._now.keys) if key in chosen]

    def _arranged(self, keys: tuple[str, ...]) -> PageOrder:
        if keys == self._now.keys:
            return self
        return self._changed(replace(self._now, keys=keys, sort=SortBy.MANUAL, reverse=False))

    def _with_excluded(self, excluded: frozenset[str]) -> PageOrder:
        return self._changed(replace(self._now, excluded=excluded))

    def _changed(self, now: _Arrangement) -> PageOrder:
        if now == self._now:
            return self
        return replace(self, _now=now, _past=_Step(self._now, self._past), _future=None)
