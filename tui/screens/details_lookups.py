"""What the details screen asks the service."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from tui.chapter.claims import Named, plain
from tui.chapter.details import ChapterDetails
from tui.chapter.pages import Page
from tui.mangadex.models import Group, Manga
from tui.screens.details_form import DetailsForm
from tui.services import Services
from tui.text import format_age
from tui.upload.before import Before, look_before
from tui.upload.ledger_file import LedgerError
from tui.upload.search import Answer, group_note, manga_note
from tui.widgets.search_results import Result, SearchAnswer

_NEW_SECONDS = 600.0


async def find_manga(services: Services, text: str, fresh: bool = False) -> SearchAnswer:
    """Titles by name, id or link."""
    answer = await services.search.manga(text, fresh=fresh)
    return SearchAnswer([_manga(manga, text) for manga in answer.found], _said_of(answer))


async def find_groups(services: Services, text: str, fresh: bool = False) -> SearchAnswer:
    """Groups by name, id or link."""
    answer = await services.search.groups(text, fresh=fresh)
    return SearchAnswer([_group(services, group, text) for group in answer.found], _said_of(answer))


async def search_manga(services: Services, text: str) -> Sequence[Result]:
    """The same, without what is to be said of it."""
    return (await find_manga(services, text)).results


async def search_groups(services: Services, text: str) -> Sequence[Result]:
    """The same, without what is to be said of it."""
    return (await find_groups(services, text)).results


async def exact_manga(services: Services, title: str) -> Result | None:
    """The only title that is called exactly so, by its own or an alternative name."""
    found = (await services.search.manga(title)).found
    wanted = title.casefold()
    same = [m for m in found if wanted in (name.casefold() for name in (m.title, *m.alt_titles))]
    return _manga(same[0]) if len(same) == 1 else None


async def look_for_namesake(services: Services, form: DetailsForm) -> None:
    """Where another title was chosen before for what a source says, the one that is called so is at hand."""
    learned = form.learned
    if learned.id and plain(learned.word) != plain(learned.name):
        found = await exact_manga(services, learned.word)
        if found is not None:
            form.offer_namesake(Named(found.id, found.name))


async def exact_group(services: Services, name: str) -> Result | None:
    """The only group that is called exactly so."""
    found = (await services.search.groups(name)).found
    wanted = name.casefold()
    same = [g for g in found if wanted in (own.casefold() for own in (g.name, *g.alt_names))]
    return _group(services, same[0]) if len(same) == 1 else None


def used_before(services: Services) -> tuple[list[Result], list[Result]]:
    """Titles and groups of the uploads before, the newest first. Blocking: a small file."""
    manga, groups = services.memory.used()
    return (
        [Result(own_id, name or own_id, "used before") for own_id, name in manga],
        [Result(own_id, name or own_id, "used before") for own_id, name in groups],
    )


async def before_upload(services: Services, details: ChapterDetails, pages: Sequence[Page]) -> Before:
    """Is the chapter there already, were its pages committed before, and will staff have to approve it?
    MangaDexError when nothing can be asked."""
    unread: tuple[str, ...] = ()
    try:
        receipts = await asyncio.wrap_future(services.engine.records.commits())
        proofs = await asyncio.wrap_future(services.engine.records.proofs())
    except LedgerError as error:
        receipts, proofs = [], {}
        unread = (f"your own uploads ({error})",)
    before = await services.engine.ask(
        lambda client: look_before(
            client, details, receipts, proofs, services.accounts.user_id, [page.sha256 for page in pages]
        )
    )
    return replace(before, problems=(*before.problems, *unread))


def _manga(manga: Manga, text: str = "") -> Result:
    return Result(manga.id, manga.title or manga.id, manga_note(manga, text))


def _group(services: Services, group: Group, text: str = "") -> Result:
    return Result(group.id, group.name or group.id, group_note(group, text, services.accounts.user_id))


def _said_of(answer: Answer[Manga] | Answer[Group]) -> str:
    if answer.problem:
        return f"as of {format_age(answer.age)}: {answer.problem}"
    notes = ["type more to find others"] if answer.may_be_more else []
    notes += [f"as of {format_age(answer.age)}, f5 asks anew"] if answer.age > _NEW_SECONDS else []
    return " · ".join(notes)
