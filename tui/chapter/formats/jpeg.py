"""JPEG: the frame header among the segments, and the end-of-image mark."""

from __future__ import annotations

import struct

from tui.chapter.formats.exif import has_place
from tui.chapter.formats.header import Header, HeaderError
from tui.chapter.formats.window import Window
from tui.chapter.pages import ImageType, Metadata

_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""Start-of-frame marks of every coding; DHT, JPG and DAC lie between them."""
_ALONE = frozenset({0x01, *range(0xD0, 0xD9)})
"""Marks without a length."""
_SCAN, _END, _END_MARK = 0xDA, 0xD9, b"\xff\xd9"
_SHORT = _ALONE | {_SCAN, _END, 0xFF}
_FRAME = struct.Struct(">BHHB")
_EXIF, _TEXTS = 0xE1, 0xED
"""Segments of Exif and XMP, and of Photoshop. A comment (0xFE) mostly names the program, and is let pass."""
_TELLING = frozenset({_EXIF, _TEXTS})
_LEAST_EXIF = 32
"""Bytes of an Exif block with one entry, the orientation."""
_MOST_SEGMENTS = 5000
_TAIL = 4096


def matches(head: bytes) -> bool:
    return head.startswith(b"\xff\xd8\xff")


def read(window: Window, *, whole: bool) -> Header:
    """Walk the segments (a thumbnail inside one is never entered) up to the first scan."""
    usual = _usual(window) if whole else None
    if usual is not None:
        return usual
    at = 2
    width = height = bits = components = 0
    metadata = Metadata.NONE
    for _ in range(_MOST_SEGMENTS):
        start = window.get(at, 4)
        if start[:1] != b"\xff" or len(start) < 2:
            raise HeaderError(
                "the file ends inside its header" if not start else "the JPEG header is garbled"
            )
        mark = start[1]
        if mark == 0xFF:
            at = _skip_filling(window, at)
            continue
        if mark in _ALONE:
            at += 2
            continue
        if mark == _END:
            break
        length = int.from_bytes(start[2:], "big")
        if length < 2:
            raise HeaderError("a segment of the JPEG header has an impossible length")
        if mark in _FRAMES and not width:
            bits, height, width, components = window.unpack(">BHHB", at + 4)
        if mark in _TELLING and metadata is not Metadata.PLACE:
            metadata = _told(window, mark, at + 4, length - 2) or metadata
        at += 2 + length
        if mark == _SCAN:
            if not height and width:
                height = _number_of_lines(window, at)
            if not width or not height:
                raise HeaderError("the JPEG states no size")
            end = _end(window, at) if whole else 0
            return Header(
                ImageType.JPEG, width, height, end >= 0,
                bits=bits, components=components, metadata=metadata,
                trailing=window.trailing(end) if end > 0 else 0,
            )  # fmt: skip
    if width and height:
        return Header(
            ImageType.JPEG, width, height, False, bits=bits, components=components, metadata=metadata
        )
    raise HeaderError("the JPEG has no picture in it")


def _told(window: Window, mark: int, at: int, length: int) -> Metadata:
    """What a segment of metadata tells. An Exif block that says no more than which way is up tells nothing."""
    if mark != _EXIF:
        return Metadata.SOME
    data = window.get(at, length)
    if not data.startswith(b"Exif\0\0"):
        return Metadata.SOME
    if has_place(data[6:]):
        return Metadata.PLACE
    return Metadata.SOME if length > _LEAST_EXIF else Metadata.NONE


def _skip_filling(window: Window, at: int) -> int:
    """Offset of the last of the 0xFF bytes at `at`: any number of them may stand before a mark."""
    for _ in range(_MOST_SEGMENTS):
        if window.byte(at + 1) != 0xFF:
            return at
        at += 1
    raise HeaderError("the JPEG header is garbled")


def _number_of_lines(window: Window, scan: int) -> int:
    """A height of 0 in the frame is stated after the first scan, in a DNL segment."""
    found = _find(window, b"\xff\xdc\x00\x04", scan)
    return window.unpack(">H", found + 4)[0] if found >= 0 else 0


def _end(window: Window, scan: int) -> int:
    """Offset behind the end mark that follows the scan; -1 when there is none.

    Inside scan data 0xFF is always followed by 0 or a restart mark, so the mark cannot stand there by chance;
    cameras and editors put zeros or data of their own after it.
    """
    if window.size > scan and window.tail(2) == _END_MARK:
        return window.size
    found = _find(window, _END_MARK, scan)
    return found + len(_END_MARK) if found >= 0 else -1


def _usual(window: Window) -> Header | None:
    """The header of a file as most are: the frame in reach, an end mark as the very last bytes, and far behind.

    A chapter has hundreds of them, so it is looked for with few steps. None for all others.
    """
    head = window.head
    at, last = 2, len(head) - 10
    while at < last and head[at] == 0xFF:
        mark = head[at + 1]
        if mark in _FRAMES:
            bits, height, width, components = _FRAME.unpack_from(head, at + 4)
            if not (height and width and window.size - at > 2 * _TAIL and window.tail(2) == _END_MARK):
                return None
            return Header(ImageType.JPEG, width, height, bits=bits, components=components)
        if mark < 0xC0 or mark in _SHORT or mark in _TELLING:
            return None
        at += 2 + (head[at + 2] << 8 | head[at + 3])
    return None


def _find(window: Window, wanted: bytes, start: int) -> int:
    """Offset of `wanted` at or after `start`, -1 when it is not there."""
    at = start
    step = 64 * 1024
    while at < window.size:
        found = window.get(at, step).find(wanted)
        if found >= 0:
            return at + found
        at += step - len(wanted) + 1
    return -1
