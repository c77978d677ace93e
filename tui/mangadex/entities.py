"""From the service's documents to our values. Everything optional there stays optional here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from tui.mangadex.decode import flag, items, mapping, moment, optional_text, text, texts, whole
from tui.mangadex.models import (
    AggregateChapter,
    Chapter,
    Collection,
    ErrorDetail,
    Group,
    Manga,
    SessionFile,
    UploadSession,
    User,
)

T = TypeVar("T")

LONGEST_WORDS = 4000
"""Characters of what a server says is wrong; ledger, log and --json keep it whole."""
MOST_ERRORS = 100
"""Ten times the files of one request."""


@dataclass(frozen=True, slots=True)
class Entity:
    """The common shape of the service's things: id, type, attributes, relationships."""

    id: str
    type: str
    attributes: Mapping[str, object]
    relationships: tuple[Entity, ...] = ()

    def related(self, kind: str) -> Iterator[Entity]:
        return (other for other in self.relationships if other.type == kind)

    def related_id(self, kind: str) -> str:
        return next((other.id for other in self.related(kind)), "")


def read_entity(value: object) -> Entity:
    """An entity; its id is empty when `value` is none."""
    found = mapping(value)
    return Entity(
        id=text(found.get("id")),
        type=text(found.get("type")),
        attributes=mapping(found.get("attributes")),
        relationships=tuple(
            Entity(text(other.get("id")), text(other.get("type")), mapping(other.get("attributes")))
            for other in map(mapping, items(found.get("relationships")))
        ),
    )


def enveloped(document: object) -> Entity:
    """The entity of an answer, with or without its envelope (`mangadex-api.md` 6)."""
    root = mapping(document)
    return read_entity(root.get("data", root))


def read_collection(document: object, read: Callable[[Entity], T]) -> Collection[T]:
    """A list answer. Entries without an id are left out."""
    root = mapping(document)
    found = [entity for entity in map(read_entity, items(root.get("data"))) if entity.id]
    return Collection(
        items=tuple(map(read, found)),
        total=whole(root.get("total")) or len(found),
        offset=whole(root.get("offset")) or 0,
        limit=whole(root.get("limit")) or len(found),
    )


def read_errors(document: object) -> tuple[ErrorDetail, ...]:
    """The error objects of an answer, MOST_ERRORS at most, their words cut at LONGEST_WORDS."""
    found = (error for error in map(mapping, items(mapping(document).get("errors"))) if error)
    return tuple(
        ErrorDetail(
            status=whole(error.get("status")) or 0,
            title=text(error.get("title"))[:LONGEST_WORDS],
            detail=text(error.get("detail"))[:LONGEST_WORDS],
            id=text(error.get("id"))[:LONGEST_WORDS],
            context=_context(error.get("context")),
        )
        for error in islice(found, MOST_ERRORS)
    )


def _context(value: object, deepest: int = 3) -> object:
    """What an error says beside its words, without what lies deeper: that could not even be written out."""
    if isinstance(value, (dict, list)) and deepest == 0:
        return None
    if isinstance(value, dict):
        return {text(key): _context(inner, deepest - 1) for key, inner in islice(value.items(), MOST_ERRORS)}
    if isinstance(value, list):
        return [_context(inner, deepest - 1) for inner in value[:MOST_ERRORS]]
    return text(value)[:LONGEST_WORDS] or None


def read_user(entity: Entity) -> User:
    return User(entity.id, text(entity.attributes.get("username")), texts(entity.attributes.get("roles")))


def read_file(entity: Entity) -> SessionFile:
    attributes = entity.attributes
    return SessionFile(
        id=entity.id,
        name=text(attributes.get("originalFileName")),
        size=whole(attributes.get("fileSize")),
        media_type=text(attributes.get("mimeType")),
        hash=text(attributes.get("fileHash")).lower(),
        source=text(attributes.get("source")) or "local",
    )


def read_session(entity: Entity, *, lists_files: bool = False) -> UploadSession:
    """An upload session.

    Its files count as known when each came with attributes; when none is listed, only if the server is known
    to list files (`lists_files`). That it includes the manga when asked says nothing about the files, whose
    include no specification names (`mangadex-api.md` 4.1).
    """
    attributes = entity.attributes
    files = [other for other in entity.related("upload_session_file") if other.id]
    manga = next(entity.related("manga"), None)
    title = read_manga(manga) if manga and manga.attributes else None
    groups = [other for other in entity.related("scanlation_group") if other.id]
    user = next(entity.related("user"), None)
    return UploadSession(
        id=entity.id,
        manga_id=manga.id if manga else "",
        manga_title=title.title if title else "",
        group_ids=tuple(group.id for group in groups),
        group_names=tuple(text(group.attributes.get("name")) for group in groups),
        manga=title,
        groups=tuple(read_group(group) for group in groups if group.attributes),
        user=read_user(user) if user and user.id and user.attributes else None,
        chapter_id=entity.related_id("chapter"),
        created_at=moment(attributes.get("createdAt")),
        updated_at=moment(attributes.get("updatedAt")),
        version=whole(attributes.get("version")),
        is_committed=flag(attributes.get("isCommitted")),
        is_processed=flag(attributes.get("isProcessed")),
        is_deleted=flag(attributes.get("isDeleted")),
        files=tuple(map(read_file, files)),
        files_known=all(other.attributes for other in files) if files else lists_files,
    )


def best_title(attributes: Mapping[str, object]) -> str:
    """The title to show: English, romanised, original, any (`mangadex-api.md` 5.1)."""
    titles = mapping(attributes.get("title"))
    alternatives = [mapping(entry) for entry in items(attributes.get("altTitles"))]
    original = text(attributes.get("originalLanguage"))
    for language in ("en", f"{original}-ro", original):
        for entry in (titles, *alternatives):
            if found := text(entry.get(language)).strip():
                return found
    return next((found for entry in (titles, *alternatives) for found in texts(entry)), "")


def read_manga(entity: Entity) -> Manga:
    attributes = entity.attributes
    title = best_title(attributes)
    every_title = [mapping(attributes.get("title")), *map(mapping, items(attributes.get("altTitles")))]
    others = dict.fromkeys(found for entry in every_title for found in texts(entry) if found != title)
    authors = (other for other in entity.relationships if other.type in ("author", "artist"))
    return Manga(
        id=entity.id,
        title=title,
        alt_titles=tuple(others),
        authors=tuple(dict.fromkeys(name for a in authors if (name := text(a.attributes.get("name"))))),
        year=whole(attributes.get("year")),
        content_rating=text(attributes.get("contentRating")),
        status=text(attributes.get("status")),
        state=text(attributes.get("state")) or "published",
        original_language=text(attributes.get("originalLanguage")),
        last_volume=text(attributes.get("lastVolume")),
        last_chapter=text(attributes.get("lastChapter")),
        available_languages=texts(attributes.get("availableTranslatedLanguages")),
    )


def read_group(entity: Entity) -> Group:
    attributes = entity.attributes
    alternatives = (mapping(entry) for entry in items(attributes.get("altNames")) if isinstance(entry, dict))
    members = (other.id for other in entity.relationships if other.type in ("leader", "member") and other.id)
    others = (*texts(attributes.get("altNames")), *(name for entry in alternatives for name in texts(entry)))
    return Group(
        id=entity.id,
        name=text(attributes.get("name")).strip() or next(iter(others), ""),
        alt_names=others,
        locked=flag(attributes.get("locked")),
        inactive=flag(attributes.get("inactive")),
        official=flag(attributes.get("official")),
        languages=texts(attributes.get("focusedLanguages") or attributes.get("focusedLanguage")),
        publish_delay=text(attributes.get("publishDelay")),
        member_ids=tuple(dict.fromkeys(members)),
    )


def read_chapter(entity: Entity) -> Chapter:
    attributes = entity.attributes
    groups = [other for other in entity.related("scanlation_group") if other.id]
    manga = next(entity.related("manga"), None)
    return Chapter(
        id=entity.id,
        manga_id=manga.id if manga else "",
        manga_title=best_title(manga.attributes) if manga else "",
        group_ids=tuple(group.id for group in groups),
        group_names=tuple(text(group.attributes.get("name")) for group in groups),
        uploader_id=entity.related_id("user"),
        volume=optional_text(attributes.get("volume")),
        chapter=optional_text(attributes.get("chapter")),
        title=optional_text(attributes.get("title")),
        language=text(attributes.get("translatedLanguage")),
        pages=whole(attributes.get("pages")),
        external_url=optional_text(attributes.get("externalUrl")),
        is_unavailable=flag(attributes.get("isUnavailable")),
        publish_at=moment(attributes.get("publishAt")),
        readable_at=moment(attributes.get("readableAt")),
        created_at=moment(attributes.get("createdAt")),
        version=whole(attributes.get("version")) or 1,
    )


def read_aggregate(document: object) -> tuple[AggregateChapter, ...]:
    """Volumes and chapters as one flat list; "none" stands for null there (`mangadex-api.md` 5.3)."""
    found = []
    for volume_key, volume in mapping(mapping(document).get("volumes")).items():
        number = _number(mapping(volume).get("volume"), volume_key)
        for chapter_key, entry in mapping(mapping(volume).get("chapters")).items():
            chapter = mapping(entry)
            ids = dict.fromkeys((text(chapter.get("id")), *texts(chapter.get("others"))))
            ids.pop("", None)
            found.append(AggregateChapter(number, _number(chapter.get("chapter"), chapter_key), tuple(ids)))
    return tuple(found)


def _number(stated: object, key: str) -> str | None:
    number = text(stated) or key
    return None if number == "none" else number
