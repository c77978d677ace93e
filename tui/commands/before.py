"""What `dexup upload` asks about a chapter, and says: releases that are there already, approval, requests and bytes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence

from tui.chapter.details import ChapterDetails
from tui.commands.console import Console
from tui.commands.patience import patiently
from tui.commands.running import ask
from tui.mangadex.client import MangaDex
from tui.mangadex.models import Manga
from tui.services import Services
from tui.upload.before import Before, Cost, Lists, SameChapter, look_before
from tui.upload.before_words import same_words, sent_lines
from tui.upload.receipts import Receipt


def ask_before(
    services: Services, console: Console, details: ChapterDetails, hashes: Sequence[str]
) -> tuple[Manga, Before]:
    """Ask before anything is sent: the service for the title and everything else at once, and the receipts. `hashes`
    are the pages' SHA-256.

    MangaDexError when the title is not there, nobody is logged in or the service shuts us out.
    """
    look = look_with(services, details, hashes)

    async def job(client: MangaDex) -> tuple[Manga, Before]:
        before = asyncio.create_task(look(client))
        try:
            return await client.manga(details.manga_id), await before
        finally:
            before.cancel()
            await asyncio.gather(before, return_exceptions=True)

    return patiently(services, console, lambda: ask(services, job))


def look_with(
    services: Services, details: ChapterDetails, hashes: Sequence[str]
) -> Callable[[Lists], Coroutine[object, object, Before]]:
    """Look, with a client, at everything but the title. Blocking: the ledger is read now."""
    receipts = services.engine.records.commits().result()
    proofs = services.engine.records.proofs().result()
    return lambda client: look_before(client, details, receipts, proofs, services.accounts.user_id, hashes)


def say_before(console: Console, before: Before, cost: Cost) -> None:
    """Say all of it, as lines or as one record "before"."""
    for chapter in before.same:
        where = chapter.link or "a commit of which the outcome is not known"
        console.warn(f"dexup: this chapter is already there: {where} ({same_words(chapter)})")
    for line in sent_lines(before.sent):
        console.warn(f"dexup: {line}" if not line.startswith(" ") else line)
    if before.others:
        console.line(f"Other releases of this chapter: {len(before.others)}")
        for chapter in before.others[:5]:
            console.line(f"    {same_words(chapter)} {chapter.link}".rstrip())
    if before.needs_approval:
        console.line("The chapter will wait for approval by the staff.")
    for doubt in before.group_doubts:
        console.warn(f"dexup: {doubt}")
    for problem in before.problems:
        console.warn(f"dexup: {problem} could not be looked up")
    console.record(
        {
            "event": "before",
            "duplicates": [_record(chapter) for chapter in before.same],
            "same_pages": [_record_of(receipt) for receipt in before.sent],
            "other_releases": [_record(chapter) for chapter in before.others],
            "needs_approval": before.needs_approval,
            "group_doubts": list(before.group_doubts),
            "requests": cost.requests,
            "bytes": cost.bytes,
            "problems": list(before.problems),
        }
    )


def _record_of(receipt: Receipt) -> dict[str, object]:
    return {
        "chapter_id": receipt.chapter_id,
        "date": receipt.committed_at,
        "manga_id": receipt.manga_id,
        "chapter": receipt.chapter,
        "language": receipt.language,
        "source": str(receipt.source),
    }


def _record(chapter: SameChapter) -> dict[str, object]:
    return {
        "chapter_id": chapter.chapter_id,
        "link": chapter.link,
        "date": chapter.when,
        "groups": list(chapter.groups),
        "volume": chapter.volume,
        "title": chapter.title,
        "pages": chapter.pages,
        "state": chapter.state,
        "own": chapter.own,
    }
