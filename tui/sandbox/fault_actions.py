"""What a scripted fault does to the request that it strikes."""

from __future__ import annotations

import asyncio
import json
import random
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from tui.sandbox.call import Call, FileRefusal
from tui.sandbox.link import Message
from tui.sandbox.replies import error_object, error_reply, json_reply

Proceed = Callable[[], Awaitable[Response]]

HTML = "<html><head><title>{status}</title></head><body><center><h1>{status}</h1></center><hr></body></html>"


class Action:
    """Base of all faults."""

    async def strike(self, call: Call, proceed: Proceed) -> Response | None:
        """The answer; None cuts the connection. `proceed` processes the request as if there were no fault."""
        raise NotImplementedError


@dataclass(frozen=True)
class Status(Action):
    """Not processed; the load balancer answers in HTML, or the API in JSON."""

    status: int
    body: Literal["json", "html", "text", "empty"] = "json"
    title: str = ""
    detail: str | None = "A scripted fault"
    context: Any = None
    headers: dict[str, str] = field(default_factory=dict)

    async def strike(self, call: Call, proceed: Proceed) -> Response | None:
        await call.drain()
        return self.response()

    def response(self) -> Response:
        if self.body == "json":
            error = error_object(self.status, self.detail, title=self.title, context=self.context)
            return error_reply([error], self.status, self.headers)
        content = {"html": HTML.format(status=self.status), "text": self.detail or "", "empty": ""}[self.body]
        kind = "text/html" if self.body == "html" else "text/plain"
        return Response(content, self.status, self.headers, media_type=kind)


@dataclass(frozen=True)
class TooMany(Action):
    """429, not processed; `seconds` until the window ends, None sends none of the headers."""

    seconds: float | None = None
    limit: int = 250

    async def strike(self, call: Call, proceed: Proceed) -> Response | None:
        await call.drain()
        headers = {}
        if self.seconds is not None:
            headers = {
                "X-RateLimit-Limit": str(self.limit),
                "X-RateLimit-Remaining": "0",
                "X-RateLimit-Retry-After": str(int(call.service.now() + self.seconds)),
            }
        return error_reply([error_object(429, "Rate limit exceeded")], 429, headers)


@dataclass(frozen=True)
class Banned(Action):
    """403 that is no JSON (`mangadex-api.md` 3.3)."""

    async def strike(self, call: Call, proceed: Proceed) -> Response | None:
        await call.drain()
        return Status(403, "html").response()


@dataclass(frozen=True)
class Captcha(Action):
    """403 that asks for a captcha (3.5)."""

    site_key: str = "10000000-ffff-ffff-ffff-000000000001"

    async def strike(self, call: Call, proceed: Proceed) -> Response | None:
        await call.drain()
        title = "captcha_required_exception"
        error = error_object(403, "Captcha required", title=title, context={"siteKey": self.site_key})
        return error_reply([error], 403, {"X-Captcha-Sitekey": self.site_key})


@dataclass(frozen=True)
class Cut(Action):
    """The connection ends, after `fraction` of the body; the request is not processed."""

    fraction: float = 0.0

    async def strike(self, call: Call, proceed: Proceed) -> Response | None:
        wanted = int(call.request.headers.get("content-length", "0")) * self.fraction
        if wanted:
            async for _chunk in call.request.stream():
                if call.entry.body_bytes >= wanted:
                    break
        return None


@dataclass(frozen=True)
class CutAfter(Action):
    """The request is processed, then the connection ends without an answer."""

    async def strike(self, call: Call, proceed: Proceed) -> Response | None:
        await proceed()
        return None


@dataclass(frozen=True)
class Lost(Action):
    """The request is processed, but the load balancer answers."""

    status: int = 502

    async def strike(self, call: Call, proceed: Proceed) -> Response | None:
        await proceed()
        return Status(self.status, "html").response()


@dataclass(frozen=True)
class Hang(Action):
    """Nothing happens for `seconds`, then the connection ends."""

    when: Literal["head", "body", "processed"] = "head"
    """Before the body is read, after it, or after the request was processed."""
    seconds: float = 3600.0

    async def strike(self, call: Call, proceed: Proceed) -> Response | None:
        if self.when == "body":
            await call.drain()
        elif self.when == "processed":
            await proceed()
        await asyncio.sleep(self.seconds)
        return None


@dataclass(frozen=True)
class Delay(Action):
    """The answer comes `seconds` late."""

    seconds: float

    async def strike(self, call: Call, proceed: Proceed) -> Response | None:
        response = await proceed()
        await asyncio.sleep(self.seconds)
        return response


@dataclass(frozen=True)
class Drip(Action):
    """The answer comes a few bytes at a time."""

    chunk: int = 16
    pause: float = 0.05

    async def strike(self, call: Call, proceed: Proceed) -> Response | None:
        response = await proceed()
        content = bytes(response.body)

        async def parts() -> Any:
            for start in range(0, len(content), self.chunk):
                yield content[start : start + self.chunk]
                await asyncio.sleep(self.pause)

        headers = dict(response.headers)
        return StreamingResponse(parts(), response.status_code, headers, response.media_type)


class Rewrite(Action):
    """Base of faults that change a JSON answer after the request was processed."""

    async def strike(self, call: Call, proceed: Proceed) -> Response | None:
        response = await proceed()
        if response.media_type != "application/json" or response.status_code >= 400:
            return response
        kept = {name: value for name, value in response.headers.items() if not name.startswith("content-")}
        return json_reply(self.rewrite(json.loads(bytes(response.body))), response.status_code, kept)

    def rewrite(self, document: Any) -> Any:
        raise NotImplementedError


@dataclass(frozen=True)
class Shuffle(Rewrite):
    """data[] and every relationships[] in another order: backwards, or by chance from `seed`."""

    seed: int | None = None

    def rewrite(self, document: Any) -> Any:
        if isinstance(document, dict):
            return {
                key: self._shuffled(value) if key in ("data", "relationships") else self.rewrite(value)
                for key, value in document.items()
            }
        return document

    def _shuffled(self, value: Any) -> Any:
        if not isinstance(value, list):
            return self.rewrite(value)
        items = [self.rewrite(item) for item in value][::-1]
        if self.seed is not None:
            random.Random(self.seed).shuffle(items)
        return items


@dataclass(frozen=True)
class _Fields(Rewrite):
    """Base of faults that change fields wherever they stand."""

    names: tuple[str, ...] = ()

    def rewrite(self, document: Any) -> Any:
        if isinstance(document, list):
            return [self.rewrite(item) for item in document]
        if not isinstance(document, dict):
            return document
        changed: dict[str, Any] = {}
        for key, value in document.items():
            if key in self.names:
                self.change(changed, key, value)
            else:
                changed[key] = self.rewrite(value)
        return changed

    def change(self, into: dict[str, Any], key: str, value: Any) -> None:
        raise NotImplementedError


@dataclass(frozen=True)
class SameNames(_Fields):
    """Every file of the answer is called the same."""

    names: tuple[str, ...] = ("originalFileName",)
    name: str = "page.png"

    def change(self, into: dict[str, Any], key: str, value: Any) -> None:
        into[key] = self.name


@dataclass(frozen=True)
class Without(_Fields):
    """Fields are missing; by default all that the documentation does not promise."""

    names: tuple[str, ...] = (
        "response", "version", "createdAt", "updatedAt", "source", "fileHash", "mimeType", "isUnavailable",
        "readableAt", "publishAt", "isCommitted", "isProcessed", "isDeleted", "errors", "refresh_expires_in",
        "expires_in", "token_type", "scope", "session_state",
    )  # fmt: skip

    def change(self, into: dict[str, Any], key: str, value: Any) -> None:
        return


@dataclass(frozen=True)
class WrongTypes(_Fields):
    """Numbers come as text, text as numbers, maps as lists, lists as null."""

    names: tuple[str, ...] = (
        "version", "fileSize", "pages", "createdAt", "updatedAt", "title", "altTitles", "roles", "username",
        "errors", "total", "isUnavailable", "publishAt",
    )  # fmt: skip

    def change(self, into: dict[str, Any], key: str, value: Any) -> None:
        if isinstance(value, bool):
            into[key] = "yes" if value else ""
        elif isinstance(value, int):
            into[key] = str(value)
        elif isinstance(value, str):
            into[key] = 12345
        else:
            into[key] = [] if isinstance(value, dict) else None


@dataclass(frozen=True)
class Bare(Rewrite):
    """An entity without its envelope, as the specification types sessions and chapters."""

    def rewrite(self, document: Any) -> Any:
        return document["data"] if isinstance(document, dict) and "data" in document else document


@dataclass(frozen=True)
class HugeMessage(Action):
    """An error whose text is very long; not processed."""

    characters: int = 2_000_000
    status: int = 400

    async def strike(self, call: Call, proceed: Proceed) -> Response | None:
        await call.drain()
        return error_reply([error_object(self.status, "long " * (self.characters // 5))], self.status)


@dataclass(frozen=True)
class RefuseFiles(Action):
    """Some files of the request are refused, the others taken."""

    name: str = ""
    """Regular expression that is looked for in the file's name."""
    sha256: str = ""
    detail: str = "The file could not be processed"
    named: bool = True
    """Whether the error's detail begins with the file's name."""

    async def strike(self, call: Call, proceed: Proceed) -> Response | None:
        call.refusals.append(FileRefusal(self.name, self.sha256, self.detail, self.named))
        return await proceed()


@dataclass(frozen=True)
class RefuseRequest(Action):
    """A request that holds a certain file is refused whole; nothing of it is kept."""

    name: str = ""
    """Regular expression that is looked for in the files' names."""
    status: int = 400
    detail: str = "The files could not be processed"

    async def strike(self, call: Call, proceed: Proceed) -> Response | None:
        content = await call.request.body()
        names = re.findall(rb'filename="([^"\r\n]*)"', content)
        if any(re.search(self.name, name.decode("utf-8", "replace")) for name in names):
            return Status(self.status, detail=self.detail).response()
        call.request = Request(call.request.scope, _replay(content))
        return await proceed()


@dataclass(frozen=True)
class TooLargeFrom(Action):
    """413, in the load balancer's HTML, for bodies of so many bytes or more; others pass."""

    body_bytes: int

    async def strike(self, call: Call, proceed: Proceed) -> Response | None:
        if int(call.request.headers.get("content-length", "0")) < self.body_bytes:
            return await proceed()
        await call.drain()
        return Status(413, "html").response()


@dataclass(frozen=True)
class Pretend(Action):
    """The answer is a success, but nothing is done."""

    async def strike(self, call: Call, proceed: Proceed) -> Response | None:
        await call.drain()
        return json_reply({"result": "ok"})


@dataclass(frozen=True)
class ExpireTokens(Action):
    """Every access token dies just before the request is looked at."""

    refresh_too: bool = False
    """The logins end as well, so that the refresh token is refused."""

    async def strike(self, call: Call, proceed: Proceed) -> Response | None:
        call.service.tokens.expire_access()
        if self.refresh_too:
            call.service.tokens.end_all_logins()
        return await proceed()


@dataclass(frozen=True)
class RefreshRefused(Action):
    """Keycloak's answer to a dead refresh token; other grants pass."""

    description: str = "Token is not active"

    async def strike(self, call: Call, proceed: Proceed) -> Response | None:
        content = await call.request.body()
        if b"grant_type=refresh_token" in content:
            return json_reply({"error": "invalid_grant", "error_description": self.description}, 400)
        call.request = Request(call.request.scope, _replay(content))
        return await proceed()


def _replay(content: bytes) -> Callable[[], Awaitable[Message]]:
    async def receive() -> Message:
        return {"type": "http.request", "body": content, "more_body": False}

    return receive


KINDS: dict[str, type[Action]] = {
    "status": Status,
    "too-many": TooMany,
    "banned": Banned,
    "captcha": Captcha,
    "cut": Cut,
    "cut-after": CutAfter,
    "lost": Lost,
    "hang": Hang,
    "delay": Delay,
    "drip": Drip,
    "shuffle": Shuffle,
    "same-names": SameNames,
    "without": Without,
    "wrong-types": WrongTypes,
    "bare": Bare,
    "huge-message": HugeMessage,
    "refuse-files": RefuseFiles,
    "refuse-request": RefuseRequest,
    "too-large-from": TooLargeFrom,
    "pretend": Pretend,
    "expire-tokens": ExpireTokens,
    "refresh-refused": RefreshRefused,
}
"""Names of the actions in `/_sandbox/faults`."""
