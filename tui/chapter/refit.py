"""An order for a folder or archive that is not as it was: files were added, taken away or changed.

The known pages stay in their order, and new ones come to the places where sorting would put them among these.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tui.chapter.order import Arrangement, PageOrder, SortBy, sort_pages
from tui.chapter.pages import Page
from tui.text import plural

_NAMED = 3


@dataclass(frozen=True, slots=True)
class Refitted:
    """The order now, with its history, and what became other."""

    order: PageOrder
    added: tuple[Page, ...]
    """New pages, in the order in which they stand."""
    gone: tuple[Page, ...]
    undone: tuple[Page, ...]
    """Mended copies that count no more, since the copy or its original is gone or another file now."""
    renamed: Mapping[str, str]
    """Former keys -> the keys of the same pages now: a page of an archive may have another place in it."""

    @property
    def is_other(self) -> bool:
        """Something was added or taken away."""
        return bool(self.added or self.gone or self.undone)

    @property
    def told(self) -> str:
        """ "1 page new: 13.png (page 4); 1 page gone: 2.png. The others keep their order."; empty if nothing is
        other. Holds file names."""
        included = {key: number for number, key in enumerate(self.order.included_keys, 1)}
        places = [f"{page.name} (page {included[page.key]})" for page in self.added if page.key in included]
        parts = [
            f"{plural(len(names), 'page')} {what}: {_listed(names)}"
            for names, what in (
                (places, "new"),
                ([page.name for page in self.gone], "gone"),
                ([page.name for page in self.undone], "as before mending, since its file changed"),
            )
            if names
        ]
        return f"{'; '.join(parts)}. The others keep their order." if parts else ""


def refit(
    order: PageOrder, found: Sequence[Page], sources: Collection[Path], *, lost: Collection[str] = ()
) -> Refitted | None:
    """`order` for the pages that were `found` now in `sources`; pages of other places stay as they are.

    `lost` are keys of mended copies that are not on the disk any more. None when no page is left of those known.
    """
    known = {page.key: page for page in order.ever}
    here = {page.key: page for page in found}
    renamed = _renamed(known.values(), here, sources)

    def now(key: str) -> Page | None:
        return here.get(renamed.get(key, key))

    def is_as_it_was(page: Page) -> bool:
        """The mended copy still stands for what it was made from."""
        if page.key in lost:
            return False
        for key in page.made_from:
            before, after = known.get(key), now(key)
            if before is None:
                return False
            if before.location.source in sources and (after is None or _stamp(before) != _stamp(after)):
                return False
        return True

    def stays(key: str) -> tuple[str, ...]:
        """What stands in the place of `key` now."""
        page = known[key]
        if not page.made_from:
            after = now(key) if page.location.source in sources else page
            return (after.key,) if after is not None else ()
        if is_as_it_was(page):
            return (key,)
        return tuple(one.key for root in page.made_from if (one := now(root)) is not None)

    places = {key: stays(key) for key in known}
    covers = {
        key: frozenset(renamed.get(root, root) for root in page.made_from)
        for key, page in known.items()
        if page.made_from
    }

    def remake(state: Arrangement) -> Arrangement:
        keys = tuple(dict.fromkeys(new for key in state.keys for new in places[key]))
        excluded = frozenset(new for key in state.excluded for new in places.get(key, ()))
        spans: dict[str, tuple[str, str]] = {}
        for key in keys:
            for root in (*covers.get(key, ()), key):
                spans[root] = (spans.get(root, (key,))[0], key)
        return replace(state, keys=_with_new(keys, spans, found, state), excluded=excluded & frozenset(keys))

    pages = {
        **{key: _with_roots(page, renamed) for key, page in known.items()},
        **{key: _better(known.get(key), page) for key, page in here.items()},
    }
    made = order.remade(pages, remake)
    before = {new for page in order.pages for new in places[page.key]}
    before |= {root for key in before for root in covers.get(key, ())}
    if not before & (here.keys() | covers.keys()):
        return None
    roots_before = [root for page in order.pages for root in page.made_from or (page.key,)]
    return Refitted(
        made,
        added=tuple(page for page in made.pages if page.key in here and page.key not in before),
        gone=tuple(
            known[key]
            for key in dict.fromkeys(roots_before)
            if key in known and known[key].location.source in sources and now(key) is None
        ),
        undone=tuple(
            page for page in order.pages if page.made_from and places[page.key] not in ((), (page.key,))
        ),
        renamed=renamed,
    )


def _with_new(
    keys: tuple[str, ...], spans: Mapping[str, tuple[str, str]], found: Sequence[Page], state: Arrangement
) -> tuple[str, ...]:
    """`keys`, and each of `found` that is not in `spans` behind the page that comes before it when all are
    sorted, or before the one that comes after it.

    `spans`: what is on the disk -> the first and the last of `keys` that stand for it."""
    by = SortBy.NATURAL if state.sort is SortBy.MANUAL else state.sort
    behind: dict[str, list[str]] = {}
    ahead: dict[str, list[str]] = {}
    rest: list[str] = []
    by_source: dict[Path, list[Page]] = {}
    for page in sort_pages(found, by, reverse=state.reverse):
        by_source.setdefault(page.location.source, []).append(page)
    for pages in by_source.values():
        waiting: list[str] = []
        last = ""
        for page in pages:
            if page.key not in spans:
                (behind.setdefault(last, []) if last else waiting).append(page.key)
                continue
            first, last = spans[page.key]
            if waiting:
                ahead[first] = waiting
                waiting = []
        rest += waiting
    placed = (one for key in keys for one in (*ahead.get(key, ()), key, *behind.get(key, ())))
    return (*placed, *rest)


def _renamed(known: Iterable[Page], here: Mapping[str, Page], sources: Collection[Path]) -> dict[str, str]:
    """Pages of archives that are at another place in it: by their names, where these are there once."""
    missing = [
        page
        for page in known
        if not page.made_from and page.location.source in sources and page.key not in here
    ]
    if not missing:
        return {}
    names = Counter(_name(page) for page in here.values())
    once = {_name(page): page.key for page in here.values() if names[_name(page)] == 1}
    return {page.key: once[_name(page)] for page in missing if _name(page) in once}


def _name(page: Page) -> tuple[Path, str]:
    return page.location.source, page.location.member


def _stamp(page: Page) -> tuple[int, int]:
    return page.size, page.modified_ns


def _with_roots(page: Page, renamed: Mapping[str, str]) -> Page:
    if renamed.keys().isdisjoint(page.made_from):
        return page
    return replace(page, made_from=tuple(renamed.get(key, key) for key in page.made_from))


def _better(before: Page | None, now: Page) -> Page:
    """What was found now, unless the same file is known better (hashed, decoded)."""
    if before is None:
        return now
    if before.sha256 and _stamp(before) == _stamp(now):
        return before
    return replace(now, made_from=before.made_from, shown_name=before.shown_name)


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
