"""One request to the API, from the first try to an answer or a typed error."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence

import httpx

from tui.mangadex.addresses import check_address
from tui.mangadex.answers import Answer, error_of, of_exception, read_answer
from tui.mangadex.auth import TokenAuth
from tui.mangadex.clock import Clock
from tui.mangadex.endpoints import Endpoint
from tui.mangadex.errors import (
    Banned,
    ConnectFailed,
    LoginRequired,
    MangaDexError,
    NotFound,
    RateLimited,
    Unavailable,
)
from tui.mangadex.limits import Limiter, LimitMemory
from tui.mangadex.models import RequestLine
from tui.mangadex.multipart import Multipart
from tui.mangadex.pace import Pace
from tui.mangadex.transport import open_http, timeout_for, total_seconds

SAFE_TRIES = 3
LIMITED_TRIES = 5
_FIRST_DELAY = 0.5

Query = Sequence[tuple[str, str]]


class Requester:
    """Sends requests of known endpoints.

    What changes nothing is tried up to SAFE_TRIES times; what changes something is sent once, except after
    401 (the auth flow, one refresh) and 429 (the service has not looked at it), at most LIMITED_TRIES times.
    """

    def __init__(
        self,
        api_url: str,
        auth: TokenAuth | None,
        clock: Clock,
        *,
        on_wait: Callable[[str, float], None] | None,
        on_note: Callable[[str], None] | None,
        on_request: Callable[[RequestLine], None] | None,
        inner: httpx.AsyncBaseTransport | None,
        pace: Pace | None = None,
        limits: LimitMemory | None = None,
    ) -> None:
        self.pace = pace if pace is not None else Pace(clock)
        """How fast pages may be sent; all requests share it."""
        self._api_url = check_address(api_url)
        self._clock = clock
        self._on_note = on_note
        self._on_request = on_request
        self._inner = inner
        self._limiter = Limiter(clock, on_wait, limits)
        self._http: httpx.AsyncClient | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._auth: TokenAuth | None = None
        self.use_auth(auth)

    @property
    def auth(self) -> TokenAuth | None:
        return self._auth

    def use_auth(self, auth: TokenAuth | None) -> None:
        """Send requests as another account from now on, or as nobody."""
        self._auth = auth
        if auth is not None:
            self.lend_to(auth)

    def lend_to(self, auth: TokenAuth) -> None:
        """Let `auth` send through this client: paced, logged, and silent while a ban cools down."""
        auth.bind(self._api_url, self._open, self._on_note, self._heed)

    def expect_pages(self, expected: bool) -> None:
        """Whether mere questions shall leave room for requests with pages."""
        self._limiter.expect_pages(expected)

    def _open(self) -> httpx.AsyncClient:
        """The one HTTP client, made in the event loop that first needs it."""
        loop = asyncio.get_running_loop()
        if self._http is None:
            self._http = open_http(self._limiter, self._clock, self._on_request, inner=self._inner)
            self._loop = loop
        if self._loop is not loop:
            raise RuntimeError("a MangaDex client stays in the event loop that first used it")
        return self._http

    async def aclose(self) -> None:
        """Close every connection. The next request would open new ones."""
        if self._auth is not None:
            await self._auth.aclose()
        http, self._http = self._http, None
        if http is not None:
            await http.aclose()

    async def send(
        self,
        endpoint: Endpoint,
        *ids: str,
        query: Query = (),
        document: object = None,
        body: Multipart | None = None,
    ) -> Answer:
        """The answer of `endpoint`, whose status is 2xx. Raises a MangaDexError for everything else."""
        answer = await self.ask(endpoint, *ids, query=query, document=document, body=body)
        if not answer.ok:
            raise self._failure(answer)
        return answer

    async def ask(
        self,
        endpoint: Endpoint,
        *ids: str,
        query: Query = (),
        document: object = None,
        body: Multipart | None = None,
    ) -> Answer:
        """Like `send()`, but a 404 is an answer too."""
        path = endpoint.path_for(*ids)
        if endpoint.needs_login and (self._auth is None or not self._auth.logged_in):
            raise LoginRequired("Nobody is logged in", method=endpoint.method, path=path)
        tried = 0
        limited = 0
        while True:
            tried += 1
            try:
                answer = await self._once(endpoint, path, query, document, body)
            except (ConnectFailed, Unavailable) as error:
                if endpoint.changes or tried >= SAFE_TRIES or error.path != path:
                    raise
                await self._clock.sleep(jittered(tried))
                continue
            if answer.ok:
                return answer
            failure = self._failure(answer)
            if isinstance(failure, NotFound):
                return answer
            if isinstance(failure, RateLimited):
                limited += 1
                if limited >= LIMITED_TRIES:
                    raise failure
                tried -= 1
                continue  # the limiter knows until when to wait
            if isinstance(failure, Unavailable) and tried < SAFE_TRIES:
                await self._clock.sleep(jittered(tried))
                continue
            raise failure

    async def _once(
        self, endpoint: Endpoint, path: str, query: Query, document: object, body: Multipart | None
    ) -> Answer:
        """One request, and the answer whatever its status."""
        http = self._open()
        length = body.length if body is not None else 0
        headers: Mapping[str, str] = body.headers if body is not None else {}
        request = http.build_request(
            endpoint.method,
            self._api_url + path,
            params=list(query) or None,
            json=document,
            content=body,
            headers=dict(headers),
            timeout=timeout_for(endpoint.seconds),
            extensions={
                "dexup_limit": endpoint.limit_name,
                "dexup_yields": endpoint.yields,
                "dexup_seconds": total_seconds(endpoint.seconds, length),
                "dexup_body": body,
            },
        )
        try:
            response = await http.send(request, auth=self._auth, stream=True)
            try:
                return await read_answer(response, endpoint, path)
            finally:
                await response.aclose()
        except httpx.HTTPError as error:
            failure = of_exception(error, endpoint, path)
        # Outside the handler, and without a cause: httpx's own errors hold the request with its headers.
        raise failure

    def _failure(self, answer: Answer) -> MangaDexError:
        error = error_of(answer)
        self._heed(error, answer.endpoint.limit_name)
        return error

    def _heed(self, error: MangaDexError, limit_name: str) -> None:
        """Stop everything after a ban, and write into the error until when to wait."""
        if isinstance(error, Banned):
            error.wait_until(self._limiter.ban())
        if isinstance(error, RateLimited):
            error.wait_until(self._limiter.blocked_until(limit_name))


def jittered(tried: int) -> float:
    """Seconds to wait after failure number `tried`: growing, and never in step with other clients."""
    return float(_FIRST_DELAY * 2 ** (tried - 1) * random.uniform(0.5, 1.5))
