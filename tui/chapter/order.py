"""The order of the pages: sorting, and an order under the user's hands.

A new way of sorting is one more member of SortBy and one more row in SORTS.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import Any

from tui.chapter.natural import page_key
from tui.chapter.pages import Page


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


SORTS: Mapping[SortBy, Callable[[Page], Any]] = {
    SortBy.NATURAL: lambda page: page_key(page.name),
    SortBy.PLAIN: lambda page: page.name,
    SortBy.TIME: lambda page: page.modified_ns,
    SortBy.SIZE: lambda page: page.size,
    SortBy.PIXELS: lambda page: page.pixels,
}
"""What each order compares. Equal pages come in natural order."""

ORDERS = {
    "natural": SortBy.NATURAL,
    "name": SortBy.PLAIN,
    "plain": SortBy.PLAIN,
    "time": SortBy.TIME,
    "size": SortBy.SIZE,
    "pixels": SortBy.PIXELS,
}
"""What --order and the settings file may say; "name" is plain character order."""


def sort_pages(pages: Sequence[Page], by: SortBy, *, reverse: bool = False) -> tuple[Page, ...]:
    """`pages` sorted; MANUAL keeps the order they have. Reversed, equal pages still come in natural order."""
    if by is SortBy.MANUAL:
        return tuple(reversed(pages)) if reverse else tuple(pages)
    natural = sorted(pages, key=SORTS[SortBy.NATURAL])
    if by is SortBy.NATURAL and not reverse:
        return tuple(natural)
    return tuple(sorted(natural, key=SORTS[by], reverse=reverse))


@dataclass(frozen=True, slots=True)
class Arrangement:
    """One state of an order: keys of all pages as they stand, and of those that are left out."""

    keys: tuple[str, ...]
    excluded: frozenset[str]
    sort: SortBy
    reverse: bool


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class _Step:
    """A state to go back or forward to, and those behind it. Chains are shared between orders."""

    arrangement: Arrangement
    next: _Step | None


@dataclass(frozen=True, eq=False)
class PageOrder:
    """Pages in an order that can be changed and taken back without limit.

    Immutable: every change makes another PageOrder, and one that changes nothing returns the order itself.
    Pages are named by their keys; unknown keys are ignored. Excluded pages keep their place in `pages`.
    """

    _pages: Mapping[str, Page] = field(repr=False)
    _now: Arrangement
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
        return cls(by_key, Arrangement(tuple(by_key), frozenset(), by, reverse))

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
        return cls({page.key: page for page in pages}, Arrangement(tuple(keys), excluded, sort, reverse))

    @cached_property
    def pages(self) -> tuple[Page, ...]:
        """All pages in order, the excluded ones too."""
        return tuple(self._pages[key] for key in self._now.keys)

    @property
    def keys(self) -> tuple[str, ...]:
        """Of all pages in order: asked for at every key press, where making them anew would take longest."""
        return self._now.keys

    @cached_property
    def included_keys(self) -> tuple[str, ...]:
        """Keys of the pages of the chapter, in order."""
        left_out = self._now.excluded
        return tuple(key for key in self._now.keys if key not in left_out) if left_out else self._now.keys

    @cached_property
    def included(self) -> tuple[Page, ...]:
        """The pages of the chapter, in order."""
        return tuple(self._pages[key] for key in self.included_keys) if self._now.excluded else self.pages

    @cached_property
    def included_bytes(self) -> int:
        """Bytes of the pages of the chapter."""
        return sum(page.size for page in self.included)

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
        moved = [key for key in self._now.keys if key not in chosen]
        for place in places:  # ascending, so that each comes to stand where it is put
            moved.insert(place + step, self._now.keys[place])
        return self._arranged(tuple(moved))

    def move_to(self, keys: Collection[str], position: int) -> PageOrder:
        """Bring pages together, the first at `position` (1 is the first place; excluded pages count)."""
        chosen, places = self._chosen(keys)
        if not places:
            return self
        others = [key for key in self._now.keys if key not in chosen]
        start = max(0, min(position - 1, len(others)))
        moved = [self._now.keys[place] for place in places]
        return self._arranged((*others[:start], *moved, *others[start:]))

    def line_up(self, keys: Sequence[str]) -> PageOrder:
        """Bring pages together in the order of `keys`, at the place of the foremost of them."""
        chosen, places = self._chosen(keys)
        if not places:
            return self
        others = [key for key in self._now.keys if key not in chosen]
        known = [key for key in dict.fromkeys(keys) if key in self._pages and key in self._now.keys]
        return self._arranged((*others[: places[0]], *known, *others[places[0] :]))

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

    def remade(self, pages: Mapping[str, Page], remake: Callable[[Arrangement], Arrangement]) -> PageOrder:
        """The same order and history over `pages` (by their keys): `remake` makes each state anew, those too to
        which undo and redo lead. One that becomes the same as the one beside it is left out."""

        def chain(step: _Step | None, beside: Arrangement) -> _Step | None:
            states: list[Arrangement] = []
            while step is not None:
                state = remake(step.arrangement)
                if state != beside:
                    states.append(state)
                    beside = state
                step = step.next
            made: _Step | None = None
            for state in reversed(states):
                made = _Step(state, made)
            return made

        now = remake(self._now)
        return PageOrder(pages, now, chain(self._past, now), chain(self._future, now))

    @property
    def ever(self) -> tuple[Page, ...]:
        """Every page of this order and of those to which undo and redo lead."""
        return tuple(self._pages.values())

    def _chosen(self, keys: Collection[str]) -> tuple[frozenset[str], list[int]]:
        chosen = frozenset(keys)
        return chosen, [place for place, key in enumerate(self._now.keys) if key in chosen]

    def _arranged(self, keys: tuple[str, ...]) -> PageOrder:
        if keys == self._now.keys:
            return self
        return self._changed(replace(self._now, keys=keys, sort=SortBy.MANUAL, reverse=False))

    def _with_excluded(self, excluded: frozenset[str]) -> PageOrder:
        return self._changed(replace(self._now, excluded=excluded))

    def _changed(self, now: Arrangement) -> PageOrder:
        if now == self._now:
            return self
        return replace(self, _now=now, _past=_Step(self._now, self._past), _future=None)
