"""What the sandbox sees in an uploaded file: type by content, pixels, and whether the end is there.

Written for the sandbox alone, from the formats' specifications.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_JPEG_ALONE = frozenset({0x01, *range(0xD0, 0xD8)})


class BadImage(ValueError):
    """The file is no image that the service takes; the text says why."""


@dataclass(frozen=True, slots=True)
class Image:
    """A whole JPEG, PNG or GIF."""

    mime_type: str
    width: int
    height: int


def read_image(data: bytes) -> Image:
    """The image in `data`, or BadImage."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return _read_png(data)
    if data.startswith(b"\xff\xd8\xff"):
        return _read_jpeg(data)
    if data.startswith((b"GIF87a", b"GIF89a")):
        return _read_gif(data)
    raise BadImage(f"The mime type of the file is invalid ({mime_type(data)}). {ALLOWED}")


ALLOWED = "Allowed mime types are image/jpeg, image/png, image/gif"


def mime_type(data: bytes) -> str:
    """A guess for what is not taken anyway."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    if data[4:12] in (b"ftypavif", b"ftypavis"):
        return "image/avif"
    if data[:12] == b"\0\0\0\x0cJXL \r\n\x87\n" or data[:2] == b"\xff\x0a":
        return "image/jxl"
    for start, name in (
        (b"BM", "image/bmp"),
        (b"II*\0", "image/tiff"),
        (b"MM\0*", "image/tiff"),
        (b"PK\x03\x04", "application/zip"),
        (b"Rar!", "application/x-rar"),
        (b"%PDF", "application/pdf"),
    ):
        if data.startswith(start):
            return name
    if b"\0" not in data[:512] and data[:512].isascii():
        return "text/plain"
    return "application/octet-stream"


def _read_png(data: bytes) -> Image:
    position, size, has_pixels = 8, (0, 0), False
    while position + 12 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, position)
        end = position + 12 + length
        if end > len(data):
            break
        stated = struct.unpack_from(">I", data, end - 4)[0]
        if zlib.crc32(memoryview(data)[position + 4 : end - 4]) != stated:
            raise BadImage("The image is corrupt: a checksum is wrong")
        if position == 8:
            if kind != b"IHDR" or length != 13:
                raise BadImage("The image is corrupt: it has no header")
            size = struct.unpack_from(">II", data, 16)
        has_pixels = has_pixels or kind == b"IDAT"
        if kind == b"IEND":
            if not has_pixels:
                break
            return _measured("image/png", *size)
        position = end
    raise BadImage("The image is truncated")


def _read_jpeg(data: bytes) -> Image:
    position, size = 2, None
    while position + 4 <= len(data):
        if data[position] != 0xFF:
            raise BadImage("The image is corrupt: a marker is missing")
        marker = data[position + 1]
        if marker == 0xFF:
            position += 1
            continue
        if marker in _JPEG_ALONE:
            position += 2
            continue
        length = struct.unpack_from(">H", data, position + 2)[0]
        if marker in _JPEG_FRAMES:
            if position + 9 > len(data):
                break
            height, width = struct.unpack_from(">HH", data, position + 5)
            size = (width, height)
        if marker == 0xDA:
            # Some writers pad the file after the end marker.
            if size is None or not data.rstrip(b"\0\r\n").endswith(b"\xff\xd9"):
                break
            return _measured("image/jpeg", *size)
        position += 2 + length
    raise BadImage("The image is truncated")


def _read_gif(data: bytes) -> Image:
    if len(data) < 14 or not data.rstrip(b"\0").endswith(b";"):
        raise BadImage("The image is truncated")
    return _measured("image/gif", *struct.unpack_from("<HH", data, 6))


def _measured(kind: str, width: int, height: int) -> Image:
    if not width or not height:
        raise BadImage("The image has no pixels")
    return Image(kind, width, height)
