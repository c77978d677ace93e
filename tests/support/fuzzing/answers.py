"""Real answers of the service, damaged ones, and everything that reads them."""

from __future__ import annotations

import json
import random
from collections.abc import Callable

import httpx

from tests.support.fuzzing.mutations import mutated, mutated_document
from tui.mangadex.answers import Answer, error_of
from tui.mangadex.endpoints import BEGIN, SESSION
from tui.mangadex.entities import (
    enveloped,
    read_aggregate,
    read_chapter,
    read_collection,
    read_errors,
    read_file,
    read_group,
    read_manga,
    read_session,
    read_user,
)
from tui.mangadex.token_answers import login_error, read_tokens, refresh_error

ID = "f9c33607-9180-4ba6-b85c-e4b5faee7192"
_FILE = {
    "id": ID,
    "type": "upload_session_file",
    "attributes": {
        "originalFileName": "0001-9f3c2ab1.png",
        "fileHash": "ab" * 32,
        "fileSize": 18920,
        "mimeType": "image/png",
        "source": "local",
        "version": 1,
    },
}
_ATTRIBUTES: dict[str, object] = {
    "title": {"en": "A title", "ja": "漫画"},
    "altTitles": [{"ja-ro": "Manga"}, {}],
    "name": "A group",
    "altNames": ["One", {"en": "Two"}],
    "originalLanguage": "ja",
    "availableTranslatedLanguages": ["en", None],
    "focusedLanguages": ["en"],
    "username": "someone",
    "roles": ["ROLE_MEMBER"],
    "year": 1999,
    "volume": "1",
    "chapter": "10.5",
    "translatedLanguage": "en",
    "pages": 12,
    "publishAt": "2022-04-19T15:37:14+00:00",
    "createdAt": "2022-04-19T15:37:14+00:00",
    "updatedAt": "2022-04-19T15:37:14+00:00",
    "isCommitted": False,
    "locked": False,
    "version": 1,
}
_ENTITY = {
    "id": ID,
    "type": "chapter",
    "attributes": _ATTRIBUTES,
    "relationships": [
        {"id": ID, "type": "manga", "attributes": {"title": {"en": "A title"}}},
        {"id": ID, "type": "scanlation_group", "attributes": {"name": "A group"}},
        {"id": ID, "type": "user"},
        _FILE,
    ],
}
_ERROR = {
    "id": ID,
    "status": 400,
    "title": "validation_exception",
    "detail": "no",
    "context": {"siteKey": "k"},
}
DOCUMENTS: tuple[object, ...] = (
    {"result": "ok", "response": "entity", "data": _ENTITY},
    {"result": "ok", "response": "collection", "data": [_ENTITY, _ENTITY], "limit": 10, "offset": 0, "total": 2},
    {"result": "ok", "data": [_FILE], "errors": [_ERROR]},
    {"result": "error", "errors": [_ERROR, {**_ERROR, "title": "captcha_required_exception"}]},
    {"result": "ok", "requiresApproval": True},
    {"result": "ok", "volumes": {"1": {"volume": "1", "chapters": {"2": {"chapter": "2", "id": ID, "others": [ID]}}}}},
)  # fmt: skip
_TOKEN: object = {
    "access_token": "a.b.c",
    "expires_in": 900,
    "refresh_expires_in": 2414162,
    "refresh_token": "d.e.f",
    "token_type": "Bearer",
    "error": "invalid_grant",
    "error_description": "Invalid user credentials",
}
_PLAIN = (
    b"<html><head><title>502 Bad Gateway</title></head></html>",
    b"",
    b"maintenance",
    b'{"result":"ok","data":' + b"[" * 5000,
)


def damaged(chance: random.Random) -> bytes:
    """The body of an answer that no service should give."""
    return _damaged(chance, chance.choice(DOCUMENTS))


def damaged_token(chance: random.Random) -> bytes:
    """The same of the auth server."""
    return _damaged(chance, _TOKEN)


def sound() -> httpx.Response:
    """An answer that every call can use."""
    return httpx.Response(200, json=DOCUMENTS[0])


def _damaged(chance: random.Random, document: object) -> bytes:
    way = chance.random()
    if way < 0.05:
        return mutated(chance, _PLAIN)
    if way < 0.8:
        document = mutated_document(chance, document)
    body = json.dumps(document).encode()
    if way < 0.6:
        return body
    return mutated(
        chance, (body,), (b"null", b"[]", b"{", b'"\\ud800"', b"-0", b"1e400", b"9" * 5000, b"[" * 3000)
    )


def _answer(document: object, status: int) -> Answer:
    return Answer(
        BEGIN if status == 200 else SESSION, "/upload", status, httpx.Headers(), b"<title>x", document
    )


READERS: tuple[Callable[[object], object], ...] = (
    lambda document: read_session(enveloped(document)),
    lambda document: read_user(enveloped(document)),
    lambda document: read_file(enveloped(document)),
    lambda document: read_manga(enveloped(document)),
    lambda document: read_group(enveloped(document)),
    lambda document: read_chapter(enveloped(document)),
    lambda document: read_collection(document, read_chapter),
    lambda document: read_collection(document, read_manga),
    lambda document: read_collection(document, read_group),
    read_aggregate,
    read_errors,
    lambda document: read_tokens(_answer(document, 200), 0.0, None),
    lambda document: str(login_error(_answer(document, 401))),
    lambda document: str(refresh_error(_answer(document, 400))),
    *(lambda document, status=status: str(error_of(_answer(document, status))) for status in (400, 403, 404, 429, 500)),
)  # fmt: skip
"""Each makes something of the document of an answer, or raises a MangaDexError."""
