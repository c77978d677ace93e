"""Image files: their headers, and everything that decodes them."""

from __future__ import annotations

import io
import random
from functools import cache
from pathlib import Path

from tests.support.chapters import animation_bytes, image_bytes
from tests.support.fuzzing.mutations import mutated, noise
from tests.support.fuzzing.shown import told
from tests.support.fuzzing.target import Target
from tui.chapter.checks import check_pages
from tui.chapter.decoders import teach_pillow
from tui.chapter.decoding import decode_page
from tui.chapter.hashing import hash_page
from tui.chapter.images import read_header
from tui.chapter.limits import LIMITS
from tui.chapter.mending.picture import MendError
from tui.chapter.mending.recipes import RECIPES
from tui.chapter.pages import ImageType, Page
from tui.chapter.preview import PreviewError, render_preview
from tui.chapter.sources import open_source
from tui.text import safe_text

_EXIF = (
    b"Exif\0\0MM\0*\0\0\0\x08\0\x02\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\x88\x25\0\x04\0\0\0\x01\0\0\0\x26\0\0\0\0"
    b"\0\x01\0\x02\0\x05\0\0\0\x03\0\0\0\x38\0\0\0\0" + bytes(range(24))
)
"""Turned, and with a place."""
_SMALL = 80_000
"""Bytes of the largest picture that is damaged: the reading of a larger one is no different, only slower."""


@cache
def pictures() -> tuple[bytes, ...]:
    """A real file of every format and coding that the header reader knows."""
    teach_pillow(ImageType.JXL)  # to write one
    found = [
        *(image_bytes(kind, (90, 120)) for kind in ("JPEG", "PNG", "GIF", "WEBP", "AVIF", "BMP", "TIFF")),
        image_bytes("JPEG", (90, 120), progressive=True),
        image_bytes("JPEG", (90, 120), mode="CMYK"),
        image_bytes("JPEG", (90, 120), exif=_EXIF),
        image_bytes("PNG", (90, 120), mode="P", exif=_EXIF),
        image_bytes("PNG", (90, 120), mode="1"),
        image_bytes("PNG", (40, 50), mode="I;16"),
        image_bytes("WEBP", (90, 120), lossless=True),
        image_bytes("TIFF", (40, 50), compression="tiff_lzw", big_tiff=False),
        image_bytes("JPEG2000", (40, 50)),
        image_bytes("JXL", (40, 50)),
        image_bytes("JXL", (40, 50), lossless=True, use_container=True),
        *(animation_bytes(kind) for kind in ("GIF", "PNG", "WEBP", "AVIF")),
        b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + image_bytes("AVIF", (40, 50))[32:],
        b"\0\0\0\x0cJXL \r\n\x87\n\0\0\0\x14ftypjxl \0\0\0\0jxl " + bytes(40),
        b"\xff\x0a" + bytes(range(60)),
    ]  # fmt: skip
    assert all(len(content) <= _SMALL for content in found)
    return tuple(found)


_MARKS = (
    b"\xff\xd8\xff", b"\xff\xd9", b"\xff\xda", b"\xff\xc0", b"\xff\xff", b"IHDR", b"IDAT", b"IEND", b"acTL", b"GIF89a",
    b"\x21\xff\x0b", b"\x2c", b"\x3b", b"RIFF", b"WEBP", b"VP8X", b"VP8L", b"VP8 ", b"ftyp", b"avif", b"meta", b"iprp",
    b"ipco", b"ispe", b"II*\0", b"MM\0*", b"BM",
)  # fmt: skip


class Headers(Target):
    """The reader of image headers, which never raises."""

    def __init__(self, _: Path) -> None:
        pictures()  # so that no case has to draw them

    def case(self, chance: random.Random) -> None:
        self.content = noise(chance) if chance.random() < 0.05 else mutated(chance, pictures(), _MARKS)
        size = len(self.content)
        stream = io.BytesIO(self.content)
        if chance.random() < 0.1:
            header = read_header(stream, size + chance.choice((0, 1, 10**6, 2**40)), whole=False)
        else:
            header = read_header(stream, size)
        assert 0 <= header.width < 2**31, header
        assert 0 <= header.height < 2**31, header
        assert len(header.problem) < 200, header


class Pictures(Target):
    """Hashing, decoding to the last pixel, findings, drawing and mending of one page in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "pictures"
        self._folder.mkdir()

    def case(self, chance: random.Random) -> None:
        self.content = mutated(chance, pictures(), _MARKS)
        (self._folder / "1.png").write_bytes(self.content)
        pages = [
            decode_page(hash_page(page))
            for page in open_source(self._folder).scan().pages
        ]  # fmt: skip
        told(check_pages(pages))
        for page in pages:
            self._draw_and_mend(page, chance)

    def _draw_and_mend(self, page: Page, chance: random.Random) -> None:
        try:
            render_preview(page, 20, 10)
        except PreviewError as error:
            safe_text(error)
        recipe = chance.choice(RECIPES)
        try:
            recipe.run(self.content, page, LIMITS)
        except MendError as error:
            safe_text(error)
