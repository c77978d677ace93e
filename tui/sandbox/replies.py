"""The service's answers: envelopes, errors and their JSON (`mangadex-api.md` 1.5, 1.6)."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from starlette.responses import Response

Document = dict[str, Any]

_ERROR_KINDS = uuid.UUID("1d2b6f0c-8c1e-5f0a-9d43-0b5f6d1c7e21")
_TITLES = {
    400: "bad_request_http_exception",
    401: "unauthorized_http_exception",
    403: "access_denied_http_exception",
    404: "not_found_http_exception",
    405: "method_not_allowed_http_exception",
    409: "conflict_http_exception",
    413: "payload_too_large_http_exception",
    429: "too_many_requests_http_exception",
    500: "internal_server_error_http_exception",
    503: "service_unavailable_http_exception",
}


def json_reply(document: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """JSON under exactly `application/json`; some clients compare the whole value."""
    body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    return Response(body, status, headers, media_type="application/json")


def ok() -> Response:
    return json_reply({"result": "ok"})


def entity_reply(entity: Document) -> Response:
    return json_reply({"result": "ok", "response": "entity", "data": entity})


def collection_reply(entities: Sequence[Document], *, limit: int, offset: int, total: int) -> Response:
    return json_reply(
        {
            "result": "ok",
            "response": "collection",
            "data": list(entities),
            "limit": limit,
            "offset": offset,
            "total": total,
        }
    )


def error_object(status: int, detail: str | None, *, title: str = "", context: object = None) -> Document:
    """One entry of errors[]. Its id names the kind of error, as the service's version-5 ids do."""
    title = title or _TITLES.get(status, "http_exception")
    return {
        "id": str(uuid.uuid5(_ERROR_KINDS, title)),
        "status": status,
        "title": title,
        "detail": detail,
        "context": context,
    }


def error_reply(
    errors: Sequence[Document], status: int, headers: Mapping[str, str] | None = None
) -> Response:
    return json_reply({"result": "error", "errors": list(errors)}, status, headers)


class ApiError(Exception):
    """Ends a request with an error answer."""

    def __init__(
        self,
        status: int,
        detail: str | None,
        *,
        title: str = "",
        context: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.errors = [error_object(status, detail, title=title, context=context)]
        self.headers = dict(headers or {})

    @property
    def reply(self) -> Response:
        return error_reply(self.errors, self.status, self.headers)


class ValidationError(ApiError):
    """400 with one error object for each thing that is wrong with the request."""

    def __init__(self, details: Sequence[str]) -> None:
        super().__init__(400, details[0])
        self.errors = [error_object(400, detail, title="validation_exception") for detail in details]


def not_found(detail: str) -> ApiError:
    return ApiError(404, detail)


def timestamp(moment: float) -> str:
    """An epoch second as the service writes times."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00")


def php_map(mapping: Mapping[str, Any]) -> Document | list[Any]:
    """A map as PHP's encoder writes it: keys 0, 1, 2 ... or none at all make a list (1.5)."""
    if all(key == str(position) for position, key in enumerate(mapping)):
        return list(mapping.values())
    return dict(mapping)


def maps_as_lists(value: Any) -> Any:
    """`value` with every empty map in it replaced by an empty list."""
    if isinstance(value, dict):
        return {key: maps_as_lists(item) for key, item in value.items()} if value else []
    return [maps_as_lists(item) for item in value] if isinstance(value, list) else value
