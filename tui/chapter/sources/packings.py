"""What a tar may be packed with: gzip, bzip2, xz or (from Python 3.14) zstd, told by the first bytes."""

from __future__ import annotations

import bz2
import gzip
import importlib
import lzma
import zlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from types import ModuleType, TracebackType
from typing import BinaryIO, Protocol

from tui.chapter.sources.base import SourceError

_CHUNK = 256 * 1024
_XZ_MEMORY = 256 * 1024 * 1024
"""Bytes that unpacking xz may take; `xz -9` asks for 65 MB, and the format for up to 4 GB."""


class Unpacking(Protocol):
    """The unpacked bytes, from front to end."""

    def read(self, size: int, /) -> bytes:
        """Up to `size` bytes; none at the end. One of UNPACK_ERRORS."""
        ...


Packing = Callable[[BinaryIO], AbstractContextManager[Unpacking]]
"""Makes the unpacked bytes of a packed file."""


def packing_of(first: bytes) -> Packing | None:
    """How a file that begins with these bytes is packed; None when it is not."""
    return next((unpack for signature, unpack in _PACKINGS if first.startswith(signature)), None)


class _Xz:
    """lzma.LZMAFile, with a bound on the memory that the file may ask for."""

    def __init__(self, raw: BinaryIO) -> None:
        self._raw = raw
        self._part = self._new_part()

    @staticmethod
    def _new_part() -> lzma.LZMADecompressor:
        return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY)

    def __enter__(self) -> _Xz:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass  # the file under it belongs to the caller

    def read(self, size: int, /) -> bytes:
        """Up to `size` bytes; none at the end."""
        while True:
            packed = b""
            if self._part.eof:
                packed = self._part.unused_data.lstrip(b"\0")
                while not packed:  # zeros may stand between and behind the parts of a file
                    more = self._raw.read(_CHUNK)
                    if not more:
                        return b""
                    packed = more.lstrip(b"\0")
                self._part = self._new_part()
            elif self._part.needs_input:
                packed = self._raw.read(_CHUNK)
                if not packed:
                    raise EOFError("it ends too early")
            found = self._part.decompress(packed, size)
            if found:
                return found


def _find_zstd() -> ModuleType | None:
    try:
        return importlib.import_module("compression.zstd")
    except ImportError:
        return None


_zstd = _find_zstd()


def _open_zstd(raw: BinaryIO) -> AbstractContextManager[Unpacking]:
    if _zstd is None:
        raise SourceError(
            "A tar that is packed with zstd can be opened with Python 3.14 or newer only.",
            "Unpack it and choose the folder, or run dexup with a newer Python.",
        )
    stream: AbstractContextManager[Unpacking] = _zstd.ZstdFile(raw)
    return stream


_PACKINGS: tuple[tuple[bytes, Packing], ...] = (
    (b"\x1f\x8b", lambda raw: gzip.GzipFile(fileobj=raw)),
    (b"BZh", bz2.BZ2File),
    (b"\xfd7zXZ\0", _Xz),
    (b"\x28\xb5\x2f\xfd", _open_zstd),
)
"""First bytes of a packed file, and what unpacks it."""

UNPACK_ERRORS: tuple[type[Exception], ...] = (
    OSError,
    EOFError,
    ValueError,
    zlib.error,
    lzma.LZMAError,
    *((_zstd.ZstdError,) if _zstd is not None else ()),
)
"""What a packed file raises that is cut short or damaged."""
