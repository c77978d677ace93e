from __future__ import annotations

import httpx
import pytest

from tests.support.bench import API
from tests.support.clock import FakeClock
from tests.support.wire import Exchange, wire_server
from tui.mangadex.client import MangaDex
from tui.mangadex.errors import ConnectFailed
from tui.mangadex.network import proxy_for

VARIABLES = ["http_proxy", "https_proxy", "all_proxy", "no_proxy"]


@pytest.fixture(autouse=True)
def no_proxy_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.mark.parametrize(
    ("variables", "url", "proxy"),
    [
        ({}, "https://api.mangadex.org", None),
        ({"HTTPS_PROXY": "http://p:3128"}, "https://api.mangadex.org", "http://p:3128"),
        ({"https_proxy": "p:3128"}, "https://api.mangadex.org", "http://p:3128"),
        ({"ALL_PROXY": "http://p:3128"}, "https://api.mangadex.org", "http://p:3128"),
        ({"HTTPS_PROXY": "http://p:3128", "NO_PROXY": "mangadex.org"}, "https://api.mangadex.org", None),
        ({"HTTPS_PROXY": "http://p:3128"}, "https://127.0.0.1:8000", None),
        ({"HTTP_PROXY": "http://p:3128", "ALL_PROXY": "http://p:3128"}, "http://127.0.0.1:8000", None),
        ({"ALL_PROXY": "http://p:3128"}, "http://elsewhere.example.org", None),  # it would read all
    ],
)
def test_which_proxy(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], url: str, proxy: str | None
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert proxy_for(httpx.URL(url)) == proxy


async def test_a_proxy_that_refuses_to_connect_has_seen_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    heads: list[tuple[str, str, dict[str, str]]] = []

    async def serve(exchange: Exchange) -> None:
        await exchange.read_head()
        heads.append((exchange.method, exchange.target, exchange.headers))
        await exchange.answer(502, body=b"no way")

    async with wire_server(serve) as address:
        monkeypatch.setenv("HTTPS_PROXY", address)
        client = MangaDex(API, None, clock=FakeClock())
        with pytest.raises(ConnectFailed, match="502"):
            await client.search_manga("private")
        await client.aclose()
    assert {(method, target) for method, target, _ in heads} == {("CONNECT", "api.example.org:443")}
    assert "private" not in str(heads)


async def test_a_proxy_address_that_cannot_be_used_is_not_quoted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "gopher://me:pa55@proxy")
    client = MangaDex(API, None, clock=FakeClock())
    with pytest.raises(ConnectFailed) as caught:
        await client.search_manga("x")
    await client.aclose()
    assert "pa55" not in str(caught.value)
