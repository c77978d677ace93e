"""Which chapters a search or a feed shows (`mangadex-api.md` 5.3)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from tui.sandbox.query import DEFAULT_RATINGS, RATINGS, Query, sort_by
from tui.sandbox.records import Chapter
from tui.sandbox.service import Service


@dataclass(frozen=True)
class ChapterFilters:
    """The filters of one request. Every list means any of its values; an empty one, all chapters."""

    ORDERS: ClassVar[tuple[str, ...]] = (
        "createdAt",
        "updatedAt",
        "publishAt",
        "readableAt",
        "volume",
        "chapter",
    )

    ids: Sequence[str] = ()
    manga: str | None = None
    title: str | None = None
    groups: Sequence[str] = ()
    uploaders: Sequence[str] = ()
    volumes: Sequence[str] = ()
    """The word none stands for no volume."""
    numbers: Sequence[str] = ()
    languages: Sequence[str] = ()
    original_languages: Sequence[str] = ()
    excluded_original_languages: Sequence[str] = ()
    excluded_groups: Sequence[str] = ()
    excluded_uploaders: Sequence[str] = ()
    ratings: Sequence[str] = DEFAULT_RATINGS
    future_updates: bool = True
    future_publish: bool = True
    empty_pages: bool = True
    external: bool = True
    unavailable: bool = False
    created_since: float | None = None
    updated_since: float | None = None
    published_since: float | None = None

    @classmethod
    def of_feed(cls, query: Query, manga_id: str) -> ChapterFilters:
        """The filters that a title's feed takes."""
        return cls(manga=manga_id, **cls._common(query))  # type: ignore[arg-type]

    @classmethod
    def of_search(cls, query: Query) -> ChapterFilters:
        """The filters that GET /chapter takes."""
        return cls(
            ids=query.ids("ids"),
            manga=query.one_id("manga"),
            title=query.text("title"),
            groups=query.ids_or_none("groups"),
            uploaders=query.ids("uploader"),
            volumes=query.texts("volume"),
            numbers=query.texts("chapter"),
            **cls._common(query),  # type: ignore[arg-type]
        )

    @staticmethod
    def _common(query: Query) -> dict[str, object]:
        return {
            "languages": query.languages("translatedLanguage"),
            "original_languages": query.languages("originalLanguage"),
            "excluded_original_languages": query.languages("excludedOriginalLanguage"),
            "excluded_groups": query.ids("excludedGroups"),
            "excluded_uploaders": query.ids("excludedUploaders"),
            "ratings": query.choices("contentRating", RATINGS) or DEFAULT_RATINGS,
            "future_updates": query.flag("includeFutureUpdates", True),
            "future_publish": query.flag("includeFuturePublishAt", True),
            "empty_pages": query.flag("includeEmptyPages", True),
            "external": query.flag("includeExternalUrl", True),
            "unavailable": query.flag("includeUnavailable", False),
            "created_since": query.moment("createdAtSince"),
            "updated_since": query.moment("updatedAtSince"),
            "published_since": query.moment("publishAtSince"),
        }

    def chapters(self, service: Service) -> list[Chapter]:
        """The listed chapters that pass."""
        return [
            chapter
            for chapter in service.chapters.values()
            if service.is_listed(chapter) and self._fits(chapter, service)
        ]

    def _fits(self, chapter: Chapter, service: Service) -> bool:
        now = service.now()
        manga = service.manga[chapter.manga_id].attributes
        groups = chapter.group_ids or ["none"]
        checks = (
            not self.ids or chapter.id in self.ids,
            self.manga is None or chapter.manga_id == self.manga,
            self.title is None or self.title.casefold() in (chapter.title or "").casefold(),
            not self.groups or any(group in self.groups for group in groups),
            not self.uploaders or chapter.uploader_id in self.uploaders,
            not self.volumes or (chapter.volume or "none") in self.volumes,
            not self.numbers or (chapter.chapter or "none") in self.numbers,
            not self.languages or chapter.language in self.languages,
            not self.original_languages or manga["originalLanguage"] in self.original_languages,
            manga["originalLanguage"] not in self.excluded_original_languages,
            not any(group in self.excluded_groups for group in chapter.group_ids),
            chapter.uploader_id not in self.excluded_uploaders,
            manga["contentRating"] in self.ratings,
            self.future_updates or chapter.readable_at <= now,
            self.future_publish or chapter.publish_at <= now,
            self.empty_pages or bool(chapter.pages),
            self.external or chapter.external_url is None,
            self.unavailable or not chapter.unavailable,
            self.created_since is None or chapter.created_at >= self.created_since,
            self.updated_since is None or chapter.updated_at >= self.updated_since,
            self.published_since is None or chapter.publish_at >= self.published_since,
        )
        return all(checks)


def sorted_chapters(chapters: list[Chapter], order: str, reverse: bool) -> list[Chapter]:
    """By a time, or by volume or chapter as numbers."""
    if order in ("volume", "chapter"):

        def key(chapter: Chapter) -> object:
            value = chapter.volume if order == "volume" else chapter.chapter
            return number_key(value) if value is not None else None

        return sort_by(chapters, key, reverse)
    names = {
        "createdAt": "created_at",
        "updatedAt": "updated_at",
        "publishAt": "publish_at",
        "readableAt": "readable_at",
    }
    return sorted(chapters, key=lambda chapter: float(getattr(chapter, names[order])), reverse=reverse)


def number_key(number: str) -> tuple[float, str]:
    """2.5 before 10, 12 before 12a; what is no number comes first."""
    found = re.match(r"\d+(\.\d+)?", number)
    return (float(found.group()), number[found.end() :]) if found else (-1.0, number)
