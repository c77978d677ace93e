"""An order as plain data, so that it is found again at the next start."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tui.chapter.order import PageOrder, SortBy
from tui.chapter.pages import ImageType, Page, PageLocation

_VERSION = 1


def dump_order(order: PageOrder) -> dict[str, Any]:
    """The order of the pages, which are left out, where they are from, and the mended ones. For JSON."""
    return {
        "version": _VERSION,
        "keys": [page.key for page in order.pages],
        "excluded": sorted(order.excluded),
        "sort": order.sort.value,
        "reverse": order.reverse,
        "sources": sorted({str(page.location.source) for page in order.pages if not page.made_from}),
        "mended": [
            {**_dump_page(page), "originals": [_stamp_of(order.known(key)) for key in page.made_from]}
            for page in order.pages
            if page.made_from
        ],
    }


def load_order(data: Mapping[str, Any], pages: Sequence[Page]) -> PageOrder | None:
    """The order that was kept, for the pages that were found now; None when it does not fit them any more:
    another file is there, one is gone, or a mended copy or its original is another."""
    try:
        keys = [str(key) for key in data["keys"]]
        mended = [_load_page(entry) for entry in data["mended"]]
        stamps = [[_stamp(one) for one in entry["originals"]] for entry in data["mended"]]
        sort, excluded = SortBy(data["sort"]), frozenset(map(str, data["excluded"]))
        reverse = bool(data["reverse"])
    except (KeyError, TypeError, ValueError):
        return None
    found = {page.key: page for page in pages}
    replaced = {key for page in mended for key in page.made_from}
    if not all(_is_there(page, stamp, found) for page, stamp in zip(mended, stamps, strict=True)):
        return None
    if set(keys) - {page.key for page in mended} != found.keys() - replaced or len(set(keys)) != len(keys):
        return None
    return PageOrder.arranged(
        [*pages, *mended], keys, excluded=excluded & set(keys), sort=sort, reverse=reverse
    )


def sources_of(data: Mapping[str, Any]) -> list[Path]:
    """The folders and archives that the pages of a kept order are from."""
    sources = data.get("sources")
    return (
        [Path(source) for source in sources if isinstance(source, str)] if isinstance(sources, list) else []
    )


def _stamp_of(page: Page | None) -> list[int]:
    return [page.size, page.modified_ns] if page is not None else []


def _stamp(data: Any) -> list[int]:
    return [int(value) for value in data]


def _is_there(page: Page, stamps: Sequence[list[int]], found: Mapping[str, Page]) -> bool:
    """The copy is there, and what it was made from is as it was."""
    if [_stamp_of(found.get(key)) for key in page.made_from] != list(stamps):
        return False
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
        sha256=str(data["sha256"]),
        made_from=tuple(map(str, data["made_from"])),
        shown_name=str(data["shown_name"]),
    )
