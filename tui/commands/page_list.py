"""`--order` of `dexup edit`: which pages a chapter has, and in which order."""

from __future__ import annotations

NEW = 0
"""Stands for all new pages; the chapter's own count from 1."""


def parse_page_list(text: str, count: int, *, new: bool) -> list[int]:
    """The pages that `text` lists, of a chapter with `count` pages: numbers, ranges and the word new, with
    commas between them ("1-4,new,6-", where "6-" goes on to the last page).

    `new` says whether there are new pages, which must be listed then. ValueError says what is wrong.
    """
    listed: list[int] = []
    for part in (part.strip().lower() for part in text.split(",")):
        listed += [NEW] if part == "new" else _numbers(part, count)
    twice = next((number for place, number in enumerate(listed) if number in listed[:place]), None)
    if twice is not None:
        raise ValueError(f"{'new' if twice == NEW else f'page {twice}'} is listed twice")
    if NEW in listed and not new:
        raise ValueError("new stands for the pages of --pages, which is not given")
    if new and NEW not in listed:
        raise ValueError("the word new is missing: it says where the pages of --pages go")
    return listed


def _numbers(part: str, count: int) -> list[int]:
    first, dash, last = part.partition("-")
    ends = [first, last or str(count)] if dash else [first, first]
    if not all(end.isascii() and end.isdecimal() and len(end) < 6 for end in ends):
        raise ValueError(f"{part!r} is neither a page number, nor a range such as 3-7, nor the word new")
    low, high = (int(end) for end in ends)
    if not 1 <= low <= high <= count:
        raise ValueError(f"{part} is not among the pages 1 to {count}")
    return list(range(low, high + 1))
