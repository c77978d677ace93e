"""BMP and TIFF: recognised and measured, so that the finding can say what to convert."""

from __future__ import annotations

from tui.chapter.formats.header import Header, HeaderError
from tui.chapter.formats.window import Window
from tui.chapter.pages import ImageType

_TIFF_WIDTHS = {1: 1, 3: 2, 4: 4, 16: 8}
_MOST_TAGS = 200


def matches_bmp(head: bytes) -> bool:
    return head[:2] == b"BM" and int.from_bytes(head[14:18], "little") in (12, 40, 52, 56, 64, 108, 124)


def read_bmp(window: Window, *, whole: bool) -> Header:
    """Height may be negative (rows from the top)."""
    (stated,) = window.unpack("<I", 2)
    (info,) = window.unpack("<I", 14)
    width, height = window.unpack("<HH" if info == 12 else "<ii", 18)
    if width <= 0 or height == 0:
        raise HeaderError("the BMP states an impossible size")
    complete = not whole or not stated or stated <= window.size
    return Header(ImageType.BMP, width, abs(height), complete, bits=8, components=3)


def matches_tiff(head: bytes) -> bool:
    return head[:4] in (b"II*\x00", b"MM\x00*")


def read_tiff(window: Window, *, whole: bool) -> Header:
    """The first directory; a file that ends before its directory was cut."""
    end = "<" if window.head[:2] == b"II" else ">"
    (at,) = window.unpack(f"{end}I", 4)
    if at + 2 > window.size:
        return Header(ImageType.TIFF, complete=not whole)
    (tags,) = window.unpack(f"{end}H", at)
    found: dict[int, int] = {}
    for index in range(min(tags, _MOST_TAGS)):
        entry = at + 2 + index * 12
        tag, kind = window.unpack(f"{end}HH", entry)
        wide = _TIFF_WIDTHS.get(kind, 0)
        if tag in (256, 257, 277) and 0 < wide <= 4:
            order = "little" if end == "<" else "big"
            found[tag] = int.from_bytes(window.get(entry + 8, wide), order)  # type: ignore[arg-type]
    if not found.get(256) or not found.get(257):
        raise HeaderError("the TIFF states no size")
    return Header(ImageType.TIFF, found[256], found[257], components=found.get(277, 0))
