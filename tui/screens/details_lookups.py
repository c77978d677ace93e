"""What the details screen asks the service."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from tui.chapter.details import ChapterDetails
from tui.chapter.references import parse_reference
from tui.mangadex.models import Group, Manga
from tui.services import Services
from tui.upload.before import Before, look_before
from tui.upload.ledger_file import LedgerError
from tui.widgets.search_box import Result


async def search_manga(services: Services, text: str) -> Sequence[Result]:
    """Titles by name, or the one whose id or link is in `text`."""
    manga_id = parse_reference(text, "manga")
    if manga_id is not None:
        return [_manga(await services.engine.ask(lambda client: client.manga(manga_id)))]
    found = await services.engine.ask(lambda client: client.search_manga(text))
    return [_manga(manga) for manga in found.items]


async def search_groups(services: Services, text: str) -> Sequence[Result]:
    """Groups by name, or the one whose id or link is in `text`."""
    group_id = parse_reference(text, "group")
    if group_id is not None:
        return [_group(await services.engine.ask(lambda client: client.group(group_id)))]
    found = await services.engine.ask(lambda client: client.search_groups(text))
    return [_group(group) for group in found.items]


async def exact_manga(services: Services, title: str) -> Result | None:
    """The only title that is called exactly so, by its own or an alternative name."""
    found = await services.engine.ask(lambda client: client.search_manga(title))
    wanted = title.casefold()
    same = [m for m in found.items if wanted in (name.casefold() for name in (m.title, *m.alt_titles))]
    return _manga(same[0]) if len(same) == 1 else None


async def exact_group(services: Services, name: str) -> Result | None:
    """The only group that is called exactly so."""
    found = await services.engine.ask(lambda client: client.search_groups(name))
    wanted = name.casefold()
    same = [g for g in found.items if wanted in (own.casefold() for own in (g.name, *g.alt_names))]
    return _group(same[0]) if len(same) == 1 else None


async def before_upload(services: Services, details: ChapterDetails) -> Before:
    """Is the chapter there already, and will staff have to approve it? MangaDexError when nothing can be asked."""
    unread: tuple[str, ...] = ()
    try:
        receipts = await asyncio.wrap_future(services.engine.receipts())
        proofs = await asyncio.wrap_future(services.engine.proofs())
    except LedgerError as error:
        receipts, proofs = [], {}
        unread = (f"your own uploads ({error})",)
    before = await services.engine.ask(lambda client: look_before(client, details, receipts, proofs))
    return replace(before, problems=(*before.problems, *unread))


def _manga(manga: Manga) -> Result:
    notes = [*manga.authors[:1], *([str(manga.year)] if manga.year else []), manga.content_rating]
    if manga.state != "published":
        notes.append(manga.state)
    return Result(manga.id, manga.title or manga.id, ", ".join(note for note in notes if note))


def _group(group: Group) -> Result:
    notes = ["locked: only members may upload"] if group.locked else []
    notes += ["inactive"] if group.inactive else []
    return Result(group.id, group.name or group.id, ", ".join(notes))
