"""Upload sessions: begin, send files, delete files, abandon (`mangadex-api.md` 4.1 to 4.6)."""

from __future__ import annotations

import asyncio
import hashlib
import re
import uuid

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.responses import Response

from tui.sandbox.call import Call
from tui.sandbox.entities import file_entity, session_entity
from tui.sandbox.images import BadImage, read_image
from tui.sandbox.records import Document, Group, SessionFile, UploadSession, User
from tui.sandbox.replies import (
    ApiError,
    ValidationError,
    entity_reply,
    error_object,
    json_reply,
    not_found,
    ok,
)
from tui.sandbox.routing import Route
from tui.sandbox.seed_groups import UNKNOWN_GROUP
from tui.sandbox.validation import Id, Items, Map, Whole

FILES_IN_REQUEST = 10
FILES_IN_SESSION = 500
FILE_BYTES = 20_000_000
SESSION_BYTES = 150_000_000
PIXELS = 10_000
"""Both sides must be below this."""
REQUEST_BYTES = 260_000_000
"""The load balancer's own limit; the service's is unknown."""

_BEGIN = Map({"manga": Id(), "groups": Items(Id(), most=10)}, required=("manga", "groups"))
_BEGIN_EDIT = Map({"version": Whole(least=1)}, required=("version",))
_FILE_IDS = Items(Id(), least=1)


def open_session(call: Call, user: User, session_id: str | None = None) -> UploadSession:
    """The account's open session; 404 when there is none, or it is another one than `session_id`."""
    session = call.service.session_of(user.id)
    if session is None or session.committing or session_id not in (None, session.id):
        raise not_found("No upload session found")
    return session


async def current_session(call: Call) -> Response:
    return entity_reply(session_entity(call, open_session(call, call.require_user())))


async def begin(call: Call) -> Response:
    """A session for a new chapter."""
    user = call.require_user()
    document = await call.document(_BEGIN, 4096)
    _refuse_second(call, user)
    manga_id = document["manga"].lower()
    group_ids = [group_id.lower() for group_id in document["groups"]]
    manga = call.service.manga.get(manga_id)
    if manga is None:
        raise not_found(f"Manga {manga_id} not found")
    if manga.attributes["state"] != "published":
        raise ApiError(400, "Chapters can be uploaded to published manga only")
    if len(set(group_ids)) < len(group_ids):
        raise ValidationError(["Error validating /groups: There are no duplicates allowed in the array"])
    for group_id in group_ids:
        group = call.service.groups.get(group_id)
        if group is None:
            raise not_found(f"Scanlation group {group_id} not found")
        check_group(group, user)
    now = call.service.now()
    session = UploadSession(str(uuid.uuid4()), user.id, manga_id, group_ids, now, now)
    call.service.sessions[session.id] = session
    return entity_reply(session_entity(call, session))


def check_group(group: Group, user: User) -> None:
    """ApiError when the account may not credit the group."""
    if group.id == UNKNOWN_GROUP:
        raise ApiError(400, "Uploads cannot be credited to this group")
    if group.attributes["locked"] and not group.has_member(user.id):
        raise ApiError(
            403, f"The group {group.attributes['name']} is locked: only its members may upload for it"
        )


async def begin_edit(call: Call, chapter_id: str) -> Response:
    """A session for the pages of a chapter that is there."""
    user = call.require_user()
    document = await call.document(_BEGIN_EDIT, 1024)
    _refuse_second(call, user)
    chapter = call.service.chapters.get(chapter_id)
    if chapter is None:
        raise not_found(f"Chapter {chapter_id} not found")
    if not call.service.may_edit(chapter, user.id):
        raise ApiError(401, "You are not allowed to edit this chapter")
    if call.service.manga[chapter.manga_id].attributes["state"] != "published":
        raise ApiError(400, "The manga of this chapter is not published")
    if document["version"] != chapter.version:
        raise ApiError(409, f"The chapter's version is {chapter.version}")
    files = await asyncio.to_thread(call.service.pages_for_edit, chapter)
    _refuse_second(call, user)
    now = call.service.now()
    session = UploadSession(
        str(uuid.uuid4()), user.id, chapter.manga_id, list(chapter.group_ids), now, now, chapter.id
    )
    session.files = {file.id: file for file in files}
    call.service.sessions[session.id] = session
    return entity_reply(session_entity(call, session))


def _refuse_second(call: Call, user: User) -> None:
    if call.service.session_of(user.id) is not None:
        raise ApiError(call.service.options.open_session_status, "You already have an open upload session")


async def send_files(call: Call, session_id: str) -> Response:
    """Each file is taken or refused by itself."""
    user = call.require_user()
    open_session(call, user, session_id)
    if not call.request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise ApiError(400, "No files were sent")
    if int(call.request.headers.get("content-length", "0")) > REQUEST_BYTES:
        raise ApiError(413, "The request body is too large")
    try:
        async with call.request.form(max_files=1000, max_fields=1000) as form:
            # PHP keeps the last of equal field names.
            sent = {key: value for key, value in form.multi_items() if isinstance(value, UploadFile)}
            return await _take(call, user, session_id, sent)
    except (MultiPartException, HTTPException) as error:
        raise ApiError(400, f"The multipart body cannot be read: {error}") from None


async def _take(call: Call, user: User, session_id: str, sent: dict[str, UploadFile]) -> Response:
    if not sent:
        raise ApiError(400, "No files were sent")
    if any("[" in key for key in sent):
        raise ApiError(400, "Every file needs a field of its own")
    if len(sent) > FILES_IN_REQUEST:
        status = call.service.options.too_many_files_status
        raise ApiError(status, f"At most {FILES_IN_REQUEST} files can be sent in one request")
    accepted: list[Document] = []
    errors: list[Document] = []
    for field_name, upload in sent.items():
        name = re.split(r"[/\\]", upload.filename or "")[-1] or field_name
        content = await upload.read(FILE_BYTES + 1)
        file, reason = await asyncio.to_thread(_look, call, name, content)
        # The session may have been abandoned or committed while the body was under way.
        session = open_session(call, user, session_id)
        reason = reason or _refusal(call, session, file)
        if reason:
            named = call.service.options.name_refused_files
            for refusal in call.refusals:
                named = refusal.named if refusal.holds(file) else named
            detail = f"{name}: {reason}" if named else reason
            errors.append(error_object(400, detail, title="validation_exception"))
            continue
        file.path = await asyncio.to_thread(call.service.store.spool, content)
        session.files[file.id] = file
        session.updated_at = call.service.now()
        accepted.append(file_entity(file))
    result = "ok" if accepted else call.service.options.all_refused_result
    return json_reply({"result": result, "errors": errors, "data": accepted})


def _look(call: Call, name: str, content: bytes) -> tuple[SessionFile, str]:
    """The file as the service sees it, and why it is not taken ("" when it is)."""
    file = SessionFile(
        id=str(uuid.uuid4()),
        name=name,
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        mime_type="",
        path=call.service.store.nowhere,
    )
    for refusal in call.refusals:
        if refusal.holds(file):
            return file, refusal.detail
    if not content:
        return file, "An empty file is not allowed"
    if len(content) > FILE_BYTES:
        return file, f"The file is too large. Allowed maximum size is {FILE_BYTES} bytes"
    try:
        image = read_image(content)
    except BadImage as error:
        return file, str(error)
    if image.width >= PIXELS or image.height >= PIXELS:
        size = f"{image.width}x{image.height}"
        return file, f"The image is too big ({size}). Both sides must be below {PIXELS} pixels"
    file.mime_type = image.mime_type
    return file, ""


def _refusal(call: Call, session: UploadSession, file: SessionFile) -> str:
    if len(session.files) >= FILES_IN_SESSION:
        return f"An upload session holds at most {FILES_IN_SESSION} files"
    if session.total_bytes + file.size > SESSION_BYTES:
        return f"An upload session holds at most {SESSION_BYTES} bytes"
    same = call.service.options.refuse_same_content
    if same and file.sha256 in {known.sha256 for known in session.files.values()}:
        return "The same file is in the session already"
    return ""


async def delete_file(call: Call, session_id: str, file_id: str) -> Response:
    session = open_session(call, call.require_user(), session_id)
    _delete(call, session, [file_id])
    return ok()


async def delete_files(call: Call, session_id: str) -> Response:
    user = call.require_user()
    document = await call.document(_FILE_IDS, 20 * 1024)
    session = open_session(call, user, session_id)
    _delete(call, session, [file_id.lower() for file_id in document])
    return ok()


def _delete(call: Call, session: UploadSession, file_ids: list[str]) -> None:
    unknown = [file_id for file_id in file_ids if file_id not in session.files]
    if unknown:
        raise not_found(f"Upload session file {unknown[0]} not found")
    for file_id in dict.fromkeys(file_ids):
        call.service.store.forget(session.files.pop(file_id))
    session.updated_at = call.service.now()


async def abandon(call: Call, session_id: str) -> Response:
    call.service.drop_session(open_session(call, call.require_user(), session_id))
    return ok()


ROUTES = (
    Route("GET", "/upload", current_session),
    Route("POST", "/upload/begin", begin),
    Route("POST", "/upload/begin/{chapter_id}", begin_edit),
    Route("POST", "/upload/{session_id}", send_files),
    Route("DELETE", "/upload/{session_id}/batch", delete_files),
    Route("DELETE", "/upload/{session_id}/{file_id}", delete_file),
    Route("DELETE", "/upload/{session_id}", abandon),
)
