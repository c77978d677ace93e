"""A large PNG, a few of its rows at a time, in the memory of these: a strip of a webtoon has up to
hundreds of millions of pixels.

The packed rows are taken out of the file as they are, put behind the row above them into a small PNG of its own, and
that one is decoded by Pillow.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui.chapter.cancel import wanted_still
from tui.chapter.formats.exif import orientation_of

if TYPE_CHECKING:
    from PIL import Image

MOST_PIXELS = 1_000_000_000
"""It takes time, if not memory: a second for some 40,000,000."""
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
"""Kind of colour -> values a pixel."""
_KEPT = (b"PLTE", b"tRNS", b"iCCP")
_BAND_BYTES = 8_000_000
_WIDEST_ROW = _BAND_BYTES // 32
"""Bytes: several rows make a band, and one of hundreds of megabytes would be held whole, several times."""
_PIECE = 256 * 1024


@dataclass(frozen=True, slots=True)
class PngBands:
    """Use open_bands()."""

    width: int
    height: int
    _depth: int
    _colour: int
    _chunks: bytes
    """The palette and what else counts, as in the file."""
    _packed: tuple[tuple[int, int], ...]
    """Where the packed rows are: start and end."""
    _content: bytes

    @property
    def most_rows(self) -> int:
        """So many are taken at a time; several pixels in a byte become some bytes each."""
        return max(1, _BAND_BYTES // max(self._row_bytes + 1, 2 * self.width))

    @property
    def _row_bytes(self) -> int:
        return (self.width * self._depth * _CHANNELS[self._colour] + 7) // 8

    def images(self, multiple: int = 1) -> Iterator[Image.Image]:
        """The whole picture from top to bottom; each part of it has a multiple of so many rows, but for the last.

        16 bits a channel come as 8. ValueError and zlib.error when it is damaged; Cancelled.
        """
        wide = self._row_bytes
        rows = max(1, self.most_rows // multiple) * multiple
        unpacked = _Unpacker(self._content, self._packed)
        above = bytes(wide if self._depth < 16 else wide // 2)
        for top in wanted_still(range(0, self.height, rows)):
            lines = unpacked.read(min(rows, self.height - top) * (wide + 1))
            if self._depth == 16:
                lines = b"".join(
                    lines[start : start + 1] + lines[start + 1 : start + wide + 1 : 2]
                    for start in range(0, len(lines), wide + 1)
                )
            image, above = self._decoded(above, lines)
            yield image

    def _decoded(self, above: bytes, lines: bytes) -> tuple[Image.Image, bytes]:
        """The picture of some packed rows, and the last of them unpacked."""
        rows = len(lines) // (len(above) + 1)
        if self._depth >= 8:
            image = _decoded(self.width, 8, self._colour, self._chunks, b"\0" + above + lines)
        else:  # several pixels share a byte: first the bytes, as if they were grey, then what they mean
            unpacked = _decoded(len(above), 8, 0, b"", b"\0" + above + lines).tobytes()
            above, wide = unpacked[-len(above) :], len(above)
            plain = b"".join(
                b"\0" + unpacked[start : start + wide] for start in range(0, len(unpacked), wide)
            )
            image = _decoded(self.width, self._depth, self._colour, self._chunks, plain)
        if self._depth >= 8:
            above = image.crop((0, rows, self.width, rows + 1)).tobytes()
        return image.crop((0, 1, self.width, rows + 1)), above


class _Unpacker:
    """Reads on in the packed rows."""

    def __init__(self, content: bytes, packed: tuple[tuple[int, int], ...]) -> None:
        self._pieces = _pieces(memoryview(content), packed)
        self._unpack = zlib.decompressobj()

    def read(self, size: int) -> bytes:
        """Exactly so many bytes; ValueError when there are fewer."""
        parts: list[bytes] = []
        packed: bytes | memoryview = self._unpack.unconsumed_tail
        while size:
            part = self._unpack.decompress(packed, size)
            packed = self._unpack.unconsumed_tail
            parts.append(part)
            size -= len(part)
            if not part and not packed:
                packed = next(self._pieces, b"")
                if not packed or self._unpack.eof:
                    raise ValueError("the picture breaks off")
        return b"".join(parts)


def _pieces(content: memoryview, packed: tuple[tuple[int, int], ...]) -> Iterator[memoryview]:
    """What is in the chunks between these places, in pieces: what is left of one is copied at each read."""
    for start, end in packed:
        if zlib.crc32(content[start - 4 : end]) != int.from_bytes(content[end : end + 4], "big"):
            raise ValueError("a part of the file is damaged")
        for at in range(start, end, _PIECE):
            yield content[at : min(end, at + _PIECE)]


def open_bands(content: bytes) -> PngBands | None:
    """The PNG in `content`; None for whatever cannot be taken a few rows at a time: another format, a moving,
    interlaced or turned picture, one of more than MOST_PIXELS or with endless rows, a broken one."""
    if not content.startswith(_SIGNATURE) or content[12:16] != b"IHDR":
        return None
    try:
        width, height, depth, colour, _, _, interlaced = struct.unpack_from(">IIBBBBB", content, 16)
    except struct.error:
        return None
    if (
        interlaced
        or colour not in _CHANNELS
        or depth not in (1, 2, 4, 8, 16)
        or not 0 < width * height <= MOST_PIXELS
        or width * depth * _CHANNELS[colour] > 8 * _WIDEST_ROW
    ):
        return None
    kept, packed = b"", []
    for name, start, end in _chunks(content):
        if name == b"acTL" or (name == b"eXIf" and orientation_of(content[start:end]) != 1):
            return None
        if name == b"IDAT":
            packed.append((start, end))
        elif name in _KEPT and not packed and not (name == b"tRNS" and depth == 16):
            kept += content[start - 8 : end + 4]
    return PngBands(width, height, depth, colour, kept, tuple(packed), content)


def _chunks(content: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Name, start and end of what each chunk holds."""
    at = len(_SIGNATURE)
    while at + 12 <= len(content):
        length = int.from_bytes(content[at : at + 4], "big")
        name = content[at + 4 : at + 8]
        if at + 12 + length > len(content) or name == b"IEND":
            return
        yield name, at + 8, at + 8 + length
        at += 12 + length


def _decoded(width: int, depth: int, colour: int, chunks: bytes, lines: bytes) -> Image.Image:
    """The picture of a PNG with these rows."""
    from PIL import Image

    channels = 1 if depth < 8 else _CHANNELS[colour]
    height = len(lines) // ((width * depth * channels + 7) // 8 + 1)
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    png = (
        _SIGNATURE
        + _chunk(b"IHDR", header)
        + chunks
        + _chunk(b"IDAT", zlib.compress(lines, 0))
        + _chunk(b"IEND", b"")
    )
    with Image.open(io.BytesIO(png)) as image:
        image.load()
        return image


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def scaled_down(bands: PngBands, factor: int) -> Image.Image:
    """The picture with both sides divided by `factor`, in grey or colour, with or without transparency; by less where
    so many rows together would take much memory."""
    from PIL import Image

    factor = min(factor, bands.most_rows)
    whole: Image.Image | None = None
    top = 0
    for band in bands.images(factor):
        part = (band.convert("L") if band.mode == "1" else in_full(band)).reduce(factor)
        if whole is None:
            whole = Image.new(part.mode, (part.width, -(-bands.height // factor)))
            whole.info = dict(part.info)
        whole.paste(part, (0, top))
        top += part.height
    assert whole is not None
    return whole


def in_full(band: Image.Image) -> Image.Image:
    """In colour instead of a palette: the same for each band of a picture."""
    return band.convert("RGBA" if "transparency" in band.info else "RGB") if band.mode == "P" else band
