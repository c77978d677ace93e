"""Opening, showing and abandoning upload sessions (`mangadex-api.md` 4.1 to 4.3, 4.5, 4.9)."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any, cast

from starlette.responses import Response

from tui.sandbox.records import Chapter, UploadSession
from tui.sandbox.replies import ApiError, entity_reply, error_object, error_reply, json_reply, not_found, ok
from tui.sandbox.routing import Call, Route
from tui.sandbox.seed_groups import UNKNOWN_GROUP
from tui.sandbox.validation import LANGUAGE, Id, Items, Map, Text, Whole

NO_SESSION = "No upload session found"

_BEGIN = Map({"manga": Id(), "groups": Items(Id(), most=10)}, required=("manga", "groups"))
_BEGIN_EDIT = Map({"version": Whole(least=1)}, required=("version",))
_APPROVAL = Map({"manga": Id(), "locale": Text(pattern=LANGUAGE)}, required=("manga", "locale"))


def open_session(call: Call) -> UploadSession:
    """The session named in the path; 404 when it is gone, committed or another account's."""
    session = call.service.session_of(call.user.id)
    if session is None or session.id != call.ids[0] or session.committing:
        raise not_found(NO_SESSION)
    return session


def touch(call: Call, session: UploadSession) -> None:
    """Something in the session has changed."""
    session.updated_at = call.service.now()
    session.version += 1


async def show(call: Call) -> Response:
    session = call.service.session_of(call.user.id)
    if session is None:
        raise not_found(NO_SESSION)
    return entity_reply(call.entities.session(session, call.includes()))


async def begin(call: Call) -> Response:
    """Open a session for a new chapter."""
    body = cast("dict[str, Any]", await call.document(_BEGIN, 4096))
    manga_id = body["manga"].lower()
    group_ids = list(dict.fromkeys(group_id.lower() for group_id in body["groups"]))
    manga = call.service.manga.get(manga_id)
    if manga is None:
        raise not_found(f"Manga {manga_id} not found")
    if manga.attributes["state"] != "published":
        raise ApiError(400, "The manga is not published")
    check_groups(call, group_ids)
    _check_none_open(call)
    session = _make(call, manga_id, group_ids)
    return entity_reply(call.entities.session(session, call.includes()))


async def begin_edit(call: Call) -> Response:
    """Open a session that changes the pages of a chapter."""
    body = cast("dict[str, Any]", await call.document(_BEGIN_EDIT, 1024))
    chapter = call.service.chapters.get(call.ids[0])
    if chapter is None:
        raise not_found(f"Chapter {call.ids[0]} not found")
    if call.service.manga[chapter.manga_id].attributes["state"] != "published":
        raise ApiError(400, "The manga is not published")
    if not call.service.may_edit(chapter, call.user.id):
        raise ApiError(401, "You must be the uploader or a member of the groups of the chapter")
    check_version(chapter, body["version"])
    _check_none_open(call)
    session = _make(call, chapter.manga_id, list(chapter.group_ids), chapter.id)
    files = await asyncio.to_thread(call.service.pages_for_edit, chapter)
    session.files.update({file.id: file for file in files})
    return entity_reply(call.entities.session(session, call.includes()))


def check_version(chapter: Chapter, version: int) -> None:
    """The client must have seen the chapter as it is now; 409 otherwise."""
    if version != chapter.version:
        raise ApiError(409, f"The version of the chapter is {chapter.version}, not {version}")


async def abandon(call: Call) -> Response:
    call.service.drop_session(open_session(call))
    return ok()


async def check_approval_required(call: Call) -> Response:
    body = cast("dict[str, Any]", await call.document(_APPROVAL, 4096))
    manga = call.service.manga.get(body["manga"].lower())
    if manga is None:
        return error_reply([error_object(404, f"Manga {body['manga']} not found")], 404)
    return json_reply({"result": "ok", "requiresApproval": call.service.approval_required})


def _make(call: Call, manga_id: str, group_ids: list[str], chapter_id: str | None = None) -> UploadSession:
    now = call.service.now()
    session = UploadSession(
        id=str(uuid.uuid4()),
        user_id=call.user.id,
        manga_id=manga_id,
        group_ids=group_ids,
        created_at=now,
        updated_at=now,
        chapter_id=chapter_id,
    )
    call.service.sessions[session.id] = session
    return session


def _check_none_open(call: Call) -> None:
    if call.service.session_of(call.user.id) is not None:
        detail = "An upload session is open already. Commit or abandon it first."
        raise ApiError(call.service.options.open_session_status, detail)


def check_groups(call: Call, group_ids: list[str]) -> None:
    """Every group exists, and is open to the account."""
    for group_id in group_ids:
        group = call.service.groups.get(group_id)
        if group is None:
            raise not_found(f"Group {group_id} not found")
        if group_id == UNKNOWN_GROUP:
            raise ApiError(403, "Uploads may not be credited to this group")
        if group.attributes["locked"] and not group.has_member(call.user.id):
            name = group.attributes["name"]
            raise ApiError(403, f"The group {name} is locked: only its members may upload for it")


ROUTES = (
    Route("GET", "/upload", show, login=True),
    Route("POST", "/upload/begin", begin, login=True),
    Route("POST", "/upload/begin/{id}", begin_edit, login=True),
    Route("POST", "/upload/check-approval-required", check_approval_required, login=True),
    Route("DELETE", "/upload/{id}", abandon, login=True),
)
