"""Names in the place of ids: in a file that somebody wrote by hand, and the ids that were found for them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from tui.chapter.claims import Named
from tui.chapter.references import parse_reference
from tui.upload.queue.entry import QueueEntry
from tui.upload.queue.fields import set_groups, set_manga

_LIKE_AN_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}|[0-9a-f-]{30}", re.IGNORECASE)


def with_names(
    entry: QueueEntry, manga: Mapping[str, Named | None], groups: Mapping[str, Named | None]
) -> QueueEntry:
    """The entry with the ids that were found for its names: name -> what is called so, or None."""
    found = manga.get(entry.details.manga_title) if not entry.details.manga_id else None
    if found is not None:
        entry = set_manga(entry, found.id, found.name)
    known = [one for name in entry.unknown_groups if (one := groups.get(name)) is not None]
    if not known:
        return entry
    details = entry.details
    ids = dict.fromkeys(details.group_ids, "")  # for which there may be no names
    ids |= dict(zip(details.group_ids, details.group_names, strict=False))
    ids |= {one.id: one.name for one in known}
    left = tuple(name for name in entry.unknown_groups if groups.get(name) is None)
    return replace(set_groups(entry, tuple(ids), tuple(ids.values())), unknown_groups=left)


def is_name(text: str) -> bool:
    """Whether it is meant as a name: neither an id nor a link, not even one with a slip."""
    return bool(text) and parse_reference(text) is None and "/" not in text and not _LIKE_AN_ID.search(text)


def with_named_groups(text: str) -> str:
    """A list of groups, in which names are marked as such: "A Group; ID" becomes "?A Group; ID"."""
    parts = [part.strip() for part in re.split(r"[,;]", text)]
    return "; ".join(f"?{part}" if part not in ("", "none") and _named(part) else part for part in parts)


def _named(part: str) -> bool:
    return not part.startswith("?") and any(is_name(word) for word in part.split()) and is_name(part)
