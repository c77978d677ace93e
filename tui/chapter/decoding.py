"""Decoding a page to the last pixel, to know that it can be, and what it looks like. Off the loop: it takes long."""

from __future__ import annotations

import io
import math
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

from tui.chapter.cancel import Cancelled, stop_if, while_wanted
from tui.chapter.decode_errors import decode_errors, decode_problem
from tui.chapter.decoders import LARGE_PIXELS, has_decoder, most_scaled_pixels, teach_pillow, without_warning
from tui.chapter.pages import ACCEPTED_TYPES, ImageType, Looks, Page
from tui.chapter.png_bands import MOST_PIXELS as MOST_BANDED
from tui.chapter.png_bands import open_bands, scaled_down
from tui.chapter.sources import READ_ERRORS, open_page, read_problem
from tui.chapter.sources.base import IsCancelled

if TYPE_CHECKING:
    from PIL import Image

_MOST_BYTES = 64 * 1024 * 1024
_PATIENCE = 0.1
_large_ones = ThreadPoolExecutor(1, "large-page")
"""One thread, and not one at a time in any: the system keeps what was freed for the thread that had it."""
_ENOUGH_PIXELS = 1_000_000
"""To which a large page is scaled down, to know what it looks like."""
_SIDE = 16
_STEP = 4
"""Difference of grey, of 255, from which one place counts as brighter than the next: more than the noise of a
JPEG on paper."""
_FEWEST_BITS = 6
"""With fewer a page is blank paper and looks like any other."""


def can_decode() -> bool:
    """Whether the library for it is there."""
    try:
        from PIL import Image
    except ImportError:
        return False
    return bool(Image)


def decode_page(page: Page, cancelled: IsCancelled | None = None) -> Page:
    """The page with `decoded`, what it looks like, and its problem if there is one. Blocking; Cancelled.

    What cannot be read, or is too large to be decoded here, comes back as it is but for `decoded`.
    """
    stop_if(cancelled)
    if page.remote_id or page.problem or not page.complete or page.size > _MOST_BYTES:
        return replace(page, decoded=True)
    if not has_decoder(page.type):
        return replace(page, decoded=True)
    if page.pixels > (MOST_BANDED if page.type is ImageType.PNG else most_scaled_pixels(page.type)):
        return replace(page, decoded=True)
    return _decode(page, cancelled) if page.pixels < LARGE_PIXELS else _decode_alone(page, cancelled)


def _decode_alone(page: Page, cancelled: IsCancelled | None) -> Page:
    """Wait for one's turn in the thread of the large pages, and in it: a chapter of bombs takes the memory of
    one."""
    decoding = _large_ones.submit(_decode, page, cancelled)
    while True:
        try:
            return decoding.result(_PATIENCE)
        except TimeoutError:
            if cancelled is not None and cancelled():
                decoding.cancel()
                raise Cancelled from None


def _decode(page: Page, cancelled: IsCancelled | None) -> Page:
    from PIL import Image

    teach_pillow(page.type)
    without_warning()
    try:
        with open_page(page.location) as stream:
            content = stream.read(_MOST_BYTES + 1)
    except READ_ERRORS as error:
        return replace(page, decoded=True, problem=read_problem(error))
    stop_if(cancelled)
    try:
        if page.pixels >= LARGE_PIXELS and (bands := open_bands(content)):
            with while_wanted(lambda: cancelled is None or not cancelled()):
                small = scaled_down(bands, math.isqrt(page.pixels // _ENOUGH_PIXELS))
            return _seen(page, small.convert("L"))
        if page.pixels > most_scaled_pixels(page.type):
            return replace(page, decoded=True)
        with Image.open(io.BytesIO(content)) as image:
            if image.size != (page.width, page.height) and page.type in ACCEPTED_TYPES:
                return replace(page, decoded=True, problem=_two_sizes(page, image.size))
            progressive = "progressive" in image.info
            if image.width * image.height > most_scaled_pixels(page.type, progressive=progressive):
                return replace(page, decoded=True)
            if image.format == "JPEG" and image.mode in ("L", "RGB"):
                # Every byte is decoded all the same, but a quarter of the memory and half of the time do for it.
                part = 4 if page.pixels >= LARGE_PIXELS else 1
                image.draft("L", (image.width // part, image.height // part))
            image.load()
            grey = image if image.mode == "L" else image.convert("L")
    except decode_errors() as error:
        return replace(page, decoded=True, problem=decode_problem(error, content))
    return _seen(page, grey)


def _seen(page: Page, grey: Image.Image) -> Page:
    """The decoded page, with what it looks like."""
    from PIL import Image

    coarse = grey.resize((_SIDE + 1, _SIDE), Image.Resampling.BOX).tobytes()
    bits = _difference_hash(coarse)
    if bits.bit_count() < _FEWEST_BITS:
        return replace(page, decoded=True)
    fine = grey.resize((2 * _SIDE, 2 * _SIDE), Image.Resampling.BOX).tobytes()
    return replace(page, decoded=True, looks=Looks(bits, fine))


def _two_sizes(page: Page, other: tuple[int, int]) -> str:
    return (
        f"its header states {page.width:,} × {page.height:,} pixels, the picture behind it"
        f" {other[0]:,} × {other[1]:,}"
    )


def decode_pages(pages: Sequence[Page], cancelled: IsCancelled | None = None) -> tuple[Page, ...]:
    """All `pages` decoded, in the same order, several at once; as they are where the library is missing.
    Blocking; Cancelled."""
    if not can_decode():
        return tuple(pages)
    with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as pool:
        return tuple(pool.map(lambda page: decode_page(page, cancelled), pages))


def _difference_hash(grey: bytes) -> int:
    """Whether each of 16 x 16 places is brighter than the one to its right. Scaling, recoding and other
    brightness change few of these bits."""
    bits = 0
    for row in range(_SIDE):
        for place in range(row * (_SIDE + 1), row * (_SIDE + 1) + _SIDE):
            bits = bits << 1 | (grey[place] > grey[place + 1] + _STEP)
    return bits
