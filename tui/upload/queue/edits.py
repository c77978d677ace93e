"""Changes to many entries at once: pure functions from entries to those that become others."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from tui.chapter.claims import Named
from tui.chapter.details import Origin
from tui.chapter.limits import LIMITS
from tui.chapter.name_claims import by_pattern
from tui.patterns import NamePattern
from tui.upload.queue.entry import QueueEntry
from tui.upload.queue.fields import field_text, set_field, set_groups, set_manga

_NUMBER = re.compile(r"([0-9]+(?:\.[0-9]+)?)([a-z]?)", re.ASCII)


def fill_down(
    entries: Sequence[QueueEntry], number: int, name: str, only: Collection[int]
) -> list[QueueEntry]:
    """The field of the entry `number` in all entries below it, or in the entries `only` if there are any."""
    place = next(place for place, entry in enumerate(entries) if entry.number == number)
    source = entries[place]
    targets = [entry for entry in entries if entry.number in only] if only else entries[place + 1 :]
    copies = [
        (entry, copy_field(source, entry, name))
        for entry in targets
        if not entry.fixed and entry.number != number
    ]
    return [
        copy
        for entry, copy in copies
        if copy.fingerprint() != entry.fingerprint() or copy.unknown_groups != entry.unknown_groups
    ]


def copy_field(source: QueueEntry, target: QueueEntry, name: str) -> QueueEntry:
    """`target` with the field of `source`."""
    details = source.details
    if name == "groups":
        copy = set_groups(target, details.group_ids, details.group_names)
        return replace(copy, unknown_groups=source.unknown_groups)
    if name == "manga":
        return set_manga(target, details.manga_id, details.manga_title)
    return set_field(target, name, field_text(source, name))


def shift(
    entries: Sequence[QueueEntry], number: int, name: str, by: int, only: Collection[int]
) -> list[QueueEntry]:
    """Volume or chapter numbers moved by `by`: from the entry `number` on, or of the entries `only`.

    Numbers keep what is behind the point and their letter. ValueError, in words, when one cannot be moved.
    """
    start = next(place for place, entry in enumerate(entries) if entry.number == number)
    targets = [entry for entry in entries if entry.number in only] if only else entries[start:]
    changed = []
    for entry in targets:
        text = getattr(entry.details, name)
        if text and not entry.fixed:
            changed.append(set_field(entry, name, shifted(text, by)))
    return changed


def shifted(text: str, by: int) -> str:
    """The number moved: "10.5" by 1 is "11.5". ValueError in words."""
    found = _NUMBER.fullmatch(text)
    if found is None:
        raise ValueError(f"{text} is no number that can be moved.")
    value = Decimal(found[1]) + by
    if value < 0:
        raise ValueError(f"{text} cannot become less than 0.")
    moved = f"{value}{found[2]}"
    if len(moved) > LIMITS.number_length:
        raise ValueError(f"{moved} has more than {LIMITS.number_length} characters.")
    return moved


def count_up(
    entries: Sequence[QueueEntry], number: int, name: str, first: int, only: Collection[int]
) -> list[QueueEntry]:
    """Whole numbers, one more for each entry: from the entry `number` on, or of the entries `only`."""
    start = next(place for place, entry in enumerate(entries) if entry.number == number)
    targets = [entry for entry in entries if entry.number in only] if only else entries[start:]
    free = [entry for entry in targets if not entry.fixed]
    return [set_field(entry, name, str(first + place)) for place, entry in enumerate(free)]


def take_pattern(entries: Sequence[QueueEntry], pattern: NamePattern) -> tuple[list[QueueEntry], int]:
    """The entries with what the pattern reads from their names, and how many names it does not fit.

    A manga or group that is not the one the entry has is only a name then: its id is to be looked up.
    """
    changed: list[QueueEntry] = []
    unfit = 0
    for entry in entries:
        claims = by_pattern(entry.source, [pattern])
        if claims is None:
            unfit += 1
        else:
            changed.append(_claimed(entry, claims.values))
    return changed, unfit


def _claimed(entry: QueueEntry, said: Mapping[str, object]) -> QueueEntry:
    details = entry.details
    values: dict[str, Any] = {
        name: said[name] for name in ("volume", "chapter", "title", "language") if name in said
    }
    manga, groups = said.get("manga"), said.get("groups")
    if isinstance(manga, Named) and manga.name.casefold() != details.manga_title.casefold():
        values |= {"manga_id": "", "manga_title": manga.name}
    unknown = entry.unknown_groups
    if isinstance(groups, tuple):
        known = {
            name.casefold(): (id_, name)
            for id_, name in zip(details.group_ids, details.group_names, strict=False)
        }
        kept = [known[group.name.casefold()] for group in groups if group.name.casefold() in known]
        unknown = tuple(group.name for group in groups if group.name.casefold() not in known)
        values |= {"group_ids": tuple(id_ for id_, _ in kept), "group_names": tuple(name for _, name in kept)}
    origins = details.origins | {
        "group_ids" if name == "group_names" else name: Origin.PATTERN for name in values
    }
    return replace(entry, details=replace(details, **values, origins=origins), unknown_groups=unknown)


def moved(numbers: Sequence[int], chosen: Collection[int], by: int) -> list[int]:
    """The order with the chosen ones one place up (-1) or down (1), keeping their own order."""
    order = list(numbers)
    places = [place for place, number in enumerate(order) if number in chosen]
    if not places or (by < 0 and places[0] == 0) or (by > 0 and places[-1] == len(order) - 1):
        return order
    for place in places if by < 0 else reversed(places):
        order[place], order[place + by] = order[place + by], order[place]
    return order


def moved_to(numbers: Sequence[int], chosen: Collection[int], place: int) -> list[int]:
    """The order with the chosen ones together at `place`, from 1."""
    rest = [number for number in numbers if number not in chosen]
    block = [number for number in numbers if number in chosen]
    at = max(0, min(place - 1, len(rest)))
    return [*rest[:at], *block, *rest[at:]]
