"""Type, size and completeness of an image from a few reads, without decoding it.

A new file type is one more row in FORMATS.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from tui.chapter.formats import bitmap, boxes, gif, jpeg, jxl, png, riff
from tui.chapter.formats.header import Header, HeaderError
from tui.chapter.formats.others import name_of_other
from tui.chapter.formats.window import Seekable, Window
from tui.chapter.pages import ImageType

__all__ = ["EMPTY", "EXTENSIONS", "FORMATS", "Format", "Header", "read_header", "recognise"]

LARGEST_SIDE = 2**31 - 1
EMPTY = "the file is empty"
"""The problem of a file of 0 bytes."""


class Reader(Protocol):
    """Reads behind the signature; raises HeaderError. `whole` false: the stream holds only the beginning."""

    def __call__(self, window: Window, *, whole: bool) -> Header: ...


@dataclass(frozen=True, slots=True)
class Format:
    """One kind of image file."""

    type: ImageType
    extensions: tuple[str, ...]
    """Usual endings of its names, lower case, without the dot."""
    matches: Callable[[bytes], bool]
    """Whether the first bytes are of this kind."""
    read: Reader


FORMATS: tuple[Format, ...] = (
    Format(ImageType.JPEG, ("jpg", "jpeg", "jpe", "jfif"), jpeg.matches, jpeg.read),
    Format(ImageType.PNG, ("png", "apng"), png.matches, png.read),
    Format(ImageType.GIF, ("gif",), gif.matches, gif.read),
    Format(ImageType.WEBP, ("webp",), riff.matches, riff.read),
    Format(ImageType.AVIF, ("avif", "avifs"), boxes.matches_avif, boxes.read_avif),
    Format(ImageType.HEIC, ("heic", "heif"), boxes.matches_heic, boxes.read_heic),
    Format(ImageType.JXL, ("jxl",), jxl.matches, jxl.read),
    Format(ImageType.TIFF, ("tif", "tiff"), bitmap.matches_tiff, bitmap.read_tiff),
    Format(ImageType.BMP, ("bmp", "dib"), bitmap.matches_bmp, bitmap.read_bmp),
)

EXTENSIONS: dict[str, ImageType] = {ending: form.type for form in FORMATS for ending in form.extensions}
"""Ending of a name, lower case without the dot -> the type that it promises."""


def recognise(head: bytes) -> Format | None:
    """The format whose signature the first bytes bear."""
    for form in FORMATS:
        if form.matches(head):
            return form
    return None


def read_header(stream: Seekable, size: int, *, whole: bool = True) -> Header:
    """What the image in `stream` (seekable, `size` bytes) says of itself.

    With `whole` false only the beginning is in reach and `complete` is not judged. Never raises for what the
    bytes hold: a broken header gives `problem`. Errors of the stream itself (OSError) pass through.
    """
    form: Format | None = None
    try:
        window = Window(stream, size)
        if not window.head:
            return Header(problem=EMPTY)
        form = recognise(window.head)
        if form is None:
            other = name_of_other(window.head)
            return Header(problem=f"{other}, not an image" if other else "not an image of a known kind")
        header = form.read(window, whole=whole)
    except (HeaderError, struct.error) as error:
        return Header(form.type if form else ImageType.UNKNOWN, problem=str(error))
    if not (0 <= header.width <= LARGEST_SIDE and 0 <= header.height <= LARGEST_SIDE):
        return replace(header, width=0, height=0, problem="the header states an impossible size")
    return header
