"""Cutting strips that are too long at rows where nothing is drawn, and joining slivers."""

from __future__ import annotations

import io
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from tui.chapter.cancel import wanted_still
from tui.chapter.decoders import MOST_STRIP_PIXELS
from tui.chapter.limits import LIMITS, Limits
from tui.chapter.mending.picture import (
    Made,
    MendError,
    as_png,
    decoded,
    on_paper,
    opened,
    plain,
    room_to_encode,
    same_but_smaller,
    smallest_loss,
    upright,
)
from tui.chapter.pages import ImageType, Page
from tui.chapter.png_bands import PngBands, in_full, open_bands

if TYPE_CHECKING:
    from PIL import Image

_QUIET = 1.0
"""Mean difference of neighbours in a row, of 255, below which nothing is drawn there. JPEG leaves some noise."""
_REACH = 0.45
"""How far from the even place a cut may move, as a part of a piece."""
_BLOCK = 16
"""JPEG codes blocks of 8 or 16 rows: a cut between two of them loses nothing that was not lost before."""
_BAND = 1024
"""Rows looked at together."""
_USUAL = 5000
"""Length of a piece, as long as there is a choice: a reader's screen takes several swipes for more."""


def is_long(page: Page, limits: Limits = LIMITS) -> bool:
    """Whether cutting it makes several pages of it."""
    return not page.animated and (page.height > _USUAL or page.width >= limits.pixels_below)


def cut(content: bytes, page: Page, limits: Limits) -> list[Made]:
    """A strip in pieces, from top to bottom; a wide one from right to left, as manga is read."""
    if page.width < limits.pixels_below and not page.animated and (bands := open_bands(content)):
        with decoded(content):
            return _cut_in_bands(bands, limits)
    with opened(content, MOST_STRIP_PIXELS) as image:
        picture = upright(image)
        turned = picture is not image and image.getexif().get(0x0112, 1) != 1
        tables = getattr(image, "quantization", None) if page.type is ImageType.JPEG and not turned else None
        picture.load()
        if page.animated:
            raise MendError("a moving picture cannot be cut")
        if picture.width >= limits.pixels_below and picture.height >= limits.pixels_below:
            raise MendError("both sides are too long: scale it down")
        if tables is None:
            picture = plain(picture)
        wide = picture.width >= limits.pixels_below
        length = picture.width if wide else picture.height
        calm = _calm_rows(_turned(picture) if wide else picture)
        edges = [0, *_places(calm, limits), length]
        pieces = []
        for start, end in wanted_still(pairwise(edges)):
            box = (start, 0, end, picture.height) if wide else (0, start, picture.width, end)
            pieces.append(_encoded(picture.crop(box), image, tables, limits))
        return pieces[::-1] if wide else pieces


def _cut_in_bands(bands: PngBands, limits: Limits) -> list[Made]:
    """A PNG as high as it may be, in the memory of a piece: once for the quiet rows, and once for the pixels."""
    from PIL import Image as Images

    calm = [quiet for band in bands.images() for quiet in _calm_rows(band)]
    edges = [0, *_places(calm, limits), bands.height]
    made: list[Made] = []
    piece: Image.Image | None = None
    top = 0
    for band in bands.images():
        band = in_full(band)
        bottom = top + band.height
        while top < bottom:
            start, end = edges[len(made)], edges[len(made) + 1]
            if piece is None:
                piece = Images.new(band.mode, (bands.width, end - start))
                piece.info = dict(band.info)
            rows = min(end, bottom) - top
            used = band.height - (bottom - top)
            piece.paste(band.crop((0, used, band.width, used + rows)), (0, top - start))
            top += rows
            if top == end:
                made.append(_encoded(piece, piece, None, limits))
                piece = None
    return made


def _places(calm: Sequence[bool], limits: Limits) -> list[int]:
    """Where to cut, given which rows are quiet: one place fewer than pieces."""
    longest, length = limits.pixels_below - 1, len(calm)
    pieces = max(-(-length // longest), round(length / _USUAL), 2)
    places: list[int] = []
    for number in range(1, pieces):
        last = places[-1] if places else 0
        ideal = round(last + (length - last) / (pieces - number + 1))
        reach = int((length / pieces) * _REACH)
        # What is left must still fit into the pieces that are left.
        low = max(last + 1, ideal - reach, length - (pieces - number) * longest)
        high = min(last + longest, ideal + reach, length - 1)
        places.append(_quiet_place(calm, low, high, ideal))
    return places


def _turned(picture: Image.Image) -> Image.Image:
    """Columns as rows, the first column first."""
    from PIL import Image as Images

    return picture.transpose(Images.Transpose.TRANSPOSE)


def _calm_rows(picture: Image.Image) -> list[bool]:
    """For each row, whether nothing is drawn in it. Done by Pillow, a row being averaged to one pixel."""

    if picture.width < 2:
        return [True] * picture.height
    bands = range(
        0, picture.height, _BAND
    )  # each step of the way is a copy, which a large picture has no room for
    return [calm for top in bands for calm in _calm_band(picture, top, min(top + _BAND, picture.height))]


def _calm_band(picture: Image.Image, top: int, bottom: int) -> list[bool]:
    from PIL import Image as Images
    from PIL import ImageChops

    grey = on_paper(picture.crop((0, top, picture.width, bottom))).convert("L")
    left = grey.crop((0, 0, grey.width - 1, grey.height))
    right = grey.crop((1, 0, grey.width, grey.height))
    change = ImageChops.difference(left, right)
    # A few strong edges count as much as noise all along: what is above the noise is raised first.
    change = change.point([0 if value < 12 else 255 for value in range(256)])
    rows = change.resize((1, change.height), Images.Resampling.BOX).tobytes()
    return [value < _QUIET for value in rows]


def _quiet_place(calm: Sequence[bool], low: int, high: int, ideal: int) -> int:
    """The middle of the quiet stretch nearest to `ideal`, on a block's edge if it is wide enough; `ideal`
    itself when there is none."""
    best: tuple[float, int] | None = None
    row = low
    while row <= high:
        if not calm[row]:
            row += 1
            continue
        start = row
        while row <= high and calm[row]:
            row += 1
        middle = (start + row) // 2
        snapped = -(-start // _BLOCK) * _BLOCK
        nearest = min(range(snapped, row, _BLOCK), key=lambda place: abs(place - middle), default=middle)
        # Among stretches the wide ones count more: a gutter between panels, not a gap between two lines.
        score = abs(nearest - ideal) - 4 * min(row - start, 200)
        if best is None or score < best[0]:
            best = (score, nearest)
    return best[1] if best is not None else ideal


def _encoded(piece: Image.Image, image: Image.Image, tables: object, limits: Limits) -> Made:
    if tables:
        from PIL import JpegImagePlugin

        stream = io.BytesIO()
        sampling = JpegImagePlugin.get_sampling(image)
        keep = {"icc_profile": image.info["icc_profile"]} if image.info.get("icc_profile") else {}
        with room_to_encode(piece):
            piece.save(
                stream, "JPEG", qtables=tables, subsampling=max(sampling, 0), optimize=True, **keep
            )  # fmt: skip
        made = Made(stream.getvalue(), ImageType.JPEG)
    else:
        made = as_png(same_but_smaller(piece))
    return made if len(made.content) <= limits.file_bytes else smallest_loss(piece, limits.file_bytes)


def join(contents: Sequence[bytes], pages: Sequence[Page], limits: Limits) -> list[Made]:
    """Pages one below the other as one page; they must be equally wide."""
    from PIL import Image as Images

    if len({page.width for page in pages}) != 1:
        widths = ", ".join(f"{page.width:,}" for page in pages)
        raise MendError(f"the pages are not equally wide ({widths} pixels)")
    height = sum(page.height for page in pages)
    if height >= limits.pixels_below:
        raise MendError(f"together they are {height:,} pixels high, {limits.pixels_below - 1:,} are allowed")
    parts = []
    for content in contents:
        with opened(content) as image:
            parts.append(on_paper(plain(upright(image))).copy())
    mode = "L" if all(part.mode == "L" for part in parts) else "RGB"
    joined = Images.new(mode, (pages[0].width, height))
    top = 0
    for part in parts:
        joined.paste(part.convert(mode), (0, top))
        top += part.height
    lossy = all(page.type is ImageType.JPEG for page in pages)
    made = smallest_loss(joined, limits.file_bytes) if lossy else as_png(same_but_smaller(joined))
    return [made if len(made.content) <= limits.file_bytes else smallest_loss(joined, limits.file_bytes)]
