from __future__ import annotations

import asyncio
import hashlib
import io
import threading
import zipfile
from email import message_from_bytes
from pathlib import Path
from typing import BinaryIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.mangadex.errors import PageChanged
from tui.mangadex.multipart import READ_BYTES, WRITE_BYTES, FilePart, Multipart, escape_name


def part(
    name: str, data: bytes, *, size: int | None = None, sha256: str = "", kind: str = "image/png"
) -> FilePart:
    return FilePart(name, kind, len(data) if size is None else size, lambda: io.BytesIO(data), sha256)


async def collect(body: Multipart) -> bytes:
    return b"".join([piece async for piece in body])


def parse(body: Multipart, data: bytes) -> list[tuple[str, str | None, str, bytes]]:
    """(field, file name, type, bytes) as another implementation reads them."""
    head = f"Content-Type: {body.headers['Content-Type']}\r\n\r\n".encode()
    found = []
    for section in message_from_bytes(head + data).walk():
        if not section.is_multipart():
            payload = section.get_payload(decode=True)
            assert isinstance(payload, bytes)
            field = section.get_param("name", header="content-disposition")
            found.append((str(field), section.get_filename(), section.get_content_type(), payload))
    return found


async def test_another_parser_reads_back_every_part_and_the_length_is_exact() -> None:
    big = bytes(range(256)) * 3000
    parts = [
        part("0001-ab.png", big),
        part("0002-cd.jpg", b"", kind="image/jpeg"),
        part("3.gif", b"GIF", kind="image/gif"),
    ]
    body = Multipart(parts)
    data = await collect(body)
    assert len(data) == body.length == int(body.headers["Content-Length"])
    assert parse(body, data) == [
        ("file1", "0001-ab.png", "image/png", big),
        ("file2", "0002-cd.jpg", "image/jpeg", b""),
        ("file3", "3.gif", "image/gif", b"GIF"),
    ]


async def test_it_can_be_sent_again_and_progress_starts_anew() -> None:
    heard: list[tuple[int, int]] = []
    body = Multipart([part("1.png", b"a" * 10), part("2.png", b"b" * 20)], lambda *now: heard.append(now))
    assert await collect(body) == await collect(body)
    assert heard == [(0, 30), (10, 30), (30, 30)] * 2


async def test_progress_counts_a_piece_only_after_it_was_taken() -> None:
    heard: list[int] = []
    body = Multipart([part("1.png", b"a" * (WRITE_BYTES + 5))], lambda sent, total: heard.append(sent))
    pieces = aiter(body)
    assert (await anext(pieces)).endswith(b"\r\n\r\n" + b"a" * WRITE_BYTES)
    assert heard == [0]
    assert await anext(pieces) == b"a" * 5
    assert heard == [0, WRITE_BYTES]


@pytest.mark.parametrize(
    ("now", "planned", "words"),
    [
        (b"abc", 5, "2 bytes shorter"),
        (b"", 5, "5 bytes shorter"),
        (b"abcdef", 5, "longer than the 5 bytes"),
        (b"x", 0, "longer"),
    ],
)
async def test_a_file_of_another_length_is_named_before_its_last_byte_is_out(
    now: bytes, planned: int, words: str
) -> None:
    body = Multipart([part("1.png", b"fine"), part("2.png", now, size=planned)])
    sent = bytearray()
    with pytest.raises(PageChanged, match=words) as caught:
        async for piece in body:
            sent += piece
    assert caught.value.part_name == "2.png"
    assert len(sent) < body.length - planned + len(now)
    assert not sent.endswith(b"--\r\n")


async def test_a_file_with_other_bytes_of_the_same_length_is_caught_by_its_digest() -> None:
    data = b"x" * (READ_BYTES * 2)
    good = hashlib.sha256(data).hexdigest()
    assert data in await collect(Multipart([part("1.png", data, sha256=good.upper())]))
    sent = bytearray()
    with pytest.raises(PageChanged, match="content"):
        async for piece in Multipart([part("1.png", b"y" + data[1:], sha256=good)]):
            sent += piece
    assert len(sent) < READ_BYTES * 2


async def test_a_vanished_file_and_a_broken_archive_are_changed_pages(tmp_path: Path) -> None:
    def gone() -> BinaryIO:
        return (tmp_path / "gone.png").open("rb")

    def broken() -> BinaryIO:
        return zipfile.ZipFile(io.BytesIO(b"no archive")).open("1.png")  # type: ignore[return-value]

    for opener in (gone, broken):
        with pytest.raises(PageChanged, match="cannot be read") as caught:
            await collect(Multipart([FilePart("7.png", "image/png", 5, opener)]))
        assert caught.value.part_name == "7.png"


async def test_a_file_is_read_in_another_thread_in_bounded_pieces() -> None:
    sizes: list[int] = []
    threads: set[int] = set()

    class Spy(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            assert size is not None
            sizes.append(size)
            threads.add(threading.get_ident())
            return super().read(size)

    data = b"z" * (READ_BYTES * 3 + 1)
    await collect(Multipart([FilePart("1.png", "image/png", len(data), lambda: Spy(data))]))
    assert max(sizes) == READ_BYTES
    assert threading.get_ident() not in threads


async def test_files_are_closed_however_the_sending_ends() -> None:
    opened: list[io.BytesIO] = []

    def opener() -> BinaryIO:
        opened.append(io.BytesIO(b"x" * READ_BYTES * 2))
        return opened[-1]

    parts = [FilePart("1.png", "image/png", READ_BYTES * 2, opener)]
    await collect(Multipart(parts))
    interrupted = Multipart(parts)
    pieces = aiter(interrupted)
    await anext(pieces)
    assert not opened[-1].closed
    await interrupted.aclose()
    assert [file.closed for file in opened] == [True, True]


async def test_a_file_opened_after_the_request_was_given_up_is_closed_too() -> None:
    may_open, opened = threading.Event(), []

    def slow() -> BinaryIO:
        assert may_open.wait(5)
        opened.append(io.BytesIO(b"abc"))
        return opened[-1]

    body = Multipart([FilePart("1.png", "image/png", 3, slow)])
    sending = asyncio.create_task(collect(body))
    await asyncio.sleep(0.01)
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    await body.aclose()
    may_open.set()
    await asyncio.get_running_loop().shutdown_default_executor()
    assert [file.closed for file in opened] == [True]


@given(st.text(max_size=40), st.text(max_size=40))
def test_no_name_or_type_can_write_a_header_of_its_own(name: str, kind: str) -> None:
    body = Multipart([part(name, b"", kind=kind)])
    head = asyncio.run(collect(body)).split(b"\r\n\r\n")[0].split(b"\r\n")
    assert len(head) == 3
    assert head[1].count(b'"') == 4
    known = ("application/octet-stream", "image/jpeg", "image/png", "image/gif")
    assert head[2].decode() in [f"Content-Type: {one}" for one in known]


def test_names_are_escaped_reversibly() -> None:
    assert escape_name("0001-9f3c2ab1.png") == "0001-9f3c2ab1.png"
    assert escape_name('ペ"\r\n%.png') == "%E3%83%9A%22%0D%0A%25.png"
