"""The client and the sandbox know nothing of one another; here they meet over real sockets."""

from __future__ import annotations

import asyncio
import hashlib
import io
import struct
import time
import zlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import pytest

from tests.support.clock import FakeClock
from tui.mangadex.auth import TokenAuth
from tui.mangadex.client import MangaDex
from tui.mangadex.credentials import Tokens
from tui.mangadex.endpoints import Rate
from tui.mangadex.errors import Conflict, LoginFailed, LoginProblem, LoginRequired, NotFound, Refused
from tui.mangadex.models import ChapterDraft
from tui.mangadex.multipart import FilePart
from tui.sandbox.server import SandboxOptions, SandboxServer
from tui.secret import Secret


def png(number: int, width: int = 200, height: int = 300) -> bytes:
    """A grey PNG; another shade, so other bytes, for each number."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = (b"\0" + bytes([number]) * width) * height
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    packed = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + packed


def page(number: int, data: bytes | None = None) -> FilePart:
    content = png(number) if data is None else data
    digest = hashlib.sha256(content).hexdigest()
    name = f"{number:04d}-{digest[:8]}.png"
    return FilePart(name, "image/png", len(content), lambda: io.BytesIO(content), digest)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxServer]:
    with SandboxServer(SandboxOptions(rate_limits=False)) as server:
        yield server


@pytest.fixture
async def client(sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[MangaDex]:
    monkeypatch.setattr("tui.mangadex.limits.GLOBAL_RATE", Rate(1000, 1.0))  # the pace has its own test
    info = sandbox.info
    auth = TokenAuth(info["auth"], info["client_id"], Secret(info["client_secret"]))
    client = MangaDex(info["api"], auth)
    try:
        await auth.log_in(info["username"], Secret(info["password"]))
        yield client
        await auth.log_in(info["username"], Secret(info["password"]))  # a test may have logged out
        session = await client.current_session()
        if session is not None:
            await client.abandon(session.id)
    finally:
        await client.aclose()


async def test_a_chapter_goes_up_and_is_found(sandbox: SandboxServer, client: MangaDex) -> None:
    manga_id, group_id = sandbox.info["manga"], sandbox.info["group"]
    me = await client.me()
    assert me.username == sandbox.info["username"]
    assert await client.current_session() is None
    begun = await client.begin(manga_id, [group_id])

    parts = [page(number) for number in range(1, 5)]
    heard: list[int] = []
    answer = await client.upload(begun.id, parts, on_progress=lambda sent, total: heard.append(sent))
    assert answer.errors == ()
    ids = {file.name: file.id for file in answer.accepted}
    assert set(ids) == {part.name for part in parts}
    assert heard[-1] == sum(part.size for part in parts)

    session = await client.current_session()
    assert session is not None
    assert (session.id, session.manga_id, session.group_ids) == (begun.id, manga_id, (group_id,))
    assert session.files_known
    assert {(file.name, file.size, file.hash) for file in session.files} == {
        (part.name, part.size, part.sha256) for part in parts
    }

    await client.delete_file(begun.id, ids[parts[3].name])
    await client.delete_files(begun.id, [ids[parts[2].name]])
    order = [ids[parts[1].name], ids[parts[0].name]]
    draft = ChapterDraft("1", "77.5", "Against the sandbox", "en")
    chapter = await client.commit(begun.id, draft, order, terms_accepted=True)
    assert (chapter.chapter, chapter.volume, chapter.language) == ("77.5", "1", "en")
    assert chapter.manga_id == manga_id
    assert await client.current_session() is None
    assert (await client.chapter(chapter.id)).id == chapter.id
    found = await client.chapters(manga_id=manga_id, chapter="77.5", language="en", uploader_id=me.id)
    assert [item.id for item in found.items] == [chapter.id]
    numbers = {entry.chapter: entry.ids for entry in await client.aggregate(manga_id, languages=["en"])}
    assert chapter.id in numbers["77.5"]


async def test_a_bad_page_among_good_ones_is_refused_alone(sandbox: SandboxServer, client: MangaDex) -> None:
    session = await client.begin(sandbox.info["manga"], [])
    assert (await client.current_session()) is not None
    answer = await client.upload(session.id, [page(1), page(2, b"no image at all"), page(3)])
    assert {file.name for file in answer.accepted} == {page(1).name, page(3).name}
    assert len(answer.errors) == 1
    assert str(answer.errors[0])


async def test_a_second_session_is_refused_and_abandoning_twice_is_fine(
    sandbox: SandboxServer, client: MangaDex
) -> None:
    session = await client.begin(sandbox.info["manga"], [])
    with pytest.raises(Refused):
        await client.begin(sandbox.info["manga"], [])
    await client.abandon(session.id)
    await client.abandon(session.id)
    assert await client.current_session() is None


async def test_a_session_is_known_to_be_empty_once_the_server_has_listed_files(
    sandbox: SandboxServer, client: MangaDex
) -> None:
    await client.begin(sandbox.info["manga"], [sandbox.info["group"]])
    session = await client.current_session()
    assert session is not None
    assert (session.files, session.files_known) == ((), False)
    assert session.manga_title
    assert all(session.group_names)
    assert session.user == await client.me()
    answer = await client.upload(session.id, [page(1)])
    assert await client.current_session() is not None
    await client.delete_files(session.id, [file.id for file in answer.accepted])
    session = await client.current_session()
    assert session is not None
    assert (session.files, session.files_known) == ((), True)


async def test_a_chapter_is_edited_through_a_session(sandbox: SandboxServer, client: MangaDex) -> None:
    session = await client.begin(sandbox.info["manga"], [sandbox.info["group"]])
    answer = await client.upload(session.id, [page(1), page(2)])
    ids = [file.id for file in answer.accepted]
    chapter = await client.commit(session.id, ChapterDraft(None, "8", None, "en"), ids, terms_accepted=True)
    editing = await client.begin_edit(chapter.id, chapter.version)
    assert len(editing.files) == 2
    assert {file.source for file in editing.files} == {"remote"}
    assert editing.chapter_id == chapter.id


async def test_what_is_said_of_a_chapter_changes_with_its_version_only(
    sandbox: SandboxServer, client: MangaDex
) -> None:
    me = await client.me()
    own = await client.own_chapters(me.id)
    assert own.items
    chapter = own.items[0]
    assert chapter.manga_title and all(chapter.group_names)
    wanted = replace(chapter.metadata, title="Changed", volume=None)
    changed = await client.update_chapter(chapter.id, chapter.version, wanted)
    assert changed.metadata == wanted
    assert changed.version > chapter.version
    with pytest.raises(Conflict) as caught:
        await client.update_chapter(chapter.id, chapter.version, chapter.metadata)
    assert caught.value.status == 409
    assert (await client.chapter(chapter.id)).metadata == wanted


async def test_lookups(sandbox: SandboxServer, client: MangaDex) -> None:
    manga = await client.manga(sandbox.info["manga"])
    assert manga.title
    assert manga.id in [item.id for item in (await client.search_manga(manga.title)).items]
    group = await client.group(sandbox.info["group"])
    assert group.id in [item.id for item in (await client.search_groups(group.name)).items]
    assert await client.groups([group.id, "00000000-0000-4000-8000-000000000000"]) == (group,)
    assert await client.approval_required(manga.id, "en") in (True, False)
    with pytest.raises(NotFound):
        await client.manga("00000000-0000-4000-8000-000000000000")


async def test_what_a_commit_may_not_be_is_refused_with_words(
    sandbox: SandboxServer, client: MangaDex
) -> None:
    session = await client.begin(sandbox.info["manga"], [])
    answer = await client.upload(session.id, [page(1)])
    draft = ChapterDraft("01", "x", None, "english")
    with pytest.raises(Refused) as caught:
        await client.commit(session.id, draft, [answer.accepted[0].id], terms_accepted=True)
    assert caught.value.errors
    assert caught.value.request_id
    assert (await client.current_session()) is not None


async def test_logins_that_fail(sandbox: SandboxServer) -> None:
    info = sandbox.info
    for secret, password, problem in (
        (info["client_secret"], "wrong", LoginProblem.PASSWORD),
        ("wrong", info["password"], LoginProblem.CLIENT),
    ):
        auth = TokenAuth(info["auth"], info["client_id"], Secret(secret))
        with pytest.raises(LoginFailed) as caught:
            await auth.log_in(info["username"], Secret(password))
        assert caught.value.problem is problem


async def test_a_revoked_login_is_dead(sandbox: SandboxServer, client: MangaDex) -> None:
    auth = client.auth
    assert auth is not None
    tokens = auth.tokens
    assert tokens is not None
    await auth.log_out()
    with pytest.raises(LoginRequired):
        await client.me()
    kept = Tokens(Secret(""), tokens.refresh, 0.0)
    info = sandbox.info
    other = TokenAuth(info["auth"], info["client_id"], Secret(info["client_secret"]), tokens=kept)
    client.use_auth(other)
    with pytest.raises(LoginRequired):
        await client.me()
    client.use_auth(auth)


async def test_the_pace_and_the_windows_of_the_client_meet_no_429() -> None:
    statuses: list[int | None] = []
    with SandboxServer(SandboxOptions(burst=5)) as server:
        info = server.info
        auth = TokenAuth(info["auth"], info["client_id"], Secret(info["client_secret"]))
        client = MangaDex(info["api"], auth, on_request=lambda line: statuses.append(line.status))
        client.lend_to(auth)
        await auth.log_in(info["username"], Secret(info["password"]))
        await asyncio.gather(*(client.me() for _ in range(13)))
        await client.aclose()
    assert statuses == [200] * 14


async def test_a_window_that_another_program_has_used_up_is_waited_out_and_meets_no_429() -> None:
    waits: list[str] = []
    clock = FakeClock(time.time())
    with SandboxServer(SandboxOptions(clock=clock.now)) as server:
        info = server.info
        auth = TokenAuth(info["auth"], info["client_id"], Secret(info["client_secret"]), clock=clock)
        await auth.log_in(info["username"], Secret(info["password"]))
        for _ in range(2):  # the second knows nothing of the first, but reads the server's headers
            client = MangaDex(
                info["api"], auth, clock=clock, on_wait=lambda reason, until: waits.append(reason)
            )
            for _ in range(16):
                assert await client.current_session() is None
            await client.aclose()
        assert 429 not in [request.status for request in server.requests]
    assert set(waits) == {"MangaDex limits looking at the session"}


async def test_a_token_that_ends_in_the_middle_is_renewed_in_the_middle() -> None:
    saved: list[Tokens] = []
    with SandboxServer(SandboxOptions(rate_limits=False)) as server:
        info = server.info
        auth = TokenAuth(
            info["auth"], info["client_id"], Secret(info["client_secret"]), on_tokens=saved.append
        )
        client = MangaDex(info["api"], auth)
        tokens = await auth.log_in(info["username"], Secret(info["password"]))
        session = await client.begin(info["manga"], [])
        assert tokens.refresh is not None
        spoilt = Tokens(Secret("not.a.token"), tokens.refresh, tokens.expires_at + 900)
        client.use_auth(
            TokenAuth(
                info["auth"],
                info["client_id"],
                Secret(info["client_secret"]),
                tokens=spoilt,
                on_tokens=saved.append,
            )
        )
        answer = await client.upload(session.id, [page(1), page(2)])
        assert len(answer.accepted) == 2
        held = await client.current_session()
        assert held is not None
        assert len(held.files) == 2
        await client.aclose()
    assert len(saved) == 2
    assert saved[1].refresh != tokens.refresh
