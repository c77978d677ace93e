"""AVIF and HEIC (boxes of the ISO base media format)."""

from __future__ import annotations

from collections.abc import Iterator

from tui.chapter.formats.header import Header, HeaderError
from tui.chapter.formats.window import Window
from tui.chapter.pages import ImageType

_AVIF = frozenset({b"avif", b"avis"})
_HEIC = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
_MOST_BOXES = 500


def _brands(head: bytes) -> frozenset[bytes]:
    """The brands that a file type box at the start names."""
    if head[4:8] != b"ftyp":
        return frozenset()
    end = min(int.from_bytes(head[:4], "big"), 256, len(head))
    return frozenset({head[8:12], *(head[at : at + 4] for at in range(16, end - 3, 4))})


def matches_avif(head: bytes) -> bool:
    return bool(_brands(head) & _AVIF)


def matches_heic(head: bytes) -> bool:
    brands = _brands(head)
    return bool(brands & _HEIC) and not brands & _AVIF


def read_avif(window: Window, *, whole: bool) -> Header:
    return _read(window, ImageType.AVIF, whole=whole, animated=window.head[8:12] == b"avis")


def read_heic(window: Window, *, whole: bool) -> Header:
    return _read(window, ImageType.HEIC, whole=whole, animated=window.head[8:12] in (b"hevc", b"msf1"))


def _read(window: Window, kind: ImageType, *, whole: bool, animated: bool) -> Header:
    """The largest picture size stated (a thumbnail has one of its own), and whether all boxes are there."""
    width = height = 0
    complete = True
    for name, start, end in boxes(window, 0, window.size):
        complete = not whole or end <= window.size
        if name == b"meta":
            for sides in _sizes(window, start + 4, end):
                if sides[0] * sides[1] > width * height:
                    width, height = sides
    if not width or not height:
        raise HeaderError("no picture size is stated")
    return Header(kind, width, height, complete, animated)


def _sizes(window: Window, start: int, end: int) -> Iterator[tuple[int, int]]:
    for name, inner, inner_end in boxes(window, start, end):
        if name != b"iprp":
            continue
        for name2, inner2, inner2_end in boxes(window, inner, inner_end):
            if name2 != b"ipco":
                continue
            for name3, at, _ in boxes(window, inner2, inner2_end):
                if name3 == b"ispe":
                    width, height = window.unpack(">II", at + 4)
                    yield width, height


def boxes(window: Window, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Name, start and end of the contents of each box between two offsets."""
    at = start
    for _ in range(_MOST_BOXES):
        head = window.get(at, 16)
        if at >= end or len(head) < 8:
            return
        length, body = int.from_bytes(head[:4], "big"), at + 8
        if length == 1 and len(head) == 16:
            length, body = int.from_bytes(head[8:16], "big"), at + 16
        elif length == 0:
            length = end - at
        if length < body - at:
            return
        yield head[4:8], body, at + length
        at += length
