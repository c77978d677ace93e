"""An order as plain data, so that it is found again at the next start."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from tui.chapter.order import PageOrder, SortBy
from tui.chapter.pages import ImageType, Metadata, Page, PageLocation
from tui.chapter.refit import Refitted, refit
from tui.chapter.sources import SourceError, is_archive, open_source
from tui.chapter.sources.base import IsCancelled

_VERSION = 1


def dump_order(order: PageOrder) -> dict[str, Any]:
    """The order of the pages, which are left out, where they are from, and the mended ones. For JSON."""
    return {
        "version": _VERSION,
        "keys": list(order.keys),
        "excluded": sorted(order.excluded),
        "sort": order.sort.value,
        "reverse": order.reverse,
        "sources": sorted(
            {
                str(root.location.source)
                for page in order.pages
                for key in page.made_from or (page.key,)
                if (root := order.known(key)) is not None
            }
        ),
        "mended": [
            {**_dump_page(page), "originals": [_stamp_of(order.known(key)) for key in page.made_from]}
            for page in order.pages
            if page.made_from
        ],
    }


def restore_order(
    data: Mapping[str, Any], source: Path, pages: Sequence[Page], cancelled: IsCancelled | None = None
) -> Refitted | None:
    """The order that was kept for `source`, refitted to its `pages` as they were found now, and to those of the
    folders and archives that were joined to it, which are read here. Blocking; Cancelled.

    None when no page of those days is left, or `data` is no order.
    """
    found = list(pages)
    for other in sources_of(data):
        if other != source:
            with contextlib.suppress(SourceError):  # it is gone, and so are its pages
                found += open_source(other).scan(cancelled=cancelled).pages
    return load_order(data, found, {source, *sources_of(data)})


def load_order(data: Mapping[str, Any], found: Sequence[Page], sources: Collection[Path]) -> Refitted | None:
    """The order that was kept, refitted to the pages that were `found` in `sources` now."""
    try:
        keys = [str(key) for key in data["keys"]]
        mended = [_load_page(entry) for entry in data["mended"]]
        stamps = [[_stamp(one) for one in entry["originals"]] for entry in data["mended"]]
        originals = {
            key: _stub(key, sources, stamp)
            for page, those in zip(mended, stamps, strict=True)
            for key, stamp in zip(page.made_from, those, strict=True)
            if stamp
        }
        sort, excluded = SortBy(data["sort"]), frozenset(map(str, data["excluded"]))
        reverse = bool(data["reverse"])
    except (KeyError, TypeError, ValueError):
        return None
    if len(set(keys)) != len(keys):
        return None
    here = {page.key: page for page in found}
    pages = {page.key: page for page in mended} | originals
    for key in keys:
        if key not in pages:
            pages[key] = here.get(key) or _stub(key, sources)
    order = PageOrder.arranged(
        list(pages.values()), keys, excluded=excluded & set(keys), sort=sort, reverse=reverse
    )
    return refit(order, found, sources, lost={page.key for page in mended if not _is_there(page)})


def sources_of(data: Mapping[str, Any]) -> list[Path]:
    """The folders and archives that the pages of a kept order are from."""
    sources = data.get("sources")
    return (
        [Path(source) for source in sources if isinstance(source, str)] if isinstance(sources, list) else []
    )


def _stub(key: str, sources: Collection[Path], stamp: Sequence[int] = (0, 0)) -> Page:
    """What a key tells of a page that may not be there any more. `stamp`: its bytes and its last change."""
    source = max((one for one in sources if key.startswith(f"{one}::")), key=lambda one: len(str(one)),
                 default=Path(key.rpartition("::")[0]))  # fmt: skip
    member = key.removeprefix(f"{source}::")
    name, mark, index = member.rpartition("#")
    inside = mark and index.isdecimal() and is_archive(source)
    size, modified = stamp
    return Page(
        PageLocation(source, name if inside else member, int(index) if inside else -1),
        size=size,
        modified_ns=modified,
    )


def _stamp_of(page: Page | None) -> list[int]:
    return [page.size, page.modified_ns] if page is not None else []


def _stamp(data: Any) -> list[int]:
    return [int(value) for value in data]


def _is_there(page: Page) -> bool:
    """The copy is still on the disk."""
    try:
        return (page.location.source / page.location.member).stat().st_size == page.size
    except OSError:
        return False


def _dump_page(page: Page) -> dict[str, Any]:
    return {
        "source": str(page.location.source),
        "member": page.location.member,
        "size": page.size,
        "modified_ns": page.modified_ns,
        "type": page.type.value,
        "width": page.width,
        "height": page.height,
        "animated": page.animated,
        "bits": page.bits,
        "components": page.components,
        "metadata": page.metadata.value,
        "sha256": page.sha256,
        "made_from": list(page.made_from),
        "shown_name": page.shown_name,
    }


def _load_page(data: Mapping[str, Any]) -> Page:
    return Page(
        PageLocation(Path(data["source"]), str(data["member"])),
        size=int(data["size"]),
        modified_ns=int(data["modified_ns"]),
        type=ImageType(data["type"]),
        width=int(data["width"]),
        height=int(data["height"]),
        animated=bool(data["animated"]),
        bits=int(data["bits"]),
        components=int(data["components"]),
        metadata=Metadata(data.get("metadata", "")),
        sha256=str(data["sha256"]),
        made_from=tuple(map(str, data["made_from"])),
        shown_name=str(data["shown_name"]),
    )
