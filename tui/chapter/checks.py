"""Everything wrong with a chapter, found at once.

A new finding is one more function and one more row in PAGE_CHECKS, CHAPTER_CHECKS, DOUBTS or
DETAIL_CHECKS, each in the module that has its functions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from tui.chapter.details import ChapterDetails
from tui.chapter.findings import Finding, Severity
from tui.chapter.limits import LIMITS, Limits

# The ledger needs this module at each start, and the checks never: they load time zones and readers of files, and are
# imported where they are used.
if TYPE_CHECKING:
    from tui.chapter.fixes import Exclude, Mend
    from tui.chapter.order import PageOrder
    from tui.chapter.pages import Page
    from tui.chapter.sources.base import Skipped

__all__ = ["LIMITS", "check_details", "check_order", "check_pages"]

_WEIGHT = {severity: weight for weight, severity in enumerate(Severity)}


def check_pages(
    included: Sequence[Page], skipped: Sequence[Skipped] = (), limits: Limits = LIMITS
) -> list[Finding]:
    """Findings about the pages of a chapter: errors, then warnings, then notes.

    Inside each, what concerns the chapter as a whole comes first, then page by page in their order.
    """
    from tui.chapter.chapter_checks import CHAPTER_CHECKS, SLIVER
    from tui.chapter.page_checks import PAGE_CHECKS, TINY

    found: list[Finding] = []
    for check in CHAPTER_CHECKS:
        found += check(included, skipped, limits)
    slivers = {finding.page for finding in found if finding.rule == SLIVER}
    # What is on the server, the service has taken already, and its bytes cannot be looked at.
    here = [page for page in included if not page.remote_id]
    for check_page in PAGE_CHECKS:
        for page, finding in [(page, one) for page in here if (one := check_page(page, limits)) is not None]:
            if not (finding.rule == TINY and page.key in slivers):
                found.append(replace(finding, fix=_fix_of(finding, page)))
    return _by_weight(found, included)


def _fix_of(finding: Finding, page: Page) -> Mend | Exclude | None:
    """What a key can do about a finding of one page: mend it where that is possible, or leave the page out."""
    from tui.chapter.decoders import has_decoder
    from tui.chapter.fixes import Exclude, Mend
    from tui.chapter.mending.recipes import BY_NAME, RECIPE_OF
    from tui.chapter.page_checks import NO_PAGE

    recipe = RECIPE_OF.get(finding.rule)
    if recipe is BY_NAME["convert"] and not has_decoder(page.type):
        return Exclude(page.key)
    if recipe is not None:
        return Mend(page.key, recipe.name, recipe.label)
    return Exclude(page.key) if finding.rule in NO_PAGE else None


def check_order(order: PageOrder, skipped: Sequence[Skipped] = (), limits: Limits = LIMITS) -> list[Finding]:
    """The same, and what makes the order of the pages doubtful (names on the server tell nothing of it)."""
    from tui.chapter.chapter_checks import ALL_LEFT_OUT
    from tui.chapter.doubts import find_doubts

    remote = any(page.remote_id for page in order.pages)
    doubts = [] if remote else find_doubts(order)
    found = check_pages(order.included, skipped, limits)
    if order.pages and not order.included:
        found = [ALL_LEFT_OUT if one.rule == ALL_LEFT_OUT.rule else one for one in found]
    return _by_weight([*found, *doubts], order.included)


def _by_weight(found: list[Finding], included: Sequence[Page]) -> list[Finding]:
    places = {page.key: place for place, page in enumerate(included)}
    return sorted(found, key=lambda one: (_WEIGHT[one.severity], places.get(one.page or "", -1)))


def check_details(details: ChapterDetails, *, now: datetime, limits: Limits = LIMITS) -> list[Finding]:
    """Findings about the details, errors first. `now` must be aware (have a zone)."""
    from tui.chapter.detail_checks import DETAIL_CHECKS

    found: list[Finding] = []
    for check in DETAIL_CHECKS:
        found += check(details, now, limits)
    found.sort(key=lambda finding: _WEIGHT[finding.severity])
    return found


def check_unattended(details: ChapterDetails, *, now: datetime, say_number: str) -> list[Finding]:
    """The same for an upload that nobody looks at before it starts: where nothing says a number, that is an error
    and no mere warning, with `say_number` for a remedy. It stands first."""
    from tui.chapter.detail_checks import number_unsaid

    found, unsaid = check_details(details, now=now), number_unsaid(details, say_number)
    return [*unsaid, *(one for one in found if one.rule != "chapter-missing")] if unsaid else found
