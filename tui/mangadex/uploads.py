"""The upload session's endpoints (`mangadex-api.md` 4)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from tui.mangadex import endpoints
from tui.mangadex.answers import Answer, error_of, unusable
from tui.mangadex.decode import flag, items, mapping
from tui.mangadex.entities import (
    Entity,
    enveloped,
    read_chapter,
    read_entity,
    read_errors,
    read_file,
    read_session,
)
from tui.mangadex.errors import Forbidden, LoginRequired, Refused
from tui.mangadex.models import Chapter, ChapterDraft, UploadAnswer, UploadSession
from tui.mangadex.multipart import FilePart, Multipart
from tui.mangadex.requester import Query, Requester

_SESSION_INCLUDES: Query = [
    ("includes[]", kind) for kind in ("upload_session_file", "manga", "scanlation_group", "user", "chapter")
]


class Uploads:
    """Everything between begin and commit. Part of MangaDex."""

    _requests: Requester
    _lists_files = False
    """The server has shown files with their attributes, so a session without any has none."""

    async def current_session(self) -> UploadSession | None:
        """The session that the account has open, None when there is none."""
        answer = await self._requests.ask(endpoints.SESSION, query=_SESSION_INCLUDES)
        if answer.says_absent:
            return None
        if not answer.ok:
            raise error_of(answer)
        root = mapping(answer.document)
        if "data" in root and not root["data"]:
            return None
        session = read_session(_entity(answer), lists_files=self._lists_files)
        self._lists_files = self._lists_files or bool(session.files and session.files_known)
        return session

    async def begin(self, manga_id: str, group_ids: Sequence[str]) -> UploadSession:
        """Open a session for a new chapter. It holds no file yet."""
        answer = await self._requests.send(
            endpoints.BEGIN, document={"manga": manga_id, "groups": list(group_ids)}
        )
        return read_session(_entity(answer), lists_files=True)

    async def begin_edit(self, chapter_id: str, version: int) -> UploadSession:
        """Open a session that changes the pages of a chapter; its files are the chapter's pages.

        Here a 401 that a fresh token does not mend means that the account has no right to this chapter (4.3).
        """
        try:
            answer = await self._requests.send(
                endpoints.BEGIN_EDIT, chapter_id, query=_SESSION_INCLUDES, document={"version": version}
            )
        except LoginRequired as error:
            if not error.errors:
                raise
            raise Forbidden(
                "The account may not edit this chapter",
                error.detail,
                status=error.status,
                request_id=error.request_id,
                method=error.method,
                path=error.path,
                errors=error.errors,
            ) from None
        return read_session(_entity(answer), lists_files=self._lists_files)

    async def open_session(self) -> UploadSession | None:
        """The account's session that takes pages."""
        session = await self.current_session()
        return session if session is not None and session.is_open else None

    async def upload(
        self,
        session_id: str,
        parts: Sequence[FilePart],
        *,
        on_progress: Callable[[int, int], None] | None = None,
    ) -> UploadAnswer:
        """Send 1 to 10 files. The answer may accept some and refuse others; match them by name, never by
        place.

        `on_progress(sent, total)` counts the bytes of the files. Raises PageChanged for a file that is not
        what its part says; then nothing of the request was kept.
        """
        body = Multipart(parts, on_progress, self._requests.pace)
        try:
            answer = await self._requests.send(endpoints.UPLOAD, session_id, body=body)
        finally:
            await body.aclose()
        if not isinstance(answer.document, dict):
            raise unusable(answer, "it is no JSON document")
        files = (read_entity(entry) for entry in items(answer.document.get("data")))
        accepted = tuple(read_file(entity) for entity in files if entity.id)
        errors = read_errors(answer.document)
        if not accepted and not errors:
            raise unusable(answer, "it names neither a file nor an error")
        return UploadAnswer(accepted, errors)

    async def delete_files(self, session_id: str, file_ids: Sequence[str]) -> None:
        """Remove files from the session; an empty list sends nothing."""
        if file_ids:
            await self._requests.send(endpoints.DELETE_FILES, session_id, document=list(file_ids))

    async def delete_file(self, session_id: str, file_id: str) -> None:
        """Remove one file from the session."""
        await self._requests.send(endpoints.DELETE_FILE, session_id, file_id)

    async def abandon(self, session_id: str) -> bool:
        """Delete the session with all its files. False when it was gone already, which is a success too."""
        answer = await self._requests.ask(endpoints.ABANDON, session_id)
        if not answer.ok and not answer.says_absent:
            raise error_of(answer)
        return answer.ok

    async def commit(
        self, session_id: str, draft: ChapterDraft, page_order: Sequence[str], *, terms_accepted: bool
    ) -> Chapter:
        """Publish. Files that `page_order` leaves out are deleted by the service (4.7)."""
        answer = await self._requests.send(
            endpoints.COMMIT,
            session_id,
            document={
                "chapterDraft": _draft(draft),
                "pageOrder": list(page_order),
                "termsAccepted": terms_accepted,
            },
        )
        return read_chapter(_entity(answer))

    async def approval_required(self, manga_id: str, language: str) -> bool:
        """Whether staff will look at an upload of this account before it is shown (4.9)."""
        answer = await self._requests.send(
            endpoints.APPROVAL, document={"manga": manga_id, "locale": language}
        )
        if not isinstance(answer.document, dict):
            raise unusable(answer, "it is no JSON document")
        return flag(answer.document.get("requiresApproval"))


def _entity(answer: Answer) -> Entity:
    """The entity of a 2xx answer; one without an id cannot be used."""
    entity = enveloped(answer.document)
    if entity.id:
        return entity
    details = read_errors(answer.document)
    if details:
        raise Refused(
            "MangaDex refused the request",
            "; ".join(map(str, details)),
            status=answer.status,
            request_id=answer.request_id,
            method=answer.endpoint.method,
            path=answer.path,
            errors=details,
        )
    raise unusable(answer, "it holds no id")


def _draft(draft: ChapterDraft) -> dict[str, str | None]:
    """The chapter as the service wants it: null for what is empty, optional keys only when set."""
    document: dict[str, str | None] = {
        "volume": draft.volume or None,
        "chapter": draft.chapter or None,
        "title": draft.title or None,
        "translatedLanguage": draft.language,
    }
    if draft.external_url:
        document["externalUrl"] = draft.external_url
    if draft.publish_at is not None:
        document["publishAt"] = _utc(draft.publish_at)
    return document


def _utc(time: datetime) -> str:
    """UTC without a zone and without fractions, the only form that is taken."""
    if time.tzinfo is None:
        raise ValueError("a publish time needs its zone")
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
