"""Logging in and staying logged in: OAuth2 tokens of a personal client (`mangadex-api.md` 2)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from urllib.parse import urlencode, urlsplit

import httpx

from tui.mangadex.addresses import check_address
from tui.mangadex.answers import Answer, of_exception, read_answer
from tui.mangadex.clock import Clock, SystemClock
from tui.mangadex.credentials import Tokens
from tui.mangadex.endpoints import Endpoint
from tui.mangadex.errors import ConnectFailed, LoginRequired, MangaDexError, Unavailable
from tui.mangadex.limits import Limiter
from tui.mangadex.token_answers import is_token, login_error, read_tokens, refresh_error
from tui.mangadex.transport import HEADERS, open_http, timeout_for, total_seconds
from tui.secret import Secret

TOKEN = Endpoint("POST", "/token", needs_login=False, changes=False, seconds=30.0)
REVOKE = Endpoint("POST", "/revoke", needs_login=False, changes=False, seconds=5.0)

LIMIT_NAME = "logging in"
MARGIN = 60.0
"""Seconds before its end at which an access token is replaced, so that it does not end inside a request."""
REFRESH_TRIES = 3
LAST_CHANCE = 2.0
"""Seconds that closing waits for a refresh under way."""
_FIRST_DELAY = 1.0
_SOON = (0.5, 1.0)
"""Seconds between looks for the token of another dexup."""


class TokenAuth(httpx.Auth):
    """Puts the access token on requests to the API, and keeps it fresh.

    A token about to end is refreshed before it is used; a 401 leads to one refresh and one replay of the same
    request. However many requests need it, there is one refresh at a time, and cancelling one of them does
    not cancel it, since the answer may hold a new refresh token that must be saved. `on_tokens` gets every
    new pair at once, before it is used. Tokens go to the API's own origin and nowhere else.
    """

    def __init__(
        self,
        auth_url: str,
        client_id: str,
        client_secret: Secret,
        *,
        tokens: Tokens | None = None,
        on_tokens: Callable[[Tokens], None] | None = None,
        kept_token: Callable[[], Awaitable[Secret | None]] | None = None,
        clock: Clock | None = None,
    ) -> None:
        """`kept_token` gives the refresh token that is kept on this machine, None when none is: another dexup
        may have used up ours, which is good for one refresh."""
        self._auth_url = check_address(auth_url)
        self._client_id = client_id
        self._client_secret = client_secret
        self._tokens = tokens
        self._on_tokens = on_tokens
        self._kept_token = kept_token
        self._clock = clock or SystemClock()
        self._margin = MARGIN
        self._refreshing: asyncio.Task[Tokens] | None = None
        self._dead: LoginRequired | None = None
        self._origin: tuple[str, str, int | None] | None = None
        self._open: Callable[[], httpx.AsyncClient] | None = None
        self._on_note: Callable[[str], None] | None = None
        self._on_failure: Callable[[MangaDexError, str], None] | None = None

    @property
    def tokens(self) -> Tokens | None:
        """The newest tokens, None when nobody is logged in."""
        return self._tokens

    @property
    def client_id(self) -> str:
        return self._client_id

    @property
    def logged_in(self) -> bool:
        """True when there is a token to try; only the service knows whether it is still good."""
        return self._tokens is not None

    def bind(
        self,
        api_url: str,
        open_client: Callable[[], httpx.AsyncClient],
        on_note: Callable[[str], None] | None = None,
        on_failure: Callable[[MangaDexError, str], None] | None = None,
    ) -> None:
        """Serve the API at `api_url`, sending through the client that `open_client` gives (MangaDex
        calls this)."""
        self._origin = _origin(httpx.URL(api_url))
        self._open = open_client
        self._on_note = on_note
        self._on_failure = on_failure

    async def log_in(self, username: str, password: Secret) -> Tokens:
        """Log in with the password grant.

        Raises LoginFailed (its `problem` says which part is wrong), ConnectFailed, Unavailable, RateLimited,
        Banned.
        """
        asked_at = self._clock.now()
        answer = await self._post(TOKEN, grant_type="password", username=username, password=password.reveal())
        if not answer.ok:
            raise self._told(login_error(answer))
        return self._accept(read_tokens(answer, asked_at, None), asked_at)

    async def ready(self) -> None:
        """Make sure of a token that is good for a while. LoginRequired when there is none any more; the errors of
        :meth:`log_in` otherwise."""
        await self._usable_tokens()

    async def log_out(self) -> None:
        """Forget the tokens, and ask the auth server to do so too; that it cannot is only noted."""
        tokens, self._tokens = self._tokens, None
        if tokens is None or not tokens.refresh:
            return
        try:
            await self._post(REVOKE, token=tokens.refresh.reveal())
        except MangaDexError as error:
            self._note(f"logged out here; the auth server could not be told: {error.detail or error.title}")

    async def aclose(self) -> None:
        """Let a refresh under way finish, since its answer may hold the only valid refresh token."""
        if self._refreshing is not None and not self._refreshing.done():
            await asyncio.wait({self._refreshing}, timeout=LAST_CHANCE)
            self._refreshing.cancel()
            await asyncio.wait({self._refreshing})

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        if self._tokens is None or _origin(request.url) != self._origin:
            yield request
            return
        used = await self._usable_tokens()
        _sign(request, used)
        response = yield request
        if response.status_code == 401:
            _sign(request, await self._refreshed(used))
            yield request

    async def _usable_tokens(self) -> Tokens:
        """Tokens that are good for a while, refreshed first if need be."""
        tokens = self._tokens
        if tokens is None:
            raise LoginRequired("Nobody is logged in")
        left = tokens.expires_at - self._clock.now() if is_token(tokens.access.reveal()) else 0.0
        if left > self._margin:
            return tokens
        try:
            return await self._refreshed(tokens)
        except (ConnectFailed, Unavailable):
            if left > 0:
                return tokens  # still good; the next request tries again
            raise

    async def _refreshed(self, stale: Tokens) -> Tokens:
        """Newer tokens than `stale`; joins a refresh that is under way."""
        current = self._tokens
        if current is None:
            raise LoginRequired("Nobody is logged in")
        if current is not stale:
            return current
        if self._dead is not None:
            raise LoginRequired(self._dead.title, self._dead.detail, status=self._dead.status)
        if self._refreshing is None or self._refreshing.done():
            self._refreshing = asyncio.create_task(self._refresh(stale), name="token refresh")
            self._refreshing.add_done_callback(_look_at)
        return await asyncio.shield(self._refreshing)

    async def _refresh(self, stale: Tokens) -> Tokens:
        # A login that was just read from where it is kept has no access token yet.
        used = (await self._replaced(stale.refresh) if stale.access else None) or stale.refresh
        try:
            return await self._refresh_with(used)
        except LoginRequired as error:
            newer = await self._replaced_soon(used)
            if newer is None:
                self._dead = error
                raise
        # Another dexup used our token while we did. What it keeps gets one try.
        try:
            return await self._refresh_with(newer)
        except LoginRequired as error:
            self._dead = error
            raise

    async def _replaced(self, refresh: Secret | None) -> Secret | None:
        """The kept refresh token when it is another than this one."""
        kept = await self._kept_token() if self._kept_token is not None else None
        return kept if kept and kept != refresh else None

    async def _replaced_soon(self, refresh: Secret | None) -> Secret | None:
        """The same, with time for another dexup whose answer is still on its way or not yet written down."""
        newer = await self._replaced(refresh)
        for seconds in _SOON:
            if newer is not None or self._kept_token is None:
                break
            await self._clock.sleep(seconds)
            newer = await self._replaced(refresh)
        return newer

    async def _refresh_with(self, refresh: Secret | None) -> Tokens:
        if refresh is None or not is_token(refresh.reveal()):
            raise LoginRequired("The login has ended", "there is no refresh token")
        for tried in range(1, REFRESH_TRIES + 1):
            asked_at = self._clock.now()
            try:
                answer = await self._post(TOKEN, grant_type="refresh_token", refresh_token=refresh.reveal())
                if answer.ok:
                    tokens = self._accept(read_tokens(answer, asked_at, refresh), asked_at)
                    self._note("access token refreshed")
                    return tokens
                error = self._told(refresh_error(answer))
            except (ConnectFailed, Unavailable) as failure:
                error = failure
            if not isinstance(error, (ConnectFailed, Unavailable)) or tried == REFRESH_TRIES:
                raise error
            self._note(f"token refresh: {error.detail or error.title}; trying again")
            await self._clock.sleep(_FIRST_DELAY * 2 ** (tried - 1))
        raise AssertionError("unreachable")

    def _told(self, error: MangaDexError) -> MangaDexError:
        """`error`, of which the client has heard: limits and bans of the auth server are everybody's."""
        if self._on_failure is not None:
            self._on_failure(error, LIMIT_NAME)
        return error

    def _accept(self, tokens: Tokens, asked_at: float) -> Tokens:
        self._tokens = tokens
        self._dead = None
        # A token that lives for less than a few margins must not be refreshed before every request.
        self._margin = min(MARGIN, (tokens.expires_at - asked_at) / 4)
        if self._on_tokens is not None:
            try:
                self._on_tokens(tokens)
            except Exception as error:  # noqa: BLE001 - storing may fail in many ways; the token counts more
                self._note(f"the new token could not be saved: {type(error).__name__}: {error}")
        return tokens

    async def _post(self, endpoint: Endpoint, **form: str) -> Answer:
        """One form to the auth server. `form` is emptied once encoded, so that no traceback can show it."""
        path = urlsplit(self._auth_url).path + endpoint.path
        form["client_id"] = self._client_id
        form["client_secret"] = self._client_secret.reveal()
        request = httpx.Request(
            endpoint.method,
            self._auth_url + endpoint.path,
            content=urlencode(form).encode("ascii"),
            headers={**HEADERS, "Content-Type": "application/x-www-form-urlencoded"},
            extensions={
                "timeout": timeout_for(endpoint.seconds).as_dict(),
                "dexup_limit": LIMIT_NAME,
                "dexup_seconds": total_seconds(endpoint.seconds, 0),
            },
        )
        form.clear()
        if self._open is not None:
            return await _answer(self._open(), request, endpoint, path)
        async with open_http(Limiter(self._clock), self._clock) as http:
            return await _answer(http, request, endpoint, path)

    def _note(self, text: str) -> None:
        if self._on_note is not None:
            self._on_note(text)


async def _answer(http: httpx.AsyncClient, request: httpx.Request, endpoint: Endpoint, path: str) -> Answer:
    try:
        response = await http.send(request, auth=None, stream=True)
        try:
            return await read_answer(response, endpoint, path)
        finally:
            await response.aclose()
    except httpx.HTTPError as error:
        failure = of_exception(error, endpoint, path)
    raise failure  # out here, so that httpx's error, which knows the request, is not its context


def _sign(request: httpx.Request, tokens: Tokens) -> None:
    request.headers["Authorization"] = f"Bearer {tokens.access.reveal()}"


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _look_at(task: asyncio.Task[Tokens]) -> None:
    """Look at the error of a refresh that nobody waits for any more, or asyncio complains that nobody did."""
    if not task.cancelled():
        task.exception()
