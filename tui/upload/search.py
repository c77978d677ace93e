"""Finding titles and groups: by name, by id, or by any link to them; an answer is kept for a day."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import MISSING, asdict, dataclass, fields
from typing import Any, Generic, Protocol, TypeVar

from tui.chapter.references import Reference, read_reference
from tui.mangadex.catalogue import SEARCH_RESULTS
from tui.mangadex.client import MangaDex
from tui.mangadex.errors import Banned, CaptchaRequired, LoginRequired, MangaDexError, NotFound
from tui.mangadex.models import Group, Manga
from tui.storage.errors import StorageError
from tui.storage.search_cache import SearchCache

FRESH_SECONDS = 86_400.0
"""An older answer is asked for anew; it is shown all the same when the service cannot say."""
_MOST_NAMES = 40
"""Alternative names, members and the like that are kept of one entry."""

T = TypeVar("T", Manga, Group)
R = TypeVar("R")


class Asker(Protocol):
    """The engine, as far as a search needs it."""

    async def ask(self, job: Callable[[MangaDex], Awaitable[R]]) -> R: ...


class NotOfThisKind(MangaDexError):
    """A link to something else."""

    remedy = "Paste the link of the page itself, or type its name."


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """What was found, the best match first."""

    found: tuple[T, ...]
    age: float = 0.0
    """Seconds since the service said so."""
    problem: str = ""
    """Why the service could not be asked now, so that an old answer has to do."""

    @property
    def may_be_more(self) -> bool:
        """Whether it is as long as an answer can be: others may match too."""
        return len(self.found) >= SEARCH_RESULTS


class Search:
    """One for the whole process. All requests go through the engine's client and keep to its limits; cancelling
    a search cancels its request."""

    def __init__(self, engine: Asker, cache: SearchCache, api_url: str) -> None:
        self._engine = engine
        self._cache = cache
        self._api_url = api_url
        self.problem = ""
        """Why the last answer could not be kept, or empty."""

    async def manga(self, text: str, *, fresh: bool = False) -> Answer[Manga]:
        """Titles of every content rating. A chapter's link stands for its title. `fresh` asks in any case."""

        async def by_name(client: MangaDex) -> Sequence[Manga]:
            return (await client.search_manga(text)).items

        async def by_link(client: MangaDex, reference: Reference) -> Sequence[Manga]:
            manga_id = reference.id
            if reference.kind == "chapter":
                manga_id = (await client.chapter(reference.id)).manga_id
            elif reference.kind not in ("", "manga"):
                raise _wrong_kind(reference, "title")
            return [await client.manga(manga_id)]

        return await self._find(Manga, text, by_name, by_link, fresh)

    async def groups(self, text: str, *, fresh: bool = False) -> Answer[Group]:
        """Scanlation groups. A chapter's link stands for all its groups."""

        async def by_name(client: MangaDex) -> Sequence[Group]:
            return (await client.search_groups(text)).items

        async def by_link(client: MangaDex, reference: Reference) -> Sequence[Group]:
            if reference.kind == "chapter":
                return await client.groups((await client.chapter(reference.id)).group_ids)
            if reference.kind not in ("", "group"):
                raise _wrong_kind(reference, "group")
            return [await client.group(reference.id)]

        return await self._find(Group, text, by_name, by_link, fresh)

    async def _find(
        self,
        kind: type[T],
        text: str,
        by_name: Callable[[MangaDex], Awaitable[Sequence[T]]],
        by_link: Callable[[MangaDex, Reference], Awaitable[Sequence[T]]],
        fresh: bool,
    ) -> Answer[T]:
        reference = read_reference(text)
        words = f"{reference.kind}:{reference.id}" if reference else " ".join(text.casefold().split())
        key = f"{self._api_url} {kind.__name__.casefold()} {words}"
        kept = await asyncio.to_thread(self._cache.get, key)
        old = _load_all(kind, kept.value) if kept is not None else None
        if kept is not None and old is not None and not fresh and kept.age < FRESH_SECONDS:
            return Answer(old, kept.age)

        async def job(client: MangaDex) -> Sequence[T]:
            return await (by_link(client, reference) if reference is not None else by_name(client))

        try:
            found = tuple(await self._engine.ask(job))
        except (LoginRequired, Banned, CaptchaRequired, NotOfThisKind):
            raise
        except NotFound as error:
            thing = "title" if kind is Manga else "group"
            raise NotFound(f"MangaDex knows no {thing} with this id", status=error.status) from error
        except MangaDexError as error:
            if kept is None or old is None:
                raise
            return Answer(old, kept.age, error.in_short)
        try:
            await asyncio.to_thread(self._cache.put, key, [_dump(entry) for entry in found])
            self.problem = ""
        except StorageError as error:
            self.problem = str(error)  # the answer is as good without being kept
        return Answer(found)


def _wrong_kind(reference: Reference, wanted: str) -> NotOfThisKind:
    kind = "title" if reference.kind == "manga" else reference.kind
    return NotOfThisKind(f"A {kind}'s link, not a {wanted}'s")


def _dump(entry: Manga | Group) -> dict[str, Any]:
    """Only what is not empty."""
    values = asdict(entry)
    return {
        name: list(value[:_MOST_NAMES]) if isinstance(value, tuple) else value
        for name, value in values.items()
        if value
    }


def _load_all(kind: type[T], value: object) -> tuple[T, ...] | None:
    """The kept entries; None when anything about them is not what it should be."""
    if not isinstance(value, list):
        return None
    loaded = [_load(kind, entry) for entry in value]
    entries = tuple(entry for entry in loaded if entry is not None)
    return entries if len(entries) == len(loaded) else None


def _load(kind: type[T], raw: object) -> T | None:
    if not isinstance(raw, Mapping):
        return None
    values: dict[str, Any] = {}
    for field in fields(kind):
        value = raw.get(field.name)
        if value is None:
            if field.default is MISSING:
                return None
            continue
        if isinstance(value, list):
            value = tuple(value)
        plain = str if field.default is MISSING else int if field.default is None else type(field.default)
        if not isinstance(value, plain) or isinstance(value, bool) is not (plain is bool):
            return None
        if isinstance(value, tuple) and not all(isinstance(part, str) for part in value):
            return None
        values[field.name] = value
    return kind(**values)


# Words; not all of it is ours: through safe_text().


def manga_note(manga: Manga, text: str = "") -> str:
    """By whom, from when, for whom; and the name that `text` was found under, when it is not the shown one."""
    other = matching_name(text, manga.title, manga.alt_titles)
    notes = [f"= {other}"] if other else []
    notes += [" & ".join(manga.authors[:2])] if manga.authors else []
    notes += [str(manga.year)] if manga.year else []
    notes += [manga.content_rating] if manga.content_rating else []
    if manga.state != "published":
        notes.append(f"{manga.state}: takes no uploads")
    return ", ".join(notes)


def group_note(group: Group, text: str = "", own_id: str = "") -> str:
    """Who may upload for it, and the name that `text` was found under."""
    other = matching_name(text, group.name, group.alt_names)
    notes = [f"= {other}"] if other else []
    if group.locked:
        member = bool(own_id) and own_id in group.member_ids
        notes.append("locked: you are a member" if member else "locked: only members may upload")
    notes += ["official"] if group.official else []
    notes += ["inactive"] if group.inactive else []
    return ", ".join(notes)


def group_warnings(groups: Sequence[Group], wanted: Sequence[str], own_id: str = "") -> list[str]:
    """What speaks against uploading for the groups with the ids `wanted`, of which `groups` were found."""
    known = {group.id for group in groups}
    warnings = [f"MangaDex knows no group with the id {one}." for one in wanted if one not in known]
    for group in groups:
        if group.locked and not (own_id and own_id in group.member_ids):
            warnings.append(f"The group {group.name} is locked: only its members may upload for it.")
        if group.inactive:
            warnings.append(f"The group {group.name} is inactive.")
    return warnings


def matching_name(text: str, shown: str, others: Sequence[str]) -> str:
    """The other name that holds all words of `text`, "" when the shown one does or none does."""
    words = text.casefold().split()
    if not words or all(word in shown.casefold() for word in words):
        return ""
    return next((name for name in others if all(word in name.casefold() for word in words)), "")
