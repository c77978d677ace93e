"""Checks that look at all pages of a chapter together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from tui.chapter.findings import Finding, Severity
from tui.chapter.fixes import Exclude, ExcludeAll, Join, Lighten, MendAll
from tui.chapter.limits import Limits
from tui.chapter.pages import ImageType, Looks, Metadata, Page
from tui.chapter.sources import Skipped
from tui.text import format_size, plural

_NAMED = 3
SLIVER = "sliver"
_SLIVER = 4
"""A page so many times as wide as high is no page but a piece of one."""
ALL_LEFT_OUT = Finding(Severity.ERROR, "no-pages", "Every page is left out.", "x takes a page in again.")
"""In place of the finding that there are no pages."""
_ALIKE_BITS = 6
"""Of 256. Few pages differ in so little, and the same page in another quality does."""
_ALIKE_GREY = 32
"""Of 255. No place of the same page in another quality differs by more."""


def _check_any(pages: Sequence[Page], skipped: Sequence[Skipped], _: Limits) -> Iterator[Finding]:
    if pages:
        return
    files = f" ({plural(len(skipped), 'file')} skipped)" if skipped else ""
    yield Finding(
        Severity.ERROR, ALL_LEFT_OUT.rule, f"There are no pages{files}.",
        "Choose a folder or archive with images.",
    )  # fmt: skip


def _check_count(pages: Sequence[Page], _: Sequence[Skipped], limits: Limits) -> Iterator[Finding]:
    over = len(pages) - limits.session_files
    if over > 0:
        yield Finding(
            Severity.ERROR, "too-many-pages",
            f"{len(pages):,} pages; an upload session takes {limits.session_files}.",
            f"Leave out {over:,}, or make several chapters of it.",
            fix=ExcludeAll(
                frozenset(page.key for page in pages[limits.session_files :]), f"Leave the last {over:,} out"
            ),
        )  # fmt: skip


def _check_total(pages: Sequence[Page], _: Sequence[Skipped], limits: Limits) -> Iterator[Finding]:
    total = sum(page.size for page in pages)
    if total <= limits.session_bytes:
        return
    exact = f" ({total:,} bytes)" if format_size(total) == format_size(limits.session_bytes) else ""
    yield Finding(
        Severity.ERROR, "chapter-too-large",
        f"{format_size(total)}{exact} in all; an upload session takes {format_size(limits.session_bytes)}.",
        f"Save {format_size(total - limits.session_bytes)}: the largest pages smaller, or several chapters.",
        fix=Lighten(),
    )  # fmt: skip


def _check_same_content(pages: Sequence[Page], _: Sequence[Skipped], __: Limits) -> Iterator[Finding]:
    """Every page but the first of those with the same bytes."""
    first: dict[str, tuple[int, Page]] = {}
    for number, page in enumerate(pages, 1):
        if not page.sha256 or not page.size:
            continue
        if page.sha256 not in first:
            first[page.sha256] = (number, page)
            continue
        before, other = first[page.sha256]
        yield Finding(
            Severity.WARNING, "same-content",
            f"Page {number} is byte for byte the same as page {before} ({other.name}).",
            "Leave one of them out, unless it is meant to come twice.",
            page=page.key, fix=Exclude(page.key),
        )  # fmt: skip


def _check_alike(pages: Sequence[Page], _: Sequence[Skipped], __: Limits) -> Iterator[Finding]:
    """Pages that look like one before them: the same page saved twice, often in another quality."""
    seen: list[tuple[int, Page, Looks]] = []
    for number, page in enumerate(pages, 1):
        looks = page.looks
        if looks is None:
            continue
        for before, other, others in seen:
            if (looks.bits ^ others.bits).bit_count() > _ALIKE_BITS or page.sha256 == other.sha256:
                continue
            same_shape = abs(page.width * other.height - other.width * page.height) * 50 <= page.pixels
            if same_shape and _alike(looks.grey, others.grey):
                yield Finding(
                    Severity.WARNING, "alike",
                    f"Page {number} looks almost like page {before} ({other.name}).",
                    "Compare them with p; leave one out if it is the same page.",
                    page=page.key, fix=Exclude(page.key),
                )  # fmt: skip
                break
        seen.append((number, page, looks))


def _alike(one: bytes, other: bytes) -> bool:
    return all(abs(a - b) <= _ALIKE_GREY for a, b in zip(one, other, strict=True))


def _check_metadata(pages: Sequence[Page], _: Sequence[Skipped], __: Limits) -> Iterator[Finding]:
    """One note for all; what tells a place is said of each page."""
    telling = [page for page in pages if page.metadata and page.type in (ImageType.JPEG, ImageType.PNG)]
    if any(page.metadata is Metadata.SOME for page in telling):
        yield Finding(
            Severity.NOTE, "metadata",
            f"{plural(len(telling), 'page')} with metadata, such as camera, program or editing history.",
            "Nothing to do; it can be taken out without changing a pixel.",
            fix=MendAll(tuple(page.key for page in telling), "strip", "Take the metadata out"),
        )  # fmt: skip


def _check_slivers(pages: Sequence[Page], _: Sequence[Skipped], limits: Limits) -> Iterator[Finding]:
    """A low piece, as wide as the page beside it: what a cutting tool left over."""
    for place, page in enumerate(pages):
        if not _is_sliver(page):
            continue
        for other in (place - 1, place + 1):
            if not 0 <= other < len(pages):
                continue
            beside = pages[other]
            together = page.height + beside.height
            if beside.width != page.width or beside.height <= page.height or together >= limits.pixels_below:
                continue
            if not _can_be_joined(beside):
                continue
            yield Finding(
                Severity.WARNING, SLIVER,
                f"{page.width:,} × {page.height:,} pixels: a sliver, as wide as page {other + 1} ({beside.name}).",
                f"Join it to page {other + 1} if it is a piece of that.",
                page=page.key, fix=Join(tuple(pages[one].key for one in sorted((place, other)))),
            )  # fmt: skip
            break


def _is_sliver(page: Page) -> bool:
    return 0 < page.height * _SLIVER <= page.width and _can_be_joined(page)


def _can_be_joined(page: Page) -> bool:
    return not (page.animated or page.problem or page.remote_id) and page.complete


def _check_skipped(_: Sequence[Page], skipped: Sequence[Skipped], __: Limits) -> Iterator[Finding]:
    """One note for each reason."""
    names: dict[str, list[str]] = {}
    for one in skipped:
        names.setdefault(one.reason, []).append(one.name)
    for reason, those in names.items():
        more = f" and {len(those) - _NAMED:,} more" if len(those) > _NAMED else ""
        listed = ", ".join(those[:_NAMED])
        unread = reason.startswith("cannot be read")
        yield Finding(
            Severity.WARNING if unread else Severity.NOTE, "skipped",
            f"{plural(len(those), 'file')} skipped, {reason}: {listed}{more}.",
            "Check the file if pages are missing." if unread else "Nothing to do, unless pages are missing.",
        )  # fmt: skip


CHAPTER_CHECKS: tuple[Callable[[Sequence[Page], Sequence[Skipped], Limits], Iterator[Finding]], ...] = (
    _check_any,
    _check_count,
    _check_total,
    _check_same_content,
    _check_alike,
    _check_slivers,
    _check_metadata,
    _check_skipped,
)
