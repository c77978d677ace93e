"""A pdf: each of its pages is a page of the chapter, taken out once (see unpacked.py).

Where a page is nothing but one JPEG that fills it, that JPEG is taken byte for byte; any other page is drawn
to a PNG, at the resolution of the largest image on it, or at 300 dots per inch.
"""

from __future__ import annotations

import io
import math
import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from tui.chapter.cancel import stop_if
from tui.chapter.pages import PageLocation
from tui.chapter.sources.base import IsCancelled, Progress, Scan, SourceError
from tui.chapter.sources.unpacked import LARGEST_UNPACKED, Spool, Unpacked, open_unpacked, scan_unpacked

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument, PdfImage, PdfPage

SIGNATURE = b"%PDF-"
_MOST_PAGES = 1000
"""Twice what a session takes."""
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

_pdfium = threading.Lock()
"""pdfium may be used by one thread at a time."""


class Pdf:
    """A pdf file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def scan(self, *, on_progress: Progress | None = None, cancelled: IsCancelled | None = None) -> Scan:
        """Take out all pages and read their beginning and end."""
        return scan_unpacked(self.path, _unpack, on_progress, cancelled)


def open_member(location: PageLocation) -> BinaryIO:
    """The bytes of a page, as a stream of its own. SourceError, OSError."""
    return open_unpacked(location, _unpack)


def _unpack(path: Path, on_progress: Progress | None, cancelled: IsCancelled | None) -> Unpacked:
    try:
        import PIL.Image
        import pypdfium2
    except ImportError as error:
        raise SourceError(
            f"Opening a .pdf needs the library {error.name or 'pypdfium2'}, which is not installed.",
            "Install it with: pip install 'dexup[pdf]'",
        ) from error
    del PIL
    spool = Spool(LARGEST_UNPACKED)
    try:
        with _pdfium:
            document = _open(pypdfium2, path)
            try:
                count = len(document)
                if count > _MOST_PAGES:
                    raise SourceError(
                        f"This pdf has {count:,} pages; dexup opens those with up to {_MOST_PAGES:,}.",
                        "Choose the pdf of one chapter.",
                    )
                for number in range(count):
                    stop_if(cancelled)
                    if on_progress is not None:
                        on_progress(number, count)
                    _take_page(pypdfium2, document, number, spool)
            finally:
                document.close()
        return spool.finish()
    finally:
        spool.close()


def _open(pypdfium2: Any, path: Path) -> PdfDocument:
    try:
        return pypdfium2.PdfDocument(os.fspath(path))
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) == pypdfium2.raw.FPDF_ERR_PASSWORD or "assword" in str(error):
            raise SourceError(
                "This pdf is locked with a password.",
                "Save it without one with a pdf program, or export its pages into a folder.",
            ) from error
        raise SourceError(
            f"This pdf is damaged, or no pdf at all: {error}.",
            "Open it with a pdf program, and export its pages into a folder.",
        ) from error
    except (OSError, ValueError) as error:
        raise SourceError(
            f"This pdf cannot be read: {error}.", "Check its name and permissions, or choose another."
        ) from error


def _take_page(pypdfium2: Any, document: PdfDocument, number: int, spool: Spool) -> None:
    name = f"{number + 1:04}"
    try:
        page = document[number]
        try:
            images, others = _objects(pypdfium2, page)
            jpeg = _only_jpeg(pypdfium2, page, images[0]) if len(images) == 1 and not others else None
            if jpeg is not None:
                spool.write(jpeg)
                spool.end(f"{name}.jpg")
                return
            spool.write(_drawn(page, images))
            spool.end(f"{name}.png")
        finally:
            page.close()
    except (pypdfium2.PdfiumError, _TooLarge, ValueError, MemoryError) as error:
        spool.end(f"{name}.png", problem=f"this page of the pdf cannot be drawn: {error}")


class _TooLarge(Exception):
    """A page or an image on it has more pixels than are drawn."""


def _objects(pypdfium2: Any, page: PdfPage) -> tuple[list[PdfImage], int]:
    """The images on a page, and how many other things can be seen on it. _TooLarge."""
    raw = pypdfium2.raw
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


def _only_jpeg(pypdfium2: Any, page: PdfPage, image: PdfImage) -> bytes | None:
    """The bytes of `image`, when it is a JPEG that is shown upright, as it is, all over the page."""
    raw = pypdfium2.raw
    if image.get_filters() != ["DCTDecode"] or page.get_rotation() or raw.FPDFPageObj_HasTransparency(image):
        return None
    matrix = image.get_matrix()
    if matrix.a <= 0 or matrix.d <= 0 or abs(matrix.b) > _NEAR or abs(matrix.c) > _NEAR:
        return None
    left, bottom, right, top = page.get_bbox()
    width, height = right - left, top - bottom
    if width <= 0 or height <= 0:
        return None
    bounds = image.get_bounds()
    sides = ((left, width), (bottom, height), (right, width), (top, height))
    if any(abs(edge - wanted) > size * _NEAR for edge, (wanted, size) in zip(bounds, sides, strict=True)):
        return None
    across, down = image.get_px_size()
    if not across or not down or abs(across / down - width / height) > 2 * _NEAR * (width / height):
        return None
    found = bytes(image.get_data())
    return found if found.startswith(b"\xff\xd8\xff") else None


def _drawn(page: PdfPage, images: list[PdfImage]) -> bytes:
    """The page as a PNG. _TooLarge, PdfiumError."""
    width, height = page.get_size()
    if not (width >= 1 and height >= 1):
        raise _TooLarge("it has no size")
    scale = min(
        _scale(images), _LONGEST_SIDE / max(width, height), math.sqrt(_MOST_PIXELS / (width * height))
    )
    # A hair less, so that a page of 800.0000001 pixels has 800.
    bitmap = page.render(scale=scale * (1 - 1e-6), may_draw_forms=False)
    try:
        picture = bitmap.to_pil().convert("RGB")
    finally:
        bitmap.close()
    red, green, blue = picture.split()
    if red.tobytes() == green.tobytes() == blue.tobytes():
        picture = red
    stream = io.BytesIO()
    picture.save(stream, "PNG", compress_level=4)
    return stream.getvalue()


def _scale(images: list[PdfImage]) -> float:
    """Pixels for each point that show the largest image on the page as it is."""
    found = _USUAL
    most = 0
    for image in images:
        across, down = image.get_px_size()
        matrix = image.get_matrix()
        points = math.hypot(matrix.a, matrix.b)
        if across * down > most and points > 0:
            most, found = across * down, across / points
    return min(_MOST, max(_LEAST, found))
