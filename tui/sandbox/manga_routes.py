"""Titles: search, look-up, aggregate, feed (`mangadex-api.md` 5.1, 5.3)."""

from __future__ import annotations

from starlette.responses import Response

from tui.sandbox.chapter_filters import ChapterFilters, number_key, sorted_chapters
from tui.sandbox.query import DEFAULT_RATINGS, RATINGS, Query, relevance, sliced, sort_by
from tui.sandbox.records import Chapter, Document, Manga
from tui.sandbox.replies import collection_reply, entity_reply, json_reply, not_found, php_map, timestamp
from tui.sandbox.routing import Call, Route

_ORDERS = (
    "title", "year", "createdAt", "updatedAt", "latestUploadedChapter", "followedCount", "relevance", "rating",
)  # fmt: skip
_STATUSES = ("ongoing", "completed", "hiatus", "cancelled")
_DEMOGRAPHICS = ("shounen", "shoujo", "josei", "seinen", "none")


async def search(call: Call) -> Response:
    query = Query(call.request.query_params)
    limit, offset = query.page()
    ids = query.ids("ids")
    ratings = query.choices("contentRating", RATINGS) or list(DEFAULT_RATINGS)
    title = query.text("title")
    order, reverse = query.order(_ORDERS, "relevance" if title else "latestUploadedChapter")
    kept = [
        manga
        for manga in call.service.manga.values()
        if manga.attributes["state"] == "published" and manga.attributes["contentRating"] in ratings
    ]
    if ids:
        kept = [manga for manga in kept if manga.id in ids]
    kept = _filtered(call, query, kept)
    scores = {manga.id: relevance(title or "", manga.names) for manga in kept}
    query.done()
    if title:
        kept = [manga for manga in kept if scores[manga.id] > 0]
    kept = _ordered(call, kept, order, reverse, scores)
    includes = call.includes()
    return collection_reply(
        [call.entities.manga(manga, includes) for manga in sliced(kept, limit, offset)],
        limit=limit,
        offset=offset,
        total=len(kept),
    )


def _filtered(call: Call, query: Query, manga: list[Manga]) -> list[Manga]:
    """The filters that look at a title's own attributes."""
    statuses = query.choices("status", _STATUSES)
    demographics = query.choices("publicationDemographic", _DEMOGRAPHICS)
    original, excluded = query.languages("originalLanguage"), query.languages("excludedOriginalLanguage")
    available = query.languages("availableTranslatedLanguage")
    authors, artists = query.ids("authors"), query.ids("artists")
    either, group = query.one_id("authorOrArtist"), query.one_id("group")
    tags, without = query.ids("includedTags"), query.ids("excludedTags")
    years = query.texts("year")
    created, updated = query.moment("createdAtSince"), query.moment("updatedAtSince")
    has_chapters = query.text("hasAvailableChapters")

    def fits(entry: Manga) -> bool:
        attributes = entry.attributes
        chapters = call.service.chapters_of(entry.id)
        held = {tag["id"] for tag in attributes["tags"]}
        checks = (
            not statuses or attributes["status"] in statuses,
            not demographics or (attributes["publicationDemographic"] or "none") in demographics,
            not original or attributes["originalLanguage"] in original,
            attributes["originalLanguage"] not in excluded,
            not available or any(chapter.language in available for chapter in chapters),
            not authors or any(author in authors for author in entry.author_ids),
            not artists or any(artist in artists for artist in entry.artist_ids),
            either is None or either in entry.author_ids + entry.artist_ids,
            group is None or any(group in chapter.group_ids for chapter in chapters),
            set(tags) <= held,
            not held & set(without),
            not years or str(attributes["year"] or "none") in years,
            created is None or attributes["createdAt"] >= timestamp(created),
            updated is None or attributes["updatedAt"] >= timestamp(updated),
            has_chapters is None or bool(chapters) == (has_chapters in ("1", "true")),
        )
        return all(checks)

    return [entry for entry in manga if fits(entry)]


def _ordered(
    call: Call, manga: list[Manga], order: str, reverse: bool, scores: dict[str, float]
) -> list[Manga]:
    def newest(entry: Manga) -> float | None:
        return max((chapter.readable_at for chapter in call.service.chapters_of(entry.id)), default=None)

    if order == "relevance":
        return sorted(manga, key=lambda entry: scores[entry.id], reverse=reverse)
    if order == "latestUploadedChapter":
        return sort_by(manga, newest, reverse)
    if order == "title":
        return sorted(manga, key=lambda entry: entry.names[0].casefold(), reverse=reverse)
    if order in ("year", "createdAt", "updatedAt"):
        return sort_by(manga, lambda entry: entry.attributes[order], reverse)
    return manga


async def look_up(call: Call) -> Response:
    manga = _manga(call)
    return entity_reply(call.entities.manga(manga, call.includes()))


async def feed(call: Call) -> Response:
    manga = _manga(call)
    query = Query(call.request.query_params)
    limit, offset = query.page(default=100, most=500, least=1)
    filters = ChapterFilters.of_feed(query, manga.id)
    order, reverse = query.order(ChapterFilters.ORDERS, "chapter")
    query.done()
    found = sorted_chapters(filters.chapters(call.service), order, reverse)
    includes = call.includes()
    return collection_reply(
        [call.entities.chapter(chapter, includes) for chapter in sliced(found, limit, offset)],
        limit=limit,
        offset=offset,
        total=len(found),
    )


async def aggregate(call: Call) -> Response:
    """Volumes and chapters of a title, in PHP's form of maps."""
    manga = call.service.manga.get(call.ids[0])
    query = Query(call.request.query_params)
    languages, groups = query.languages("translatedLanguage"), query.ids("groups")
    query.done()
    now = call.service.now()
    found = [
        chapter
        for chapter in (call.service.chapters_of(manga.id) if manga else [])
        if (not languages or chapter.language in languages)
        and (not groups or any(group in groups for group in chapter.group_ids))
        and chapter.readable_at <= now
    ]
    volumes: dict[str, dict[str, list[Chapter]]] = {}
    for chapter in sorted(found, key=lambda chapter: chapter.created_at):
        chapters = volumes.setdefault(chapter.volume or "none", {})
        chapters.setdefault(chapter.chapter or "none", []).append(chapter)
    document: Document = {
        volume: {
            "volume": volume,
            "count": sum(map(len, volumes[volume].values())),
            "chapters": php_map(
                {
                    number: _aggregated(number, volumes[volume][number])
                    for number in _in_order(volumes[volume])
                }
            ),
        }
        for volume in _in_order(volumes)
    }
    return json_reply({"result": "ok", "volumes": php_map(document)})


def _aggregated(number: str, chapters: list[Chapter]) -> Document:
    first, *others = chapters
    return {
        "chapter": number,
        "id": first.id,
        "isUnavailable": first.unavailable,
        "others": [chapter.id for chapter in others],
        "count": len(chapters),
    }


def _in_order(keys: dict[str, dict[str, list[Chapter]]] | dict[str, list[Chapter]]) -> list[str]:
    """The highest number first, as the service lists them; 0, 1 ... upwards, which PHP makes a list."""
    if all(key == str(position) for position, key in enumerate(sorted(keys))):
        return sorted(keys)
    return sorted(keys, key=number_key, reverse=True)


def _manga(call: Call) -> Manga:
    manga = call.service.manga.get(call.ids[0])
    if manga is None or manga.attributes["state"] in ("draft", "rejected"):
        raise not_found(f"Manga {call.ids[0]} not found")
    return manga


ROUTES = (
    Route("GET", "/manga", search),
    Route("GET", "/manga/{id}", look_up),
    Route("GET", "/manga/{id}/feed", feed),
    Route("GET", "/manga/{id}/aggregate", aggregate),
)
