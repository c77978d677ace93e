"""Manga, groups and chapters: what an uploader looks up (`mangadex-api.md` 5)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from tui.mangadex import endpoints
from tui.mangadex.answers import unusable
from tui.mangadex.endpoints import Endpoint
from tui.mangadex.entities import (
    Entity,
    enveloped,
    read_aggregate,
    read_chapter,
    read_collection,
    read_errors,
    read_group,
    read_manga,
    read_user,
)
from tui.mangadex.models import AggregateChapter, Chapter, Collection, Group, Manga, User
from tui.mangadex.requester import Query, Requester

T = TypeVar("T")

LARGEST_PAGE = 100
SEARCH_RESULTS = 20
"""What a search by name asks for, the best match first."""
LAST_RESULT = 10_000
"""Nothing can be asked for past this many results (1.8)."""

EVERY_RATING: Query = [
    ("contentRating[]", rating) for rating in ("safe", "suggestive", "erotica", "pornographic")
]
EVERY_CHAPTER: Query = [
    (name, "1")
    for name in (
        "includeFutureUpdates",
        "includeEmptyPages",
        "includeFuturePublishAt",
        "includeExternalUrl",
        "includeUnavailable",
    )
]


class Catalogue:
    """Looking things up; changes nothing. Part of MangaDex."""

    _requests: Requester

    async def me(self) -> User:
        """The account that is logged in."""
        return await self._one(endpoints.ME, read_user)

    async def search_manga(
        self, title: str, *, limit: int = SEARCH_RESULTS, offset: int = 0
    ) -> Collection[Manga]:
        """Titles of every content rating, the best match first."""
        query = [
            ("title", title),
            ("order[relevance]", "desc"),
            ("includes[]", "author"),
            ("includes[]", "artist"),
            *EVERY_RATING,
        ]
        return await self._many(endpoints.SEARCH_MANGA, query, limit, offset, read_manga)

    async def manga(self, manga_id: str) -> Manga:
        """One title by its id."""
        query = [("includes[]", "author"), ("includes[]", "artist")]
        return await self._one(endpoints.MANGA, read_manga, manga_id, query=query)

    async def search_groups(
        self, name: str, *, limit: int = SEARCH_RESULTS, offset: int = 0
    ) -> Collection[Group]:
        """Scanlation groups by name, the best match first."""
        query = [
            ("name", name),
            ("order[relevance]", "desc"),
            ("includes[]", "leader"),
            ("includes[]", "member"),
        ]
        return await self._many(endpoints.SEARCH_GROUPS, query, limit, offset, read_group)

    async def group(self, group_id: str) -> Group:
        """One scanlation group by its id."""
        query = [("includes[]", "leader"), ("includes[]", "member")]
        return await self._one(endpoints.GROUP, read_group, group_id, query=query)

    async def groups(self, group_ids: Sequence[str]) -> tuple[Group, ...]:
        """Several groups in the order of their ids; ids that the service does not know are left out."""
        wanted = list(dict.fromkeys(group_ids))
        found: dict[str, Group] = {}
        for start in range(0, len(wanted), LARGEST_PAGE):
            ids = wanted[start : start + LARGEST_PAGE]
            query = [("ids[]", group_id) for group_id in ids]
            query += [("includes[]", "leader"), ("includes[]", "member")]
            page = await self._many(endpoints.GROUPS, query, len(ids), 0, read_group)
            found.update((group.id, group) for group in page.items)
        return tuple(found[group_id] for group_id in wanted if group_id in found)

    async def chapters(
        self,
        *,
        manga_id: str = "",
        chapter: str | None = None,
        language: str = "",
        group_ids: Sequence[str] = (),
        uploader_id: str = "",
        ids: Sequence[str] = (),
        limit: int = 100,
        offset: int = 0,
    ) -> Collection[Chapter]:
        """Chapters that match everything given, newest first; hidden, future and empty ones too."""
        single = (("manga", manga_id), ("translatedLanguage[]", language), ("uploader", uploader_id))
        query = [(name, value) for name, value in single if value]
        if chapter is not None:
            query.append(("chapter", chapter))
        query += [("groups[]", group_id) for group_id in group_ids]
        query += [("ids[]", chapter_id) for chapter_id in ids]
        query += [("includes[]", "scanlation_group"), ("order[createdAt]", "desc")]
        query += [*EVERY_RATING, *EVERY_CHAPTER]
        return await self._many(endpoints.CHAPTERS, query, limit, offset, read_chapter)

    async def chapter(self, chapter_id: str) -> Chapter:
        """One chapter by its id."""
        query = [("includes[]", "scanlation_group"), ("includes[]", "manga")]
        return await self._one(endpoints.CHAPTER, read_chapter, chapter_id, query=query)

    async def aggregate(
        self, manga_id: str, *, languages: Sequence[str] = (), group_ids: Sequence[str] = ()
    ) -> tuple[AggregateChapter, ...]:
        """Which chapter numbers a title has; without those that wait for approval or processing (5.3)."""
        query = [("translatedLanguage[]", language) for language in languages]
        query += [("groups[]", group_id) for group_id in group_ids]
        answer = await self._requests.send(endpoints.AGGREGATE, manga_id, query=query)
        if not isinstance(answer.document, dict):
            raise unusable(answer, "it is no JSON document")
        return read_aggregate(answer.document)

    async def _one(self, endpoint: Endpoint, read: Callable[[Entity], T], *ids: str, query: Query = ()) -> T:
        answer = await self._requests.send(endpoint, *ids, query=query)
        entity = enveloped(answer.document)
        if not entity.id:
            raise unusable(answer, "it holds no id")
        return read(entity)

    async def _many(
        self, endpoint: Endpoint, query: Query, limit: int, offset: int, read: Callable[[Entity], T]
    ) -> Collection[T]:
        limit = max(1, min(limit, LARGEST_PAGE, LAST_RESULT - offset))
        if offset >= LAST_RESULT:
            return Collection((), total=LAST_RESULT, offset=offset, limit=limit)
        page = [("limit", str(limit)), ("offset", str(max(0, offset)))]
        answer = await self._requests.send(endpoint, query=[*query, *page])
        if not isinstance(answer.document, dict):
            raise unusable(answer, "it is no JSON document")
        # A list that is missing is not an empty one: "nothing there" would be taken for an answer.
        if not isinstance(answer.document.get("data"), list | dict):
            said = "; ".join(map(str, read_errors(answer.document)))
            raise unusable(answer, f"it holds no list{': ' if said else ''}{said}")
        return read_collection(answer.document, read)
