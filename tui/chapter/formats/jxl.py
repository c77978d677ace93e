"""JPEG XL: a bare stream or a stream in boxes; its size is packed bit by bit."""

from __future__ import annotations

from tui.chapter.formats.boxes import boxes
from tui.chapter.formats.header import Header, HeaderError
from tui.chapter.formats.window import Window
from tui.chapter.pages import ImageType

_STREAM = b"\xff\x0a"
_CONTAINER = b"\x00\x00\x00\x0cJXL \r\n\x87\n"
_LENGTHS = (9, 13, 18, 30)
"""Bits that a side may take."""
_RATIOS = ((1, 1), (12, 10), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1))
"""Of width to height, where only the height is stated."""
_HEAD = 40
"""Bytes that hold everything that is read here."""


def matches(head: bytes) -> bool:
    return head.startswith((_CONTAINER, _STREAM))


def read(window: Window, *, whole: bool) -> Header:
    """The size as it is shown, and whether it moves. Where the picture ends only a decoder knows; in boxes it is
    complete when all of them are there."""
    start, complete = 0, True
    if window.head.startswith(_CONTAINER):
        start = -1
        for name, at, end in boxes(window, 0, window.size):
            complete = not whole or end <= window.size
            if start < 0 and name in (b"jxlc", b"jxlp"):
                start = at if name == b"jxlc" else at + 4
    found = window.get(start, _HEAD) if start >= 0 else b""
    if not found.startswith(_STREAM):
        raise HeaderError("no picture is in it")
    width, height, turned, animated = _read(_Bits(found[2:]))
    if turned:
        width, height = height, width
    return Header(ImageType.JXL, width, height, complete, animated)


class _Bits:
    """Bits from the lowest of each byte on."""

    def __init__(self, data: bytes) -> None:
        self._left = int.from_bytes(data, "little")
        self._count = 8 * len(data)

    def take(self, count: int) -> int:
        """The next so many as a number."""
        if count > self._count:
            raise HeaderError("the file ends inside its header")
        value = self._left & ((1 << count) - 1)
        self._left >>= count
        self._count -= count
        return value


def _read(bits: _Bits) -> tuple[int, int, bool, bool]:
    """Width and height as stored, whether it is shown lying on its side, and whether it moves."""
    width, height = _size(bits)
    if bits.take(1) or not bits.take(1):  # nothing is out of the ordinary
        return width, height, False, False
    turned = bits.take(3) >= 4
    if bits.take(1):
        _size(bits)  # at which it is meant to be shown
    has_preview = bits.take(1)
    return width, height, turned, not has_preview and bool(bits.take(1))


def _size(bits: _Bits) -> tuple[int, int]:
    small = bits.take(1)
    height = _side(bits, small)
    ratio = bits.take(3)
    if not ratio:
        return _side(bits, small), height
    wide, high = _RATIOS[ratio - 1]
    return height * wide // high, height


def _side(bits: _Bits, small: int) -> int:
    if small:
        return (bits.take(5) + 1) * 8
    return bits.take(_LENGTHS[bits.take(2)]) + 1
