"""From a format that the service does not take to one that it does."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from tui.chapter.cancel import wanted_still
from tui.chapter.decoders import has_decoder, missing_decoder
from tui.chapter.limits import Limits
from tui.chapter.mending.lighten import recoded_jpeg
from tui.chapter.mending.metadata import strip_metadata
from tui.chapter.mending.picture import (
    Made,
    MendError,
    as_jpeg,
    as_png,
    eight_bits,
    has_transparency,
    on_paper,
    opened,
    plain,
    same_but_smaller,
    smallest_loss,
    upright,
)
from tui.chapter.pages import ImageType, Page

if TYPE_CHECKING:
    from PIL import Image

_LOSSLESS = frozenset({ImageType.BMP, ImageType.TIFF, ImageType.PNG, ImageType.GIF, ImageType.JXL})
"""Of a JPEG XL nobody tells whether something was lost."""
_MOST_FRAMES = 2000
_MOST_MOVING_BYTES = 600_000_000
"""A pixel of a frame is a byte until the GIF is written: some 280 frames of a screen."""
_BYTES_DECODING = 16
"""The same of the decoder, which has one frame at a time."""
_LONGEST_GIF_SIDE = 0xFFFF


def convert(content: bytes, page: Page, limits: Limits) -> list[Made]:
    """WebP, AVIF, HEIC, BMP, TIFF to PNG where nothing was lost before and it fits, else to a fine JPEG; JPEG XL to
    the JPEG that it was made of, or else to PNG; a moving picture to a GIF with all its frames."""
    if not has_decoder(page.type):
        raise MendError(f"decoding it needs {missing_decoder(page.type)}")
    with opened(content) as image:
        if page.type is ImageType.WEBP and getattr(image, "n_frames", 1) > 1:
            return [_as_gif(image)]
        if page.type is ImageType.TIFF and getattr(image, "n_frames", 1) > 1:
            raise MendError(f"the TIFF holds {getattr(image, 'n_frames', 0)} pictures; save each by itself")
        if getattr(image, "jpeg", False) and len(jpeg := _jpeg_in(content)) <= limits.file_bytes:
            return [Made(jpeg, ImageType.JPEG)]
        picture = plain(upright(image))
        lossless = page.type in _LOSSLESS or (page.type is ImageType.WEBP and _is_lossless_webp(content))
        if lossless or has_transparency(picture):
            made = as_png(same_but_smaller(picture))
            if len(made.content) <= limits.file_bytes:
                return [made]
            return shrink_picture(picture, limits)
        made = as_jpeg(picture)
        return (
            [made] if len(made.content) <= limits.file_bytes else [smallest_loss(picture, limits.file_bytes)]
        )


def to_eight_bits(content: bytes, _: Page, __: Limits) -> list[Made]:
    """8 bits a channel."""
    with opened(content) as image:
        return [as_png(plain(eight_bits(upright(image))))]


def to_rgb(content: bytes, _: Page, __: Limits) -> list[Made]:
    """From the colours of print to those of a screen, as fine as a JPEG gets."""
    with opened(content) as image:
        return [as_jpeg(upright(image).convert("RGB"))]


def to_gif(content: bytes, page: Page, _: Limits) -> list[Made]:
    """A moving picture, with all its pictures and their times."""
    if not page.animated:
        raise MendError("it does not move")
    with opened(content) as image:
        return [_as_gif(image)]


def shrink(content: bytes, page: Page, limits: Limits) -> list[Made]:
    """Below the largest file allowed: losslessly where that is enough, else with the least loss that fits."""
    with opened(content) as image:
        if page.animated:
            raise MendError(
                "a moving picture is not made smaller: leave it out, or save it with fewer frames"
            )
        picture = plain(upright(image))
        if page.type is ImageType.JPEG:
            for made in (*strip_metadata(content, page, limits), recoded_jpeg(image)):
                if len(made.content) <= limits.file_bytes:
                    return [made]
            return [smallest_loss(picture, limits.file_bytes)]
        return shrink_picture(picture, limits)


def shrink_picture(picture: Image.Image, limits: Limits) -> list[Made]:
    """The same for a picture that was lossless."""
    made = as_png(same_but_smaller(picture), hard=True)
    return [made] if len(made.content) <= limits.file_bytes else [smallest_loss(picture, limits.file_bytes)]


def _is_lossless_webp(content: bytes) -> bool:
    return b"VP8L" in content[:4096] and b"VP8 " not in content[:4096]


def _jpeg_in(content: bytes) -> bytes:
    """The file that a JPEG XL was made of, to the last byte."""
    import pillow_jxl

    _, _, data, _, _ = pillow_jxl.Decoder(num_threads=1)(content)
    return bytes(data)


def _as_gif(image: Image.Image) -> Made:
    from PIL import ImageSequence

    count = getattr(image, "n_frames", 1)
    if count > _MOST_FRAMES:
        raise MendError(f"more than {_MOST_FRAMES:,} frames")
    if max(image.size) > _LONGEST_GIF_SIDE:
        raise MendError(f"a GIF has at most {_LONGEST_GIF_SIDE:,} pixels on a side")
    if (count + _BYTES_DECODING) * image.width * image.height > _MOST_MOVING_BYTES:
        raise MendError(
            f"{count:,} frames of {image.width:,} × {image.height:,} pixels are too many to convert"
        )
    frames: list[Image.Image] = []
    durations: list[int] = []
    for frame in wanted_still(ImageSequence.Iterator(image)):
        frame.load()  # which is when some formats tell how long it is shown
        durations.append(max(20, int(frame.info.get("duration", 100) or 100)))
        frames.append(on_paper(frame.convert("RGBA")).quantize(256))
    stream = io.BytesIO()
    frames[0].save(
        stream, "GIF", save_all=True, append_images=frames[1:], duration=durations,
        loop=int(image.info.get("loop", 0) or 0), disposal=1,
    )  # fmt: skip
    return Made(stream.getvalue(), ImageType.GIF)
