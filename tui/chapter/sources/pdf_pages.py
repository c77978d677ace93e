"""The program that takes a pdf apart: `python pdf_pages.py PDF` writes the pages to its output.

It runs in a process of its own (see pdf.py), which can be bounded, and ended at any time: pdfium reads files
from anywhere, in C++, and a page can be made to take it hours. So nothing else of dexup is imported here.

Each thing it tells is a line of JSON: {"count": pages}, {"refused": why} and nothing after it, or for each page
{"name", "size"} with so many bytes behind the line, or {"name", "problem"}.
"""

from __future__ import annotations

import io
import json
import math
import mmap
import os
import re
import sys
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    from PIL.Image import Image
    from pypdfium2 import PdfDocument, PdfImage, PdfPage

LOCKED = "locked"
"""Why a pdf is refused that has a password; anything else is pdfium's own word."""
MOST_PAGES = 1000
"""Pages that are written; twice what a session takes."""
_USUAL, _LEAST, _MOST = 300 / 72, 150 / 72, 600 / 72
"""Pixels for each point of a page."""
_LONGEST_SIDE = 9_999
"""Pixels of a side; the service takes less than 10,000 (`mangadex-api.md` 4.0)."""
_MOST_PIXELS = 40_000_000
_MOST_IMAGE_PIXELS = 178_000_000
"""Of an image on a page: what Pillow, too, calls a bomb. pdfium would decode it whole."""
_MOST_OBJECTS = 200_000
_NEAR = 0.01
"""Part of a side by which an image may miss the edge of its page."""
_HARMLESS_NOTES = frozenset({2, 16})
"""Kinds of annotations that draw nothing: links and pop-ups."""
_ALTERED = re.compile(rb"/Decode\s*\[\s*1|/S?Mask\s*[\d[]")
"""Stands before the bytes of an image that is shown as its own negative, or not everywhere. It is never packed
away."""
_ORIENTATION = 0x0112


class _TooLarge(Exception):
    """A page or an image on it has more pixels than are drawn."""


class _Pages:
    """The pages of an open pdf."""

    def __init__(self, pypdfium2: Any, document: PdfDocument, *, altered: bool) -> None:
        self._pypdfium2 = pypdfium2
        self._document = document
        self._altered = altered

    def take(self, number: int) -> tuple[str, bytes]:
        """A page, counted from 0, as the ending of a name and a whole file. PdfiumError, _TooLarge, others."""
        page = self._document[number]
        try:
            images, others = self._objects(page)
            if len(images) == 1 and not others and not self._altered and self._is_whole_page(page, images[0]):
                jpeg = _jpeg_of(images[0])
                return ("jpg", jpeg) if jpeg is not None else ("png", _pixels_of(images[0]))
            return "png", _drawn(page, images, only_images=not others)
        finally:
            page.close()

    def _objects(self, page: PdfPage) -> tuple[list[PdfImage], int]:
        """The images on a page, and how many other things can be seen on it. _TooLarge."""
        raw = self._pypdfium2.raw
        images: list[PdfImage] = []
        others = 0
        for count, thing in enumerate(page.get_objects(max_depth=8)):
            if count > _MOST_OBJECTS:
                raise _TooLarge("too much is on it")
            if thing.type == raw.FPDF_PAGEOBJ_IMAGE:
                width, height = thing.get_px_size()
                if width * height > _MOST_IMAGE_PIXELS:
                    raise _TooLarge(f"an image on it has {width:,} × {height:,} pixels")
                images.append(thing)
                others += thing.level > 0
            elif not (
                # Text that is there to be searched only, as in scans.
                thing.type == raw.FPDF_PAGEOBJ_TEXT
                and raw.FPDFTextObj_GetTextRenderMode(thing) == raw.FPDF_TEXTRENDERMODE_INVISIBLE
            ):
                others += 1
        for index in range(raw.FPDFPage_GetAnnotCount(page)):
            note = raw.FPDFPage_GetAnnot(page, index)
            others += raw.FPDFAnnot_GetSubtype(note) not in _HARMLESS_NOTES
            raw.FPDFPage_CloseAnnot(note)
        return images, others

    def _is_whole_page(self, page: PdfPage, image: PdfImage) -> bool:
        """The image is shown upright, as it is, all over the page."""
        if page.get_rotation() or self._pypdfium2.raw.FPDFPageObj_HasTransparency(image):
            return False
        matrix = image.get_matrix()
        if matrix.a <= 0 or matrix.d <= 0 or abs(matrix.b) > _NEAR or abs(matrix.c) > _NEAR:
            return False
        left, bottom, right, top = page.get_bbox()
        width, height = right - left, top - bottom
        if width <= 0 or height <= 0:
            return False
        bounds = image.get_bounds()
        sides = ((left, width), (bottom, height), (right, width), (top, height))
        if any(abs(edge - wanted) > size * _NEAR for edge, (wanted, size) in zip(bounds, sides, strict=True)):
            return False
        across, down = image.get_px_size()
        return bool(across and down) and abs(across / down - width / height) <= 2 * _NEAR * (width / height)


def _jpeg_of(image: PdfImage) -> bytes | None:
    """The JPEG that `image` is, byte for byte."""
    if image.get_filters() != ["DCTDecode"]:
        return None
    found = bytes(image.get_data())
    return found if found.startswith(b"\xff\xd8\xff") and _is_upright(found) else None


def _pixels_of(image: PdfImage) -> bytes:
    """An image of any other kind, pixel for pixel, as a PNG. PdfiumError."""
    bitmap = image.get_bitmap()
    try:
        return _png_of(bitmap.to_pil())
    finally:
        bitmap.close()


def _is_upright(jpeg: bytes) -> bool:
    """No note in the JPEG turns it; a pdf does not heed one, but whoever looks at the JPEG alone does."""
    import PIL.Image

    try:
        with PIL.Image.open(io.BytesIO(jpeg), formats=("JPEG",)) as picture:
            return bool(picture.getexif().get(_ORIENTATION, 1) == 1)
    except Exception:  # noqa: BLE001  # Pillow stumbles over damaged metadata in many ways
        return False  # a pdf may show more of a damaged JPEG than others do: it is drawn


def _drawn(page: PdfPage, images: list[PdfImage], *, only_images: bool) -> bytes:
    """The page as a PNG. _TooLarge, PdfiumError."""
    width, height = page.get_size()
    if not (width >= 1 and height >= 1):
        raise _TooLarge("it has no size")
    scale = min(
        _scale(images, only_images=only_images),
        _LONGEST_SIDE / max(width, height),
        math.sqrt(_MOST_PIXELS / (width * height)),
    )
    # A hair less, so that a page of 800.0000001 pixels has 800.
    bitmap = page.render(scale=scale * (1 - 1e-6), may_draw_forms=False)
    try:
        return _png_of(bitmap.to_pil())
    finally:
        bitmap.close()


def _png_of(picture: Image) -> bytes:
    if picture.mode != "L":
        picture = picture.convert("RGB")
        red, green, blue = picture.split()
        if red.tobytes() == green.tobytes() == blue.tobytes():
            picture = red
    stream = io.BytesIO()
    picture.save(stream, "PNG", compress_level=4)
    return stream.getvalue()


def _scale(images: list[PdfImage], *, only_images: bool) -> float:
    """Pixels for each point that show the largest image on the page as it is; text needs some to be read."""
    found = _USUAL
    most = 0
    for image in images:
        across, down = image.get_px_size()
        matrix = image.get_matrix()
        wide, high = math.hypot(matrix.a, matrix.b), math.hypot(matrix.c, matrix.d)
        if across * down > most and wide > 0 and high > 0:
            scales = across / wide, down / high
            # The smaller of two that are nearly the same, since the sides of a page are rounded up.
            most, found = across * down, min(scales) if max(scales) < 1.02 * min(scales) else max(scales)
    return found if only_images and most else min(_MOST, max(_LEAST, found))


def _may_alter_images(path: str) -> bool:
    with open(path, "rb") as raw:  # noqa: PTH123  # nothing but what is needed is imported
        if not os.fstat(raw.fileno()).st_size:
            return False
        with mmap.mmap(raw.fileno(), 0, access=mmap.ACCESS_READ) as content:
            return _ALTERED.search(content) is not None


def _tell(output: BinaryIO, **words: object) -> None:
    output.write(json.dumps(words).encode("ascii") + b"\n")


def write_pages(path: str, output: BinaryIO) -> None:
    """Write everything that is told about the pdf at `path`."""
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        locked = getattr(error, "err_code", None) == pypdfium2.raw.FPDF_ERR_PASSWORD or "assword" in str(
            error
        )
        _tell(output, refused=LOCKED if locked else str(error))
        return
    count = len(document)
    _tell(output, count=count)
    pages = _Pages(pypdfium2, document, altered=_may_alter_images(path))
    for number in range(min(count, MOST_PAGES)):
        name = f"{number + 1:04}"
        try:
            ending, content = pages.take(number)
        except (pypdfium2.PdfiumError, _TooLarge, ValueError, OSError, MemoryError) as error:
            words = f"this page of the pdf cannot be drawn: {error or type(error).__name__}"
            _tell(output, name=f"{name}.png", problem=words)
        else:
            _tell(output, name=f"{name}.{ending}", size=len(content))
            output.write(content)
        output.flush()
    document.close()


if __name__ == "__main__":
    # What a library prints must not come between the pages.
    with os.fdopen(os.dup(1), "wb") as pages_out:
        os.dup2(2, 1)
        write_pages(sys.argv[1], pages_out)
