"""Pages drawn in half blocks."""

from __future__ import annotations

import io
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from tests.support.chapters import image_bytes, make_page, write_files, write_zip
from tui.chapter.decoders import teach_pillow
from tui.chapter.pages import ImageType, Page
from tui.chapter.preview import (
    WHOLE,
    Part,
    PreviewError,
    at_a_glance,
    red_green_blue,
    render_preview,
)
from tui.chapter.sources import open_source


def _page(folder: Path, content: bytes, name: str = "1.png") -> Page:
    return open_source(write_files(folder, {name: content})).scan().pages[0]


def _encoded(picture: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, kind, **options)
    return stream.getvalue()


def test_upper_and_lower_halves_have_their_own_colours(tmp_path: Path) -> None:
    picture = Image.new("RGB", (40, 80), (250, 0, 0))
    picture.paste((0, 0, 250), (0, 40, 40, 80))
    [[cell]] = render_preview(_page(tmp_path, _encoded(picture)), 1, 1)
    upper, lower = map(red_green_blue, cell)
    # Scaling down mixes a little of each into the other.
    assert upper[0] > 200 > 50 > upper[2]
    assert lower[2] > 200 > 50 > lower[0]


@pytest.mark.parametrize(
    ("size", "columns", "rows", "expected"),
    [((800, 1200), 40, 20, (27, 20)), ((1200, 400), 40, 20, (40, 7)), ((300, 9000), 40, 20, (1, 20))],
)
def test_proportions_are_kept(
    tmp_path: Path, size: tuple[int, int], columns: int, rows: int, expected: tuple[int, int]
) -> None:
    cells = render_preview(_page(tmp_path, image_bytes("JPEG", size), "1.jpg"), columns, rows)
    assert {len(row) for row in cells} == {expected[0]}
    assert len(cells) == expected[1]


@pytest.mark.parametrize(
    "content",
    [
        image_bytes("PNG", mode="1"),
        image_bytes("PNG", mode="LA"),
        image_bytes("JPEG", mode="CMYK"),
        image_bytes("JPEG", mode="L"),
        image_bytes("GIF", mode="P"),
        image_bytes("WEBP", mode="RGBA"),
        image_bytes("AVIF"),
    ],
)
def test_every_mode_can_be_drawn(tmp_path: Path, content: bytes) -> None:
    cells = render_preview(_page(tmp_path, content), 20, 10)
    assert all(0 <= half < 2**32 for row in cells for cell in row for half in cell)
    assert len(cells) == 10


def test_transparency_is_paper(tmp_path: Path) -> None:
    page = _page(tmp_path, _encoded(Image.new("RGBA", (10, 10), (0, 0, 0, 0))))
    assert red_green_blue(render_preview(page, 1, 1)[0][0][0]) == (255, 255, 255)


def test_pages_of_archives_can_be_drawn(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.cbz", {"1.png": image_bytes("PNG")}, packed=True)
    assert len(render_preview(open_source(path).scan().pages[0], 10, 5)) == 5


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (image_bytes("JPEG", (400, 600))[:3000], "cannot be decoded"),
        (image_bytes("PNG")[:40] + b"rubbish", "cannot be decoded"),
        (b"no image", "no image of a kind"),
    ],
)
def test_what_cannot_be_decoded_is_said_in_words(tmp_path: Path, content: bytes, words: str) -> None:
    with pytest.raises(PreviewError, match=words):
        render_preview(_page(tmp_path, content), 20, 10)


def test_too_many_pixels_are_not_decoded(tmp_path: Path) -> None:
    content = image_bytes("GIF")
    page = _page(tmp_path, content[:6] + (9_900).to_bytes(2, "little") * 2 + content[10:], "1.gif")
    with pytest.raises(PreviewError, match="9,900 × 9,900 pixels are too many"):
        render_preview(page, 20, 10)


def test_a_large_png_is_drawn_as_a_small_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gradient = Image.linear_gradient("L").resize((300, 4_000))
    page = _page(tmp_path, _encoded(gradient))
    part = Part(zoom=8, y=0.25)
    whole, some = render_preview(page, 20, 60), render_preview(page, 20, 60, part)
    monkeypatch.setattr("tui.chapter.preview.LARGE_PIXELS", 1_000)
    monkeypatch.setattr("tui.chapter.preview.most_scaled_pixels", lambda *_: 1_000)
    for expected, seen in ((whole, render_preview(page, 20, 60)), (some, render_preview(page, 20, 60, part))):
        assert [len(row) for row in seen] == [len(row) for row in expected]
        for row, other in zip(expected, seen, strict=True):
            assert abs(red_green_blue(row[0][0])[0] - red_green_blue(other[0][0])[0]) <= 17


@pytest.mark.parametrize("kind", [ImageType.WEBP, ImageType.AVIF, ImageType.HEIC])
def test_types_whose_decoders_take_much_memory_are_drawn_up_to_fewer_pixels(
    tmp_path: Path, kind: ImageType
) -> None:
    page = replace(_page(tmp_path, b""), type=kind, width=5000, height=8001, problem="")
    with pytest.raises(PreviewError, match="5,000 × 8,001 pixels are too many to decode"):
        render_preview(page, 20, 10)
    with pytest.raises(PreviewError, match="the file is empty"):
        render_preview(replace(page, height=8000), 20, 10)


def test_a_progressive_jpeg_is_drawn_up_to_fewer_pixels_than_another(tmp_path: Path) -> None:
    content = bytearray(image_bytes("JPEG", (80, 160), progressive=True))
    frame = content.index(b"\xff\xc2")
    content[frame + 5 : frame + 9] = bytes.fromhex("2710 2710")  # its height and width
    page = replace(_page(tmp_path, bytes(content), "1.jpg"), width=80, height=160)
    with pytest.raises(PreviewError, match="10,000 × 10,000 pixels are too many"):
        render_preview(page, 20, 10)


@pytest.mark.parametrize(
    ("size", "part"),
    [
        ((800, 1200), WHOLE),
        ((800, 8_000), WHOLE),
        ((800, 80_000), Part(100, y=0.0)),
        ((80_000, 800), Part(100, x=1.0)),
        ((0, 0), WHOLE),
    ],
)
def test_of_a_strip_that_would_be_a_line_the_beginning_is_shown(size: tuple[int, int], part: Part) -> None:
    page = replace(make_page("1.png"), width=size[0], height=size[1])
    assert at_a_glance(page, 80, 40) == part


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.chapter.preview._MOST_BYTES", 1_000)
    with pytest.raises(PreviewError, match=r"1\.0 kB and more are too much to draw"):
        render_preview(_page(tmp_path, image_bytes()), 20, 10)


def test_a_page_that_is_gone(tmp_path: Path) -> None:
    page = _page(tmp_path, image_bytes())
    (tmp_path / "1.png").unlink()
    with pytest.raises(PreviewError, match="cannot be read: no such file"):
        render_preview(page, 20, 10)


def test_without_pillow_it_says_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = _page(tmp_path, image_bytes())
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(PreviewError, match="Pillow"):
        render_preview(page, 20, 10)


def test_heic_is_drawn_where_its_library_is_and_named_where_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("pillow_heif")
    teach_pillow(ImageType.HEIC)  # to write one
    folder = write_files(tmp_path / "c", {"1.heic": image_bytes("HEIF", quality=80)})
    (page,) = open_source(folder).scan().pages
    monkeypatch.delitem(Image.OPEN, "HEIF")
    monkeypatch.setattr(Image, "ID", [name for name in Image.ID if name != "HEIF"])
    teach_pillow.cache_clear()
    assert len(render_preview(page, 30, 20)) == 20
    monkeypatch.setattr("tui.chapter.preview.has_decoder", lambda _: False)
    with pytest.raises(PreviewError, match=r"dexup\[heic\]"):
        render_preview(page, 30, 20)
