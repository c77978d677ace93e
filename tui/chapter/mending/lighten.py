"""Making files smaller: losslessly where that is enough, else with the least loss that fits."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from tui.chapter.formats.exif import ORIENTATION
from tui.chapter.limits import LIMITS
from tui.chapter.mending.metadata import orientation_exif, strip_metadata
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

if TYPE_CHECKING:
    from PIL import Image

WORTH = 0.99
"""A copy must be smaller than this part of the original, or the original stays."""


def losslessly(content: bytes, page: Page) -> Made | None:
    """The same pixels in fewer bytes; None when that is not possible."""
    if page.type is ImageType.JPEG:
        (stripped,) = strip_metadata(content, page, LIMITS)
        return _if_worth(stripped, page)
    if page.type is not ImageType.PNG:
        return None
    with opened(content) as image:
        return _if_worth(as_png(same_but_smaller(plain(upright(image))), hard=True), page)


def hardly_changed(content: bytes, page: Page) -> Made | None:
    """A JPEG coded anew in fewer bytes, with its own tables; None for what is none, or gains nothing."""
    if page.type is not ImageType.JPEG:
        return None
    with opened(content) as image:
        return _if_worth(recoded_jpeg(image), page)


def with_loss(content: bytes, limit: int) -> Made:
    """The finest JPEG of at most `limit` bytes. MendError when even the coarsest is larger."""
    with opened(content) as image:
        return smallest_loss(plain(upright(image)), limit)


def recoded_jpeg(image: Image.Image) -> Made:
    """A JPEG coded anew with its own tables: next to nothing changes. Its colour profile and which way is up
    stay."""
    stream = io.BytesIO()
    profile = image.info.get("icc_profile")
    keep = {"icc_profile": profile} if isinstance(profile, bytes) else {}
    way_up = image.getexif().get(ORIENTATION, 1)
    if way_up in range(2, 9):
        keep["exif"] = orientation_exif(way_up)
    with room_to_encode(image):
        image.save(stream, "JPEG", quality="keep", optimize=True, progressive=True, **keep)
    return Made(stream.getvalue(), ImageType.JPEG)


def _if_worth(made: Made, page: Page) -> Made | None:
    return made if len(made.content) < WORTH * page.size else None
