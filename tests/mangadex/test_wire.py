"""The client on real sockets: what a network can do to a request."""

from __future__ import annotations

import asyncio
import io
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import httpx
import pytest

from tests.support.bench import ID, entity, token_answer
from tests.support.clock import FakeClock
from tests.support.tls import tls_contexts
from tests.support.wire import Exchange, wire_server
from tui.mangadex import endpoints, errors
from tui.mangadex.auth import TokenAuth
from tui.mangadex.client import MangaDex
from tui.mangadex.credentials import Tokens
from tui.mangadex.models import ChapterDraft
from tui.mangadex.multipart import FilePart
from tui.secret import Secret

USER = {"result": "ok", "data": entity(ID, "user", username="a")}
ACCEPTED = {"result": "ok", "errors": [], "data": [entity(originalFileName="0001.png")]}
DRAFT = ChapterDraft(None, "1", None, "en")


def page(size: int = 4, *, planned: int | None = None) -> FilePart:
    return FilePart(
        "0001.png", "image/png", size if planned is None else planned, lambda: io.BytesIO(b"x" * size)
    )


@asynccontextmanager
async def talking_to(
    serve: Callable[[Exchange], Awaitable[None]], *, tls: bool = False
) -> AsyncIterator[tuple[MangaDex, list[Exchange]]]:
    """A client with a valid token, and every connection that it made."""
    made: list[Exchange] = []

    async def noted(exchange: Exchange) -> None:
        made.append(exchange)
        await serve(exchange)

    ours, theirs = tls_contexts() if tls else (None, None)
    async with wire_server(noted, ours) as address:
        clock = FakeClock()
        tokens = Tokens(Secret("access-1"), Secret("refresh-1"), clock.now() + 900)
        auth = TokenAuth(address + "/realm", "c", Secret("s"), tokens=tokens, clock=clock)
        transport = httpx.AsyncHTTPTransport(verify=theirs) if theirs else None
        client = MangaDex(address, auth, clock=clock, transport=transport)
        try:
            yield client, made
        finally:
            await client.aclose()


async def test_pages_arrive_whole_and_the_connection_is_kept() -> None:
    bodies: list[bytes] = []

    async def serve(exchange: Exchange) -> None:
        while True:
            await exchange.read_head()
            bodies.append(await exchange.read_body())
            await exchange.answer(200, ACCEPTED)

    heard: list[int] = []
    async with talking_to(serve) as (client, made):
        for _ in range(2):
            answer = await client.upload(
                ID, [page(3_000_000)], on_progress=lambda sent, total: heard.append(sent)
            )
            assert answer.accepted[0].name == "0001.png"
    assert len(made) == 1
    assert "transfer-encoding" not in made[0].headers
    assert [b"\r\n\r\n" + b"x" * 3_000_000 + b"\r\n--" in body for body in bodies] == [True, True]
    assert heard[0] == 0
    assert max(heard) == 3_000_000


@pytest.mark.parametrize("words", [b"", b"x" * 9_000_000], ids=["short", "endless"])
async def test_401_in_the_middle_sends_the_same_pages_again_with_the_new_token(words: bytes) -> None:
    bodies: list[bytes] = []

    async def serve(exchange: Exchange) -> None:
        while True:
            await exchange.read_head()
            body = await exchange.read_body()
            if exchange.target.endswith("/token"):
                await exchange.answer(200, token_answer().json())
                continue
            bodies.append(body)
            good = exchange.headers["authorization"] == "Bearer access-2"
            await (exchange.answer(200, ACCEPTED) if good else exchange.answer(401, body=words))

    async with talking_to(serve) as (client, _):
        await client.upload(ID, [page(700_000)])
    assert len(bodies) == 2
    assert bodies[0] == bodies[1]


async def cut_at_once(exchange: Exchange) -> None:
    await exchange.read_head()
    exchange.reset()


async def cut_in_the_body(exchange: Exchange) -> None:
    await exchange.read_head()
    await exchange.reader.read(1000)
    exchange.reset()


async def cut_after_the_body(exchange: Exchange) -> None:
    await exchange.read_head()
    await exchange.read_body()
    exchange.reset()


async def close_without_an_answer(exchange: Exchange) -> None:
    await exchange.read_head()
    await exchange.read_body()
    exchange.writer.close()


async def cut_in_the_answer(exchange: Exchange) -> None:
    await exchange.read_head()
    await exchange.read_body()
    exchange.writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{")
    await exchange.writer.drain()
    exchange.writer.close()


async def answer_nonsense(exchange: Exchange) -> None:
    await exchange.read_head()
    await exchange.read_body()
    exchange.writer.write(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")
    await exchange.writer.drain()


CUTS = [
    cut_at_once,
    cut_in_the_body,
    cut_after_the_body,
    close_without_an_answer,
    cut_in_the_answer,
    answer_nonsense,
]


@pytest.mark.parametrize("serve", CUTS)
async def test_a_cut_leaves_an_upload_unknown_and_it_is_not_sent_again(
    serve: Callable[[Exchange], Awaitable[None]],
) -> None:
    async with talking_to(serve) as (client, made):
        with pytest.raises(errors.UnknownOutcome):
            await client.upload(ID, [page(2_000_000)])
        assert len(made) == 1
        with pytest.raises(errors.UnknownOutcome):
            await client.commit(ID, DRAFT, [ID], terms_accepted=True)
        assert len(made) == 2


@pytest.mark.parametrize("serve", [cut_at_once, close_without_an_answer, cut_in_the_answer])
async def test_a_lookup_survives_a_cut(serve: Callable[[Exchange], Awaitable[None]]) -> None:
    count = 0

    async def once(exchange: Exchange) -> None:
        nonlocal count
        count += 1
        if count == 1:
            await serve(exchange)
            return
        await exchange.read_head()
        await exchange.answer(200, USER)

    async with talking_to(once) as (client, made):
        assert (await client.me()).username == "a"
        assert len(made) == 2


async def clear_text_instead_of_an_answer(exchange: Exchange) -> None:
    """What a box between the two does that knows of no TLS."""
    await exchange.read_head()
    await exchange.read_body()
    exchange.in_the_clear(b"HTTP/1.1 502 Bad Gateway\r\n\r\n")
    await exchange.reader.read()


async def clear_text_in_the_answer(exchange: Exchange) -> None:
    await exchange.read_head()
    await exchange.read_body()
    exchange.writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{")
    await exchange.writer.drain()
    exchange.in_the_clear(b"HTTP/1.1 502 Bad Gateway\r\n\r\n")
    await exchange.reader.read()


@pytest.mark.parametrize("serve", [clear_text_instead_of_an_answer, clear_text_in_the_answer])
async def test_tls_that_breaks_in_an_open_connection_is_a_cut(
    serve: Callable[[Exchange], Awaitable[None]],
) -> None:
    async with talking_to(serve, tls=True) as (client, made):
        with pytest.raises(errors.UnknownOutcome, match="the connection broke"):
            await client.upload(ID, [page(2_000_000)])
        with pytest.raises(errors.UnknownOutcome, match="the connection broke"):
            await client.commit(ID, DRAFT, [ID], terms_accepted=True)
        assert len(made) == 2
        with pytest.raises(errors.Unavailable):
            await client.me()
        assert client.auth is not None
        with pytest.raises(errors.MangaDexError, match="the connection broke"):
            await client.auth.log_in("u", Secret("p"))


async def test_nobody_listening_means_nothing_was_sent() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        client = MangaDex(f"http://127.0.0.1:{unused.getsockname()[1]}", None, clock=FakeClock())
        with pytest.raises(errors.ConnectFailed):
            await client.search_manga("x")
        await client.aclose()


async def test_a_server_without_a_valid_certificate_gets_nothing() -> None:
    heard: list[bytes] = []

    async def serve(exchange: Exchange) -> None:
        heard.append(await exchange.reader.read(65536))
        exchange.writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        await exchange.writer.drain()

    async with wire_server(serve) as address:
        client = MangaDex(address.replace("http:", "https:"), None, clock=FakeClock())
        with pytest.raises(errors.ConnectFailed):
            await client.search_manga("private")
        await client.aclose()
    assert heard
    assert not [data for data in heard if b"private" in data]


async def test_an_idle_connection_that_the_server_closed_is_not_used_again() -> None:
    async def serve(exchange: Exchange) -> None:
        await exchange.read_head()
        await exchange.read_body()
        await exchange.answer(200, {"data": entity()})
        exchange.writer.close()
        await exchange.writer.wait_closed()

    async with talking_to(serve) as (client, made):
        for _ in range(3):
            await client.begin(ID, [])
            await asyncio.sleep(0.02)  # the close travels through the kernel
        assert len(made) == 3


async def hang(exchange: Exchange) -> None:
    await exchange.read_head()
    await asyncio.sleep(60)


async def drip(exchange: Exchange) -> None:
    await exchange.read_head()
    exchange.writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n")
    while True:
        exchange.writer.write(b" ")
        await exchange.writer.drain()
        await asyncio.sleep(0.02)


@pytest.mark.parametrize("serve", [hang, drip])
async def test_the_whole_of_an_answer_has_a_limit(
    serve: Callable[[Exchange], Awaitable[None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.mangadex.requester.total_seconds", lambda seconds, length: seconds)
    monkeypatch.setattr(endpoints, "ME", replace(endpoints.ME, seconds=0.1))
    monkeypatch.setattr(endpoints, "BEGIN", replace(endpoints.BEGIN, seconds=0.1))
    async with talking_to(serve) as (client, made):
        with pytest.raises(errors.Unavailable, match="0 s"):
            await client.me()
        assert len(made) == 3
        with pytest.raises(errors.UnknownOutcome):
            await client.begin(ID, [])
        assert len(made) == 4


async def test_a_refusal_while_pages_are_still_going_out_is_heard() -> None:
    async def serve(exchange: Exchange) -> None:
        await exchange.read_head()
        await exchange.answer(413, body=b"<h1>413 Request Entity Too Large")
        while await exchange.reader.read(65536):  # lingers, as nginx does
            pass

    async with talking_to(serve) as (client, _):
        with pytest.raises(errors.TooLarge):
            await client.upload(ID, [page(5_000_000)])


async def test_a_refusal_followed_by_a_cut_is_never_taken_for_a_success() -> None:
    async def serve(exchange: Exchange) -> None:
        await exchange.read_head()
        await exchange.answer(413, body=b"too large")
        exchange.reset()

    async with talking_to(serve) as (client, made):
        with pytest.raises((errors.TooLarge, errors.UnknownOutcome)):
            await client.upload(ID, [page(5_000_000)])
        assert len(made) == 1


@pytest.mark.parametrize(("size", "planned"), [(600_000, 700_000), (700_000, 600_000)])
async def test_a_page_that_changes_while_it_is_sent_never_arrives_whole(size: int, planned: int) -> None:
    arrived: list[bool] = []

    async def serve(exchange: Exchange) -> None:
        await exchange.read_head()
        if exchange.method == "GET":
            await exchange.answer(200, USER)
            return
        try:
            await exchange.read_body()
            arrived.append(True)
        except asyncio.IncompleteReadError:
            arrived.append(False)

    async with talking_to(serve) as (client, _):
        with pytest.raises(errors.PageChanged) as caught:
            await client.upload(ID, [page(size, planned=planned)])
        assert caught.value.part_name == "0001.png"
        assert (await client.me()).username == "a"
    assert arrived == [False]


async def test_a_cancelled_upload_closes_its_files_and_leaves_the_client_usable() -> None:
    files: list[io.BytesIO] = []
    started = asyncio.Event()

    async def serve(exchange: Exchange) -> None:
        await exchange.read_head()
        if exchange.method == "GET":
            await exchange.answer(200, USER)
            return
        started.set()
        await asyncio.sleep(60)

    def opener() -> io.BytesIO:
        files.append(io.BytesIO(b"x" * 20_000_000))
        return files[-1]

    async with talking_to(serve) as (client, _):
        part = FilePart("0001.png", "image/png", 20_000_000, opener)
        sending = asyncio.create_task(client.upload(ID, [part]))
        await started.wait()
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        assert all(file.closed for file in files)
        assert (await client.me()).username == "a"


@pytest.mark.skipif(not hasattr(socket, "TCP_NOTSENT_LOWAT"), reason="the system has no such option")
async def test_progress_does_not_run_ahead_of_a_server_that_does_not_read() -> None:
    async def serve(exchange: Exchange) -> None:
        exchange.writer.transport.pause_reading()  # type: ignore[attr-defined]
        await asyncio.sleep(60)

    heard = [0]
    size = 30_000_000
    async with talking_to(serve) as (client, _):
        sending = asyncio.create_task(
            client.upload(ID, [page(size)], on_progress=lambda sent, total: heard.append(sent))
        )
        before = -1
        while before != heard[-1] or heard[-1] == 0:
            before = heard[-1]
            await asyncio.sleep(0.1)
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
    assert 0 < heard[-1] < size / 2


async def test_a_redirect_is_not_followed_and_the_token_stays_here() -> None:
    elsewhere: list[Exchange] = []

    async def other(exchange: Exchange) -> None:
        elsewhere.append(exchange)

    async with wire_server(other) as other_address:

        async def serve(exchange: Exchange) -> None:
            await exchange.read_head()
            head = f"HTTP/1.1 307 X\r\nLocation: {other_address}/user/me\r\nContent-Length: 0\r\n\r\n"
            exchange.writer.write(head.encode())
            await exchange.writer.drain()

        async with talking_to(serve) as (client, _):
            with pytest.raises(errors.Refused, match="redirected"):
                await client.me()
    assert elsewhere == []


async def test_a_client_stays_in_the_loop_that_first_used_it() -> None:
    async def serve(exchange: Exchange) -> None:
        await exchange.read_head()
        await exchange.answer(200, USER)

    async with talking_to(serve) as (client, _):
        await client.me()
        with pytest.raises(RuntimeError, match="event loop"):
            await asyncio.to_thread(asyncio.run, client.me())
