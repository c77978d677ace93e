"""The parts of a zip file that zipfile does not give, or not without reading too much."""

from __future__ import annotations

import lzma
import re
import struct
import zipfile
import zlib
from typing import BinaryIO

from tui.chapter.sources.base import SourceError, os_words

READ_ERRORS = (
    OSError,
    EOFError,
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    NotImplementedError,
    RuntimeError,
    ValueError,
    MemoryError,
    SourceError,
)
"""What opening or reading a member may raise; zipfile has no common base class for its errors."""

_HIGHEST_RATIO = 1100
"""Deflate cannot pack tighter than 1032 to 1; bzip2 and lzma can, but no image ever is."""
_SMALL = 1024 * 1024
_ENCRYPTED_FLAG, _UTF8_FLAG = 0x1, 0x800
_JAPANESE = re.compile("[ -~\u3000-\u30ff\u4e00-\u9fff\uff00-\uffef]*")


def read_problem(error: BaseException) -> str:
    """One of READ_ERRORS in words, without a full stop."""
    if isinstance(error, SourceError):
        return error.title.removesuffix(".")
    if isinstance(error, RuntimeError) and "password" in str(error):
        return "it is locked with a password"
    if isinstance(error, NotImplementedError):
        return f"it is packed in a way that is not supported ({error})"
    if isinstance(error, OSError):
        return os_words(error)
    text = str(error)
    if "Bad CRC" in text:
        return "its checksum is wrong: the bytes are damaged"
    return (
        text
        if isinstance(error, zipfile.BadZipFile) and text
        else f"its bytes are damaged ({text or 'they end'})"
    )


def member_name(info: zipfile.ZipInfo) -> str:
    """The name of a member as it was meant, with `/` between its parts.

    Names without the UTF-8 mark are often UTF-8 all the same, or Japanese (Windows), and rarely what it says.
    """
    name = info.filename
    if not info.flag_bits & _UTF8_FLAG and not name.isascii():
        raw = name.encode("cp437")
        try:
            name = raw.decode()
        except UnicodeDecodeError:
            japanese = raw.decode("cp932", "ignore")
            if _JAPANESE.fullmatch(japanese) and japanese.encode("cp932") == raw:
                name = japanese
    return name if "/" in name else name.replace("\\", "/")


def is_locked(info: zipfile.ZipInfo) -> bool:
    """Whether a password is needed for the member."""
    return bool(info.flag_bits & _ENCRYPTED_FLAG)


def refuse_unreadable(info: zipfile.ZipInfo) -> None:
    """BadZipFile for a member that must not, or cannot, be read."""
    if is_locked(info):
        raise zipfile.BadZipFile("it is locked with a password")
    if info.file_size > _SMALL and info.file_size > info.compress_size * _HIGHEST_RATIO:
        raise zipfile.BadZipFile("it claims to unpack to more than is possible")


def open_part(raw: BinaryIO, info: zipfile.ZipInfo, *, close: bool = False) -> zipfile.ZipExtFile:
    """The unpacked bytes of a member, checksum compared at the end, never more than the table states.

    With `close`, closing the stream closes `raw` too. One of READ_ERRORS.
    """
    refuse_unreadable(info)
    raw.seek(_part_start(raw, info))
    if close:
        return zipfile.ZipExtFile(raw, "r", info, None, True)
    return zipfile.ZipExtFile(raw, "r", info, None, False)


def _part_start(raw: BinaryIO, info: zipfile.ZipInfo) -> int:
    """Offset of a member's bytes, behind its own header."""
    raw.seek(info.header_offset)
    head = raw.read(30)
    if len(head) < 30 or not head.startswith(b"PK\x03\x04"):
        raise zipfile.BadZipFile("its place in the archive is wrong")
    name, extra = struct.unpack_from("<HH", head, 26)
    return int(info.header_offset + 30 + name + extra)


class StoredPart:
    """The bytes of a member that is stored as it is, read straight from the archive's file."""

    def __init__(self, raw: BinaryIO, info: zipfile.ZipInfo) -> None:
        self._raw = raw
        self._start = _part_start(raw, info)
        self._size = min(info.file_size, info.compress_size)
        self._at = 0

    def seek(self, offset: int, /) -> int:
        """Go to `offset` from the beginning of the member."""
        self._at = min(max(0, offset), self._size)
        return self._at

    def read(self, size: int, /) -> bytes:
        """Up to `size` bytes."""
        self._raw.seek(self._start + self._at)
        found = self._raw.read(min(size, self._size - self._at))
        self._at += len(found)
        return found
