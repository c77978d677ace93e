"""Words that change the order of the pages, and what is said of each change. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tui.chapter.order import PageOrder, SortBy
from tui.chapter.pages import Page
from tui.text import format_size, plural

HELP = (
    "list: every page. list 5: page 5. list 5-9: pages 5 to 9.",
    "move 3 10: page 3 becomes page 10. move 3-5 1: three pages go to the beginning.",
    "up 3, down 3: one place. up 3-5 moves three pages.",
    "out 7: leave page 7 out. in 7: take it in again. 7-9 is a run of pages.",
    "sort natural, plain, time, size or pixels; sort natural reversed.",
    "undo, redo: the last change.",
    "find WORDS: pages whose names hold them.",
    "problems: what the checks found.",
    "ready: go on to the details of the chapter. back: another chapter. quit: leave dexup.",
)
"""What can be typed."""

_SORTS = {by.value: by for by in SortBy if by is not SortBy.MANUAL}


class NotUnderstood(Exception):
    """What is wrong with what was typed, as a sentence."""


@dataclass(frozen=True, slots=True)
class Done:
    """The order after a command, and what to say."""

    order: PageOrder
    lines: tuple[str, ...]


def change(order: PageOrder, typed: str) -> Done:
    """Do what was typed. NotUnderstood says why it cannot be done."""
    word, *rest = typed.casefold().split()
    match word:
        case "list" | "l":
            return Done(order, tuple(_listed(order, _run(order, rest[0]) if rest else order.pages)))
        case "find":
            wanted = typed.split(maxsplit=1)[1].casefold() if rest else ""
            found = [page for page in order.pages if wanted and wanted in page.name.casefold()]
            return Done(order, tuple(_listed(order, found)) or ("No page is called so.",))
        case "move" | "up" | "down":
            return _moved(order, word, rest)
        case "out" | "in":
            return _left_out(order, word, rest)
        case "sort":
            return _sorted(order, rest)
        case "undo" | "redo":
            now = order.undo() if word == "undo" else order.redo()
            if now is order:
                raise NotUnderstood(f"There is nothing to {word}.")
            verb = "Taken back" if word == "undo" else "Done again"
            return Done(now, (f"{verb}. {first_difference(order, now)}",))
    raise NotUnderstood(f"{word} is not a word that is known here. A question mark lists them.")


def summary(order: PageOrder) -> str:
    """The chapter in one sentence."""
    size = format_size(sum(page.size for page in order.included))
    out = f", {len(order.excluded)} left out" if order.excluded else ""
    return f"{plural(len(order.included), 'page')}, {size}, in {order.sort.value} order{out}."


def describe_page(order: PageOrder, page: Page) -> str:
    """One page: its place, its name, and what it is."""
    place = order.pages.index(page) + 1
    out = ", left out" if page.key in order.excluded else ""
    pixels = f"{page.width} by {page.height}" if page.width else "size in pixels not known"
    return f"{place}{out}: {page.name}, {page.type.value}, {pixels}, {format_size(page.size)}"


def first_difference(before: PageOrder, now: PageOrder) -> str:
    """Where two orders begin to differ, in words."""
    for place, (old, new) in enumerate(zip(before.pages, now.pages, strict=False), 1):
        if old.key != new.key:
            return f"Page {place} is now {new.name}."
    for page in now.pages:
        if (page.key in now.excluded) != (page.key in before.excluded):
            return f"{page.name} is {'left out' if page.key in now.excluded else 'in'} again."
    return summary(now)


def _listed(order: PageOrder, pages: Sequence[Page]) -> list[str]:
    return [describe_page(order, page) for page in pages]


def _moved(order: PageOrder, word: str, rest: list[str]) -> Done:
    if not rest or (word == "move" and len(rest) < 2):
        raise NotUnderstood(
            "Say which page and where to: move 3 10." if word == "move" else f"Say which page: {word} 3."
        )
    pages = _run(order, rest[0])
    keys = [page.key for page in pages]
    if word == "move":
        now = order.move_to(keys, _place(order, rest[-1]))
    else:
        now = order.move(keys, -1 if word == "up" else 1)
    if now is order or now.pages == order.pages:
        return Done(order, ("It is there already.",))
    first = now.pages.index(next(page for page in now.pages if page.key == keys[0])) + 1
    if len(pages) == 1:
        said = f"{pages[0].name} is now page {first}"
    else:
        said = f"{pages[0].name} to {pages[-1].name} are now pages {first} to {first + len(pages) - 1}"
    return Done(now, (f"{said}, {_between(now, first, first + len(pages) - 1)}.",))


def _between(order: PageOrder, first: int, last: int) -> str:
    before = f"after {order.pages[first - 2].name}" if first > 1 else "at the beginning"
    after = f"before {order.pages[last].name}" if last < len(order.pages) else "at the end"
    return (
        f"{before} and {after}" if first > 1 and last < len(order.pages) else before if first == 1 else after
    )


def _left_out(order: PageOrder, word: str, rest: list[str]) -> Done:
    if not rest:
        raise NotUnderstood(f"Say which page: {word} 7.")
    pages = _run(order, rest[0])
    keys = [page.key for page in pages]
    now = order.exclude(keys) if word == "out" else order.include(keys)
    names = pages[0].name if len(pages) == 1 else f"{pages[0].name} to {pages[-1].name}"
    state = "left out" if word == "out" else "in the chapter"
    return Done(now, (f"{names}: {state}. {plural(len(now.included), 'page')} will be uploaded.",))


def _sorted(order: PageOrder, rest: list[str]) -> Done:
    by = _SORTS.get(rest[0]) if rest else None
    if by is None or rest[1:] not in ([], ["reversed"]):
        raise NotUnderstood(f"Say by what: sort {', '.join(_SORTS)}; with reversed behind it if wanted.")
    now = order.sorted(by, reverse=bool(rest[1:]))
    return Done(now, (f"Sorted. The first page is {now.pages[0].name}, the last {now.pages[-1].name}.",))


def _run(order: PageOrder, text: str) -> list[Page]:
    """ "5" or "5-9" as pages."""
    found = re.fullmatch(r"(\d{1,6})(?:-(\d{1,6}))?", text)
    if found is None:
        raise NotUnderstood(f"{text} is not a page number, nor a run such as 5-9.")
    first = _place(order, found[1])
    last = _place(order, found[2]) if found[2] else first
    if last < first:
        raise NotUnderstood(f"{text} runs backwards.")
    return list(order.pages[first - 1 : last])


def _place(order: PageOrder, text: str) -> int:
    if not (text.isascii() and text.isdigit()) or not 1 <= int(text) <= len(order.pages):
        raise NotUnderstood(f"{text} is not one of the pages 1 to {len(order.pages)}.")
    return int(text)
