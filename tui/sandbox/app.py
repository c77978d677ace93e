"""The sandbox as an ASGI application: what happens to every request before and after its endpoint."""

from __future__ import annotations

import traceback
import uuid
from collections.abc import Callable
from email.utils import formatdate
from pathlib import Path
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from tui.sandbox import (
    auth_routes,
    catalogue_routes,
    chapter_routes,
    commit_routes,
    control_routes,
    upload_routes,
)
from tui.sandbox.auth_routes import RealmError
from tui.sandbox.call import Call
from tui.sandbox.faults import Faults
from tui.sandbox.link import Link, Message, Receive
from tui.sandbox.rate_limits import RateLimits
from tui.sandbox.replies import ApiError, error_object, error_reply
from tui.sandbox.requests_log import LoggedRequest, RequestsLog
from tui.sandbox.routing import find_route
from tui.sandbox.service import Service

API_ROUTES = (
    *upload_routes.ROUTES,
    *commit_routes.ROUTES,
    *catalogue_routes.ROUTES,
    *chapter_routes.ROUTES,
    *auth_routes.ROUTES,
)
_PRIVATE_HEADERS = frozenset({"authorization", "cookie"})


class SandboxApp:
    """Answers for the API, for its login realm below /realms, and for the controls below /_sandbox."""

    def __init__(self, service: Service, abort: Callable[[Any], None]) -> None:
        """`abort` cuts the connection that a scope's client address belongs to."""
        options = service.options
        self.service = service
        self.requests = RequestsLog()
        self.faults = Faults()
        self.mistakes: list[str] = []
        self.link = Link(options.uplink_bits_per_second, options.latency)
        self.limits = RateLimits(
            options.clock,
            enabled=options.rate_limits,
            requests_per_second=options.requests_per_second,
            burst=options.burst,
            ban_after=options.ban_after,
        )
        self._abort = abort

    async def __call__(self, scope: Any, receive: Receive, send: Callable[[Message], Any]) -> None:
        if scope["type"] != "http":
            return
        method, path = scope["method"], scope["path"]
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        entry = LoggedRequest(
            method,
            path,
            scope["query_string"].decode("latin-1"),
            self.service.now(),
            str(uuid.uuid4()),
            {name: value for name, value in headers.items() if name not in _PRIVATE_HEADERS},
        )
        controls = path.startswith("/_sandbox/")
        if not controls:
            self.requests.add(entry)
            receive = entry.recording(self.link.throttled(receive))
        request = Request(scope, receive)
        call = Call(self.service, request, entry, lambda: self._abort(scope["client"]))
        try:
            if controls:
                answer: Response | None = await self._answer(call, control_routes.routes(self), wrap=False)
            else:
                await self.link.delay()
                answer = await self.faults.strike(call, lambda: self._checked(call))
            if answer is None:
                self._abort(scope["client"])
                return
            if not controls and answer.media_type == "application/json":
                answer.headers["X-Request-ID"] = entry.request_id
            answer.headers["Date"] = formatdate(self.service.now(), usegmt=True)
            entry.status = answer.status_code
            await answer(scope, receive, send)
        except ClientDisconnect:
            return
        finally:
            entry.ended_at = self.service.now()

    async def _checked(self, call: Call) -> Response:
        """The answer of the endpoint, unless the address may not ask."""
        if call.entry.path.startswith("/realms/"):
            return await self._answer(call, auth_routes.REALM_ROUTES)
        refusal = self._refusal(call)
        if refusal is not None:
            await call.drain()
            return refusal
        address = call.request.client.host if call.request.client else ""
        verdict = self.limits.judge(address, call.entry.method, call.entry.path)
        if verdict.banned:
            await call.drain()
            return Response("<html><body><h1>403 Forbidden</h1></body></html>", 403, media_type="text/html")
        if not verdict.allowed:
            await call.drain()
            return error_reply([error_object(429, "Rate limit exceeded")], 429, verdict.headers)
        response = await self._answer(call, API_ROUTES)
        response.headers.update(verdict.headers)
        return response

    def _refusal(self, call: Call) -> Response | None:
        """The rules for headers (`mangadex-api.md` 1.2); the statuses are not documented."""
        headers = call.request.headers
        if not headers.get("user-agent", "").strip():
            return error_reply([error_object(400, "A User-Agent header is required")], 400)
        if "via" in headers:
            return error_reply([error_object(403, "Requests through proxies are not allowed")], 403)
        return None

    async def _answer(self, call: Call, routes: Any, *, wrap: bool = True) -> Response:
        try:
            handler, ids = find_route(routes, call.entry.method, call.entry.path)
            response = await handler(call, **ids)
        except ApiError as error:
            await call.drain()
            response = error.reply
        except RealmError as error:
            await call.drain()
            response = error.reply
        except ClientDisconnect:
            raise
        except Exception as error:
            if not wrap:
                raise
            where = traceback.extract_tb(error.__traceback__)[-1]
            place = f"{Path(where.filename).name}:{where.lineno}"
            self.mistakes.append(f"{call.entry.method} {call.entry.path}: {error!r} at {place}")
            response = error_reply([error_object(500, f"{type(error).__name__}: {error}")], 500)
        return response
