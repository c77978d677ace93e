"""What a scripted fault can do to a request. A new fault is a class here and a line in ACTIONS."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from starlette.responses import Response

from tui.sandbox.replies import error_object, error_reply, json_reply, maps_as_lists

if TYPE_CHECKING:
    from tui.sandbox.service import Service

MAINTENANCE = "<!DOCTYPE html>\n<html><head><title>{0}</title></head><body><h1>{0}</h1><hr>nginx</body></html>\n"
_PHRASES = {500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout"}


@dataclass(frozen=True, kw_only=True)
class Action:
    """Base of all faults. It acts at the moments whose methods it overrides."""

    name: ClassVar[str] = ""

    def before(self, service: Service) -> None:
        """Change the service's state before the request is handled."""

    def answer(self, now: float) -> Response | None:
        """An answer in place of handling the request."""
        return None

    def rewrite(self, reply: Response) -> Response:
        """The answer that the client gets in place of `reply`, once the request was handled."""
        return reply


@dataclass(frozen=True, kw_only=True)
class Answer(Action):
    """A status without handling the request; the body is JSON when `json` is given, else HTML."""

    name = "answer"
    status: int = 500
    json: Any = None
    html: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    def answer(self, now: float) -> Response:
        if self.json is not None:
            return json_reply(self.json, self.status, self.headers)
        return _html(self.status, self.html, self.headers)


@dataclass(frozen=True, kw_only=True)
class Refuse(Action):
    """The API's own error answer without handling the request."""

    name = "refuse"
    status: int = 400
    title: str = ""
    detail: str | None = "Refused by a scripted fault"

    def answer(self, now: float) -> Response:
        return error_reply([error_object(self.status, self.detail, title=self.title)], self.status)


@dataclass(frozen=True, kw_only=True)
class RateLimited(Action):
    """429, with the three headers or none."""

    name = "rate_limited"
    seconds: float = 2.0
    """From now to the end of the window."""
    headers: bool = True

    def answer(self, now: float) -> Response:
        told = {
            "X-RateLimit-Limit": "250",
            "X-RateLimit-Remaining": "0",
            "X-RateLimit-Retry-After": str(int(now + self.seconds)),
        }
        errors = [error_object(429, "You have been rate limited. Please try again later.")]
        return error_reply(errors, 429, told if self.headers else None)


@dataclass(frozen=True, kw_only=True)
class Ban(Action):
    """403 as a load balancer answers: no JSON."""

    name = "ban"

    def answer(self, now: float) -> Response:
        return _html(403, "<html><body>You have been banned.</body></html>", {})


@dataclass(frozen=True, kw_only=True)
class Captcha(Action):
    """403 that asks for a captcha."""

    name = "captcha"
    site_key: str = "10000000-ffff-ffff-ffff-000000000001"

    def answer(self, now: float) -> Response:
        error = error_object(
            403,
            "You must solve a captcha to proceed.",
            title="captcha_required_exception",
            context={"siteKey": self.site_key},
        )
        return error_reply([error], 403, {"X-Captcha-Sitekey": self.site_key})


@dataclass(frozen=True, kw_only=True)
class Cut(Action):
    """Close the connection: "start" before the body is read, "body" at a fraction of it, "answer" when the
    request was handled and its effects are there."""

    name = "cut"
    at: str = "start"
    fraction: float = 0.5


@dataclass(frozen=True, kw_only=True)
class Hang(Action):
    """Say nothing for `seconds`: "start" before the body is read, "body" after it and before the request is
    handled, "answer" when it was handled. Then go on; 0 hangs for ever."""

    name = "hang"
    at: str = "start"
    seconds: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Accepted(Action):
    """Handle the request, then lie about it: an error status of a load balancer in place of the answer."""

    name = "accepted"
    status: int = 502
    html: str = ""

    def rewrite(self, reply: Response) -> Response:
        return _html(self.status, self.html, {})


@dataclass(frozen=True, kw_only=True)
class Drip(Action):
    """Send the answer's body in `pieces` with a pause before each."""

    name = "drip"
    seconds: float = 0.2
    pieces: int = 10


@dataclass(frozen=True, kw_only=True)
class RefuseFile(Action):
    """Refuse files of an upload request by a part of their name or by the start of their SHA-256."""

    name = "refuse_file"
    file_name: str = ""
    sha256: str = ""
    detail: str = "The image could not be processed"
    named: bool | None = None
    """Whether the error begins with the file's name; as the options say when None."""

    def refuses(self, file_name: str, sha256: str) -> bool:
        by_name = bool(self.file_name) and self.file_name in file_name
        by_hash = bool(self.sha256) and sha256.startswith(self.sha256.lower())
        return by_name or by_hash or not (self.file_name or self.sha256)


@dataclass(frozen=True, kw_only=True)
class _Document(Action):
    """Rewrites the JSON of an answer."""

    def rewrite(self, reply: Response) -> Response:
        document = json.loads(bytes(reply.body)) if reply.body else None
        kept = {key: value for key, value in reply.headers.items() if key.startswith("x-")}
        return json_reply(self.changed(document), reply.status_code, kept)

    def changed(self, document: Any) -> Any:
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class Reorder(_Document):
    """data[] backwards."""

    name = "reorder"

    def changed(self, document: Any) -> Any:
        if isinstance(document, dict) and isinstance(document.get("data"), list):
            document["data"].reverse()
        return document


@dataclass(frozen=True, kw_only=True)
class SameNames(_Document):
    """Every file of an upload's answer is called like the first."""

    name = "same_names"

    def changed(self, document: Any) -> Any:
        files = document.get("data") if isinstance(document, dict) else None
        if isinstance(files, list) and files:
            first = files[0]["attributes"]["originalFileName"]
            for file in files:
                file["attributes"]["originalFileName"] = first
        return document


@dataclass(frozen=True, kw_only=True)
class Sparse(_Document):
    """Only what no client can do without: no relationships, versions, times, sources, response."""

    name = "sparse"
    drop: tuple[str, ...] = (
        "relationships", "version", "createdAt", "updatedAt", "source", "response", "limit", "offset",
        "context", "isProcessed", "isDeleted", "isUnavailable", "readableAt", "fileHash", "mimeType",
    )  # fmt: skip

    def changed(self, document: Any) -> Any:
        if isinstance(document, dict):
            return {key: self.changed(value) for key, value in document.items() if key not in self.drop}
        return [self.changed(item) for item in document] if isinstance(document, list) else document


@dataclass(frozen=True, kw_only=True)
class WrongTypes(_Document):
    """The same keys, every leaf of another type."""

    name = "wrong_types"

    def changed(self, document: Any) -> Any:
        if isinstance(document, dict):
            return {key: self.changed(value) for key, value in document.items()}
        if isinstance(document, list):
            return {str(position): self.changed(item) for position, item in enumerate(document)}
        if isinstance(document, str):
            return len(document)
        return str(document) if isinstance(document, (bool, int, float)) else [document]


@dataclass(frozen=True, kw_only=True)
class HugeMessage(_Document):
    """An error whose detail is `size` characters long."""

    name = "huge_message"
    status: int = 400
    size: int = 2_000_000

    def answer(self, now: float) -> Response:
        return error_reply([error_object(self.status, "A very long story. " * (self.size // 19 + 1))], self.status)


@dataclass(frozen=True, kw_only=True)
class MapsAsLists(_Document):
    """Every empty map of the answer is sent as []."""

    name = "maps_as_lists"

    def changed(self, document: Any) -> Any:
        return maps_as_lists(document)


@dataclass(frozen=True, kw_only=True)
class LoseSession(Action):
    """The upload sessions vanish before the request is handled."""

    name = "lose_session"

    def before(self, service: Service) -> None:
        service.drop_sessions()


@dataclass(frozen=True, kw_only=True)
class ExpireTokens(Action):
    """All access tokens given out so far are dead before the request is handled."""

    name = "expire_tokens"

    def before(self, service: Service) -> None:
        service.tokens.expire_access()


@dataclass(frozen=True, kw_only=True)
class EndLogins(Action):
    """All logins are over before the request is handled: refresh tokens are dead too."""

    name = "end_logins"

    def before(self, service: Service) -> None:
        service.tokens.end_all_logins()


@dataclass(frozen=True, kw_only=True)
class RefuseRefresh(Action):
    """The token endpoint refuses the refresh grant and goes on to take passwords."""

    name = "refuse_refresh"


ACTIONS: dict[str, type[Action]] = {
    action.name: action
    for action in (
        Answer, Refuse, RateLimited, Ban, Captcha, Cut, Hang, Accepted, Drip, RefuseFile, Reorder, SameNames,
        Sparse, WrongTypes, HugeMessage, MapsAsLists, LoseSession, ExpireTokens, EndLogins, RefuseRefresh,
    )
}  # fmt: skip
"""Name over HTTP -> action."""


def _html(status: int, html: str, headers: dict[str, str]) -> Response:
    phrase = _PHRASES.get(status, "Error")
    return Response(html or MAINTENANCE.format(f"{status} {phrase}"), status, headers, media_type="text/html")
