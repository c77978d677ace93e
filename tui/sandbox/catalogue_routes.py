"""Titles and groups (`mangadex-api.md` 5.1, 5.2)."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from starlette.responses import Response

from tui.sandbox.call import Call
from tui.sandbox.entities import group_entity, manga_entity
from tui.sandbox.records import Group, Manga
from tui.sandbox.replies import collection_reply, entity_reply, not_found
from tui.sandbox.routing import Route

RATINGS = ("safe", "suggestive", "erotica", "pornographic")
DEFAULT_RATINGS = RATINGS[:3]
_MANGA_INCLUDES = ("manga", "cover_art", "author", "artist", "tag", "creator")
_GROUP_INCLUDES = ("leader", "member")
_MANGA_ORDERS = (
    "title",
    "year",
    "createdAt",
    "updatedAt",
    "latestUploadedChapter",
    "followedCount",
    "relevance",
)
_GROUP_ORDERS = ("name", "createdAt", "updatedAt", "followedCount", "relevance")

Entry = TypeVar("Entry", Manga, Group)


def fold(text: str) -> str:
    """`text` without case, accents and width."""
    parts = unicodedata.normalize("NFKD", text)
    return "".join(part for part in parts if not unicodedata.combining(part)).casefold()


def relevance(query: str, names: Iterable[str]) -> float:
    """How well one of `names` answers `query`; 0 for not at all."""
    wanted = fold(query).strip()
    words = wanted.split()
    best = 0.0
    for name in map(fold, names):
        found = sum(word in name for word in words)
        if not words or not found:
            continue
        score = found / len(words)
        score += 2 * (wanted in name) + 2 * name.startswith(wanted) + 4 * (name == wanted)
        best = max(best, score - len(name) / 10_000)
    return best


def _search(query: str | None, entries: Iterable[Entry], names: Callable[[Entry], list[str]]) -> list[Entry]:
    """The entries that `query` finds, best first; all of them without a query."""
    if not query:
        return list(entries)
    scored = [(relevance(query, names(entry)), entry) for entry in entries]
    # Half of the words must be there, or the whole of it as a part of a name.
    found = [(score, entry) for score, entry in scored if score >= 0.5]
    return [entry for _score, entry in sorted(found, key=lambda pair: -pair[0])]


def _sorted(
    call: Call, entries: list[Entry], known: tuple[str, ...], default: str, key: Callable[[Entry, str], str]
) -> list[Entry]:
    name, descending = call.order(known, (default, True))
    if name in ("relevance", "followedCount"):
        return entries if descending else entries[::-1]
    return sorted(entries, key=lambda entry: key(entry, name), reverse=descending)


def _slice(call: Call, entries: Sequence[Entry]) -> tuple[list[Entry], int, int]:
    page = call.page()
    return list(entries[page.offset : page.offset + page.limit]), page.limit, page.offset


async def list_manga(call: Call) -> Response:
    call.require_reader()
    call.choices("includes", _MANGA_INCLUDES, ())
    ratings = call.choices("contentRating", RATINGS, DEFAULT_RATINGS)
    ids = call.ids("ids")
    query = call.request.query_params.get("title")
    visible = [
        manga
        for manga in call.service.manga.values()
        if manga.attributes["contentRating"] in ratings
        and manga.attributes["state"] == "published"
        and (not ids or manga.id in ids)
    ]
    found = _search(query, visible, lambda manga: manga.names)
    found = _sorted(call, found, _MANGA_ORDERS, "relevance" if query else "latestUploadedChapter", _manga_key)
    part, limit, offset = _slice(call, found)
    entities = [manga_entity(call, manga) for manga in part]
    return collection_reply(entities, limit=limit, offset=offset, total=len(found))


def _manga_key(manga: Manga, order: str) -> str:
    if order == "title":
        return fold(manga.names[0])
    if order == "year":
        return str(manga.attributes["year"] or 0)
    return str(manga.attributes["createdAt" if order == "createdAt" else "updatedAt"])


async def one_manga(call: Call, manga_id: str) -> Response:
    call.require_reader()
    call.choices("includes", _MANGA_INCLUDES, ())
    manga = call.service.manga.get(manga_id)
    if manga is None:
        raise not_found(f"Manga {manga_id} not found")
    return entity_reply(manga_entity(call, manga))


async def list_groups(call: Call) -> Response:
    call.require_reader()
    call.choices("includes", _GROUP_INCLUDES, ())
    ids = call.ids("ids")
    language = call.request.query_params.get("focusedLanguage")
    query = call.request.query_params.get("name")
    visible = [
        group
        for group in call.service.groups.values()
        if (not ids or group.id in ids) and language in (None, *group.attributes["focusedLanguages"])
    ]
    found = _search(query, visible, _group_names)
    found = _sorted(call, found, _GROUP_ORDERS, "relevance", _group_key)
    part, limit, offset = _slice(call, found)
    entities = [group_entity(call, group) for group in part]
    return collection_reply(entities, limit=limit, offset=offset, total=len(found))


def _group_names(group: Group) -> list[str]:
    others = [name for entry in group.attributes["altNames"] for name in entry.values()]
    return [group.attributes["name"], *others]


def _group_key(group: Group, order: str) -> str:
    return fold(group.attributes["name"]) if order == "name" else str(group.attributes[order])


async def one_group(call: Call, group_id: str) -> Response:
    call.require_reader()
    call.choices("includes", _GROUP_INCLUDES, ())
    group = call.service.groups.get(group_id)
    if group is None:
        raise not_found(f"Scanlation group {group_id} not found")
    return entity_reply(group_entity(call, group))


ROUTES = (
    Route("GET", "/manga", list_manga),
    Route("GET", "/manga/{manga_id}", one_manga),
    Route("GET", "/group", list_groups),
    Route("GET", "/group/{group_id}", one_group),
)
