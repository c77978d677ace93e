"""How bytes leave this machine: one HTTP client, every request paced, timed and written to the log."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from functools import partial

import httpx

from tui import __version__
from tui.mangadex.clock import Clock
from tui.mangadex.limits import Limiter
from tui.mangadex.models import RequestLine
from tui.mangadex.multipart import Multipart
from tui.mangadex.network import Network

HEADERS = {
    "User-Agent": f"dexup/{__version__}",
    "Accept": "application/json",
    "Accept-Encoding": "gzip, deflate",
}
LARGEST_RAW_ANSWER = 8 * 1024 * 1024
LARGEST_RAW_REFUSAL = 64 * 1024
_CONNECT_SECONDS = 15.0
_WRITE_SECONDS = 60.0
_SLOWEST_BYTES_PER_SECOND = 4000.0


def timeout_for(seconds: float) -> httpx.Timeout:
    """Limits of the single steps. Reading may last as long as the whole: the clock of the whole decides."""
    return httpx.Timeout(connect=_CONNECT_SECONDS, write=_WRITE_SECONDS, read=seconds, pool=None)


def total_seconds(seconds: float, body_bytes: int) -> float:
    """How long a request may take from its first byte to the head of its answer, on a slow but living
    line."""
    return _CONNECT_SECONDS + seconds + body_bytes / _SLOWEST_BYTES_PER_SECOND


def open_http(
    limiter: Limiter,
    clock: Clock,
    on_request: Callable[[RequestLine], None] | None = None,
    *,
    inner: httpx.AsyncBaseTransport | None = None,
) -> httpx.AsyncClient:
    """The HTTP client. HTTP/1.1, no redirects; `inner` replaces the network in tests."""
    return httpx.AsyncClient(
        transport=PacedTransport(inner or Network(), limiter, clock, on_request),
        headers=HEADERS,
        follow_redirects=False,
        trust_env=False,
    )


class PacedTransport(httpx.AsyncBaseTransport):
    """Lets each request wait for its turn, bounds its time and its answer, and reports it.

    It sits below the auth flow, so that a replay after 401 is paced and logged like any other request.
    Requests name their rate limit and total time in the extensions `dexup_limit` and `dexup_seconds`. What a
    cap on the bandwidth holds back (`dexup_body`) does not count against that time.
    """

    def __init__(
        self,
        inner: httpx.AsyncBaseTransport,
        limiter: Limiter,
        clock: Clock,
        on_request: Callable[[RequestLine], None] | None,
    ) -> None:
        self._inner = inner
        self._limiter = limiter
        self._clock = clock
        self._on_request = on_request

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        name: str = request.extensions["dexup_limit"]
        seconds: float = request.extensions["dexup_seconds"]
        entry = await self._limiter.enter(name, yields=request.extensions.get("dexup_yields", 0))
        started = self._clock.monotonic()
        response: httpx.Response | None = None

        async def trace(step: str, _: object) -> None:
            if step == "connection.connect_tcp.started":
                self._limiter.connecting(entry)
            elif step == "http11.send_request_headers.complete":
                self._limiter.left(entry)

        request.extensions["trace"] = trace
        try:
            async with asyncio.timeout(seconds) as deadline:
                body: Multipart | None = request.extensions.get("dexup_body")
                if body is not None:
                    body.on_held = partial(_put_off, deadline)
                response = await self._inner.handle_async_request(request)
        except BaseException as error:
            self._report(request, started, None, type(error).__name__)
            if isinstance(error, TimeoutError):
                raise httpx.ReadTimeout(f"no answer within {seconds:.0f} s") from None
            if isinstance(error, ssl.SSLError):
                raise _broken(error) from error
            raise
        finally:
            self._limiter.leave(name, entry, answered=response is not None)
        self._limiter.learn(name, response.status_code, response.headers)
        self._report(request, started, response, "")
        assert isinstance(response.stream, httpx.AsyncByteStream)
        if response.status_code == 401:  # httpx reads this one whole, by itself, before it replays
            response.stream = _Bounded(response.stream, LARGEST_RAW_REFUSAL, cut=True)
        else:
            response.stream = _Bounded(response.stream, LARGEST_RAW_ANSWER)
        return response

    async def aclose(self) -> None:
        await self._inner.aclose()

    def _report(
        self, request: httpx.Request, started: float, response: httpx.Response | None, problem: str
    ) -> None:
        if self._on_request is None:
            return
        length = request.headers.get("content-length", "0")
        self._on_request(
            RequestLine(
                method=request.method,
                path=request.url.path,
                status=response.status_code if response is not None else None,
                seconds=self._clock.monotonic() - started,
                bytes=int(length) if length.isdigit() else 0,
                request_id=response.headers.get("x-request-id", "")[:100] if response is not None else "",
                problem=problem,
            )
        )


def _put_off(deadline: asyncio.Timeout, seconds: float) -> None:
    at = deadline.when()
    if at is not None and not deadline.expired():
        deadline.reschedule(at + seconds)


def _broken(error: ssl.SSLError) -> httpx.ReadError:
    """TLS that breaks in an open connection, as an error of the line; httpx lets it through as it is."""
    return httpx.ReadError(str(error))


class _Bounded(httpx.AsyncByteStream):
    """A body of at most `limit` bytes on the wire; longer ones are cut or refused."""

    def __init__(self, stream: httpx.AsyncByteStream, limit: int, *, cut: bool = False) -> None:
        self._stream = stream
        self._limit = limit
        self._cut = cut

    async def __aiter__(self) -> AsyncIterator[bytes]:
        left = self._limit
        try:
            async for piece in self._stream:
                left -= len(piece)
                if left < 0:
                    if self._cut:
                        return
                    raise httpx.DecodingError(f"the answer is larger than {self._limit} bytes")
                yield piece
        except ssl.SSLError as error:
            raise _broken(error) from error

    async def aclose(self) -> None:
        await self._stream.aclose()
