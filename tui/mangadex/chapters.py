"""The account's own chapters, and changes to what is said of them (`mangadex-api.md` 5.3)."""

from __future__ import annotations

from tui.mangadex import endpoints
from tui.mangadex.answers import unusable
from tui.mangadex.catalogue import EVERY_CHAPTER, EVERY_RATING, LARGEST_PAGE, Catalogue
from tui.mangadex.entities import enveloped, read_chapter
from tui.mangadex.models import Chapter, ChapterMetadata, Collection


class Chapters(Catalogue):
    """Chapters to be edited. Part of MangaDex."""

    async def own_chapters(
        self, uploader_id: str, *, limit: int = LARGEST_PAGE, offset: int = 0
    ) -> Collection[Chapter]:
        """What an account has uploaded, newest first, with titles and groups; hidden and future ones too.

        Chapters that wait for processing or approval are in no list (4.8).
        """
        query = [
            ("uploader", uploader_id),
            ("includes[]", "manga"),
            ("includes[]", "scanlation_group"),
            ("order[createdAt]", "desc"),
            *EVERY_RATING,
            *EVERY_CHAPTER,
        ]
        return await self._many(endpoints.CHAPTERS, query, limit, offset, read_chapter)

    async def update_chapter(self, chapter_id: str, version: int, metadata: ChapterMetadata) -> Chapter:
        """Change what is said of a chapter, its pages excepted.

        `version` is the one that was read. Raises Conflict when the chapter has another one by now.
        """
        answer = await self._requests.send(
            endpoints.EDIT_CHAPTER,
            chapter_id,
            document={
                "volume": metadata.volume or None,
                "chapter": metadata.chapter or None,
                "title": metadata.title or None,
                "translatedLanguage": metadata.language,
                "groups": list(metadata.group_ids),
                "version": version,
            },
        )
        entity = enveloped(answer.document)
        if not entity.id:
            raise unusable(answer, "it holds no id")
        return read_chapter(entity)
