"""Bounded random access to the bytes of one image file."""

from __future__ import annotations

import struct
from typing import Protocol

from tui.chapter.formats.header import HeaderError

FIRST = 4 * 1024
"""Bytes of the first read: most headers lie inside, and a chapter has hundreds."""
_BLOCK = 64 * 1024
BUDGET = 48 * 1024 * 1024
"""Bytes read from one file before giving up: more than twice the largest file that the service takes."""


class Seekable(Protocol):
    """What is needed of a file: positions from its beginning, and reads that may come short."""

    def seek(self, offset: int, /) -> int: ...

    def read(self, size: int, /) -> bytes: ...


class Window:
    """Reads of `stream`, which holds `size` bytes from offset 0, through two cached blocks.

    Whatever a header claims, no more than BUDGET bytes are read from the stream altogether.
    """

    __slots__ = ("_block", "_block_at", "_head", "_read", "_stream", "size")

    def __init__(self, stream: Seekable, size: int) -> None:
        self._stream = stream
        self.size = size
        self._read = 0
        self._head = self._fetch(0, FIRST)
        self._block_at, self._block = 0, b""

    @property
    def head(self) -> bytes:
        """The first bytes of the file, FIRST at most."""
        return self._head

    def get(self, offset: int, length: int) -> bytes:
        """Up to `length` bytes (64 KiB at most) at `offset`; fewer at the end of the file."""
        if offset >= 0 and offset + length <= len(self._head):
            return self._head[offset : offset + length]
        length = min(length, _BLOCK, self.size - offset)
        if offset < 0 or length <= 0:
            return b""
        if offset + length <= len(self._head):
            return self._head[offset : offset + length]
        start = offset - self._block_at
        if not (start >= 0 and start + length <= len(self._block)):
            self._block_at, self._block = offset, self._fetch(offset, _BLOCK)
            start = 0
        return self._block[start : start + length]

    def tail(self, length: int) -> bytes:
        """The last `length` bytes (64 KiB at most), or the whole file when it is shorter."""
        length = min(length, self.size, _BLOCK)
        offset = self.size - length
        if offset + length <= len(self._head):
            return self._head[offset : offset + length]
        return self._fetch(offset, length)

    def trailing(self, end: int) -> int:
        """Bytes of the file from offset `end` on, up to the last that is not zero in its last 64 KiB."""
        tail = self.tail(min(_BLOCK, self.size - end)) if end < self.size else b""
        return len(tail.rstrip(b"\0")) + (self.size - end - len(tail) if tail.strip(b"\0") else 0)

    def byte(self, offset: int) -> int:
        """The byte at `offset`; HeaderError past the end."""
        found = self.get(offset, 1)
        if not found:
            raise HeaderError("the file ends inside its header")
        return found[0]

    def unpack(self, layout: str, offset: int) -> tuple[int, ...]:
        """Numbers at `offset`, by struct's `layout`; HeaderError past the end."""
        length = struct.calcsize(layout)
        found = self.get(offset, length)
        if len(found) < length:
            raise HeaderError("the file ends inside its header")
        return struct.unpack(layout, found)

    def _fetch(self, offset: int, length: int) -> bytes:
        if self._read > BUDGET:
            raise HeaderError("its header leads too far into the file")
        self._stream.seek(offset)
        left = self.size - offset
        found = self._stream.read(length if length < left else max(0, left))
        self._read += len(found) + 512
        return found
