"""Pages that show their number so large that it can be read in a preview of half blocks.

Pillow is imported inside the functions: only who writes samples pays for it.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

WIDTH, HEIGHT = 800, 1200
_PAPER, _INK = 255, 0
_DIGITS = {
    "0": "111101101101111",
    "1": "010110010010111",
    "2": "111001111100111",
    "3": "111001111001111",
    "4": "101101111001001",
    "5": "111100111001111",
    "6": "111100111101111",
    "7": "111001001001001",
    "8": "111101111101111",
    "9": "111101111001111",
}
"""Digits of 3 by 5 cells, row by row: no font file is needed."""
_LAYOUTS = (
    ((0, 0, 12, 6), (0, 6, 6, 12), (6, 6, 12, 12)),
    ((0, 0, 6, 4), (6, 0, 12, 4), (0, 4, 12, 12)),
    ((0, 0, 12, 4), (0, 4, 12, 8), (0, 8, 12, 12)),
    ((0, 0, 5, 12), (5, 0, 12, 7), (5, 7, 12, 12)),
    ((0, 0, 12, 12),),
    ((0, 0, 6, 6), (6, 0, 12, 6), (0, 6, 6, 12), (6, 6, 12, 12)),
)
"""Panels in twelfths of the page: left, top, right, bottom."""


class Artist:
    """Draws pages. One grain of film is made at the start and shared by all of them."""

    def __init__(self, seed: int = 2019) -> None:
        from PIL import Image as images

        # Four greys leave two bits a pixel to the compressor: some 240 KB for a page, like a scan.
        greys = bytes(150 + 26 * (value & 3) for value in range(256))
        grain = random.Random(seed).randbytes(WIDTH * HEIGHT).translate(greys)
        self._grain = images.frombytes("L", (WIDTH, HEIGHT), grain)

    def page(self, number: int, *, height: int = HEIGHT) -> Image:
        """Page `number`; other numbers get other panels and other pixels."""
        from PIL import Image as images
        from PIL import ImageChops, ImageDraw

        page = images.new("L", (WIDTH, height), _PAPER)
        grain = ImageChops.offset(self._grain, number * 37, number * 53)
        draw = ImageDraw.Draw(page)
        for panel in _LAYOUTS[number % len(_LAYOUTS)]:
            left, top, right, bottom = self._box(panel, height)
            drawn = (right - left, bottom - top)
            page.paste(grain.crop((0, 0, min(drawn[0], WIDTH), min(drawn[1], HEIGHT))), (left, top))
            draw.rectangle((left, top, right, bottom), outline=_INK, width=6)
        self._number(draw, str(number), height)
        return page

    def _box(self, panel: tuple[int, int, int, int], height: int) -> tuple[int, int, int, int]:
        gap = 14
        left, top, right, bottom = panel
        return (
            left * WIDTH // 12 + gap,
            top * height // 12 + gap,
            right * WIDTH // 12 - gap,
            bottom * height // 12 - gap,
        )

    def _number(self, draw: object, text: str, height: int) -> None:
        """The digits, black on a white plate in the middle."""
        from PIL.ImageDraw import ImageDraw

        assert isinstance(draw, ImageDraw)
        cells = len(text) * 4 - 1
        cell = min((WIDTH - 160) // cells, 110)
        left, top = (WIDTH - cells * cell) // 2, (min(height, HEIGHT) - 5 * cell) // 2
        plate = (
            left - cell // 2,
            top - cell // 2,
            left + cells * cell + cell // 2,
            top + 5 * cell + cell // 2,
        )
        draw.rectangle(plate, fill=_PAPER, outline=_INK, width=6)
        for place, digit in enumerate(text):
            for index, bit in enumerate(_DIGITS[digit]):
                if bit == "1":
                    x = left + (place * 4 + index % 3) * cell
                    y = top + index // 3 * cell
                    draw.rectangle((x, y, x + cell - 1, y + cell - 1), fill=_INK)
