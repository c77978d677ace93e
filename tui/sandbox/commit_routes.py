"""Committing a session, and whether staff must approve it (`mangadex-api.md` 4.7 to 4.9)."""

from __future__ import annotations

import asyncio
import uuid
from datetime import UTC, datetime
from typing import Any

from starlette.responses import Response

from tui.sandbox.call import Call
from tui.sandbox.entities import chapter_entity
from tui.sandbox.records import Chapter, Document, SessionFile, UploadSession, User
from tui.sandbox.replies import ApiError, ValidationError, entity_reply, json_reply
from tui.sandbox.routing import Route
from tui.sandbox.upload_routes import open_session
from tui.sandbox.validation import LANGUAGE, NUMBER, UTC_TIME, Flag, Id, Items, Map, Text

_DAY = 86_400.0
_BODY_BYTES = 65_536
"""The documented 4 KiB cannot hold 500 file ids (6)."""

_DRAFT = Map(
    {
        "volume": Text(most=8, pattern=NUMBER, nullable=True),
        "chapter": Text(most=8, pattern=NUMBER, nullable=True),
        "title": Text(most=255, nullable=True),
        "translatedLanguage": Text(pattern=LANGUAGE),
        "externalUrl": Text(most=512, pattern=r"^https?://", nullable=True),
        "publishAt": Text(pattern=UTC_TIME),
    },
    required=("volume", "chapter", "title", "translatedLanguage"),
)
_COMMIT = Map(
    {"chapterDraft": _DRAFT, "pageOrder": Items(Id(), most=500, unique=True), "termsAccepted": Flag()},
    required=("chapterDraft", "pageOrder"),
)
_APPROVAL = Map({"manga": Id(), "locale": Text(pattern=LANGUAGE)}, required=("manga", "locale"))


async def commit(call: Call, session_id: str) -> Response:
    """The session becomes a chapter; files that pageOrder leaves out are deleted."""
    user = call.require_user()
    session = open_session(call, user, session_id)
    document = await call.document(_COMMIT, _BODY_BYTES)
    draft = document["chapterDraft"]
    files = _checked(call, session, document)
    publish_at = _publish_time(call, draft)
    # Reading the body took its time.
    open_session(call, user, session_id)
    session.committing = True
    try:
        chapter = _new_chapter(call, user, session, draft, publish_at)
        listed = {**chapter_entity(call, chapter), "uploader": user.id}
        chapter.pages = await asyncio.to_thread(call.service.store.commit, chapter.id, files, listed)
    except BaseException:
        session.committing = False
        raise
    call.service.chapters[chapter.id] = chapter
    call.service.drop_session(session)
    return entity_reply(chapter_entity(call, chapter))


def _checked(call: Call, session: UploadSession, document: Document) -> list[SessionFile]:
    """The files in page order; ValidationError with everything that the rules alone do not see."""
    wrong = []
    options = call.service.options
    draft = document["chapterDraft"]
    if options.strict_terms and document.get("termsAccepted") is not True:
        missing = "termsAccepted" not in document
        wrong.append(
            "Error validating /termsAccepted: "
            + ("The property termsAccepted is required" if missing else "The terms must be accepted")
        )
    # The pattern lets "" through, the service does not (5.4).
    wrong += [
        f"Error validating /chapterDraft/{key}: This value should be either a number or null"
        for key in ("volume", "chapter")
        if draft[key] == ""
    ]
    order = [file_id.lower() for file_id in document["pageOrder"]]
    wrong += [
        f"Error validating /pageOrder/{position}: The file {file_id} is not in this upload session"
        for position, file_id in enumerate(order)
        if file_id not in session.files
    ]
    external = draft.get("externalUrl")
    if not order and not external:
        wrong.append("Error validating /pageOrder: There must be a minimum of 1 items in the array")
    if wrong:
        raise ValidationError(wrong)
    if external and not options.external_urls:
        raise ApiError(403, "You are not allowed to set an external URL")
    return [session.files[file_id] for file_id in order]


def _publish_time(call: Call, draft: Document) -> float | None:
    """The epoch second that the draft names."""
    text = draft.get("publishAt")
    if text is None:
        return None
    now = call.service.now()
    try:
        moment = datetime.strptime(text, "%Y-%m-%dT%H:%M:%S").replace(tzinfo=UTC).timestamp()
    except ValueError:
        raise ValidationError(["Error validating /chapterDraft/publishAt: Invalid date"]) from None
    if moment <= now:
        raise ValidationError(["Error validating /chapterDraft/publishAt: The date must be in the future"])
    days = call.service.options.publish_window_days
    if moment > now + days * _DAY:
        sentence = f"The date must be at most {days:g} days in the future"
        raise ValidationError([f"Error validating /chapterDraft/publishAt: {sentence}"])
    return moment


def _new_chapter(
    call: Call, user: User, session: UploadSession, draft: Document, publish_at: float | None
) -> Chapter:
    """The chapter as it will be, without its pages; for an edit session the next version of the edited one."""
    service = call.service
    now = service.now()
    old = service.chapters.get(session.chapter_id) if session.chapter_id else None
    fields: dict[str, Any] = {
        "manga_id": session.manga_id,
        "group_ids": list(session.group_ids),
        "volume": draft["volume"],
        "chapter": draft["chapter"],
        "title": draft["title"],
        "language": draft["translatedLanguage"],
        "external_url": draft.get("externalUrl"),
        "updated_at": now,
        "processed_at": now + service.options.processing_seconds,
    }
    if old is not None:
        return Chapter(
            id=old.id,
            uploader_id=old.uploader_id,
            created_at=old.created_at,
            publish_at=publish_at or old.publish_at,
            readable_at=publish_at or old.readable_at,
            approved=old.approved,
            unavailable=old.unavailable,
            version=old.version + 1,
            **fields,
        )
    return Chapter(
        id=str(uuid.uuid4()),
        uploader_id=user.id,
        created_at=now,
        publish_at=publish_at or now,
        readable_at=publish_at or now + service.options.publish_delay_seconds,
        approved=not service.approval_required,
        approved_at=now + service.options.approval_seconds if service.options.approval_seconds else None,
        **fields,
    )


async def check_approval(call: Call) -> Response:
    call.require_user()
    document = await call.document(_APPROVAL, 4096)
    if document["manga"].lower() not in call.service.manga:
        # A bare answer, as the specification types it.
        return json_reply({"result": "error"}, 404)
    return json_reply({"result": "ok", "requiresApproval": call.service.approval_required})


ROUTES = (
    Route("POST", "/upload/{session_id}/commit", commit),
    Route("POST", "/upload/check-approval-required", check_approval),
)
