"""Making a doubt of words; shared by the modules that have them."""

from __future__ import annotations

import re
from functools import lru_cache

from tui.chapter.findings import Finding, Severity
from tui.chapter.fixes import Look, OrderFix
from tui.chapter.order import PageOrder
from tui.chapter.page_numbers import stem_of
from tui.chapter.pages import Page

FEW = 5
"""Pages below which nothing is said of what most of them are like."""


def note(
    rule: str, message: str, remedy: str, page: Page | None, fix: OrderFix | Look | None = None
) -> Finding:
    return Finding(Severity.NOTE, rule, message, remedy, page=page.key if page else None, fix=fix)


def warning(
    rule: str, message: str, remedy: str, page: Page | None, fix: OrderFix | Look | None = None
) -> Finding:
    return Finding(Severity.WARNING, rule, message, remedy, page=page.key if page else None, fix=fix)


def short_name(page: Page) -> str:
    return page.name.rpartition("/")[2]


def any_named(order: PageOrder, words: re.Pattern[str]) -> bool:
    """Some included page has one of the words in its name. Which digits stand there does not count: each may be
    taken for another."""
    return words.search(_shapes(order)) is not None


_SAME = str.maketrans("123456789", "000000000")


@lru_cache(maxsize=1)
def _shapes(order: PageOrder) -> str:
    """The names of the included pages without their endings, one a line, those that are numbered alike once."""
    stems = "\n".join([stem_of(page.name) for page in order.included])
    return "\n".join(set(stems.translate(_SAME).split("\n")))
