"""Making a doubt of words; shared by the modules that have them."""

from __future__ import annotations

from tui.chapter.findings import Finding, Severity
from tui.chapter.fixes import Look, OrderFix
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
