"""The MangaDex API: every call that dexup makes, with typed results and typed errors."""

from __future__ import annotations

from collections.abc import Callable

import httpx

from tui.mangadex.auth import TokenAuth
from tui.mangadex.chapters import Chapters
from tui.mangadex.clock import Clock, SystemClock
from tui.mangadex.limits import LimitMemory
from tui.mangadex.models import RequestLine
from tui.mangadex.pace import Pace
from tui.mangadex.requester import Requester
from tui.mangadex.uploads import Uploads


class MangaDex(Uploads, Chapters):
    """An async client of the service. Every method raises the errors of tui.mangadex.errors and no other.

    `api_url` is https, or http to this machine itself (UnsafeAddress otherwise). `on_wait(reason, until)`
    hears of waits for a rate limit (epoch second), `on_note(text)` of things worth a log line,
    `on_request(line)` of every request on the wire. They are called in the event loop and must not block. The
    client belongs to the event loop that first uses it. `pace` says how fast pages go up, `limits` keeps the
    service's limits for the next process, `transport` replaces the network in tests.
    """

    def __init__(
        self,
        api_url: str,
        auth: TokenAuth | None,
        *,
        clock: Clock | None = None,
        on_wait: Callable[[str, float], None] | None = None,
        on_note: Callable[[str], None] | None = None,
        on_request: Callable[[RequestLine], None] | None = None,
        pace: Pace | None = None,
        limits: LimitMemory | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._requests = Requester(
            api_url,
            auth,
            clock or SystemClock(),
            on_wait=on_wait,
            on_note=on_note,
            on_request=on_request,
            inner=transport,
            pace=pace,
            limits=limits,
        )

    @property
    def pace(self) -> Pace:
        """How fast pages go up."""
        return self._requests.pace

    @property
    def page_speed(self) -> float:
        """Bytes a second at which pages will go up, as far as that is known; 0 when it is not."""
        return self.pace.expected

    def expect_pages(self, expected: bool) -> None:
        """Say whether more requests with pages will soon want to go out: mere questions give way to those."""
        self._requests.expect_pages(expected)

    @property
    def auth(self) -> TokenAuth | None:
        """The login in use, None for anonymous calls."""
        return self._requests.auth

    def use_auth(self, auth: TokenAuth | None) -> None:
        """Go on as another account, or as nobody."""
        self._requests.use_auth(auth)

    def lend_to(self, auth: TokenAuth) -> None:
        """Let `auth` log in through this client, without using it for requests yet."""
        self._requests.lend_to(auth)

    async def aclose(self) -> None:
        """Close every connection."""
        await self._requests.aclose()
