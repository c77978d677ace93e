"""A page drawn in half blocks: each character cell shows two pixels, one above the other."""

from __future__ import annotations

import io
import math
import sys
from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui.chapter.decode_errors import decode_errors, decode_problem
from tui.chapter.decoders import (
    LARGE_PIXELS,
    has_decoder,
    missing_decoder,
    most_scaled_pixels,
    teach_pillow,
    without_warning,
)
from tui.chapter.page_checks import type_name
from tui.chapter.pages import ImageType, Page
from tui.chapter.png_bands import PngBands, open_bands, scaled_down
from tui.chapter.sources import READ_ERRORS, open_page, read_problem
from tui.text import format_size

if TYPE_CHECKING:
    from PIL import Image

Colour = int
"""Red in the lowest byte, then green, then blue: thousands of numbers are faster than thousands of triples."""
Cells = list[list[tuple[Colour, Colour]]]
"""Rows of cells, each the colours of its upper and its lower half."""

_MOST_BYTES = 64 * 1024 * 1024
_MOST_STRIP_BYTES = 256 * 1024 * 1024
"""Of a PNG that is decoded a few rows at a time: it takes little besides."""
_MOST_SCALED_PIXELS = 20_000_000
_PAPER = (255, 255, 255)
_PAPER_COLOUR = 0xFFFFFFFF
_COARSE = bytes((value + 8) // 17 * 17 for value in range(256))
"""Brightness in steps of 17, so that noise in paper and ink does not break runs of one colour."""


class PreviewError(Exception):
    """The page cannot be drawn; the text says why, for people."""


@dataclass(frozen=True, slots=True)
class Part:
    """What of a page is seen."""

    zoom: int = 1
    """1: all of it; 2: twice as large, and so on."""
    x: float = 0.5
    """Its middle, as a part of the page's width."""
    y: float = 0.5


WHOLE = Part()
_LEAST_COLUMNS = 6
"""A strip that would be narrower than this, all of it in view, is only a line."""


def at_a_glance(page: Page, columns: int, rows: int) -> Part:
    """What of a page is shown in so many cells: all of it, or the beginning of a strip that would be a line: its top,
    of a wide one its right end."""
    if not page.pixels or columns < 1 or rows < 1:
        return WHOLE
    wide, high = 2 * rows * page.width / page.height, columns * page.height / page.width
    if wide < min(columns, _LEAST_COLUMNS):
        return Part(max(1, int(columns / wide)), y=0.0)
    if high < min(2 * rows, _LEAST_COLUMNS):
        return Part(max(1, int(2 * rows / high)), x=1.0)
    return WHOLE


def render_preview(page: Page, columns: int, rows: int, part: Part = WHOLE) -> Cells:
    """The page, or a part of it, as large as `columns` x `rows` cells allow, proportions kept. Blocking;
    PreviewError."""
    if columns < 1 or rows < 1:
        return []
    return _cells(render_picture(page, columns, rows * 2, part))


def render_picture(page: Page, width: int, height: int, part: Part = WHOLE) -> Image.Image:
    """The same as a picture in RGB, as large as `width` x `height` pixels allow. Blocking; PreviewError."""
    try:
        from PIL import Image, ImageOps
    except ImportError as error:
        raise PreviewError("a preview needs the library Pillow, which is not installed") from error
    if page.remote_id:
        raise PreviewError("it is on the server, and MangaDex does not say how to read it from there")
    if not has_decoder(page.type):
        raise PreviewError(f"a preview of {type_name(page.type)} needs {missing_decoder(page.type)}")
    teach_pillow(page.type)
    without_warning()
    if page.type is not ImageType.PNG:
        _check_pixels(page.width, page.height, page.type)
    most = _MOST_STRIP_BYTES if page.type is ImageType.PNG and page.pixels > LARGE_PIXELS else _MOST_BYTES
    try:
        with open_page(page.location) as stream:
            # A read makes room for all that it may get, and a page is much smaller than the most it may be.
            content = stream.read(min(page.size, most) + 1)
            if len(content) > page.size:  # it has grown since it was listed
                content += stream.read(most + 1 - len(content))
    except READ_ERRORS as error:
        raise PreviewError(f"it cannot be read: {read_problem(error)}") from error
    if len(content) > most:
        raise PreviewError(f"{format_size(len(content) - 1)} and more are too much to draw")
    try:
        if page.pixels > LARGE_PIXELS and (bands := open_bands(content)):
            scale = min(width / bands.width, height / bands.height) * part.zoom
            return _flat(_as_large_as(scaled_down(bands, _factor(bands, scale)), part, width, height))
        with Image.open(io.BytesIO(content)) as image:
            _check_pixels(*image.size, page.type, progressive="progressive" in image.info)
            image.draft("RGB", (width * part.zoom, height * part.zoom))
            return _flat(_as_large_as(ImageOps.exif_transpose(image), part, width, height))
    except decode_errors() as error:
        raise PreviewError(decode_problem(error, content)) from error


def _check_pixels(width: int, height: int, kind: ImageType, *, progressive: bool = False) -> None:
    """PreviewError when they are too many to decode."""
    if width * height > most_scaled_pixels(kind, progressive=progressive):
        raise PreviewError(
            f"{width:,} × {height:,} pixels are too many to decode; in another program it can be looked at"
        )


def _factor(bands: PngBands, scale: float) -> int:
    """By how much a large picture may be scaled down while it is decoded, to be shown in `scale` of its size."""
    least = math.ceil(math.sqrt(bands.width * bands.height / _MOST_SCALED_PIXELS))
    return max(1, least, int(1 / (2 * scale)))


def _as_large_as(image: Image.Image, part: Part, width: int, height: int) -> Image.Image:
    if part.zoom != 1:
        return _part_of(image, part, width, height)
    image.thumbnail((width, height))
    return image


def _part_of(image: Image.Image, part: Part, width: int, height: int) -> Image.Image:
    """The part of it that `width` x `height` pixels show."""
    from PIL import Image as Images

    scale = min(width / image.width, height / image.height) * part.zoom
    wide, high = min(image.width, width / scale), min(image.height, height / scale)
    left = min(max(0.0, part.x * image.width - wide / 2), image.width - wide)
    top = min(max(0.0, part.y * image.height - high / 2), image.height - high)
    size = (max(1, round(wide * scale)), max(1, round(high * scale)))
    picture = image if image.mode in ("L", "RGB", "RGBA", "LA") else image.convert("RGBA")
    return picture.resize(size, Images.Resampling.BOX, box=(left, top, left + wide, top + high))


def _flat(image: Image.Image) -> Image.Image:
    """Without transparency, on paper."""
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        from PIL import Image as Images

        picture = image.convert("RGBA")
        paper = Images.new("RGBA", picture.size, (*_PAPER, 255))
        paper.alpha_composite(picture)
        return paper.convert("RGB")
    return image.convert("RGB")


def _cells(image: Image.Image) -> Cells:
    width, height = image.size
    pixels = array("I", image.convert("RGBA").tobytes().translate(_COARSE))
    if sys.byteorder == "big":
        pixels.byteswap()
    lines = [pixels[start : start + width].tolist() for start in range(0, width * height, width)]
    if height % 2:
        lines.append([_PAPER_COLOUR] * width)
    return [
        list(zip(upper, lower, strict=True)) for upper, lower in zip(lines[::2], lines[1::2], strict=True)
    ]


def red_green_blue(colour: Colour) -> tuple[int, int, int]:
    """The three of a colour, each from 0 to 255."""
    return colour & 0xFF, colour >> 8 & 0xFF, colour >> 16 & 0xFF
