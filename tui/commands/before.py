"""Before `dexup upload` sends anything: chapters that are there already, approval, requests and bytes."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from tui.chapter.details import ChapterDetails
from tui.commands.console import Console
from tui.commands.running import ask
from tui.mangadex.client import MangaDex
from tui.mangadex.models import Manga
from tui.services import Services
from tui.upload.before import Before, SameChapter, cost_of, cost_words, look_before, same_words


def ask_before(services: Services, details: ChapterDetails) -> tuple[Manga, Before]:
    """Ask the service for the title and everything else at once, and the receipts.

    MangaDexError when the title is not there, nobody is logged in or the service shuts us out.
    """
    receipts = services.engine.records.commits().result()
    proofs = services.engine.records.proofs().result()

    async def job(client: MangaDex) -> tuple[Manga, Before]:
        before = asyncio.create_task(
            look_before(client, details, receipts, proofs, services.accounts.user_id)
        )
        try:
            return await client.manga(details.manga_id), await before
        finally:
            before.cancel()
            await asyncio.gather(before, return_exceptions=True)

    return ask(services, job)


def say_before(services: Services, console: Console, before: Before, sizes: Sequence[int]) -> None:
    """Say all of it, as lines or as one record "before". `sizes` are the pages' bytes."""
    cost = cost_of(sizes, services.engine.options)
    for chapter in before.same:
        where = chapter.link or "a commit of which the outcome is not known"
        console.warn(f"dexup: this chapter is already there: {where} ({same_words(chapter)})")
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
    console.line(f"The upload takes {cost_words(cost)}.")
    console.record(
        {
            "event": "before",
            "duplicates": [_record(chapter) for chapter in before.same],
            "other_releases": [_record(chapter) for chapter in before.others],
            "needs_approval": before.needs_approval,
            "group_doubts": list(before.group_doubts),
            "requests": cost.requests,
            "bytes": cost.bytes,
            "problems": list(before.problems),
        }
    )


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
