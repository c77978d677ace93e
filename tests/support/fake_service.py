"""An upload session in memory, with scripted faults, for tests of the engine's decisions.

Faults that are about sockets are tested against the sandbox; here each call can be made to fail before or
after it was done.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from tui.mangadex.errors import Conflict, NotFound, Refused, UnknownOutcome
from tui.mangadex.models import (
    Chapter,
    ChapterDraft,
    ChapterMetadata,
    Collection,
    ErrorDetail,
    SessionFile,
    UploadAnswer,
    UploadSession,
    User,
)
from tui.mangadex.multipart import FilePart

START = datetime(2026, 11, 1, tzinfo=UTC)
LOST = UnknownOutcome("No usable answer", "the connection was cut")


@dataclass
class Fault:
    """What happens to one call: `error` is raised, after the call was done when `done`."""

    error: Exception
    done: bool = False
    keep: int | None = None
    """Of an upload that was done: how many of its files the server kept."""


@dataclass
class FakeService:
    """The service as far as an upload meets it."""

    session: UploadSession | None = None
    chapters_made: list[Chapter] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    sent: list[tuple[str, ...]] = field(default_factory=list)
    """Part names of every upload request, in the order in which they arrived."""
    tried: list[int] = field(default_factory=list)
    """Files of every upload request, those that failed among them."""
    on_call: Callable[[str], None] = lambda method: None
    """Hears of every call before anything is done."""
    refuse_request: Callable[[Sequence[FilePart]], Exception | None] = lambda parts: None
    """Why an upload request is refused whole, None to look at its files."""
    honours_uploader: bool = True
    """Whether the list of chapters can be narrowed down to an uploader's."""
    faults: dict[str, deque[Fault | None]] = field(default_factory=dict)
    """Method name -> faults of its next calls."""
    refuse: Callable[[FilePart], str] = lambda part: ""
    """The words in which a file is refused, "" to take it."""
    names_files: bool = True
    """Whether a refusal names its file."""
    list_files: bool = True
    shuffle: bool = False
    content: dict[str, bytes] = field(default_factory=dict)
    committed: list[list[str]] = field(default_factory=list)
    drafts: list[ChapterDraft] = field(default_factory=list)
    """Of every commit that was done."""
    hide_chapters: bool = False
    page_speed: float = 0.0
    """What is known of the line before the upload, bytes a second."""
    expected: list[bool] = field(default_factory=list)
    """Whether more pages were said to come, each time that this changed."""
    _next: int = 0

    def fail(self, method: str, *faults: Fault | None) -> None:
        """The next calls of `method` fail, except for those with None."""
        self.faults.setdefault(method, deque()).extend(faults)

    def _enter(self, method: str) -> Fault | None:
        self.calls.append(method)
        self.on_call(method)
        waiting = self.faults.get(method)
        fault = waiting.popleft() if waiting else None
        if fault is not None and not fault.done:
            raise fault.error
        return fault

    def _id(self) -> str:
        self._next += 1
        return f"00000000-0000-4000-8000-{self._next:012}"

    def expect_pages(self, expected: bool) -> None:
        if self.expected[-1:] != [expected]:
            self.expected.append(expected)

    async def me(self) -> User:
        self._enter("me")
        return User("user-1", "someone")

    async def current_session(self) -> UploadSession | None:
        self._enter("current_session")
        if self.session is not None and not self.list_files:
            return replace(self.session, files=(), files_known=False)
        return self.session

    async def begin(self, manga_id: str, group_ids: Sequence[str]) -> UploadSession:
        fault = self._enter("begin")
        if self.session is not None:
            raise Refused("bad_request", "a session is open already", status=400)
        self.session = UploadSession(
            self._id(), manga_id=manga_id, group_ids=tuple(group_ids), created_at=START, files_known=True
        )
        if fault is not None:
            raise fault.error
        return self.session

    async def begin_edit(self, chapter_id: str, version: int) -> UploadSession:
        fault = self._enter("begin_edit")
        chapter = self._chapter(chapter_id)
        if self.session is not None:
            raise Refused("bad_request", "a session is open already", status=400)
        if version != chapter.version:
            raise Conflict("It was changed meanwhile", f"version {chapter.version}", status=409)
        files = tuple(SessionFile(self._id(), source="remote") for _ in range(chapter.pages or 0))
        self.content.update({file.id: f"page {n}".encode() for n, file in enumerate(files, 1)})
        self.session = UploadSession(
            self._id(),
            manga_id=chapter.manga_id,
            group_ids=chapter.group_ids,
            chapter_id=chapter_id,
            created_at=START,
            files=files,
            files_known=True,
        )
        if fault is not None:
            raise fault.error
        return self.session

    def _chapter(self, chapter_id: str) -> Chapter:
        found = next((chapter for chapter in self.chapters_made if chapter.id == chapter_id), None)
        if found is None:
            raise NotFound("not_found_http_exception", "Chapter not found", status=404)
        return found

    def put_chapter(self, chapter: Chapter) -> Chapter:
        """The chapter is there from now on, in the place of one with the same id."""
        self.chapters_made = [one for one in self.chapters_made if one.id != chapter.id] + [chapter]
        return chapter

    async def chapter(self, chapter_id: str) -> Chapter:
        self._enter("chapter")
        return self._chapter(chapter_id)

    async def update_chapter(self, chapter_id: str, version: int, metadata: ChapterMetadata) -> Chapter:
        fault = self._enter("update_chapter")
        chapter = self._chapter(chapter_id)
        if version != chapter.version:
            raise Conflict("It was changed meanwhile", f"version {chapter.version}", status=409)
        chapter = self.put_chapter(
            replace(
                chapter,
                volume=metadata.volume,
                chapter=metadata.chapter,
                title=metadata.title,
                language=metadata.language,
                group_ids=metadata.group_ids,
                version=version + 1,
            )
        )
        if fault is not None:
            raise fault.error
        return chapter

    def _open(self, session_id: str) -> UploadSession:
        if self.session is None or self.session.id != session_id:
            raise NotFound("not_found_http_exception", "No upload session found", status=404)
        return self.session

    async def upload(
        self,
        session_id: str,
        parts: Sequence[FilePart],
        *,
        on_progress: Callable[[int, int], None] | None = None,
    ) -> UploadAnswer:
        self.tried.append(len(parts))
        fault = self._enter("upload")
        self._open(session_id)
        refusal = self.refuse_request(parts)
        if refusal is not None:
            raise refusal
        self.sent.append(tuple(part.name for part in parts))
        total = sum(part.size for part in parts)
        if on_progress is not None:
            on_progress(total - 1, total)
        await asyncio.sleep(0)
        if on_progress is not None:
            on_progress(total, total)
        accepted: list[SessionFile] = []
        errors: list[ErrorDetail] = []
        for part in parts[: fault.keep if fault is not None else None]:
            words = self.refuse(part)
            if words:
                named = f"{part.name}: {words}" if self.names_files else words
                errors.append(ErrorDetail(400, "validation_exception", named))
                continue
            with part.open() as stream:
                content = stream.read()
            file = SessionFile(
                self._id(), part.name, len(content), part.media_type, hashlib.sha256(content).hexdigest()
            )
            self.content[file.id] = content
            accepted.append(file)
        session = self._open(session_id)
        self.session = replace(session, files=(*session.files, *accepted))
        if fault is not None:
            raise fault.error
        if self.shuffle:
            accepted.reverse()
        return UploadAnswer(tuple(accepted), tuple(errors))

    async def delete_files(self, session_id: str, file_ids: Sequence[str]) -> None:
        fault = self._enter("delete_files")
        session = self._open(session_id)
        left = tuple(file for file in session.files if file.id not in set(file_ids))
        self.session = replace(session, files=left)
        if fault is not None:
            raise fault.error

    async def abandon(self, session_id: str) -> bool:
        fault = self._enter("abandon")
        there = self.session is not None and self.session.id == session_id
        if self.session is not None and self.session.id == session_id:
            self.session = None
        if fault is not None:
            raise fault.error
        return there

    async def commit(
        self, session_id: str, draft: ChapterDraft, page_order: Sequence[str], *, terms_accepted: bool
    ) -> Chapter:
        fault = self._enter("commit")
        assert terms_accepted
        session = self._open(session_id)
        held = {file.id for file in session.files}
        old = self._chapter(session.chapter_id) if session.chapter_id else None
        assert set(page_order) <= held if old else set(page_order) == held
        self.committed.append(list(page_order))
        self.drafts.append(draft)
        chapter = Chapter(
            old.id if old else self._id(),
            manga_id=session.manga_id,
            group_ids=session.group_ids,
            uploader_id="user-1",
            volume=draft.volume,
            chapter=draft.chapter,
            title=draft.title,
            language=draft.language,
            created_at=START,
            version=old.version + 1 if old else 1,
            pages=len(page_order) if old else None,
        )
        self.put_chapter(chapter)
        self.session = None
        if fault is not None:
            raise fault.error
        return chapter

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
        self._enter("chapters")
        if self.hide_chapters:
            return Collection(())
        found = [chapter for chapter in reversed(self.chapters_made) if chapter.manga_id == manga_id]
        if uploader_id and self.honours_uploader:
            found = [chapter for chapter in found if chapter.uploader_id == uploader_id]
        return Collection(tuple(found[offset : offset + limit]), total=len(found))
