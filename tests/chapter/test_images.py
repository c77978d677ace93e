"""Headers read from real image files, whole, cut, dressed up and garbled."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.support.chapters import animation_bytes, image_bytes
from tui.chapter.decoders import teach_pillow
from tui.chapter.formats.window import BUDGET
from tui.chapter.images import FORMATS, Header, read_header
from tui.chapter.pages import ImageType, Metadata

_KINDS = {
    "JPEG": ImageType.JPEG,
    "PNG": ImageType.PNG,
    "GIF": ImageType.GIF,
    "WEBP": ImageType.WEBP,
    "AVIF": ImageType.AVIF,
    "BMP": ImageType.BMP,
    "TIFF": ImageType.TIFF,
}


def _read(content: bytes) -> Header:
    return read_header(io.BytesIO(content), len(content))


@pytest.mark.parametrize("kind", _KINDS)
def test_type_and_size_of_whole_files(kind: str) -> None:
    header = _read(image_bytes(kind, (241, 317)))
    assert (header.type, header.width, header.height) == (_KINDS[kind], 241, 317)
    assert header.complete
    assert not header.animated
    assert not header.problem


@pytest.mark.parametrize(
    "options",
    [
        {"progressive": True},
        {"optimize": True},
        {"quality": 100, "subsampling": 0},
        {"restart_marker_rows": 1},
    ],
)
def test_jpeg_codings(options: dict[str, Any]) -> None:
    header = _read(image_bytes("JPEG", (300, 200), **options))
    assert (header.width, header.height, header.complete, header.components) == (300, 200, True, 3)


@pytest.mark.parametrize(("mode", "components"), [("L", 1), ("RGB", 3), ("CMYK", 4)])
def test_jpeg_components(mode: str, components: int) -> None:
    assert _read(image_bytes("JPEG", mode=mode)).components == components


def test_a_thumbnail_in_a_jpeg_is_not_the_picture() -> None:
    thumbnail = image_bytes("JPEG", (32, 48))
    whole = image_bytes("JPEG", (640, 960))
    segment = b"\xff\xe1" + struct.pack(">H", len(thumbnail) + 8) + b"Exif\0\0" + thumbnail
    content = whole[:2] + segment + whole[2:]
    assert (_read(content).width, _read(content).height) == (640, 960)
    # Cut before the picture's own data: the thumbnail's end mark must not count.
    cut = content[: len(segment) + 900]
    assert not _read(cut).complete


def test_filling_before_marks_and_tails_behind_the_end_are_fine() -> None:
    whole = image_bytes("JPEG", (64, 96))
    filled = whole[:2] + b"\xff\xff\xff" + whole[2:]
    for content in (
        filled,
        whole + bytes(5000),
        whole + b"trailer of a camera",
        whole + bytes(range(255)) * 400,
    ):
        header = _read(content)
        assert (header.width, header.height, header.complete, header.problem) == (64, 96, True, "")


def test_a_jpeg_filled_up_with_zeros_is_cut() -> None:
    whole = image_bytes("JPEG", (640, 960))
    assert not _read(whole[: len(whole) // 2] + bytes(len(whole) // 2)).complete


def test_a_jpeg_that_states_its_height_after_the_scan() -> None:
    whole = image_bytes("JPEG", (64, 96))
    frame = whole.index(b"\xff\xc0")
    content = whole[: frame + 5] + b"\0\0" + whole[frame + 7 : -2] + b"\xff\xdc\x00\x04\x00\x60" + b"\xff\xd9"
    assert (_read(content).width, _read(content).height) == (64, 96)


@pytest.mark.parametrize(("mode", "bits"), [("1", 1), ("L", 8), ("I;16", 16), ("RGBA", 8)])
def test_png_bits(mode: str, bits: int) -> None:
    stream = io.BytesIO()
    Image.new(mode, (30, 40)).save(stream, "PNG")
    header = _read(stream.getvalue())
    assert (header.bits, header.width, header.height) == (bits, 30, 40)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF"])
def test_a_picture_may_be_followed_by_anything_which_is_told(kind: str) -> None:
    """An archive, a web page or a program behind a picture, as they are hidden there."""
    whole = image_bytes(kind)
    for behind, zeros in (
        (b"PK\x03\x04" + b"junk" * 30, 0),
        (b"<script>" * 40_000, 9),
        (b"\0\0<?php ?>", 5000),
    ):
        header = _read(whole + behind + bytes(zeros))
        assert (header.width, header.complete, header.problem) == (240, True, "")
        assert header.trailing == len(behind)
    for content in (whole, whole + bytes(5000)):
        assert _read(content).trailing == 0


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP"])
def test_animations(kind: str) -> None:
    header = _read(animation_bytes(kind))
    assert header.animated
    assert header.complete
    assert (header.width, header.height) == (60, 80)


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_metadata_is_told_and_a_place_in_it(kind: str) -> None:
    exif = Image.Exif()
    assert _read(image_bytes(kind, (600, 800))).metadata is Metadata.NONE
    exif[0x0112] = 6
    assert _read(image_bytes("JPEG", (600, 800), exif=exif)).metadata is Metadata.NONE
    exif[0x010E] = "a description " * 2000
    assert _read(image_bytes(kind, (600, 800), exif=exif)).metadata is Metadata.SOME
    exif.get_ifd(0x8825)[1] = "N"
    header = _read(image_bytes(kind, (600, 800), exif=exif))
    assert (header.metadata, header.width, header.complete) == (Metadata.PLACE, 600, True)


def test_a_gif_without_a_loop_mark_is_animated_by_its_frames() -> None:
    assert _read(animation_bytes("GIF", loop=False)).animated
    assert not _read(image_bytes("GIF", (600, 800))).animated


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "AVIF"])
@pytest.mark.parametrize("cut", ["half", 20, 2])
def test_cut_files_are_found(kind: str, cut: str | int) -> None:
    whole = image_bytes(kind, (400, 600))
    length = len(whole) // 2 if cut == "half" else len(whole) - int(cut)
    header = _read(whole[:length])
    assert header.type is _KINDS[kind]
    assert not header.complete


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP"])
def test_cut_animations_are_found(kind: str) -> None:
    whole = animation_bytes(kind, 5)
    header = _read(whole[:-30])
    assert header.animated
    assert not header.complete


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", ImageType.UNKNOWN),
        (b"hello world, this is no image", ImageType.UNKNOWN),
        (b"\xff\xd8\xff", ImageType.JPEG),
        (b"\xff\xd8\xff\xd9", ImageType.JPEG),
        (b"\xff\xd8" + b"\xff" * 70_000, ImageType.JPEG),
        (b"\xff\xd8\xff\xe0\x00\x00" + bytes(64), ImageType.JPEG),
        (b"\x89PNG\r\n\x1a\n", ImageType.PNG),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), ImageType.PNG),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(50), ImageType.PNG),
        (b"GIF89a", ImageType.GIF),
        (b"GIF89a" + bytes(40), ImageType.GIF),
        (b"RIFF\x10\0\0\0WEBPVP9 " + bytes(40), ImageType.WEBP),
        (b"\0\0\0\x14ftypavif" + bytes(40), ImageType.AVIF),
        (b"II*\0\xff\xff\xff\x7f" + bytes(20), ImageType.TIFF),
        (b"BM" + bytes(12) + b"\x28\0\0\0" + bytes(40), ImageType.BMP),
    ],
)
def test_broken_headers_are_a_problem_in_words(content: bytes, kind: ImageType) -> None:
    header = _read(content)
    assert header.type is kind
    assert header.problem or not header.complete
    assert (header.width, header.height) == (0, 0)


def test_a_png_that_lies_about_its_size_is_bounded() -> None:
    body = b"IHDR" + struct.pack(">IIBBBBB", 2**31, 5, 8, 2, 0, 0, 0)
    content = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + body + struct.pack(">I", zlib.crc32(body))
    assert "impossible" in _read(content).problem


def test_heic_and_jpeg_xl_are_recognised() -> None:
    heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(30)
    assert _read(heic).type is ImageType.HEIC
    jxl = _read(b"\0\0\0\x0cJXL \r\n\x87\n" + bytes(30))
    assert (jxl.type, jxl.problem) == (ImageType.JXL, "no picture is in it")


@pytest.mark.parametrize("size", [(240, 320), (1920, 1080), (800, 16384), (8, 8), (37, 5000), (256, 128)])
@pytest.mark.parametrize("in_boxes", [False, True])
def test_the_size_of_jpeg_xl(size: tuple[int, int], in_boxes: bool) -> None:
    pytest.importorskip("pillow_jxl")
    teach_pillow(ImageType.JXL)
    content = image_bytes("JXL", size, mode="L", effort=1, use_container=in_boxes)
    header = _read(content)
    assert (header.width, header.height, header.complete, header.problem) == (*size, True, "")
    assert _read(content[:-5]).complete is not in_boxes


def test_a_jpeg_xl_that_is_turned_or_moves() -> None:
    def packed(*fields: tuple[int, int]) -> bytes:
        value = place = 0
        for bits, field in fields:
            value, place = value | field << place, place + bits
        return b"\xff\x0a" + value.to_bytes(10, "little")

    size = ((1, 1), (5, 4), (3, 7))  # eighths; 40 high, twice as wide
    header = _read(packed(*size, (1, 0), (1, 1), (3, 5), (1, 0), (1, 0), (1, 1)))
    assert (header.width, header.height, header.animated) == (40, 80, True)
    header = _read(packed(*size, (1, 0), (1, 1), (3, 0), (1, 1), *size, (1, 0), (1, 0)))
    assert (header.width, header.height, header.animated) == (80, 40, False)


class _Counting(io.BytesIO):
    """Claims to go on for ever and counts what is read."""

    def __init__(self, start: bytes, filler: bytes) -> None:
        super().__init__()
        self._start, self._filler, self._at = start, filler, 0
        self.given = 0

    def seek(self, offset: int, whence: int = 0) -> int:
        self._at = offset
        return offset

    def read(self, size: int | None = -1) -> bytes:
        assert size is not None
        found = self._start[self._at : self._at + size]
        phase = max(0, self._at - len(self._start)) % len(self._filler)
        missing = size - len(found)
        found += (self._filler[phase:] + self._filler * (missing // len(self._filler) + 1))[:missing]
        self._at += size
        self.given += size
        return found


@pytest.mark.parametrize(
    ("start", "filler"),
    [
        (b"\xff\xd8", b"\xff\xe0\xff\xff" + b"x" * 65533),
        (b"GIF89a\x10\0\x10\0\0\0\0", b"\x21\xfe\x01\x00\x00"),
        (b"GIF89a\x10\0\x10\0\0\0\0\x21\xfe", b"\xff" * 256),
        (image_bytes("PNG")[:33], b"\x00\x00\x00\x04tEXtabcd\0\0\0\0"),
        (b"\0\0\0\x14ftypavif\0\0\0\0avif", b"\0\0\0\x10meta\0\0\0\0\0\0\0\0"),
    ],
)
def test_endless_headers_end(start: bytes, filler: bytes) -> None:
    stream = _Counting(start, filler)
    header = read_header(stream, 10**12)
    assert header.problem or not header.complete
    assert stream.given < BUDGET + 2**20


_BEGINNINGS = [image_bytes(kind, (9, 9))[:length] for kind in _KINDS for length in (3, 12, 40)]


@settings(max_examples=300)
@given(st.data())
def test_garbage_after_a_signature_never_raises(data: st.DataObject) -> None:
    start = data.draw(st.sampled_from(_BEGINNINGS))
    content = start + data.draw(st.binary(max_size=400))
    header = _read(content)
    assert 0 <= header.width < 2**31
    assert 0 <= header.height < 2**31


@settings(max_examples=200)
@given(
    st.sampled_from(sorted(_KINDS)), st.lists(st.tuples(st.integers(0, 700), st.integers(0, 255)), max_size=6)
)
def test_flipped_bytes_never_raise(kind: str, flips: list[tuple[int, int]]) -> None:
    content = bytearray(image_bytes(kind, (40, 50)))
    for place, value in flips:
        content[place % len(content)] = value
    _read(bytes(content))


def test_only_the_beginning_leaves_completeness_open() -> None:
    whole = image_bytes("JPEG", (400, 600))
    header = read_header(io.BytesIO(whole[:4000]), len(whole), whole=False)
    assert (header.width, header.complete) == (400, True)


def test_every_extension_belongs_to_one_format() -> None:
    endings = [ending for form in FORMATS for ending in form.extensions]
    assert len(endings) == len(set(endings))
