"""Chapters: lists, the aggregate of a title, and changes (`mangadex-api.md` 5.3)."""

from __future__ import annotations

from collections.abc import Iterable

from starlette.responses import Response

from tui.sandbox.call import Call
from tui.sandbox.catalogue_routes import DEFAULT_RATINGS, RATINGS
from tui.sandbox.entities import chapter_entity
from tui.sandbox.records import Chapter, Document
from tui.sandbox.replies import (
    ApiError,
    ValidationError,
    collection_reply,
    entity_reply,
    json_reply,
    not_found,
    ok,
    php_map,
)
from tui.sandbox.routing import Route
from tui.sandbox.upload_routes import check_group
from tui.sandbox.validation import LANGUAGE, NUMBER, Id, Items, Map, Text, Whole

_INCLUDES = ("manga", "scanlation_group", "user")
_ORDERS = ("createdAt", "updatedAt", "publishAt", "readableAt", "volume", "chapter")
_EDIT = Map(
    {
        "title": Text(most=255, nullable=True),
        "volume": Text(most=8, pattern=NUMBER, nullable=True),
        "chapter": Text(most=8, pattern=NUMBER, nullable=True),
        "translatedLanguage": Text(pattern=LANGUAGE),
        "groups": Items(Id(), most=10, unique=True),
        "version": Whole(least=1),
    },
    required=("version",),
)


def _filtered(call: Call, chapters: Iterable[Chapter]) -> list[Chapter]:
    """What the visibility flags and filters that all lists know leave over."""
    service = call.service
    ratings = call.choices("contentRating", RATINGS, DEFAULT_RATINGS)
    languages = call.values("translatedLanguage")
    future = call.flag("includeFutureUpdates", True)
    scheduled = call.flag("includeFuturePublishAt", service.options.list_scheduled)
    empty = call.flag("includeEmptyPages", True)
    external = call.flag("includeExternalUrl", True)
    unavailable = call.flag("includeUnavailable", False)
    now = service.now()
    return [
        chapter
        for chapter in chapters
        if service.is_listed(chapter)
        and service.manga[chapter.manga_id].attributes["contentRating"] in ratings
        and (not languages or chapter.language in languages)
        and (future or chapter.readable_at <= now)
        and (scheduled or chapter.publish_at <= now)
        and (empty or chapter.pages)
        and (external or not chapter.external_url)
        and (unavailable or not chapter.unavailable)
    ]


def _reply(call: Call, found: list[Chapter], *, default: int, least: int, most: int) -> Response:
    call.choices("includes", _INCLUDES, ())
    name, descending = call.order(_ORDERS, ("createdAt", True))
    found = sorted(found, key=lambda chapter: _order_key(chapter, name), reverse=descending)
    page = call.page(default=default, least=least, most=most)
    part = found[page.offset : page.offset + page.limit]
    entities = [chapter_entity(call, chapter) for chapter in part]
    return collection_reply(entities, limit=page.limit, offset=page.offset, total=len(found))


def _order_key(chapter: Chapter, order: str) -> float:
    times = {
        "createdAt": chapter.created_at,
        "updatedAt": chapter.updated_at,
        "publishAt": chapter.publish_at,
        "readableAt": chapter.readable_at,
    }
    if order in times:
        return times[order]
    number = chapter.volume if order == "volume" else chapter.chapter
    return float((number or "-1").rstrip("abcdefghijklmnopqrstuvwxyz") or "-1")


async def list_chapters(call: Call) -> Response:
    call.require_reader()
    numbers, volumes = call.values("chapter"), call.values("volume")
    manga_ids, group_ids, uploaders, ids = map(call.ids, ("manga", "groups", "uploader", "ids"))
    found = [
        chapter
        for chapter in _filtered(call, call.service.chapters.values())
        if (not manga_ids or chapter.manga_id in manga_ids)
        and (not numbers or (chapter.chapter or "none") in numbers)
        and (not volumes or (chapter.volume or "none") in volumes)
        and (not group_ids or set(group_ids) & set(chapter.group_ids))
        and (not uploaders or chapter.uploader_id in uploaders)
        and (not ids or chapter.id in ids)
    ]
    return _reply(call, found, default=10, least=0, most=100)


async def feed(call: Call, manga_id: str) -> Response:
    call.require_reader()
    if manga_id not in call.service.manga:
        raise not_found(f"Manga {manga_id} not found")
    found = _filtered(call, call.service.chapters_of(manga_id))
    return _reply(call, found, default=100, least=1, most=500)


async def aggregate(call: Call, manga_id: str) -> Response:
    """Volumes and chapters of a title; its maps come as lists where PHP would write them so (1.5)."""
    call.require_reader()
    if manga_id not in call.service.manga:
        raise not_found(f"Manga {manga_id} not found")
    languages, group_ids = call.values("translatedLanguage"), call.ids("groups")
    now = call.service.now()
    volumes: dict[str, dict[str, list[Chapter]]] = {}
    for chapter in call.service.chapters_of(manga_id):
        if languages and chapter.language not in languages:
            continue
        if group_ids and not set(group_ids) & set(chapter.group_ids):
            continue
        if chapter.readable_at > now:
            continue
        chapters = volumes.setdefault(chapter.volume or "none", {})
        chapters.setdefault(chapter.chapter or "none", []).append(chapter)
    listed: dict[str, Document] = {}
    for volume, chapters in volumes.items():
        entries = {}
        for number, same in chapters.items():
            entries[number] = {
                "chapter": number,
                "id": same[0].id,
                "others": [other.id for other in same[1:]],
                "count": len(same),
                "isUnavailable": all(chapter.unavailable for chapter in same),
            }
        count = sum(map(len, chapters.values()))
        listed[volume] = {"volume": volume, "count": count, "chapters": php_map(entries)}
    return json_reply({"result": "ok", "volumes": php_map(listed)})


def _seen(call: Call, chapter_id: str) -> Chapter:
    """The chapter, if the one who asks may see it."""
    user = call.require_reader()
    chapter = call.service.chapters.get(chapter_id)
    own = chapter is not None and user is not None and chapter.uploader_id == user.id
    visible = chapter is not None and (
        call.service.is_listed(chapter) or (own and call.service.options.own_unlisted_visible)
    )
    if chapter is None or not visible:
        raise not_found(f"Chapter {chapter_id} not found")
    return chapter


async def one_chapter(call: Call, chapter_id: str) -> Response:
    call.choices("includes", _INCLUDES, ())
    return entity_reply(chapter_entity(call, _seen(call, chapter_id)))


async def edit_chapter(call: Call, chapter_id: str) -> Response:
    user = call.require_user()
    document = await call.document(_EDIT, 32 * 1024)
    chapter = call.service.chapters.get(chapter_id)
    if chapter is None:
        raise not_found(f"Chapter {chapter_id} not found")
    if not call.service.may_edit(chapter, user.id):
        raise ApiError(403, "You are not allowed to edit this chapter")
    if document["version"] != chapter.version:
        raise ApiError(409, f"The chapter's version is {chapter.version}")
    blank = [key for key in ("volume", "chapter") if document.get(key) == ""]
    if blank:
        raise ValidationError(
            [f"Error validating /{key}: This value should be either a number or null" for key in blank]
        )
    group_ids = [group_id.lower() for group_id in document.get("groups", chapter.group_ids)]
    for group_id in group_ids:
        group = call.service.groups.get(group_id)
        if group is None:
            raise not_found(f"Scanlation group {group_id} not found")
        if group_id not in chapter.group_ids:
            check_group(group, user)
    chapter.group_ids = group_ids
    chapter.title = document.get("title", chapter.title)
    chapter.volume = document.get("volume", chapter.volume)
    chapter.chapter = document.get("chapter", chapter.chapter)
    chapter.language = document.get("translatedLanguage", chapter.language)
    chapter.version += 1
    chapter.updated_at = call.service.now()
    return entity_reply(chapter_entity(call, chapter))


async def delete_chapter(call: Call, chapter_id: str) -> Response:
    user = call.require_user()
    chapter = call.service.chapters.get(chapter_id)
    if chapter is None:
        raise not_found(f"Chapter {chapter_id} not found")
    if not call.service.may_edit(chapter, user.id):
        raise ApiError(403, "You are not allowed to delete this chapter")
    session = call.service.session_of(user.id)
    if session is not None and session.chapter_id == chapter_id:
        call.service.drop_session(session)
    del call.service.chapters[chapter_id]
    call.service.store.remove_chapter(chapter_id)
    return ok()


ROUTES = (
    Route("GET", "/chapter", list_chapters),
    Route("GET", "/chapter/{chapter_id}", one_chapter),
    Route("PUT", "/chapter/{chapter_id}", edit_chapter),
    Route("DELETE", "/chapter/{chapter_id}", delete_chapter),
    Route("GET", "/manga/{manga_id}/feed", feed),
    Route("GET", "/manga/{manga_id}/aggregate", aggregate),
)
