"""Files of an upload session: sending and removing them (`mangadex-api.md` 4.0, 4.4, 4.6)."""

from __future__ import annotations

import asyncio
import hashlib
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.responses import Response

from tui.sandbox.images import BadImage, Image, read_image
from tui.sandbox.records import Document, SessionFile, UploadSession
from tui.sandbox.replies import ApiError, error_object, json_reply, not_found, ok
from tui.sandbox.routing import Call, Route
from tui.sandbox.session_routes import NO_SESSION, open_session, touch
from tui.sandbox.validation import Id, Items

FILES_PER_REQUEST = 10
FILE_BYTES = 20_000_000
FILES_PER_SESSION = 500
SESSION_BYTES = 150_000_000
PIXELS = 10_000
"""Width and height stay below this."""

_PARTS_READ = 100
"""More parts than this are not even counted."""
_BATCH = Items(Id(), least=1)


@dataclass(frozen=True)
class _Arrived:
    """A file of a request, read and looked at."""

    name: str
    size: int
    sha256: str
    image: Image | None
    path: Path | None
    problem: str = ""


async def upload(call: Call) -> Response:
    """1 to 10 files; the good ones are kept, each bad one gives an error."""
    session = open_session(call)
    files = await _read_form(call)
    arrived = []
    try:
        for file in files:
            arrived.append(await asyncio.to_thread(_look_at, call, file))
    finally:
        for file in files:
            file.file.close()
    # Reading took its time: the session may have been committed or abandoned meanwhile.
    if call.service.sessions.get(session.id) is not session or session.committing:
        for gone in arrived:
            _discard(gone)
        raise not_found(NO_SESSION)
    kept: list[SessionFile] = []
    errors: list[Document] = []
    for entry in arrived:
        problem, named = _problem(call, session, entry)
        if problem:
            _discard(entry)
            shown = f"{entry.name}: {problem}" if named else problem
            errors.append(error_object(400, shown, title="validation_exception"))
            continue
        kept.append(_keep(session, entry))
    if kept:
        touch(call, session)
    return json_reply(
        {
            "result": "ok" if kept else "error",
            "errors": errors,
            "data": [call.entities.file(file) for file in kept],
        }
    )


async def delete_file(call: Call) -> Response:
    session = open_session(call)
    file = session.files.get(call.ids[1])
    if file is None:
        raise not_found(f"Upload session file {call.ids[1]} not found")
    _remove(call, session, [file])
    return ok()


async def delete_files(call: Call) -> Response:
    """The body is a bare list of file ids. All must be there."""
    session = open_session(call)
    ids = [file_id.lower() for file_id in cast("list[str]", await call.document(_BATCH, 20_480))]
    missing = [file_id for file_id in ids if file_id not in session.files]
    if missing:
        raise not_found(f"Upload session file {missing[0]} not found")
    _remove(call, session, [session.files[file_id] for file_id in dict.fromkeys(ids)])
    return ok()


async def _read_form(call: Call) -> list[UploadFile]:
    """The files of the request. A field name that comes twice keeps its last file, as in PHP."""
    kind = call.request.headers.get("content-type", "")
    if not kind.lower().startswith("multipart/form-data"):
        raise ApiError(400, "The request must be multipart/form-data")
    parser = MultiPartParser(
        call.request.headers, call.request.stream(), max_files=_PARTS_READ, max_fields=_PARTS_READ
    )
    try:
        form = await parser.parse()
    except MultiPartException as error:
        raise ApiError(400, error.message) from None
    found: dict[str, UploadFile] = {}
    count = 0
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            count += 1
            if name in found:
                found[name].file.close()
            found[name] = value
    files = list(found.values())
    try:
        if not files:
            raise ApiError(400, "The request holds no file")
        if count > FILES_PER_REQUEST:
            status = call.service.options.too_many_files_status
            raise ApiError(
                status, f"The request holds {count} files; at most {FILES_PER_REQUEST} are allowed"
            )
        if any(name.endswith("[]") for name in found):
            raise ApiError(400, "Every file needs a field name of its own, without []")
    except ApiError:
        for file in files:
            file.file.close()
        raise
    return files


def _look_at(call: Call, file: UploadFile) -> _Arrived:
    """Size, hash and image of a file; it is spooled when it may be kept. Blocks."""
    name = file.filename or "file"
    size = file.file.seek(0, 2)
    if size == 0:
        return _Arrived(name, 0, hashlib.sha256().hexdigest(), None, None, "The file is empty")
    if size > FILE_BYTES:
        problem = f"The file is too large ({size} bytes). Allowed maximum size is {FILE_BYTES} bytes"
        return _Arrived(name, size, "", None, None, problem)
    file.file.seek(0)
    content = file.file.read()
    sha256 = hashlib.sha256(content).hexdigest()
    try:
        image = read_image(content)
    except BadImage as error:
        return _Arrived(name, size, sha256, None, None, str(error))
    if image.width >= PIXELS or image.height >= PIXELS:
        measured = f"{image.width}x{image.height}"
        problem = (
            f"The image is too large ({measured} pixels). Width and height must be below {PIXELS} pixels"
        )
        return _Arrived(name, size, sha256, image, None, problem)
    return _Arrived(name, size, sha256, image, call.service.store.spool(content))


def _problem(call: Call, session: UploadSession, entry: _Arrived) -> tuple[str, bool]:
    """Why a file is refused ("" when it is not), and whether the error names it."""
    options = call.service.options
    fault = call.faults.refused_file(call.entry, entry.name, entry.sha256)
    if fault is not None:
        return fault.detail, options.name_refused_files if fault.named is None else fault.named
    problem = entry.problem
    if not problem and len(session.files) >= FILES_PER_SESSION:
        problem = f"The upload session is full: it holds {FILES_PER_SESSION} files"
    if not problem and session.total_bytes + entry.size > SESSION_BYTES:
        problem = f"The upload session would be larger than {SESSION_BYTES} bytes"
    held = {file.sha256 for file in session.files.values()}
    if not problem and options.refuse_same_content and entry.sha256 in held:
        problem = "The upload session holds this image already"
    return problem, options.name_refused_files


def _keep(session: UploadSession, entry: _Arrived) -> SessionFile:
    assert entry.image is not None and entry.path is not None
    file = SessionFile(
        id=str(uuid.uuid4()),
        name=entry.name,
        sha256=entry.sha256,
        size=entry.size,
        mime_type=entry.image.mime_type,
        path=entry.path,
    )
    session.files[file.id] = file
    return file


def _discard(entry: _Arrived) -> None:
    if entry.path is not None:
        entry.path.unlink(missing_ok=True)


def _remove(call: Call, session: UploadSession, files: list[SessionFile]) -> None:
    for file in files:
        del session.files[file.id]
        call.service.store.forget(file)
    touch(call, session)


ROUTES = (
    Route("POST", "/upload/{id}", upload, login=True),
    Route("DELETE", "/upload/{id}/batch", delete_files, login=True),
    Route("DELETE", "/upload/{id}/{id}", delete_file, login=True),
)
