"""What the details screen asks the service."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tui.chapter.details import ChapterDetails
from tui.chapter.references import parse_reference
from tui.mangadex.client import MangaDex
from tui.mangadex.models import Chapter, Group, Manga
from tui.services import Services
from tui.widgets.search_box import Result


@dataclass(frozen=True, slots=True)
class Standing:
    """What the service says of a chapter before it is uploaded."""

    same: tuple[Chapter, ...] = ()
    """Chapters with this number in this language by one of these groups."""
    needs_approval: bool = False


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


async def look_before(services: Services, details: ChapterDetails) -> Standing:
    """Is the chapter there already, and will staff have to approve it?"""

    async def job(client: MangaDex) -> Standing:
        found = await client.chapters(
            manga_id=details.manga_id, chapter=details.chapter, language=details.language
        )
        needs_approval = await client.approval_required(details.manga_id, details.language)
        return Standing(tuple(c for c in found.items if _same(c, details)), needs_approval)

    return await services.engine.ask(job)


def _same(chapter: Chapter, details: ChapterDetails) -> bool:
    groups = set(chapter.group_ids)
    return (
        chapter.chapter == details.chapter
        and chapter.language == details.language
        and (bool(groups & set(details.group_ids)) or groups == set(details.group_ids))
    )


def _manga(manga: Manga) -> Result:
    notes = [*manga.authors[:1], *([str(manga.year)] if manga.year else []), manga.content_rating]
    if manga.state != "published":
        notes.append(manga.state)
    return Result(manga.id, manga.title or manga.id, ", ".join(note for note in notes if note))


def _group(group: Group) -> Result:
    notes = ["locked: only members may upload"] if group.locked else []
    notes += ["inactive"] if group.inactive else []
    return Result(group.id, group.name or group.id, ", ".join(notes))
