"""What the engine needs of the service; MangaDex offers it, and tests can offer their own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from tui.mangadex.models import (
    Chapter,
    ChapterDraft,
    ChapterMetadata,
    Collection,
    UploadAnswer,
    UploadSession,
    User,
)
from tui.mangadex.multipart import FilePart


class Service(Protocol):
    """The calls of tui.mangadex.client.MangaDex that an upload makes, with the same errors."""

    @property
    def page_speed(self) -> float: ...

    def expect_pages(self, expected: bool) -> None: ...

    async def me(self) -> User: ...

    async def current_session(self) -> UploadSession | None: ...

    async def begin(self, manga_id: str, group_ids: Sequence[str]) -> UploadSession: ...

    async def chapter(self, chapter_id: str) -> Chapter: ...

    async def upload(
        self,
        session_id: str,
        parts: Sequence[FilePart],
        *,
        on_progress: Callable[[int, int], None] | None = None,
    ) -> UploadAnswer: ...

    async def delete_files(self, session_id: str, file_ids: Sequence[str]) -> None: ...

    async def abandon(self, session_id: str) -> bool: ...

    async def commit(
        self, session_id: str, draft: ChapterDraft, page_order: Sequence[str], *, terms_accepted: bool
    ) -> Chapter: ...

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
    ) -> Collection[Chapter]: ...


class EditService(Protocol):
    """The calls that change what a published chapter is, besides those of an upload."""

    async def chapter(self, chapter_id: str) -> Chapter: ...

    async def current_session(self) -> UploadSession | None: ...

    async def begin_edit(self, chapter_id: str, version: int) -> UploadSession: ...

    async def update_chapter(self, chapter_id: str, version: int, metadata: ChapterMetadata) -> Chapter: ...
