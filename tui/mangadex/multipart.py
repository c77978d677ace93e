"""The body of an upload request: parts read from files, in pieces, off the event loop, as often as needed."""

from __future__ import annotations

import asyncio
import hashlib
import threading
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import BinaryIO, TypeVar
from urllib.parse import quote

import httpx

from tui.mangadex.clock import SystemClock
from tui.mangadex.errors import PageChanged
from tui.mangadex.pace import Pace

T = TypeVar("T")

READ_BYTES = 256 * 1024
WRITE_BYTES = 64 * 1024
"""Smaller than a read, so that progress moves and a write time-out means a stalled line, not a slow one."""

_MEDIA_TYPES = frozenset({"image/jpeg", "image/png", "image/gif"})
_NAME_SAFE = " !#$&'()+,;=@[]^`{}~"


@dataclass(frozen=True, slots=True)
class FilePart:
    """One file to send."""

    name: str
    """Comes back as the file's `originalFileName`; unique in a session."""
    media_type: str
    size: int
    """Bytes that the file must have."""
    open: Callable[[], BinaryIO]
    """Blocking; called in a thread, once for each time the body is sent."""
    sha256: str = ""
    """When given, the last piece goes out only if everything read has this digest."""


class Multipart(httpx.AsyncByteStream):
    """A replayable multipart/form-data body of known length.

    `on_progress(sent, total)` counts bytes of files (not of headers) after the kernel took them, and starts
    again from 0 whenever the body is sent again. `pace` says how fast pieces may go; `on_held(seconds)` hears how
    long it held one back, which is no fault of the line. A file that vanished, cannot be read or is not what its part
    says raises PageChanged before its last byte has gone out, so that the server cannot take it for whole.
    Call `aclose()` when the request is over, however it ended.
    """

    def __init__(
        self,
        parts: Sequence[FilePart],
        on_progress: Callable[[int, int], None] | None = None,
        pace: Pace | None = None,
    ) -> None:
        self._parts = tuple(parts)
        self._on_progress = on_progress
        self._pace = pace if pace is not None else Pace(SystemClock())
        self.on_held: Callable[[float], None] | None = None
        boundary = f"dexup-{uuid.uuid4().hex}"
        self._heads = [
            (
                f"--{boundary}\r\n"
                f'Content-Disposition: form-data; name="file{number}"; '
                f'filename="{escape_name(part.name)}"\r\n'
                f"Content-Type: {_media_type(part)}\r\n\r\n"
            ).encode("ascii")
            for number, part in enumerate(self._parts, 1)
        ]
        self._closing = f"--{boundary}--\r\n".encode("ascii")
        self.file_bytes = sum(part.size for part in self._parts)
        self.length = self.file_bytes + sum(len(head) + 2 for head in self._heads) + len(self._closing)
        self.headers = {
            "Content-Type": f"multipart/form-data; boundary={boundary}",
            "Content-Length": str(self.length),
        }
        self._lock = threading.Lock()
        self._open_files: set[BinaryIO] = set()
        self._finished = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        sent = 0
        self._report(sent)
        self._pace.begin(self)
        lead = b""  # goes with the next piece: a write of its own costs as much time as one of a whole piece
        for head, part in zip(self._heads, self._parts, strict=True):
            lead += head
            async for data in self._pieces(part):
                start = 0
                while start < len(data):
                    piece = data[start : start + self._pace.piece(WRITE_BYTES)]
                    start += len(piece)
                    held = await self._pace.take(len(piece))
                    if held and self.on_held is not None:
                        self.on_held(held)
                    given = self._pace.now()
                    yield lead + piece
                    lead = b""
                    self._pace.taken(len(piece), given)
                    sent += len(piece)
                    self._report(sent)
            lead += b"\r\n"
        yield lead + self._closing
        self._pace.end(self)

    async def aclose(self) -> None:
        """Close what an interrupted sending left open."""
        self._pace.end(self)
        with self._lock:
            self._finished = True
            left = list(self._open_files)
            self._open_files.clear()
        for file in left:
            await asyncio.to_thread(file.close)

    async def _pieces(self, part: FilePart) -> AsyncIterator[bytes]:
        """The file in pieces; the last one is held back until the whole proved to be what was promised."""
        reader = _Reader(part, self._opened)
        try:
            while not reader.done:
                yield await self._in_thread(part, reader.read)
        finally:
            if (file := reader.file) is not None:
                with self._lock:
                    self._open_files.discard(file)
                file.close()

    def _opened(self, part: FilePart) -> BinaryIO:
        """Runs in a thread that a cancelled request does not stop; what it opens then is closed here."""
        file = part.open()
        with self._lock:
            if not self._finished:
                self._open_files.add(file)
                return file
        file.close()
        raise OSError("the request is over")

    @staticmethod
    async def _in_thread(part: FilePart, work: Callable[[], T]) -> T:
        try:
            return await asyncio.to_thread(work)
        except PageChanged:
            raise
        except Exception as error:
            words = error.strerror if isinstance(error, OSError) else None  # without the number and the path
            reason = str(words or error or type(error).__name__).rstrip(".")
            raise _changed(part, f"it cannot be read: {reason}") from error

    def _report(self, sent: int) -> None:
        if self._on_progress is not None:
            self._on_progress(sent, self.file_bytes)


async def check_part(part: FilePart) -> None:
    """Read the whole file of a part. Raises PageChanged when it is not what was promised."""
    body = Multipart([part])
    try:
        async for _ in body._pieces(part):
            pass
    finally:
        await body.aclose()


class _Reader:
    """Reads one file of a part. A step is one call in a thread: the way there and back costs more than many a read."""

    def __init__(self, part: FilePart, opened: Callable[[FilePart], BinaryIO]) -> None:
        self._part = part
        self._opened = opened
        self._left = part.size
        self._digest = hashlib.sha256() if part.sha256 else None
        self.file: BinaryIO | None = None
        self.done = False
        """Everything was read, and it is what was promised."""

    def read(self) -> bytes:
        """The next READ_BYTES, or what is left. Opens the file before the first ones. PageChanged instead of the last
        ones when the file is not what its part says."""
        if self.file is None:
            self.file = self._opened(self._part)
        data = self.file.read(min(READ_BYTES, self._left)) if self._left else b""
        if self._digest is not None:
            self._digest.update(data)
        self._left -= len(data)
        if self._left > 0:
            if not data:
                raise _changed(self._part, f"it is {self._left} bytes shorter than it was")
            return data
        if self.file.read(1):
            raise _changed(self._part, f"it is longer than the {self._part.size} bytes it had")
        if self._digest is not None and self._digest.hexdigest() != self._part.sha256.lower():
            raise _changed(self._part, "its content is not what was checked")
        self.done = True
        return data


def _changed(part: FilePart, detail: str) -> PageChanged:
    error = PageChanged("A page changed on disk", detail)
    error.part_name = part.name
    return error


def _media_type(part: FilePart) -> str:
    """Only types of a fixed table reach the wire: a header cannot be smuggled in through one."""
    return part.media_type if part.media_type in _MEDIA_TYPES else "application/octet-stream"


def escape_name(name: str) -> str:
    """`name` as printable ASCII without quotes or line ends; reversible (per cent escapes of UTF-8)."""
    return quote(name, safe=_NAME_SAFE, errors="surrogatepass")
