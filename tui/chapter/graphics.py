"""Pictures as terminals draw them pixel by pixel: Sixel, and the graphics of Kitty with its placeholders.

Sources: the VT340 manual for Sixel; for Kitty, "Terminal graphics protocol" of its documentation, with the row
and column marks that it defines for Unicode placeholders. Nothing here asks the terminal anything: Kitty is told
not to answer.
"""

from __future__ import annotations

import base64
import io
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

_SHADES = 16
_COLOURS = 64
_CHUNK = 4096
"""Bytes of base64 in one sequence, the most that Kitty takes."""
_RUN = re.compile(r"(.)\1{3,}")
_PLACEHOLDER = "\U0010eeee"
_MARK_RANGES = (
    (0x305, 0x305), (0x30D, 0x30E), (0x310, 0x310), (0x312, 0x312), (0x33D, 0x33F), (0x346, 0x346),
    (0x34A, 0x34C), (0x350, 0x352), (0x357, 0x357), (0x35B, 0x35B), (0x363, 0x36F), (0x483, 0x487),
    (0x592, 0x595), (0x597, 0x599), (0x59C, 0x5A1), (0x5A8, 0x5A9), (0x5AB, 0x5AC), (0x5AF, 0x5AF),
    (0x5C4, 0x5C4), (0x610, 0x617), (0x657, 0x65B), (0x65D, 0x65E), (0x6D6, 0x6DC), (0x6DF, 0x6E2),
    (0x6E4, 0x6E4), (0x6E7, 0x6E8), (0x6EB, 0x6EC), (0x730, 0x730), (0x732, 0x733), (0x735, 0x736),
    (0x73A, 0x73A), (0x73D, 0x73D), (0x73F, 0x741), (0x743, 0x743), (0x745, 0x745), (0x747, 0x747),
    (0x749, 0x74A), (0x7EB, 0x7F1), (0x7F3, 0x7F3), (0x816, 0x819), (0x81B, 0x823), (0x825, 0x827),
    (0x829, 0x82D),
)  # fmt: skip
_MARKS = "".join(chr(code) for first, last in _MARK_RANGES for code in range(first, last + 1))
MOST_CELLS = len(_MARKS)
"""Columns and rows of placeholders that can be told apart."""


def few_colours(image: Image.Image) -> Image.Image:
    """With a palette: 16 shades where it is grey, else 64 colours. A page of manga looks the same, for a tenth of
    the bytes."""
    from PIL import Image as Images
    from PIL import ImageChops

    red, green, blue = image.split()
    if not ImageChops.difference(red, green).getbbox() and not ImageChops.difference(red, blue).getbbox():
        shades = red.point([(value * (_SHADES - 1) + 127) // 255 for value in range(256)])
        found = Images.frombytes("P", image.size, shades.tobytes())
        found.putpalette([level * 255 // (_SHADES - 1) for level in range(_SHADES) for _ in range(3)])
        return found
    return image.quantize(_COLOURS, dither=Images.Dither.NONE)


def sixel(image: Image.Image) -> str:
    """An image with a palette as one Sixel sequence."""
    width, height = image.size
    palette = image.getpalette() or []
    pixels = image.tobytes()
    out = [f'\x1bP0;0;0q"1;1;{width};{height}']
    for number in sorted(set(pixels)):
        levels = ";".join(str(round(value * 100 / 255)) for value in palette[3 * number : 3 * number + 3])
        out.append(f"#{number};2;{levels}")
    bands = []
    for top in range(0, height, 6):
        rows = [pixels[(top + row) * width : (top + row + 1) * width] for row in range(min(6, height - top))]
        lines = [f"#{number}{_packed(_line(rows, number))}" for number in sorted(set(b"".join(rows)))]
        bands.append("$".join(lines))
    # None ends the last band: it would go on to the line below, and at the end of the screen scroll it.
    return "".join(out) + "-".join(bands) + "\x1b\\"


def _line(rows: list[bytes], number: int) -> str:
    """Six rows of one colour as characters: bit n stands for row n."""
    total = 0
    for bit, row in enumerate(rows):
        total |= int.from_bytes(row.translate(_TABLES[bit][number]), "big")
    return total.to_bytes(len(rows[0]), "big").translate(_SIXELS).decode("ascii").rstrip("?")


_TABLES = [
    [bytes(1 << bit if value == number else 0 for value in range(256)) for number in range(_COLOURS)]
    for bit in range(6)
]
_SIXELS = bytes((63 + value) & 0xFF for value in range(256))


def _packed(line: str) -> str:
    return _RUN.sub(lambda run: f"!{len(run[0])}{run[1]}", line)


def kitty_image(image: Image.Image, number: int, columns: int, rows: int) -> list[str]:
    """Sequences that give the terminal the picture, to be shown where placeholders for `number` stand."""
    stream = io.BytesIO()
    image.save(stream, "PNG", optimize=True)
    data = base64.standard_b64encode(stream.getvalue()).decode("ascii")
    chunks = [data[start : start + _CHUNK] for start in range(0, len(data), _CHUNK)]
    found = []
    for index, chunk in enumerate(chunks):
        more = int(index + 1 < len(chunks))
        keys = (
            f"a=T,U=1,q=2,f=100,i={number},c={columns},r={rows},m={more}" if index == 0 else f"m={more},q=2"
        )
        found.append(f"\x1b_G{keys};{chunk}\x1b\\")
    return found


def kitty_delete(number: int) -> str:
    """The sequence that has the terminal forget a picture."""
    return f"\x1b_Ga=d,d=I,i={number},q=2\x1b\\"


def kitty_cells(columns: int, row: int) -> str:
    """One row of placeholders; the colour that they are written in says of which picture."""
    return "".join(f"{_PLACEHOLDER}{_MARKS[row]}{_MARKS[column]}" for column in range(columns))


def through_tmux(sequence: str) -> str:
    """Handed on by tmux (with `allow-passthrough on`) to the terminal around it."""
    return "\x1bPtmux;" + sequence.replace("\x1b", "\x1b\x1b") + "\x1b\\"
