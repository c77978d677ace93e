"""Names and messages that are not ours, in lists whose columns must stay straight."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from string import ascii_letters

from tui.text import safe_text

# Joiners and picture selectors: terminals disagree on how wide what they join is.
_UNSTEADY = {0x200D: None, 0xFE0E: None, 0xFE0F: None}
_PREFIX = 4
"""Letters before a number that belong to it: "p007", "page7"."""


def steady_text(value: object) -> str:
    """`value` as safe_text() makes it, and of the same width on every terminal."""
    return safe_text(value).translate(_UNSTEADY)


def telling_part(name: str, neighbours: Iterable[str]) -> tuple[int, int]:
    """Where `name` differs from that of its `neighbours` that is most like it, numbers and the letters before them
    being whole: from one index to another, for fit_around()."""
    alike = [(_common(name, other), other) for other in neighbours if other != name]
    if not alike:
        return 0, 0
    start, closest = max(alike)
    end = len(name) - _common(name[start:][::-1], closest[start:][::-1])
    while start and name[start - 1].isdigit():
        start -= 1
    letters = name[max(0, start - _PREFIX) : start]
    start -= len(letters) - len(letters.rstrip(ascii_letters))
    while end < len(name) and name[end].isdigit():
        end += 1
    return start, max(start, end)


def telling_parts(names: Collection[str]) -> dict[str, tuple[int, int]]:
    """The same for each of many names, the neighbours being those beside it in their order."""
    row = sorted(names)
    return {
        name: telling_part(name, row[max(0, place - 1) : place + 2 : 2] if place else row[1:2])
        for place, name in enumerate(row)
    }


def _common(one: str, other: str) -> int:
    """How many characters both have in common from the beginning."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (mine, its) in pairs if mine != its), min(len(one), len(other)))
