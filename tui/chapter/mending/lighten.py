"""Making a whole chapter small enough: losslessly where that is enough, else with the least loss that fits."""

from __future__ import annotations

import io

from tui.chapter.mending.picture import (
    Made,
    as_png,
    opened,
    plain,
    room_to_encode,
    same_but_smaller,
    smallest_loss,
    upright,
)
from tui.chapter.pages import ImageType, Page

WORTH = 0.99
"""A copy must be smaller than this part of the original, or the original stays."""


def losslessly(content: bytes, page: Page) -> Made | None:
    """The same pixels in fewer bytes; None when that is not possible."""
    made: Made | None = None
    with opened(content) as image:
        if page.type is ImageType.JPEG and image.getexif().get(0x0112, 1) == 1:
            stream = io.BytesIO()
            with room_to_encode(image):
                image.save(stream, "JPEG", quality="keep", optimize=True, progressive=True)
            made = Made(stream.getvalue(), ImageType.JPEG)
        elif page.type is ImageType.PNG:
            made = as_png(same_but_smaller(plain(upright(image))), hard=True)
    return made if made is not None and len(made.content) < WORTH * page.size else None


def with_loss(content: bytes, limit: int) -> Made:
    """The finest JPEG of at most `limit` bytes. MendError when even the coarsest is larger."""
    with opened(content) as image:
        return smallest_loss(plain(upright(image)), limit)
