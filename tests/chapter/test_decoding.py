"""Decoding to the last pixel: what a header cannot tell."""

from __future__ import annotations

import io
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.support.chapters import image_bytes, write_files
from tui.chapter import decoding
from tui.chapter.cancel import Cancelled
from tui.chapter.checks import check_pages
from tui.chapter.decoding import decode_page, decode_pages
from tui.chapter.hashing import hash_pages
from tui.chapter.limits import LIMITS
from tui.chapter.mending.picture import MendError
from tui.chapter.mending.recipes import RECIPE_OF
from tui.chapter.pages import Page
from tui.chapter.preview import PreviewError, render_preview
from tui.chapter.sources import open_source


def scanned(folder: Path, files: dict[str, bytes]) -> tuple[Page, ...]:
    return hash_pages(open_source(write_files(folder, files)).scan().pages)


def drawing(seed: int) -> Image.Image:
    return (
        Image.effect_noise((8, 12), 120).resize((400, 600), Image.Resampling.NEAREST).rotate(90 * (seed % 2))
    )


def saved(picture: Image.Image, kind: str, **options: int) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, kind, **options)
    return stream.getvalue()


def test_garbled_pixels_are_an_error_although_the_header_and_the_end_are_right(tmp_path: Path) -> None:
    content = bytearray(image_bytes("PNG"))
    middle = len(content) // 2
    content[middle : middle + 20] = b"garbled bytes here!!"
    good, bad = decode_pages(scanned(tmp_path, {"1.png": image_bytes(), "2.png": bytes(content)}))
    assert (good.problem, good.decoded) == ("", True)
    assert bad.problem.startswith("it cannot be decoded")
    assert [finding.rule for finding in check_pages([good, bad])] == ["page-unreadable"]


def test_too_many_pixels_for_this_machine_are_no_damage(tmp_path: Path) -> None:
    content = bytearray(image_bytes("PNG"))
    content[16:24] = bytes.fromhex("00004e20 00002710")  # 20,000 x 10,000
    content[28] = 1  # interlaced, and so not to be decoded a few rows at a time
    (page,) = scanned(tmp_path, {"1.png": bytes(content)})
    assert decode_page(page) == replace(page, decoded=True)


def test_a_jpeg_of_twelve_bits_is_one_finding_in_words(tmp_path: Path) -> None:
    content = image_bytes("JPEG").replace(b"\xff\xc0\0\x11\x08", b"\xff\xc0\0\x11\x0c")
    (found,) = check_pages(decode_pages(scanned(tmp_path, {"1.jpg": content})))
    assert found.rule == "page-unreadable"
    assert "BytesIO" not in found.message


def test_a_damaged_avif_is_a_problem_of_its_page_alone(tmp_path: Path) -> None:
    """Pillow says RuntimeError there, and only there."""
    content = bytearray(image_bytes("AVIF"))
    content[-200:-100] = bytes(100)
    (page,) = decode_pages(scanned(tmp_path, {"1.avif": bytes(content)}))
    assert page.problem.startswith("it cannot be decoded")
    with pytest.raises(PreviewError, match="cannot be decoded"):
        render_preview(page, 10, 10)
    with pytest.raises(MendError, match="cannot be decoded"):
        RECIPE_OF["type-not-accepted"].run(bytes(content), page, LIMITS)


def test_a_large_jpeg_is_looked_at_small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    picture = Image.effect_noise((8, 12), 120).resize((800, 1200), Image.Resampling.BICUBIC)
    (page,) = scanned(tmp_path, {"1.jpg": saved(picture, "JPEG")})
    at_once = decode_page(page)
    monkeypatch.setattr(decoding, "LARGE_PIXELS", 100_000)
    monkeypatch.setattr("tui.chapter.decoders.MOST_PIXELS", 100_000)
    looks = decode_page(page).looks
    assert looks is not None
    assert at_once.looks is not None
    assert (looks.bits ^ at_once.looks.bits).bit_count() < 12


def lying(kind: str) -> bytes:
    """A file that states a small picture first and a large one after it."""
    small, large = image_bytes(kind, (240, 320)), image_bytes(kind, (6000, 5000), mode="L")
    if kind == "PNG":
        return small[:33] + large[8:]
    if kind == "GIF":
        return large[:6] + small[6:10] + large[10:]
    frame = small.index(b"\xff\xc0")
    return small[:2] + small[frame : frame + 19] + large[2:]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF"])
def test_a_picture_of_another_size_than_its_header_says_is_not_decoded(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (page,) = scanned(tmp_path, {"1.png": lying(kind)})
    assert (page.width, page.height, page.problem) == (240, 320, "")
    monkeypatch.setattr(Image.Image, "convert", None)  # nothing gets that far
    problem = "its header states 240 × 320 pixels, the picture behind it 6,000 × 5,000"
    (page,) = decode_pages([page])
    assert page.problem == problem
    assert check_pages([page])[0].message == f"Cannot be read: {problem}."


def test_large_pages_are_decoded_one_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "LARGE_PIXELS", 100)
    monkeypatch.setattr("os.cpu_count", lambda: 4)
    pages = scanned(tmp_path, {f"{number}.png": image_bytes(seed=number) for number in range(4)})
    decode, lock, another = decoding._decode, threading.Lock(), threading.Event()

    def alone(*arguments: Any) -> Page:
        if not lock.acquire(blocking=False):
            another.set()
            return decode(*arguments)
        another.wait(0.05)  # for one that would come meanwhile
        lock.release()
        return decode(*arguments)

    monkeypatch.setattr(decoding, "_decode", alone)
    assert all(page.decoded for page in decode_pages(pages))
    assert not another.is_set()


def test_decoding_can_be_cancelled_also_while_it_waits_for_its_turn(tmp_path: Path) -> None:
    pages = scanned(tmp_path, {"1.png": image_bytes()})
    with pytest.raises(Cancelled):
        decode_pages(pages, cancelled=lambda: True)
    large = replace(pages[0], width=5000, height=5000)
    answers = iter([False, True])
    done = threading.Event()
    busy = decoding._large_ones.submit(done.wait)
    try:
        with pytest.raises(Cancelled):
            decode_page(large, cancelled=lambda: next(answers))
    finally:
        done.set()
        busy.result()


def test_the_same_page_in_another_quality_looks_alike_and_others_do_not(tmp_path: Path) -> None:
    picture = drawing(1)
    files = {
        "1.png": saved(picture, "PNG"),
        "2.jpg": saved(picture.resize((300, 450)), "JPEG", quality=60),
        "3.png": saved(drawing(2), "PNG"),
        "4.png": saved(picture, "PNG"),
    }
    found = check_pages(decode_pages(scanned(tmp_path, files)))
    assert {(one.rule, one.page.rpartition("::")[2]) for one in found if one.page} == {
        ("alike", "2.jpg"),
        ("same-content", "4.png"),
        ("alike", "4.png"),  # like 2.jpg
    }


def test_blank_pages_are_like_no_other(tmp_path: Path) -> None:
    blank = Image.new("L", (300, 400), 250)
    dot = blank.copy()
    dot.putpixel((5, 5), 0)
    files = {"1.png": saved(blank, "PNG"), "2.png": saved(dot, "PNG")}
    pages = decode_pages(scanned(tmp_path, files))
    assert [page.looks for page in pages] == [None, None]
    assert check_pages(pages) == []


def test_what_is_broken_already_is_not_decoded_again(tmp_path: Path) -> None:
    (page,) = scanned(tmp_path, {"1.png": image_bytes()})
    broken = replace(page, problem="no permission")
    assert decode_page(broken) == replace(broken, decoded=True)
