"""Natural order of names: letters without regard to case or width, numbers by value."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any

from tui.chapter.numerals import with_plain_digits

_DIGITS = re.compile(r"(\d+)")
_SPACES = re.compile(r" {2,}")

NaturalKey = tuple[str | tuple[int, str], ...]


def natural_key(name: str) -> NaturalKey:
    """Sort key of a name: letters without regard to case or width, runs of digits and Chinese numerals by value,
    several spaces as one ("page  9" is padded with a space, and comes before "page 10")."""
    plain = name.lower() if name.isascii() else _compatible(name)
    if "  " in plain:
        plain = _SPACES.sub(" ", plain)
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
    joined = "/".join(names)  # no file name holds a slash
    if joined.isascii():
        shapes = joined.translate(_SHAPE).split("/")
        if shapes.count(shapes[0]) == len(shapes):
            return sorted(names)
    lower = joined.lower()
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
