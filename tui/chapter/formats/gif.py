"""GIF: screen size, frames, and the trailer."""

from __future__ import annotations

from tui.chapter.formats.header import Header, HeaderError
from tui.chapter.formats.window import Window
from tui.chapter.pages import ImageType

_EXTENSION, _IMAGE, _TRAILER = 0x21, 0x2C, 0x3B
_MOST_BLOCKS = 250_000
"""Data blocks walked in one file: full ones make three times the largest file that the service takes."""


def matches(head: bytes) -> bool:
    return head[:6] in (b"GIF87a", b"GIF89a")


def read(window: Window, *, whole: bool) -> Header:
    """Screen size, then block by block to the trailer or the second frame."""
    width, height, flags = window.unpack("<HHB", 6)
    at = 13 + _table(flags)
    frames = 0
    complete = False
    left = _MOST_BLOCKS
    while left > 0:
        block = window.get(at, 10)
        if block[:1] == bytes([_IMAGE]) and len(block) == 10:
            frames += 1
            if not (width and height):
                # A screen of size 0 takes the size of its first frame in every viewer.
                width, height = (int.from_bytes(block[start : start + 2], "little") for start in (5, 7))
            if frames > 1:
                break
            at, left = _skip_data(window, at + 11 + _table(block[9]), left)
        elif block[:1] == bytes([_EXTENSION]):
            at, left = _skip_data(window, at + 2, left)
        else:
            complete = frames > 0 and block[:1] == bytes([_TRAILER])
            break
    if not width or not height:
        raise HeaderError("the GIF states no size")
    trailing = window.trailing(at + 1) if complete and whole else 0
    if frames > 1 or left <= 0:
        complete = _ends(window)
    return Header(
        ImageType.GIF, width, height, complete or not whole, frames > 1,
        bits=8, components=3, trailing=trailing,
    )  # fmt: skip


def _table(flags: int) -> int:
    """Bytes of the colour table that `flags` announces."""
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _skip_data(window: Window, at: int, left: int) -> tuple[int, int]:
    """Offset behind a chain of data blocks (255 bytes at most, an empty one last); at most `left` of them."""
    while left > 0:
        left -= 1
        length = window.get(at, 1)
        if not length:
            break
        at += 1 + length[0]
        if not length[0]:
            break
    return at, left


def _ends(window: Window) -> bool:
    """Whether the file ends in the trailer; zeros after it are tolerated."""
    return window.tail(4096).rstrip(b"\x00").endswith(bytes([_TRAILER]))
