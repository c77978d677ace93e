"""A MangaDex client whose network is a script, and a clock that needs no time."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx

from tests.support.clock import FakeClock
from tui.mangadex.auth import TokenAuth
from tui.mangadex.client import MangaDex
from tui.mangadex.credentials import Tokens
from tui.mangadex.models import RequestLine
from tui.secret import Secret

API = "https://api.example.org"
AUTH = "https://auth.example.org/realms/mangadex/protocol/openid-connect"
ID = "f9c33607-9180-4ba6-b85c-e4b5faee7192"

Reply = httpx.Response | Exception


def entity(id: str = ID, type: str = "manga", **attributes: object) -> dict[str, object]:
    return {"id": id, "type": type, "attributes": attributes, "relationships": []}


def ok(data: object) -> httpx.Response:
    return httpx.Response(200, json={"result": "ok", "response": "entity", "data": data})


def error(
    status: int, title: str = "some_exception", detail: str | None = "words", **headers: str
) -> httpx.Response:
    document = {"result": "error", "errors": [{"id": ID, "status": status, "title": title, "detail": detail}]}
    return httpx.Response(status, json=document, headers={k.replace("_", "-"): v for k, v in headers.items()})


@dataclass
class Network:
    """Answers requests from a script; the last reply repeats. Keeps what was sent."""

    replies: list[Reply | Callable[[httpx.Request], httpx.Response]] = field(default_factory=list)
    token_replies: list[Reply] = field(default_factory=list)
    seen: list[httpx.Request] = field(default_factory=list)
    token_forms: list[dict[str, str]] = field(default_factory=list)
    at: list[float] = field(default_factory=list)
    clock: FakeClock = field(default_factory=FakeClock)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.host == "auth.example.org":
            self.token_forms.append(dict(httpx.QueryParams(request.content.decode())))
            reply = self.token_replies.pop(0) if len(self.token_replies) > 1 else self.token_replies[0]
        else:
            # A copy: a replay changes the headers of the very same object.
            self.seen.append(
                httpx.Request(request.method, request.url, headers=request.headers, content=request.content)
            )
            self.at.append(self.clock.monotonic())
            chosen = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
            if not isinstance(chosen, (httpx.Response, Exception)):
                return chosen(request)
            reply = chosen
        if isinstance(reply, Exception):
            raise reply
        return httpx.Response(reply.status_code, headers=reply.headers, content=reply.content)

    def documents(self) -> list[object]:
        return [json.loads(request.content) for request in self.seen]


@dataclass
class Bench:
    """Everything a test of the client needs."""

    network: Network
    clock: FakeClock
    auth: TokenAuth
    client: MangaDex
    waits: list[tuple[str, float]]
    notes: list[str]
    lines: list[RequestLine]
    saved: list[Tokens]

    def reply(self, *replies: Reply | Callable[[httpx.Request], httpx.Response]) -> None:
        self.network.replies = list(replies)

    def reply_token(self, *replies: Reply) -> None:
        self.network.token_replies = list(replies)


def token_answer(
    access: str = "access-2", refresh: str | None = "refresh-2", **more: object
) -> httpx.Response:
    document: dict[str, object] = {"access_token": access, "expires_in": 900, **more}
    if refresh is not None:
        document["refresh_token"] = refresh
    return httpx.Response(200, json=document)


@asynccontextmanager
async def open_bench() -> AsyncIterator[Bench]:
    clock = FakeClock()
    network = Network(clock=clock)
    waits: list[tuple[str, float]] = []
    notes: list[str] = []
    lines: list[RequestLine] = []
    saved: list[Tokens] = []
    tokens = Tokens(Secret("access-1"), Secret("refresh-1"), clock.now() + 900)
    auth = TokenAuth(
        AUTH, "personal-client-x", Secret("client-secret"), tokens=tokens, on_tokens=saved.append, clock=clock
    )
    client = MangaDex(
        API,
        auth,
        clock=clock,
        on_wait=lambda reason, until: waits.append((reason, until)),
        on_note=notes.append,
        on_request=lines.append,
        transport=httpx.MockTransport(network),
    )
    try:
        yield Bench(network, clock, auth, client, waits, notes, lines, saved)
    finally:
        await client.aclose()
