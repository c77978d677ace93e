"""Large PNG files, a few rows at a time."""

from __future__ import annotations

import io
import random
from typing import Any

import pytest
from PIL import Image, ImageChops

from tests.support.chapters import animation_bytes, image_bytes
from tui.chapter import png_bands
from tui.chapter.cancel import Cancelled, while_wanted
from tui.chapter.png_bands import open_bands, scaled_down

SIZE = (101, 233)


def noise(mode: str, size: tuple[int, int] = SIZE) -> Image.Image:
    parts = [Image.effect_noise(size, 80).convert("L") for _ in mode]
    return parts[0].convert(mode) if mode in ("L", "1") else Image.merge(mode, parts)


def encoded(picture: Image.Image, **options: Any) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, "PNG", **options)
    return stream.getvalue()


@pytest.fixture(autouse=True)
def few_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(png_bands, "_BAND_BYTES", 3000)


@pytest.mark.parametrize(
    "content",
    [
        *(encoded(noise(mode)) for mode in ("L", "RGB", "RGBA", "LA", "1")),
        *(encoded(noise("RGB").quantize(2**bits), bits=bits) for bits in (1, 2, 4, 8)),
        encoded(noise("RGB").quantize(16), transparency=3),
        encoded(noise("L"), transparency=128),
        encoded(Image.new("RGB", SIZE, (1, 2, 3)), compress_level=9),
        encoded(Image.linear_gradient("L").resize((40, 3000))),
    ],
)
def test_all_bands_together_are_the_picture(content: bytes) -> None:
    bands = open_bands(content)
    assert bands is not None
    with Image.open(io.BytesIO(content)) as whole:
        assert (bands.width, bands.height) == whole.size
        together = Image.new("RGBA", whole.size)
        top = 0
        for band in bands.images():
            together.paste(band.convert("RGBA"), (0, top))
            top += band.height
        assert top == whole.height
        difference = ImageChops.difference(together, whole.convert("RGBA"))
    assert difference.getbbox(alpha_only=False) is None


def test_sixteen_bits_come_as_eight() -> None:
    raw = random.Random(1).randbytes(2 * SIZE[0] * SIZE[1])
    bands = open_bands(encoded(Image.frombytes("I;16", SIZE, raw)))
    assert bands is not None
    assert b"".join(band.tobytes() for band in bands.images()) == raw[1::2]


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "1"])
def test_scaled_down_it_is_as_if_it_were_scaled_at_once(mode: str) -> None:
    picture = noise(mode)
    bands = open_bands(encoded(picture))
    assert bands is not None
    whole = picture.convert("L") if mode == "1" else picture
    assert ImageChops.difference(scaled_down(bands, 7), whole.reduce(7)).getbbox() is None


def test_scaled_down_far_it_still_takes_few_rows_at_a_time() -> None:
    bands = open_bands(encoded(noise("L", (500, 40))))
    assert bands is not None
    assert scaled_down(bands, 40).size == (167, 14)


def test_what_cannot_be_taken_so_is_told_apart() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    interlaced = bytearray(image_bytes("PNG"))
    interlaced[28] = 1
    huge = bytearray(image_bytes("PNG"))
    huge[16:24] = bytes.fromhex("00010000 00010000")
    wide = bytearray(image_bytes("PNG"))
    wide[16:24] = bytes.fromhex("05f5e100 00000002")  # a row of 300 megabytes
    for content in (
        image_bytes("JPEG"), animation_bytes("PNG"), image_bytes("PNG", exif=exif),
        interlaced, huge, huge[:20], wide,
    ):  # fmt: skip
        assert open_bands(bytes(content)) is None


def test_a_garbled_exif_block_says_nothing_of_which_way_is_up() -> None:
    assert open_bands(image_bytes("PNG", exif=b"no such order")) is not None


def test_damage_is_an_error() -> None:
    content = encoded(noise("RGB"))
    middle = len(content) // 2
    garbled = content[:middle] + bytes(20) + content[middle + 20 :]
    half = Image.new("RGB", (SIZE[0], SIZE[1] // 2))
    short = content[:33] + encoded(half)[33:]  # stated higher than it is
    for damaged, words in ((garbled, "damaged"), (short, "breaks off")):
        bands = open_bands(damaged)
        assert bands is not None
        with pytest.raises(ValueError, match=words):
            list(bands.images())


def test_it_ends_when_it_is_not_wanted_any_more() -> None:
    bands = open_bands(encoded(noise("RGB")))
    assert bands is not None
    with pytest.raises(Cancelled), while_wanted(lambda: False):
        scaled_down(bands, 2)
