"""Questions about an upload that is under way: the look at its session, once every page is in, answers some of them
as well, and those are not asked any more then (five requests a second are all that the service allows)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Protocol, TypeVar

from tui.mangadex.models import Chapter, Collection, Group, Manga, UploadSession, User
from tui.upload.before import Lists

T = TypeVar("T")


class Catalogue(Lists, Protocol):
    """What is asked of the service."""

    async def manga(self, manga_id: str) -> Manga: ...


class AskedOrSeen:
    """Questions to `client`, with the same errors, as long as the session was not seen."""

    def __init__(self, client: Catalogue, seen: asyncio.Task[UploadSession]) -> None:
        """`seen` ends when the session was looked at with every page in."""
        self._client = client
        self._seen = seen

    async def chapters(
        self, *, manga_id: str = "", chapter: str | None = None, language: str = "", limit: int, offset: int
    ) -> Collection[Chapter]:
        return await self._client.chapters(
            manga_id=manga_id, chapter=chapter, language=language, limit=limit, offset=offset
        )

    async def approval_required(self, manga_id: str, language: str) -> bool:
        return await self._client.approval_required(manga_id, language)

    async def me(self) -> User:
        return await self._sooner(self._client.me(), lambda session: session.user)

    async def manga(self, manga_id: str) -> Manga:
        def read(session: UploadSession) -> Manga | None:
            found = session.manga
            return found if found is not None and found.id == manga_id and found.title else None

        return await self._sooner(self._client.manga(manga_id), read)

    async def groups(self, group_ids: Sequence[str]) -> tuple[Group, ...]:
        def read(session: UploadSession) -> tuple[Group, ...] | None:
            found = {group.id: group for group in session.groups if group.name}
            # Who may upload for a locked group, only the group itself says.
            known = all(one in found and not found[one].locked for one in group_ids)
            return tuple(found[one] for one in group_ids) if known else None

        return await self._sooner(self._client.groups(group_ids), read)

    async def _sooner(
        self, question: Coroutine[object, object, T], read: Callable[[UploadSession], T | None]
    ) -> T:
        """The answer, or what `read` finds in the session when that was seen first."""
        asked = asyncio.create_task(question)
        try:
            await asyncio.wait({asked, self._seen}, return_when=asyncio.FIRST_COMPLETED)
            if not asked.done() and (found := read(self._seen.result())) is not None:
                return found
            return await asked
        finally:
            asked.cancel()
            await asyncio.gather(asked, return_exceptions=True)
