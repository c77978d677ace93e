"""Opening and encoding pictures with Pillow, within bounds; shared by the recipes."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui.chapter.cancel import wanted_still
from tui.chapter.decode_errors import decode_errors, decode_problem
from tui.chapter.decoders import MOST_PIXELS, most_pixels, teach_pillow, without_warning
from tui.chapter.images import read_header
from tui.chapter.pages import ImageType

if TYPE_CHECKING:
    from PIL import Image

_FINEST = 95
_COARSEST = 60
_STEP = 5


class MendError(Exception):
    """The page cannot be mended; the text says why, for people."""


@dataclass(frozen=True, slots=True)
class Made:
    """A file that a recipe made."""

    content: bytes
    type: ImageType


@contextmanager
def opened(content: bytes, most: int = MOST_PIXELS) -> Iterator[Image.Image]:
    """The picture, if it has at most `most` pixels (fewer of a type that takes more memory), with Pillow's many
    errors as MendError."""
    try:
        from PIL import Image
    except ImportError as error:
        raise MendError("mending needs the library Pillow, which is not installed") from error
    header = read_header(io.BytesIO(content), len(content))
    if header.problem:
        raise MendError(header.problem)  # Pillow would go through such a file byte by byte
    most = most_pixels(header.type, most)
    _check_size(header.width, header.height, most)
    teach_pillow(header.type)
    without_warning()
    with decoded(content), Image.open(io.BytesIO(content)) as image:
        _check_size(*image.size, most)  # which a header that lies states elsewhere
        yield image


@contextmanager
def decoded(content: bytes) -> Iterator[None]:
    """Pillow's many errors about a file with this content become MendError."""
    from PIL import Image

    try:
        yield
    except Image.DecompressionBombError as error:
        raise MendError("it has too many pixels to decode") from error
    except decode_errors() as error:
        raise MendError(decode_problem(error, content)) from error


def _check_size(width: int, height: int, most: int) -> None:
    if width * height > most:
        raise MendError(
            f"{width:,} × {height:,} pixels are too many to decode; cut it in two with a picture program first"
        )


def upright(image: Image.Image) -> Image.Image:
    """As a viewer shows it: turned as its metadata says."""
    from PIL import ImageOps

    # Without need it would be a copy, and a large picture be in memory twice.
    return ImageOps.exif_transpose(image) if image.getexif().get(0x0112, 1) != 1 else image


def has_transparency(image: Image.Image) -> bool:
    """Whether some pixel lets the paper through."""
    if image.mode not in ("RGBA", "LA", "PA") and "transparency" not in image.info:
        return False
    lowest, _ = image.convert("RGBA").getchannel("A").getextrema()
    return bool(lowest < 255)  # type: ignore[operator]  # one channel has one pair


def plain(image: Image.Image) -> Image.Image:
    """In a mode that PNG and JPEG both know: grey where it is grey, else colour; transparency kept."""
    if image.mode in ("L", "RGB", "RGBA", "LA", "1", "P"):
        return image if image.mode != "P" or not has_transparency(image) else image.convert("RGBA")
    if image.mode.startswith("I") or image.mode == "F":
        return eight_bits(image)
    return image.convert("RGBA" if has_transparency(image) else "RGB")


def eight_bits(image: Image.Image) -> Image.Image:
    """16 bits a channel as 8."""
    if image.mode.startswith("I;16") or image.mode == "I":
        return image.convert("I").point(lambda value: value * (1 / 257)).convert("L")
    return image.convert("L") if image.mode == "F" else image


def same_but_smaller(image: Image.Image) -> Image.Image:
    """The same pixels with fewer channels where nothing is lost by it: grey, or up to 256 colours."""
    from PIL import ImageChops

    if image.mode == "RGBA" and not has_transparency(image):
        image = image.convert("RGB")
    if image.mode == "RGB":
        red, green, blue = image.split()
        if not ImageChops.difference(red, green).getbbox() and not ImageChops.difference(red, blue).getbbox():
            return red
        if image.getcolors(256) is not None:
            from PIL import Image as Images

            return image.quantize(256, dither=Images.Dither.NONE)
    return image


def as_png(image: Image.Image, *, hard: bool = False) -> Made:
    """A lossless PNG; `hard` takes the time to make it small."""
    stream = io.BytesIO()
    profile = image.info.get("icc_profile")
    keep = {"icc_profile": profile} if isinstance(profile, bytes) else {}
    image.save(stream, "PNG", optimize=hard, compress_level=9 if hard else 6, **keep)
    return Made(stream.getvalue(), ImageType.PNG)


def as_jpeg(image: Image.Image, quality: int = _FINEST) -> Made:
    """A JPEG without colour subsampling, on paper where it was transparent."""
    stream = io.BytesIO()
    profile = image.info.get("icc_profile")
    keep = {"icc_profile": profile} if isinstance(profile, bytes) else {}
    picture = on_paper(image)
    with room_to_encode(picture):
        picture.save(stream, "JPEG", quality=quality, subsampling=0, optimize=True, **keep)
    return Made(stream.getvalue(), ImageType.JPEG)


_ENCODING = threading.Lock()


@contextmanager
def room_to_encode(image: Image.Image) -> Iterator[None]:
    """A buffer that any JPEG of the picture fits into. An optimised one cannot be written piece by piece, and
    Pillow's own guess is too small for noise: libjpeg then fails, and writes so to the terminal."""
    from PIL import ImageFile

    with _ENCODING:
        before = ImageFile.MAXBLOCK
        ImageFile.MAXBLOCK = max(before, 4 * image.width * image.height + 65_536)
        try:
            yield
        finally:
            ImageFile.MAXBLOCK = before


def on_paper(image: Image.Image) -> Image.Image:
    """Without transparency, on white, in grey or RGB."""
    from PIL import Image as Images

    if image.mode in ("L", "RGB"):
        return image
    if has_transparency(image):
        picture = image.convert("RGBA")
        paper = Images.new("RGBA", picture.size, (255, 255, 255, 255))
        paper.alpha_composite(picture)
        return paper.convert("RGB")
    return image.convert("L" if image.mode in ("1", "LA") else "RGB")


def smallest_loss(image: Image.Image, limit: int) -> Made:
    """The finest JPEG of at most `limit` bytes. MendError when even the coarsest is larger."""
    picture = on_paper(image)
    for quality in wanted_still(range(_FINEST, _COARSEST - 1, -_STEP)):
        made = as_jpeg(picture, quality)
        if len(made.content) <= limit:
            return made
    raise MendError(f"even as a JPEG of quality {_COARSEST} it is larger than is allowed")
