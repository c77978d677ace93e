"""What is to be known before an upload starts: is the chapter there already, will staff look at it, what will it
cost. Asks the service and reads the receipts; changes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Protocol, TypeVar

from tui.chapter.details import ChapterDetails, groups_overlap
from tui.mangadex.errors import Banned, CaptchaRequired, LoginRequired, MangaDexError
from tui.mangadex.models import Chapter, Collection, Group, User
from tui.upload.batches import BatchLimits, take_batch
from tui.upload.options import EngineOptions
from tui.upload.proofs.proof import Proof, Standing, state_words
from tui.upload.receipts import Receipt
from tui.upload.search import group_warnings
from tui.upload.sent_before import sent_before

T = TypeVar("T")

CHAPTER_LINK = "https://mangadex.org/chapter/"
_MOST_PAGES = 5
"""Pages of a list that are read; without a number the service lists every chapter of the language."""
_PAGE = 100
_PART_BYTES = 180
"""Head of one part of a multipart body, about."""
_OTHER_REQUESTS = 4
"""Besides the pages: the open session, the beginning, the gate, the commit."""


class Lists(Protocol):
    """What is asked of the service."""

    async def chapters(
        self, *, manga_id: str = "", chapter: str | None = None, language: str = "", limit: int, offset: int
    ) -> Collection[Chapter]: ...

    async def approval_required(self, manga_id: str, language: str) -> bool: ...

    async def groups(self, group_ids: Sequence[str]) -> tuple[Group, ...]: ...

    async def me(self) -> User: ...


@dataclass(frozen=True, slots=True)
class SameChapter:
    """A chapter of the same manga, number and language. Its texts need not be safe."""

    chapter_id: str
    """Empty for a commit whose outcome is not known."""
    when: datetime | None
    groups: tuple[str, ...]
    volume: str | None
    title: str | None
    pages: int | None
    state: str = ""
    """"scheduled", "unavailable", or the standing of our own receipt; empty when it is simply there."""
    own: bool = False
    """Committed from this machine."""
    same_group: bool = True
    """By one of these groups, or by none as well; another group's release is not a duplicate. (The volume is
    shown, but does not count: it is often filled in later; 5.3.)"""

    @property
    def link(self) -> str:
        return CHAPTER_LINK + self.chapter_id if self.chapter_id else ""


@dataclass(frozen=True, slots=True)
class Cost:
    """What an upload takes, when nothing has to be repeated."""

    requests: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Before:
    """Everything there is to know."""

    same: tuple[SameChapter, ...] = ()
    """Duplicates: they want a decision."""
    others: tuple[SameChapter, ...] = ()
    """Releases of the same chapter by other groups: good to know."""
    sent: tuple[Receipt, ...] = ()
    """Other chapters that were committed from here with these very pages: they want a decision, too."""
    needs_approval: bool | None = None
    """None when nobody could say."""
    groups: tuple[Group, ...] = ()
    """The chapter's groups as the service knows them."""
    group_doubts: tuple[str, ...] = ()
    """What speaks against uploading for these groups: locked, inactive, gone."""
    problems: tuple[str, ...] = ()
    """What could not be asked, in words."""
    lists_failed: MangaDexError | None = None
    """Why it is not known whether the chapter is there already."""


async def look_before(
    client: Lists,
    details: ChapterDetails,
    receipts: Sequence[Receipt],
    proofs: Mapping[str, Proof],
    own_id: str = "",
    hashes: Sequence[str] = (),
) -> Before:
    """Ask the service, three questions at once, and the receipts; `own_id` is the user who is logged in (asked for
    where a group is locked and it is not known), `hashes` are the pages' SHA-256.

    What cannot be asked is a problem and stops nothing, except for LoginRequired, Banned and CaptchaRequired,
    which are raised: nothing after them would work either.
    """
    now = datetime.now(UTC)
    chapters, approval, asked = await asyncio.gather(
        _asked(_chapters(client, details)),
        _asked(client.approval_required(details.manga_id, details.language)),
        _asked(_groups(client, details.group_ids)),
    )
    answers = (
        ("whether the chapter is there already", chapters),
        ("whether staff has to approve it", approval),
        ("the groups", asked),
    )
    failed = [(what, answer) for what, answer in answers if isinstance(answer, MangaDexError)]
    for _, error in failed:
        if isinstance(error, LoginRequired | Banned | CaptchaRequired):
            raise error
    lists_failed = chapters if isinstance(chapters, MangaDexError) else None
    found = [] if isinstance(chapters, MangaDexError) else [_listed(one, details, now) for one in chapters]
    needs_approval = None if isinstance(approval, MangaDexError) else approval
    groups = () if isinstance(asked, MangaDexError) else asked
    if not own_id and any(group.locked for group in groups):
        me = await _asked(client.me())  # a member may upload for it
        own_id = "" if isinstance(me, MangaDexError) else me.id
    group_doubts = (
        [] if isinstance(asked, MangaDexError) else group_warnings(groups, details.group_ids, own_id)
    )
    merged = list(_merge(found, _own(details, receipts, proofs, now)))
    elsewhere = [receipt for receipt in receipts if not _same(receipt, details)]
    sent = sent_before(elsewhere, proofs, hashes, now.timestamp())
    told = {receipt.chapter_id for receipt in sent}
    return Before(
        same=tuple(chapter for chapter in merged if chapter.same_group),
        others=tuple(one for one in merged if not one.same_group and one.chapter_id not in told),
        sent=sent,
        needs_approval=needs_approval,
        groups=groups,
        group_doubts=tuple(group_doubts),
        problems=tuple(f"{what} ({error})" for what, error in failed),
        lists_failed=lists_failed,
    )


def cost_of(sizes: Sequence[int], options: EngineOptions | None = None) -> Cost:
    """Requests and bytes for pages of these sizes (bytes)."""
    limits = BatchLimits.start(options or EngineOptions())
    requests, left = 0, list(sizes)
    while left:
        left = left[take_batch(left, limits) :]
        requests += 1
    return Cost(requests + _OTHER_REQUESTS, sum(sizes) + _PART_BYTES * len(sizes))


async def _asked(question: Awaitable[T]) -> T | MangaDexError:
    """The answer, or what came in its place: one question that fails must not take the others along."""
    try:
        return await question
    except MangaDexError as error:
        return error


async def _groups(client: Lists, group_ids: Sequence[str]) -> tuple[Group, ...]:
    return await client.groups(group_ids) if group_ids else ()


async def _chapters(client: Lists, details: ChapterDetails) -> list[Chapter]:
    """All of the same number and language. Filters are not relied upon: one client found that only some of
    them work, and there is none for "no number" (5.3)."""
    found: list[Chapter] = []
    for page in range(_MOST_PAGES):
        answer = await client.chapters(
            manga_id=details.manga_id,
            chapter=details.chapter,
            language=details.language,
            limit=_PAGE,
            offset=page * _PAGE,
        )
        found += answer.items
        if len(answer.items) < _PAGE or len(found) >= answer.total:
            break
    return [
        chapter
        for chapter in found
        if (chapter.chapter or None) == details.chapter and chapter.language == details.language
    ]


def _listed(chapter: Chapter, details: ChapterDetails, now: datetime) -> SameChapter:
    shown = [moment for moment in (chapter.publish_at, chapter.readable_at) if moment is not None]
    state = "scheduled" if any(moment > now for moment in shown) else ""
    if chapter.is_unavailable:
        state = "unavailable"
    elif not state and chapter.pages == 0 and not chapter.external_url:
        state = "without pages"
    return SameChapter(
        chapter_id=chapter.id,
        when=chapter.created_at,
        groups=tuple(n or i for i, n in zip(chapter.group_ids, chapter.group_names, strict=True)),
        volume=chapter.volume or None,
        title=chapter.title or None,
        pages=chapter.pages,
        state=state,
        same_group=groups_overlap(chapter.group_ids, details.group_ids),
    )


def in_doubt(details: ChapterDetails, doubted: Sequence[Receipt]) -> Receipt | None:
    """The commit of this very chapter of which nobody has found out yet what became."""
    return next((receipt for receipt in doubted if _same(receipt, details)), None)


def _same(receipt: Receipt, details: ChapterDetails) -> bool:
    return _is_of(receipt, details) and groups_overlap(receipt.group_ids, details.group_ids)


def _is_of(receipt: Receipt, details: ChapterDetails) -> bool:
    return not receipt.edited and (receipt.manga_id, receipt.chapter, receipt.language) == (
        details.manga_id,
        details.chapter,
        details.language,
    )


def _own(
    details: ChapterDetails, receipts: Sequence[Receipt], proofs: Mapping[str, Proof], now: datetime
) -> Iterator[SameChapter]:
    for receipt in receipts:
        if not _is_of(receipt, details):
            continue
        words = state_words(proofs.get(receipt.plan_id), receipt, now.timestamp())
        if words == Standing.HIDDEN:
            continue  # it was deleted: uploading it anew is what one does then
        yield SameChapter(
            chapter_id=receipt.chapter_id,
            when=receipt.committed_at,
            groups=receipt.group_names,
            volume=receipt.volume,
            title=receipt.title,
            pages=receipt.pages,
            state=words,
            own=True,
            same_group=groups_overlap(receipt.group_ids, details.group_ids),
        )


def _merge(listed: list[SameChapter], own: Iterable[SameChapter]) -> Iterator[SameChapter]:
    """What the service lists is newer than a receipt of it, which only says whose it is."""
    receipts = list(own)
    ours = {chapter.chapter_id for chapter in receipts}
    known = {chapter.chapter_id for chapter in listed}
    for chapter in listed:
        yield replace(chapter, own=chapter.chapter_id in ours)
    for chapter in receipts:
        if chapter.chapter_id not in known:  # nor is a commit without an answer, which has none
            yield chapter
