"""Doubts from pages that belong together by their names: versions and copies of one page, halves of a spread."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tui.chapter.doubt_words import any_named, short_name, warning
from tui.chapter.findings import Finding
from tui.chapter.fixes import Exclude, LineUp
from tui.chapter.order import PageOrder
from tui.chapter.page_numbers import Run, stem_of
from tui.chapter.pages import Page
from tui.text import plural

_VERSION = re.compile(r"(?<=\d)[ _-]*\(?(v(?P<version>\d{1,2})|fix(ed)?|new|redo|redone|corrected|old)\)?$")
_COPY = re.compile(r"(?<=\d)( \((?P<count>\d)\)|[ _-]+(copy|kopie|copie|copia)( ?\(?\d\)?)?)$")
_MARKED = re.compile(r"\d[ _-]*[(a-z]")
"""Stands in every name with a mark of these."""
_MOST_VERSIONS = 3
"""More that are named alike are not versions of one page, but pages."""


class _Named(NamedTuple):
    age: int
    """0 is the page without a mark; higher is newer."""
    page: Page
    is_copy: bool


def versions(order: PageOrder, _: Sequence[Run]) -> Iterator[Finding]:
    """ "012.png" beside "012v2.png" or "012_fixed.png", and beside "012 (1).png" or "012 - Copy.png"."""
    if not any_named(order, _MARKED):
        return
    alike: dict[tuple[str, str], list[_Named]] = {}
    marked: set[tuple[str, str]] = set()
    for page in order.included:
        stem = stem_of(page.name)
        version = _VERSION.search(stem)
        mark = version or _COPY.search(stem)
        one = (page.name.rpartition("/")[0], stem[: mark.start()] if mark else stem)
        alike.setdefault(one, []).append(_Named(_age(version), page, mark is not None and version is None))
        if mark:
            marked.add(one)
    for one in marked:
        those = alike[one]
        if not 1 < len(those) <= _MOST_VERSIONS:
            continue
        yield from _copies(those)
        yield from _older_ones([named for named in those if not named.is_copy])


def _age(version: re.Match[str] | None) -> int:
    if version is None:
        return 0
    if version["version"]:
        return int(version["version"])
    return -1 if version[1] == "old" else 100


def _copies(those: Sequence[_Named]) -> Iterator[Finding]:
    """Of a page that is there itself: "scan 5 (1)" to "scan 5 (3)" alone are pages."""
    original = next((named.page for named in those if not named.is_copy), None)
    for named in those:
        if original is not None and named.is_copy:
            yield warning(
                "number-twice", f"{short_name(named.page)} is named as a copy of {short_name(original)}.",
                "Leave one out if it is the same page.", named.page, Exclude(named.page.key),
            )  # fmt: skip


def _older_ones(those: Sequence[_Named]) -> Iterator[Finding]:
    newest = max(those, key=lambda named: named.age, default=None)
    for named in those:
        if newest is not None and named.age < newest.age:
            yield warning(
                "number-twice", f"{short_name(named.page)} and {short_name(newest.page)} are versions of one page.",
                "Leave the older one out, unless both are wanted.", named.page, Exclude(named.page.key),
            )  # fmt: skip


def halves(order: PageOrder, runs: Sequence[Run]) -> Iterator[Finding]:
    """Left halves that stand directly before their right ones: manga is read from the right."""
    places = {key: place for place, key in enumerate(order.included_keys)}
    for run in runs:
        letters = {page.suffix for page in run.pages}
        if not {"l", "r"} <= letters <= {"", "l", "r"}:
            continue
        sides = {(page.first, page.suffix): page.page for page in run.pages if page.page.key in places}
        pairs = [(page, sides[number, "r"]) for (number, side), page in sides.items()
                 if side == "l" and (number, "r") in sides]  # fmt: skip
        swapped = {left.key: right for left, right in pairs if places[left.key] + 1 == places[right.key]}
        if swapped:
            left = min((left for left, _ in pairs if left.key in swapped), key=lambda page: places[page.key])
            more = f", and so in {plural(len(swapped) - 1, 'more pair')}" if len(swapped) > 1 else ""
            yield warning(
                "left-before-right",
                f"{short_name(left)} stands before {short_name(swapped[left.key])}, as halves of a spread{more}.",
                "Right halves come first where pages are read from right to left.", left,
                LineUp(_turned(order, swapped), "Put right halves first"),
            )  # fmt: skip


def _turned(order: PageOrder, swapped: dict[str, Page]) -> tuple[str, ...]:
    """Keys of all pages, each left half of these behind its right one."""
    rights = {right.key for right in swapped.values()}
    keys: list[str] = []
    for page in order.pages:
        if page.key in swapped:
            keys += [swapped[page.key].key, page.key]
        elif page.key not in rights:
            keys.append(page.key)
    return tuple(keys)
