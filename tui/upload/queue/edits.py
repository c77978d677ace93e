"""Changes to many entries at once: pure functions from entries to those that become others."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from decimal import Decimal

from tui.chapter.details import Origin
from tui.chapter.limits import LIMITS
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
    return [
        copied
        for entry in targets
        if not entry.fixed and entry.number != number and (copied := copy_field(source, entry, name)) != entry
    ]


def copy_field(source: QueueEntry, target: QueueEntry, name: str) -> QueueEntry:
    """`target` with the field of `source`."""
    details = source.details
    if name == "groups":
        return set_groups(target, details.group_ids, details.group_names)
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
        text = field_text(entry, name)
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


def take_guess(entry: QueueEntry, guess: QueueEntry) -> QueueEntry:
    """The entry with numbers, title and language as `guess` has them; what it does not tell stays."""
    found = guess.details
    values = {
        name: getattr(found, name)
        for name in ("volume", "chapter", "title", "language")
        if getattr(found, name)
    }
    origins = {name: found.origins.get(name, Origin.FILE_NAME) for name in values}
    details = replace(entry.details, **values, origins={**entry.details.origins, **origins})
    return replace(entry, details=details)


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
