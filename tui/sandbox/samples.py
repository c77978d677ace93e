"""Chapters to try dexup with: real images whose page number can be read at any size."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

FOLDER_CHAPTER = "[Example Scans] Harbour Lights - Vol.02 Ch.012 - Low Tide (en)"
ARCHIVE_CHAPTER = "[Example Scans] Harbour Lights - Vol.02 Ch.013 - Undertow (en).cbz"
BAD_CHAPTER = "[Example Scans] Harbour Lights - Vol.02 Ch.014 - Bad Pages (en)"
ODD_CHAPTER = "【例】港の灯 第2巻 第15話「干潮」(ja)"

_SCANNED = 1_700_000_000
"""Epoch second at which the first page was "scanned"."""

# Rows and columns of a page that its panels take, as fractions; another layout for every page in turn.
_LAYOUTS: tuple[tuple[tuple[float, float, float, float], ...], ...] = (
    ((0, 0, 1, 0.36), (0, 0.36, 0.5, 0.68), (0.5, 0.36, 1, 0.68), (0, 0.68, 1, 1)),
    ((0, 0, 0.6, 0.5), (0.6, 0, 1, 0.3), (0.6, 0.3, 1, 0.5), (0, 0.5, 1, 1)),
    ((0, 0, 1, 0.25), (0, 0.25, 1, 0.6), (0, 0.6, 0.4, 1), (0.4, 0.6, 1, 1)),
    ((0, 0, 1, 1),),
    ((0, 0, 0.34, 0.5), (0.34, 0, 0.67, 0.5), (0.67, 0, 1, 0.5), (0, 0.5, 0.7, 1), (0.7, 0.5, 1, 1)),
    ((0, 0, 1, 0.7), (0, 0.7, 0.5, 1), (0.5, 0.7, 1, 1)),
    ((0, 0, 0.45, 1), (0.45, 0, 1, 0.34), (0.45, 0.34, 1, 0.67), (0.45, 0.67, 1, 1)),
)

# Seven segments: top, upper left, upper right, middle, lower left, lower right, bottom.
_SEGMENTS = (
    "1110111",
    "0010010",
    "1011101",
    "1011011",
    "0111010",
    "1101011",
    "1101111",
    "1010010",
    "1111111",
    "1111011",
)


def write_samples(folder: Path) -> list[Path]:
    """Write four chapters below `folder`, which is made, and say where: a clean folder, an archive, a folder with
    bad pages, one with names from everywhere. Needs Pillow."""
    folder.mkdir(parents=True, exist_ok=True)
    return [
        _write_folder(folder / FOLDER_CHAPTER),
        _write_archive(folder / ARCHIVE_CHAPTER),
        _write_bad(folder / BAD_CHAPTER),
        _write_odd(folder / ODD_CHAPTER),
    ]


def _write_folder(folder: Path) -> Path:
    """24 pages as a scanner program names them: 1.png to 24.png."""
    folder.mkdir(exist_ok=True)
    for number in range(1, 25):
        path = folder / f"{number}.png"
        path.write_bytes(_encoded(draw_page(number, noise=190_000), "PNG"))
        scanned = _SCANNED + 45 * number
        os.utime(path, (scanned, scanned))
    return folder


def _write_archive(path: Path) -> Path:
    """12 pages in a folder inside, with what Windows and macOS leave behind."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("ComicInfo.xml", _COMIC_INFO)
        for number in range(1, 13):
            name = f"Harbour Lights v02/ch013/p{number:03d}.jpg"
            archive.writestr(name, _encoded(draw_page(number + 24, noise=20_000, shown=number), "JPEG"))
        archive.writestr(
            "Harbour Lights v02/ch013/Thumbs.db", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
        )
        archive.writestr("__MACOSX/Harbour Lights v02/ch013/._p001.jpg", b"\x00\x05\x16\x07" + bytes(116))
    return path


def _write_bad(folder: Path) -> Path:
    """What goes wrong in practice, between good pages."""
    folder.mkdir(exist_ok=True)
    whole = _encoded(draw_page(2, size=(600, 900), noise=20_000), "JPEG")
    twice = _encoded(draw_page(6, size=(600, 900)), "PNG")
    contents = {
        "01.png": _encoded(draw_page(1, size=(600, 900)), "PNG"),
        "02 cut short.jpg": whole[: len(whole) * 2 // 3],
        "03 really webp.jpg": _encoded(draw_page(3, size=(600, 900)), "WEBP"),
        "04 empty.png": b"",
        "05 long strip.png": _encoded(draw_page(5, size=(320, 10_400)), "PNG"),
        "06.png": twice,
        "07 same as 06.png": twice,
        "08.png": _encoded(draw_page(8, size=(600, 900)), "PNG"),
        "translator notes.txt": b"p. 3: check the name of the ferry\n",
    }
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return folder


def _write_odd(folder: Path) -> Path:
    """Names that tables, sort orders and markup trip over."""
    folder.mkdir(exist_ok=True)
    names = (
        "第1頁.png",
        "第2頁.png",
        "第10頁.png",
        "１１.png",
        "12 👩🏽‍🚀 🏮.png",
        "13 [bold]Sign[/].png",
        "14 é vs é.png",
        "15 منارة.png",
        "16 등대.PNG",
        f"17 {'very ' * 20}long name.png",
    )
    for number, name in enumerate(names, 1):
        safe = name.replace("/", "∕")
        (folder / safe).write_bytes(_encoded(draw_page(number + 40, size=(500, 720), shown=number), "PNG"))
    return folder


def draw_page(
    number: int, *, size: tuple[int, int] = (1000, 1440), noise: int = 0, shown: int | None = None
) -> Image:
    """A grey page with panels, its number very large, and `noise` bytes of screentone that hardly compress."""
    from PIL import Image as Images
    from PIL import ImageDraw

    width, height = size
    page = Images.new("L", size, 250)
    draw = ImageDraw.Draw(page)
    margin, gutter = width // 25, max(2, width // 100)
    left, top, right, bottom = margin, margin, width - margin, height - margin
    for position, (x0, y0, x1, y1) in enumerate(_LAYOUTS[number % len(_LAYOUTS)]):
        box = (
            int(left + x0 * (right - left)) + gutter,
            int(top + y0 * (bottom - top)) + gutter,
            int(left + x1 * (right - left)) - gutter,
            int(top + y1 * (bottom - top)) - gutter,
        )
        draw.rectangle(box, fill=(225, 195, 165, 235, 180)[(position + number) % 5], outline=20, width=gutter)
    if noise:
        _screentone(page, number, noise)
    _draw_number(draw, str(number if shown is None else shown), size)
    return page


def _screentone(page: Image, seed: int, size: int) -> None:
    """A band of random pixels, one byte each."""
    import random

    from PIL import Image as Images

    width, height = page.size
    rows = min(height // 3, max(1, size // width))
    tone = Images.frombytes("L", (width, rows), random.Random(seed).randbytes(width * rows))
    page.paste(tone, (0, height - rows - height // 12))


def _draw_number(draw: object, text: str, size: tuple[int, int]) -> None:
    """The digits as rectangles, across the middle of the page."""
    from PIL.ImageDraw import ImageDraw

    assert isinstance(draw, ImageDraw)
    width, height = size[0], min(size[1], size[0] * 3 // 2)
    digit_width = min(width * 2 // 5, width * 4 // 5 // len(text))
    digit_height = min(height // 2, digit_width * 2)
    thick = max(3, digit_width // 6)
    step = digit_width + thick
    x = (width - step * len(text) + thick) // 2
    y = (size[1] - digit_height) // 2
    pad = thick
    draw.rectangle((x - pad, y - pad, x + step * len(text) - thick + pad, y + digit_height + pad), fill=255)
    half = digit_height // 2
    for position, digit in enumerate(text):
        at = x + position * step
        boxes = (
            (at, y, at + digit_width, y + thick),
            (at, y, at + thick, y + half),
            (at + digit_width - thick, y, at + digit_width, y + half),
            (at, y + half - thick // 2, at + digit_width, y + half + thick // 2),
            (at, y + half, at + thick, y + digit_height),
            (at + digit_width - thick, y + half, at + digit_width, y + digit_height),
            (at, y + digit_height - thick, at + digit_width, y + digit_height),
        )
        for lit, box in zip(_SEGMENTS[int(digit)], boxes, strict=True):
            if lit == "1":
                draw.rectangle(box, fill=0)


def _encoded(page: Image, kind: str) -> bytes:
    buffer = io.BytesIO()
    if kind == "PNG":
        page.save(buffer, kind, compress_level=1)
    elif kind == "WEBP":
        page.save(buffer, kind, quality=60, method=0)
    else:
        page.save(buffer, kind, quality=85)
    return buffer.getvalue()


_COMIC_INFO = """<?xml version="1.0" encoding="utf-8"?>
<ComicInfo xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <Title>Undertow</Title>
  <Series>Harbour Lights</Series>
  <Number>13</Number>
  <Volume>2</Volume>
  <Writer>Aoi Minase</Writer>
  <Translator>Example Scans</Translator>
  <ScanInformation>Example Scans</ScanInformation>
  <PageCount>12</PageCount>
  <LanguageISO>en</LanguageISO>
  <Manga>YesAndRightToLeft</Manga>
</ComicInfo>
"""
