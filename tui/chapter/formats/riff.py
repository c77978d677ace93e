"""WebP: lossy, lossless and extended files inside a RIFF container."""

from __future__ import annotations

from tui.chapter.formats.header import Header, HeaderError
from tui.chapter.formats.window import Window
from tui.chapter.pages import ImageType


def matches(head: bytes) -> bool:
    return head[:4] == b"RIFF" and head[8:12] == b"WEBP"


def read(window: Window, *, whole: bool) -> Header:
    """The first chunk tells the kind and the size; RIFF's own length tells whether the file was cut."""
    (length,) = window.unpack("<I", 4)
    complete = not whole or length + 8 <= window.size
    kind = window.get(12, 4)
    if kind == b"VP8X":
        packed = window.get(20, 10)
        if len(packed) < 10:
            raise HeaderError("the file ends inside its header")
        animated = bool(packed[0] & 0x02)
        components = 4 if packed[0] & 0x10 else 3
        width = int.from_bytes(packed[4:7], "little") + 1
        height = int.from_bytes(packed[7:10], "little") + 1
        return Header(ImageType.WEBP, width, height, complete, animated, bits=8, components=components)
    if kind == b"VP8L":
        (mark, packed_size) = window.unpack("<BI", 20)
        if mark != 0x2F:
            raise HeaderError("the WebP header is garbled")
        width, height = (packed_size & 0x3FFF) + 1, (packed_size >> 14 & 0x3FFF) + 1
        components = 4 if packed_size >> 28 & 1 else 3
        return Header(ImageType.WEBP, width, height, complete, bits=8, components=components)
    if kind == b"VP8 ":
        if window.get(23, 3) != b"\x9d\x01\x2a":
            raise HeaderError("the WebP header is garbled")
        width, height = (side & 0x3FFF for side in window.unpack("<HH", 26))
        return Header(ImageType.WEBP, width, height, complete, bits=8, components=3)
    raise HeaderError("the WebP holds no picture that is known")
