"""The way to the network: straight, or through the proxy that the environment names."""

from __future__ import annotations

import functools
import socket
import ssl
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import httpx

from tui.mangadex.addresses import is_loopback
from tui.mangadex.errors import ConnectFailed

_KEPT_CONNECTIONS = 4
_KEPT_SECONDS = 15.0
_UNSENT_BYTES = 65536


class Network(httpx.AsyncBaseTransport):
    """Connections to the service, HTTP/1.1.

    HTTPS_PROXY, ALL_PROXY and NO_PROXY are obeyed for https addresses. Such a proxy only passes encrypted
    bytes on, so it reads no secret and adds no Via header, which the service refuses (`mangadex-api.md` 1.2).
    """

    def __init__(self) -> None:
        self._ways: dict[tuple[str, str | None], httpx.AsyncHTTPTransport] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        way = self._way(request.url.scheme, proxy_for(request.url))
        return await way.handle_async_request(request)

    async def aclose(self) -> None:
        for way in self._ways.values():
            await way.aclose()

    def _way(self, scheme: str, proxy: str | None) -> httpx.AsyncHTTPTransport:
        key = scheme, proxy
        if key not in self._ways:
            try:
                self._ways[key] = httpx.AsyncHTTPTransport(
                    verify=_trust() if scheme == "https" else _trust_in_nobody(),
                    limits=httpx.Limits(
                        max_connections=None,  # the pace of requests bounds them, and nothing may wait unseen
                        max_keepalive_connections=_KEPT_CONNECTIONS,
                        keepalive_expiry=_KEPT_SECONDS,
                    ),
                    proxy=proxy,
                    socket_options=_socket_options(),
                )
            except (ValueError, ImportError, httpx.InvalidURL):
                # The text of the cause may quote the proxy's address with its password.
                raise ConnectFailed(
                    "The proxy of this environment cannot be used", "HTTPS_PROXY wants http://HOST:PORT"
                ) from None
        return self._ways[key]


def proxy_for(url: httpx.URL) -> str | None:
    """The proxy that the environment names for `url`; none for plain http, which stays on this machine."""
    if url.scheme != "https" or is_loopback(url.host):
        return None
    named = urllib.request.getproxies()
    proxy = named.get("https") or named.get("all")
    if not proxy or urllib.request.proxy_bypass(url.host):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


@functools.cache
def load(url: str) -> None:
    """Load what the first request would load, which goes to `url`, for who has to wait for it anyway: threads that
    work meanwhile would hold it up. Blocking."""
    with ThreadPoolExecutor(1, "certificates") as pool:
        if url.startswith("https:"):
            pool.submit(_trust)  # beside the imports: reading certificates leaves the interpreter to others
        import anyio
        import httpcore

        anyio.run(anyio.sleep, 0)  # loads what asyncio needs of it
    assert httpcore


@functools.cache
def _trust() -> ssl.SSLContext:
    """The one SSL context: reading the certificate bundle takes longer than anything else here."""
    return httpx.create_ssl_context()


def _trust_in_nobody() -> ssl.SSLContext:
    """For plain http, where no certificate is looked at: none would be good enough, and none has to be read."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _socket_options() -> list[tuple[int, int, int]]:
    """A short queue in the kernel.

    Without it megabytes count as sent while they still wait, and a time-out for the answer starts too early.
    """
    options = [(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)]
    low_water = getattr(socket, "TCP_NOTSENT_LOWAT", None)
    if low_water is not None:
        options.append((socket.IPPROTO_TCP, low_water, _UNSENT_BYTES))
    return options
