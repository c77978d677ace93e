"""Taking out of a file what is no picture, without touching a pixel: places, thumbnails, texts, editing
histories, and whatever follows its end."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator

from tui.chapter.formats.exif import ORIENTATION, orientation_of
from tui.chapter.limits import Limits
from tui.chapter.mending.picture import Made, MendError
from tui.chapter.pages import ImageType, Page

_JPEG_KEPT = frozenset({0xE0, 0xE2, 0xEE})
"""JFIF, colour profile, and Adobe's note on how colours are coded; without these it looks different."""
_MARK = re.compile(rb"\xff+[\x01-\xcf\xd8-\xfe]")
"""The next mark in coded data, where 0xFF is followed by 0, a restart mark or more of itself."""
_END = 0xD9
_PNG_DROPPED = frozenset({b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"tIME", b"dSIG"})


def strip_metadata(content: bytes, page: Page, _: Limits) -> list[Made]:
    """The same picture, bit for bit, without its metadata and what follows it; which way is up is kept."""
    if page.type is ImageType.JPEG:
        return [Made(_strip_jpeg(content), page.type)]
    if page.type is ImageType.PNG:
        return [Made(_strip_png(content), page.type)]
    raise MendError("only JPEG and PNG carry metadata of this kind")


def _is_metadata(marker: int, data: bytes) -> bool:
    if marker == 0xFE:
        return True
    if not 0xE0 <= marker <= 0xEF or marker in _JPEG_KEPT:
        return marker == 0xE2 and not data.startswith(b"ICC_PROFILE\0")
    return not (marker == 0xE1 and data == orientation_exif(orientation_of(data[6:])))


def _strip_jpeg(content: bytes) -> bytes:
    segments, rest = _jpeg_segments(content)
    orientation = 1
    kept: list[bytes] = []
    for marker, data in segments:
        if marker == 0xE1 and data.startswith(b"Exif\0\0"):
            orientation = orientation_of(data[6:])
        elif not _is_metadata(marker, data):
            kept.append(_segment(marker, data))
    if orientation != 1:
        kept.insert(1 if kept and kept[0][1] == 0xE0 else 0, _segment(0xE1, orientation_exif(orientation)))
    return b"\xff\xd8" + b"".join(kept) + rest


def _segment(marker: int, data: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data


def _jpeg_segments(content: bytes) -> tuple[list[tuple[int, bytes]], bytes]:
    """The segments in front of the picture, and the rest as it is."""
    found: list[tuple[int, bytes]] = []
    place = 2
    while place + 4 <= len(content):
        if content[place] != 0xFF:
            break
        marker = content[place + 1]
        if marker == 0xFF:
            place += 1
            continue
        if marker == 0xDA:
            return found, content[place : _end_of_jpeg(content, place)]
        (length,) = struct.unpack_from(">H", content, place + 2)
        data = content[place + 4 : place + 2 + length]
        if length < 2 or len(data) != length - 2:
            break
        found.append((marker, data))
        place += 2 + length
    raise MendError("the JPEG is not built as it should be")


def _end_of_jpeg(content: bytes, place: int) -> int:
    """Offset behind the end mark, going from scan to scan; where there is none, the end of the file."""
    while place + 4 <= len(content):
        (length,) = struct.unpack_from(">H", content, place + 2)
        mark = _MARK.search(content, place + 2 + length)
        if mark is None:
            break
        if content[mark.end() - 1] == _END:
            return mark.end()
        place = mark.end() - 2
    return len(content)


def orientation_exif(value: int) -> bytes:
    """An Exif block that says which way is up, and nothing else."""
    return b"Exif\0\0MM\0*\0\0\0\x08" + struct.pack(">HHHIHHI", 1, ORIENTATION, 3, 1, value, 0, 0)


def _strip_png(content: bytes) -> bytes:
    kept = [
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in _png_chunks(content)
        if name not in _PNG_DROPPED
    ]
    return content[:8] + b"".join(kept)


def _png_chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = 8
    while place + 12 <= len(content):
        (length,) = struct.unpack_from(">I", content, place)
        name = content[place + 4 : place + 8]
        data = content[place + 8 : place + 8 + length]
        if len(data) != length:
            raise MendError("the PNG is not built as it should be")
        yield name, data
        if name == b"IEND":
            return
        place += 12 + length
    raise MendError("the PNG has no end")
