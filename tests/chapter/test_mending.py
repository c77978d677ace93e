"""Mended copies: the least change that settles a finding, originals untouched."""

from __future__ import annotations

import io
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops, ImageDraw, ImageSequence

from tests.support.chapters import animation_bytes, image_bytes, write_files
from tui.chapter.cancel import Cancelled, while_wanted
from tui.chapter.checks import check_pages
from tui.chapter.decoders import teach_pillow
from tui.chapter.decoding import decode_page
from tui.chapter.fixes import Exclude, Mend
from tui.chapter.limits import LIMITS
from tui.chapter.mending import convert as convert_module
from tui.chapter.mending import cut as cut_module
from tui.chapter.mending.picture import MendError, as_jpeg
from tui.chapter.mending.recipes import BY_NAME, RECIPE_OF, RECIPES
from tui.chapter.mending.workshop import Mended, Workshop
from tui.chapter.order import PageOrder
from tui.chapter.pages import ImageType, Metadata, Page, PageLocation
from tui.chapter.sources import open_page, open_source


def pages_of(folder: Path, **files: bytes) -> tuple[Page, ...]:
    write_files(folder, {name.replace("_", "."): content for name, content in files.items()})
    return open_source(folder).scan().pages


def picture_of(page: Page) -> Image.Image:
    with open_page(page.location) as stream:
        image = Image.open(io.BytesIO(stream.read()))
        image.load()
        return image


def same(one: Image.Image, other: Image.Image) -> bool:
    return not ImageChops.difference(one.convert("RGBA"), other.convert("RGBA")).getbbox()


def mend(tmp_path: Path, content: bytes, name: str, recipe: str, **limits: Any) -> Mended:
    (page,) = pages_of(tmp_path / "in", **{name: content})
    workshop = Workshop(tmp_path / "out", replace(LIMITS, **limits))
    mended = workshop.mend(page, BY_NAME[recipe])
    assert (tmp_path / "in" / name.replace("_", ".")).read_bytes() == content
    return mended


def noise(width: int, height: int) -> Image.Image:
    return Image.effect_noise((width, height), 90).convert("L")


@pytest.mark.parametrize(
    ("kind", "options", "becomes"),
    [
        ("WEBP", {"lossless": True}, ImageType.PNG),
        ("WEBP", {"quality": 80}, ImageType.JPEG),
        ("AVIF", {}, ImageType.JPEG),
        ("BMP", {}, ImageType.PNG),
        ("TIFF", {}, ImageType.PNG),
    ],
)
def test_a_format_that_is_not_taken_is_converted(
    tmp_path: Path, kind: str, options: dict[str, Any], becomes: ImageType
) -> None:
    content = image_bytes(kind, **options)
    mended = mend(tmp_path, content, f"1_{kind.lower()}", "convert")
    (page,) = mended.pages
    assert page.type is becomes
    assert check_pages([page]) == []
    if becomes is ImageType.PNG:
        assert same(picture_of(page), Image.open(io.BytesIO(content)))
    assert page.name == f"1.{'png' if becomes is ImageType.PNG else 'jpg'}"
    assert f"{'WebP' if kind == 'WEBP' else kind} 240×320" in mended.summary


def test_transparency_stays(tmp_path: Path) -> None:
    picture = Image.new("RGBA", (200, 300), (10, 20, 30, 0))
    stream = io.BytesIO()
    picture.save(stream, "WEBP", lossless=True, exact=True)
    (page,) = mend(tmp_path, stream.getvalue(), "1_webp", "convert").pages
    assert page.type is ImageType.PNG
    assert picture_of(page).convert("RGBA").getpixel((5, 5))[3] == 0  # type: ignore[index]


def test_a_moving_webp_that_would_take_all_memory_is_not_converted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(convert_module, "_MOST_MOVING_BYTES", 60 * 80 * (16 + 5) - 1)
    with pytest.raises(MendError, match="5 frames of 60 × 80 pixels are too many"):
        mend(tmp_path, animation_bytes("WEBP", frames=5), "1_webp", "convert")


def test_a_moving_webp_becomes_a_gif_with_all_its_frames_and_their_times(tmp_path: Path) -> None:
    times = [100, 250, 300, 40, 500]
    content = animation_bytes("WEBP", frames=5, duration=times)
    (page,) = mend(tmp_path, content, "1_webp", "convert").pages
    assert page.type is ImageType.GIF
    assert page.animated
    assert [frame.info["duration"] for frame in ImageSequence.Iterator(picture_of(page))] == times


def test_a_moving_png_becomes_a_gif_with_all_its_frames(tmp_path: Path) -> None:
    (page,) = mend(tmp_path, animation_bytes("PNG", frames=4), "1_png", "gif").pages
    assert page.type is ImageType.GIF
    assert getattr(picture_of(page), "n_frames", 1) == 4
    with pytest.raises(MendError, match="does not move"):
        mend(tmp_path / "still", image_bytes(), "1_png", "gif")


def test_what_cannot_be_decoded_here_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(convert_module, "has_decoder", lambda _: False)
    page = Page(pages_of(tmp_path, a_png=image_bytes())[0].location, 10, 0, ImageType.JXL)
    with pytest.raises(MendError, match="pillow-jxl-plugin: pip install"):
        Workshop(tmp_path / "out").mend(page, BY_NAME["convert"])


def test_a_large_png_shrinks_losslessly_where_that_is_enough(tmp_path: Path) -> None:
    grey = noise(300, 400).convert("RGB")
    stream = io.BytesIO()
    grey.save(stream, "PNG", compress_level=0)
    mended = mend(tmp_path, stream.getvalue(), "1_png", "shrink", file_bytes=130_000)
    (page,) = mended.pages
    assert page.type is ImageType.PNG
    assert page.size <= 130_000
    assert same(picture_of(page), grey)


def test_a_jpeg_shrinks_losslessly_where_that_is_enough(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    stream = io.BytesIO()
    noise(300, 400).save(
        stream, "JPEG", quality=90, progressive=True, exif=exif, comment=b"x" * 5000, icc_profile=b"p" * 200
    )
    content = stream.getvalue()
    (page,) = mend(tmp_path, content + bytes(20_000), "1_jpg", "shrink", file_bytes=len(content)).pages
    assert page.size <= len(content) - 5000
    assert picture_of(page).getexif().get(0x0112) == 6
    assert same(picture_of(page), Image.open(io.BytesIO(content)))

    stream = io.BytesIO()
    Image.open(io.BytesIO(content)).save(stream, "JPEG", quality=90, exif=exif, icc_profile=b"p" * 200)
    content = stream.getvalue()
    (anew,) = mend(tmp_path / "again", content, "1_jpg", "shrink", file_bytes=len(content) - 1).pages
    assert picture_of(anew).info["icc_profile"] == b"p" * 200
    assert picture_of(anew).getexif().get(0x0112) == 6


def test_else_it_becomes_the_finest_jpeg_that_fits(tmp_path: Path) -> None:
    stream = io.BytesIO()
    noise(300, 400).save(stream, "PNG")
    (page,) = mend(tmp_path, stream.getvalue(), "1_png", "shrink", file_bytes=100_000).pages
    assert page.type is ImageType.JPEG
    assert 50_000 < page.size <= 100_000
    with pytest.raises(MendError, match="even as a JPEG"):
        mend(tmp_path / "again", stream.getvalue(), "1_png", "shrink", file_bytes=2_000)


def test_noise_in_colour_needs_no_smaller_buffer_than_it_fills(capfd: pytest.CaptureFixture[str]) -> None:
    picture = Image.frombytes("RGB", (600, 800), random.Random(1).randbytes(600 * 800 * 3))
    assert len(as_jpeg(picture).content) > 2 * 600 * 800
    assert capfd.readouterr().err == "", "libjpeg complains on the terminal"


def strip(panels: list[tuple[int, int]], width: int, height: int) -> Image.Image:
    """White, with noisy panels from row to row."""
    picture = Image.new("L", (width, height), 255)
    for top, bottom in panels:
        picture.paste(noise(width - 20, bottom - top), (10, top))
    return picture


def test_a_strip_is_cut_between_panels(tmp_path: Path) -> None:
    picture = strip([(50, 460), (520, 900), (960, 1400), (1450, 1950)], 300, 2000)
    stream = io.BytesIO()
    picture.save(stream, "PNG")
    mended = mend(tmp_path, stream.getvalue(), "1_png", "cut", pixels_below=1000)
    assert [page.name for page in mended.pages] == ["1-1.png", "1-2.png", "1-3.png"]
    assert " → 3 pages: PNG 300×" in mended.summary
    heights = [page.height for page in mended.pages]
    assert sum(heights) == 2000
    assert max(heights) < 1000
    places = [sum(heights[:number]) for number in (1, 2)]
    for place in places:
        assert any(low < place <= high for low, high in [(460, 520), (900, 960), (1400, 1450)]), places
    joined = Image.new("L", picture.size)
    top = 0
    for page in mended.pages:
        joined.paste(picture_of(page).convert("L"), (0, top))
        top += page.height
    assert same(joined, picture)


def test_a_jpeg_strip_stays_jpeg_and_hardly_changes(tmp_path: Path) -> None:
    picture = strip([(50, 460), (520, 900), (960, 1400), (1450, 1950)], 320, 2000)
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=85)
    before = Image.open(io.BytesIO(stream.getvalue()))
    mended = mend(tmp_path, stream.getvalue(), "1_jpg", "cut", pixels_below=1000)
    assert {page.type for page in mended.pages} == {ImageType.JPEG}
    first = mended.pages[0]
    change = ImageChops.difference(picture_of(first), before.crop((0, 0, 320, first.height)))
    assert sum(change.histogram()[4:]) < 0.01 * first.pixels


def test_a_strip_without_a_quiet_row_is_cut_all_the_same(tmp_path: Path) -> None:
    stream = io.BytesIO()
    noise(200, 2500).save(stream, "PNG")
    mended = mend(tmp_path, stream.getvalue(), "1_png", "cut", pixels_below=1000)
    assert sum(page.height for page in mended.pages) == 2500
    assert all(page.height < 1000 for page in mended.pages)


def test_a_wide_strip_is_read_from_the_right(tmp_path: Path) -> None:
    picture = Image.new("L", (1500, 300), 255)
    ImageDraw.Draw(picture).rectangle((1400, 100, 1450, 200), fill=0)
    stream = io.BytesIO()
    picture.save(stream, "PNG")
    mended = mend(tmp_path, stream.getvalue(), "1_png", "cut", pixels_below=1000)
    assert len(mended.pages) == 2
    assert picture_of(mended.pages[0]).convert("L").getextrema()[0] == 0
    assert picture_of(mended.pages[1]).convert("L").getextrema()[0] == 255


def test_a_converted_strip_is_cut_too(tmp_path: Path) -> None:
    stream = io.BytesIO()
    strip([(50, 460), (520, 900), (960, 1400)], 300, 1500).save(stream, "WEBP", lossless=True)
    mended = mend(tmp_path, stream.getvalue(), "1_webp", "convert", pixels_below=1000)
    assert [page.type for page in mended.pages] == [ImageType.PNG] * 2


def test_slivers_are_joined_in_reading_order(tmp_path: Path) -> None:
    pages = pages_of(
        tmp_path / "in", a_png=image_bytes(size=(200, 300), seed=1), b_png=image_bytes(size=(200, 40), seed=2)
    )
    mended = Workshop(tmp_path / "out").join(pages)
    (page,) = mended.pages
    assert (page.width, page.height) == (200, 340)
    assert same(picture_of(page).crop((0, 300, 200, 340)), picture_of(pages[1]))
    other = pages_of(tmp_path / "other", c_png=image_bytes(size=(210, 40)))
    with pytest.raises(MendError, match="equally wide"):
        Workshop(tmp_path / "out").join([*pages, *other])


def test_a_chapter_is_made_to_fit_losslessly_where_that_is_enough(tmp_path: Path) -> None:
    stream = io.BytesIO()
    noise(300, 400).convert("RGB").save(stream, "PNG", compress_level=0)
    files = {"1_png": stream.getvalue(), "2_png": image_bytes(), "3_gif": animation_bytes()}
    pages = pages_of(tmp_path / "in", **files)
    total = sum(page.size for page in pages)

    def lighten(bytes_allowed: int) -> list[Mended]:
        workshop = Workshop(tmp_path / "out", replace(LIMITS, session_bytes=bytes_allowed))
        return workshop.lighten(pages)

    assert lighten(total) == []
    (mended,) = lighten(total - 1000)
    assert mended.originals == (pages[0],)
    assert same(picture_of(mended.pages[0]), picture_of(pages[0]))
    lossy = lighten(120_000)
    after = {page.key: page.size for page in pages} | {
        one.originals[0].key: one.pages[0].size for one in lossy
    }
    assert 60_000 < sum(after.values()) <= 120_000
    assert lossy[0].pages[0].type is ImageType.JPEG
    with pytest.raises(MendError, match="make several chapters"):
        lighten(10_000)


def test_a_strip_that_is_too_large_to_be_decoded_at_once_is_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cut_module, "MOST_STRIP_PIXELS", 1_000)
    picture = strip([(top + 60, top + 900) for top in range(0, 30_000, 1_000)], 80, 30_000).convert("1")
    mended = mend(tmp_path, encoded(picture), "1_png", "cut")
    assert len(mended.pages) == 6
    top = 0
    for page in mended.pages:
        assert same(picture_of(page), picture.crop((0, top, 80, top + page.height)))
        top += page.height
        assert top % 1_000 < 60 or top % 1_000 > 900, "not through a panel"
    assert top == 30_000
    with pytest.raises(MendError, match="30,000 × 80 pixels are too many to decode; cut it in two"):
        mend(tmp_path / "wide", encoded(picture.transpose(Image.Transpose.ROTATE_90)), "1_png", "cut")


def encoded(picture: Image.Image, **options: Any) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, "PNG", **options)
    return stream.getvalue()


def test_heic_is_converted_where_its_library_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pillow_heif")
    teach_pillow(ImageType.HEIC)
    content = image_bytes("HEIF", quality=80)
    (page,) = mend(tmp_path, content, "1_heic", "convert").pages
    assert (page.type, page.width, page.height) == (ImageType.JPEG, 240, 320)
    (heic,) = pages_of(tmp_path / "in", **{"1_heic": content})
    (found,) = check_pages([decode_page(heic)])
    assert isinstance(found.fix, Mend)
    monkeypatch.setattr("tui.chapter.page_checks.has_decoder", lambda _: False)
    monkeypatch.setattr("tui.chapter.decoders.has_decoder", lambda _: False)
    (found,) = check_pages([heic])
    assert "pip install 'dexup[heic]'" in found.remedy
    assert isinstance(found.fix, Exclude)


def test_jpeg_xl_becomes_the_jpeg_it_was_made_of_or_a_png(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("pillow_jxl")
    teach_pillow(ImageType.JXL)
    content = image_bytes("JXL", lossless=True)
    (page,) = mend(tmp_path, content, "1_jxl", "convert").pages
    assert (page.type, page.name) == (ImageType.PNG, "1.png")
    assert same(picture_of(page), Image.open(io.BytesIO(content)))
    (original,) = pages_of(tmp_path / "jpeg", **{"1_jpg": image_bytes("JPEG")})
    stream = io.BytesIO()
    with Image.open(original.location.source / "1.jpg") as image:
        image.save(stream, "JXL", lossless_jpeg=True)
    (page,) = mend(tmp_path / "again", stream.getvalue(), "1_jxl", "convert").pages
    assert (page.location.source / page.location.member).read_bytes() == image_bytes("JPEG")
    (damaged,) = pages_of(tmp_path / "damaged", **{"1_jxl": content[: len(content) // 2]})
    assert decode_page(damaged).problem == "it cannot be decoded: the file is damaged"
    monkeypatch.setattr("tui.chapter.page_checks.has_decoder", lambda _: False)
    monkeypatch.setattr("tui.chapter.decoders.has_decoder", lambda _: False)
    (found,) = check_pages([damaged])
    assert "pip install 'dexup[jxl]'" in found.remedy


@pytest.mark.parametrize("orientation", [1, 6])
def test_metadata_goes_and_every_pixel_stays(tmp_path: Path, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x010E] = "a secret description"
    exif[0x0112] = orientation
    exif.get_ifd(0x8825)[1] = "N"
    content = image_bytes("JPEG", exif=exif, comment=b"secret comment")
    mended = mend(tmp_path, content, "1_jpg", "strip")
    (page,) = mended.pages
    with open_page(page.location) as stream:
        after = stream.read()
    assert b"secret" not in after
    assert [one.metadata for one in (*mended.originals, *mended.pages)] == [Metadata.PLACE, Metadata.NONE]
    image = Image.open(io.BytesIO(after))
    assert image.getexif().get(0x0112, 1) == orientation
    assert same(image, Image.open(io.BytesIO(content)))


def test_png_texts_go_too(tmp_path: Path) -> None:
    from PIL import PngImagePlugin

    info = PngImagePlugin.PngInfo()
    info.add_text("Author", "secret")
    content = image_bytes("PNG", pnginfo=info)
    (page,) = mend(tmp_path, content, "1_png", "strip").pages
    with open_page(page.location) as stream:
        after = stream.read()
    assert b"secret" not in after
    assert same(Image.open(io.BytesIO(after)), Image.open(io.BytesIO(content)))


def test_colours_of_print_and_deep_colours(tmp_path: Path) -> None:
    (page,) = mend(tmp_path, image_bytes("JPEG", mode="CMYK"), "1_jpg", "rgb").pages
    assert page.components == 3
    stream = io.BytesIO()
    Image.new("I;16", (200, 300), 40_000).save(stream, "PNG")
    (page,) = mend(tmp_path / "deep", stream.getvalue(), "1_png", "eight-bits").pages
    assert page.bits == 8
    assert picture_of(page).convert("L").getpixel((0, 0)) == 40_000 // 257


def test_what_is_broken_is_an_error_and_leaves_nothing(tmp_path: Path) -> None:
    content = image_bytes("WEBP")
    with pytest.raises(MendError, match="cannot be decoded"):
        mend(tmp_path, content[: len(content) // 2], "1_webp", "convert")
    assert not list((tmp_path / "out").rglob("*.*"))


def test_what_is_no_image_is_said_to_be_none(tmp_path: Path) -> None:
    with pytest.raises(MendError, match="the file is empty"):
        mend(tmp_path, b"", "1_png", "convert")
    with pytest.raises(MendError, match="a text, not an image"):
        mend(tmp_path / "other", b"Minutes of the meeting\n" * 20, "1_png", "convert")


def test_labels_of_recipes_for_several_pages() -> None:
    labels = [recipe.of_many for recipe in RECIPES]
    assert "Convert them to PNG, JPEG or GIF" in labels
    assert "Make their files smaller" in labels
    assert not [label for label in labels if {"it", "its"} & set(label.split())]


@pytest.mark.parametrize(
    ("change", "recipes"),
    [
        ({}, "shrink strip"),
        ({"type": ImageType.GIF}, "shrink"),
        ({"type": ImageType.GIF, "animated": True}, ""),
        ({"type": ImageType.WEBP}, "convert"),
        ({"height": 9000}, "cut shrink strip"),
        ({"width": 10_000}, "cut shrink strip"),
        ({"components": 4}, "shrink rgb strip"),
        ({"type": ImageType.PNG, "bits": 16}, "shrink eight-bits strip"),
        ({"type": ImageType.PNG, "animated": True}, "gif strip"),
        ({"problem": "no permission"}, ""),
        ({"complete": False}, ""),
        ({"type": ImageType.UNKNOWN}, ""),
    ],
)
def test_only_what_would_change_a_page_is_offered_for_it(change: dict[str, Any], recipes: str) -> None:
    page = Page(PageLocation(Path("/c"), "1"), 1000, 0, ImageType.JPEG, 800, 1200, bits=8, components=3)
    assert " ".join(recipe.name for recipe in RECIPES if recipe.can_mend(replace(page, **change))) == recipes


def test_copies_are_private(tmp_path: Path) -> None:
    (page,) = mend(tmp_path, image_bytes("BMP"), "1_bmp", "convert").pages
    file = page.location.source / page.location.member
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700


def test_a_mended_page_takes_the_place_of_its_original_and_undo_brings_it_back(tmp_path: Path) -> None:
    pages = pages_of(
        tmp_path / "in", a_png=image_bytes(), b_webp=image_bytes("WEBP"), c_png=image_bytes(seed=3)
    )
    order = PageOrder.from_pages(pages)
    (finding,) = check_pages(order.included)
    mended = Workshop(tmp_path / "out").mend(pages[1], RECIPE_OF[finding.rule])
    after = order.substitute([pages[1].key], mended.pages)
    assert [page.name for page in after.included] == ["a.png", "b.jpg", "c.png"]
    assert check_pages(after.included) == []
    assert after.undo().included == order.included
    assert [page.name for page in after.undo().redo().included] == ["a.png", "b.jpg", "c.png"]


def test_old_copies_are_cleaned_away_but_not_those_of_unfinished_uploads(tmp_path: Path) -> None:
    (page,) = mend(tmp_path, image_bytes("BMP"), "1_bmp", "convert").pages
    workshop = Workshop(tmp_path / "out")
    later = page.location.source.stat().st_mtime + 40 * 86_400
    workshop.clean(now=later - 20 * 86_400)
    workshop.clean(keep=frozenset({page.location.source}), now=later)
    assert page.location.source.is_dir()
    workshop.clean(now=later)
    assert not page.location.source.exists()


def test_long_mending_ends_when_it_is_not_wanted_any_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.chapter.png_bands._BAND_BYTES", 20_000)
    content = encoded(strip([(50, 900)], 60, 3_000))
    looks = iter([True, True, False])
    with pytest.raises(Cancelled), while_wanted(lambda: next(looks)):
        mend(tmp_path, content, "1_png", "cut", pixels_below=400)
    assert next(looks, "all asked") == "all asked"
    assert not list((tmp_path / "out").rglob("*.png"))
    assert len(mend(tmp_path / "again", content, "1_png", "cut", pixels_below=400).pages) == 8
