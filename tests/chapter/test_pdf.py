"""Pdf files: images taken as they are, pages drawn, and a reader that may fail."""

from __future__ import annotations

import io
import sys
import zlib
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from tests.support.archives import jpeg_image, pdf_bytes, use_temporary, write_script
from tests.support.chapters import image_bytes
from tui.chapter.cancel import Cancelled
from tui.chapter.pages import ImageType, Page
from tui.chapter.places import Facts, look_into
from tui.chapter.sources import READ_ERRORS, Scan, SourceError, open_page, open_source

pytest.importorskip("pypdfium2", reason="the extra pdf is not installed here")

_SIZE = (240, 320)
_JPEG = image_bytes("JPEG", _SIZE, seed=5)
_FULL = b"q 240 0 0 320 0 0 cm /I0 Do Q"


def _write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def _scan(path: Path) -> Scan:
    return open_source(path).scan()


def _read(page: Page) -> bytes:
    with open_page(page.location) as stream:
        return stream.read()


def _picture(page: Page) -> Image.Image:
    return Image.open(io.BytesIO(_read(page)))


def _refused(path: Path) -> SourceError:
    with pytest.raises(SourceError) as caught:
        _scan(path)
    return caught.value


def _pixels(width: int, height: int, keys: str, content: bytes) -> bytes:
    return f"/Width {width} /Height {height} /Filter /FlateDecode {keys}\n".encode() + zlib.compress(content)


def _alike(one: Image.Image, other: Image.Image, *, most: int) -> bool:
    bounds = ImageChops.difference(one.convert("L"), other.convert("L")).getextrema()
    return one.size == other.size and isinstance(bounds[1], int) and bounds[1] <= most


def test_pages_that_are_one_image_give_that_image(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "temporary").mkdir()
    use_temporary(monkeypatch, tmp_path / "temporary")
    grey = Image.effect_noise((120, 160), 80)
    colour = Image.merge("RGB", [Image.effect_noise((163, 201), 80) for _ in range(3)])
    images = [
        jpeg_image(_JPEG, _SIZE),
        _pixels(120, 160, "/ColorSpace /DeviceGray", grey.tobytes()),
        _pixels(163, 201, "/ColorSpace /DeviceRGB", colour.tobytes()),
    ]
    hidden = b"BT /F1 12 Tf 3 Tr 20 20 Td (words to search for) Tj ET"
    pages = [
        ("", _FULL),
        ("", b"q 240 0 0 320 0 0 cm /I1 Do Q"),
        ("/MediaBox [0 0 40.2 49.6] ", b"q 40.2 0 0 49.6 0 0 cm /I2 Do Q"),
        ("", _FULL + hidden),
    ]
    scan = _scan(_write(tmp_path / "本 -x *.pdf", pdf_bytes(pages, images=images)))
    assert [(page.name, page.type) for page in scan.pages] == [
        ("0001.jpg", ImageType.JPEG),
        ("0002.png", ImageType.PNG),
        ("0003.png", ImageType.PNG),
        ("0004.jpg", ImageType.JPEG),
    ]
    assert _read(scan.pages[0]) == _read(scan.pages[3]) == _JPEG
    assert _picture(scan.pages[1]).tobytes() == grey.tobytes()
    assert _picture(scan.pages[1]).mode == "L"
    assert _picture(scan.pages[2]).tobytes() == colour.tobytes()
    assert list((tmp_path / "temporary").iterdir()) == []


def test_other_pages_are_drawn_at_the_resolution_of_their_image(tmp_path: Path) -> None:
    images = [jpeg_image(_JPEG, _SIZE)]
    note = "/Annots [<< /Type /Annot /Subtype /Square /Rect [0 0 50 50] /C [1 0 0] /F 4 >>] "
    pages = [
        ("", b"1 0 0 RG 10 10 100 100 re S"),
        ("/Rotate 90 ", _FULL),
        ("/MediaBox [0 0 120 160] ", b"q 120 0 0 160 0 0 cm /I0 Do Q 0 g 9 9 40 40 re f"),
        ("", b"q 240 0 0 -320 0 320 cm /I0 Do Q"),
        ("", b"q 120 0 0 160 0 0 cm /I0 Do Q"),
        (note, _FULL),
    ]
    scan = _scan(_write(tmp_path / "a.pdf", pdf_bytes(pages, images=images)))
    assert [page.type for page in scan.pages] == [ImageType.PNG] * 6
    drawn = [_picture(page) for page in scan.pages]
    jpeg = Image.open(io.BytesIO(_JPEG))
    assert drawn[0].size == (1000, 1334), "300 dots an inch"
    assert drawn[0].mode == "RGB"
    assert _alike(drawn[1], jpeg.transpose(Image.Transpose.ROTATE_270), most=8)
    assert drawn[2].size == (250, 334), "text and lines get 150 dots an inch at the least"
    assert _alike(drawn[3], jpeg.transpose(Image.Transpose.FLIP_TOP_BOTTOM), most=8)
    assert drawn[4].size == (480, 640)


@pytest.mark.parametrize("case", ["negative", "masked", "turned"])
def test_a_jpeg_that_looks_otherwise_alone_is_drawn(tmp_path: Path, case: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    jpeg = image_bytes("JPEG", _SIZE, seed=5, exif=exif) if case == "turned" else _JPEG
    more = {"negative": "/Decode [1 0 1 0 1 0]", "masked": "/Mask [0 0 0 0 0 0]"}.get(case, "")
    path = _write(tmp_path / "a.pdf", pdf_bytes([("", _FULL)], images=[jpeg_image(jpeg, _SIZE, more)]))
    (page,) = _scan(path).pages
    assert page.type is ImageType.PNG
    plain = Image.open(io.BytesIO(_JPEG))
    if case == "turned":
        assert _alike(_picture(page), plain, most=8)
    if case == "negative":
        assert _alike(_picture(page), ImageChops.invert(plain), most=8)


def test_no_page_is_larger_than_can_be_sent(tmp_path: Path) -> None:
    wide = _pixels(20_000, 20_000, "/ColorSpace /DeviceGray", b"\0")
    pages = [("/MediaBox [0 0 9000 20] ", b"0 g 1 1 9 9 re f"), ("", _FULL)]
    scan = _scan(_write(tmp_path / "a.pdf", pdf_bytes(pages, images=[wide])))
    assert (scan.pages[0].width, scan.pages[0].problem) == (9999, "")
    assert scan.pages[1].problem == (
        "this page of the pdf cannot be drawn: an image on it has 20,000 × 20,000 pixels"
    )
    with pytest.raises(READ_ERRORS):
        _read(scan.pages[1])


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"%PDF-1.7\nnothing", "This pdf is damaged, or no pdf at all: "),
        (b"", "This pdf is damaged, or no pdf at all: "),
        (
            pdf_bytes(
                [("", b"")],
                trailer=b"/ID [<00112233445566778899aabbccddeeff> <00112233445566778899aabbccddeeff>] "
                b"/Encrypt << /Filter /Standard /V 1 /R 2 /P -44 /O <%s> /U <%s> >> "
                % (b"11" * 32, b"22" * 32),
            ),
            "This pdf is locked with a password.",
        ),
        (pdf_bytes([("", b"")] * 1001), "This pdf has 1,001 pages; dexup opens those with up to 1,000."),
    ],
    ids=["broken", "empty", "locked", "long"],
)
def test_what_cannot_be_opened_is_said(tmp_path: Path, content: bytes, words: str) -> None:
    found = _refused(_write(tmp_path / "a.pdf", content))
    assert found.title.startswith(words)
    assert "Traceback" not in found.title
    assert found.remedy


@pytest.mark.parametrize(("module", "name"), [("pypdfium2", "pypdfium2"), ("PIL", "pillow")])
def test_a_library_that_is_missing_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: str, name: str
) -> None:
    """As after `pip install dexup` without extras."""
    path = _write(tmp_path / "a.pdf", pdf_bytes([("", b"")]))
    monkeypatch.setitem(sys.modules, module, None)
    found = _refused(path)
    assert found.title == f"Opening a .pdf needs the library {name}, which is not installed."
    assert found.remedy == "Install it with: pip install 'dexup[pdf]'"
    assert look_into(path) == Facts(uncounted=True)


def test_pages_are_counted_without_drawing_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert look_into(_write(tmp_path / "a.pdf", pdf_bytes([("", b"")] * 7))) == Facts(images=7)
    _use_reader(monkeypatch, tmp_path, "echo '{\"count\": 9}'; while :; do sleep 60; done")
    assert look_into(_write(tmp_path / "b.pdf", b"%PDF-1.7")) == Facts(images=9)


def test_nothing_needs_a_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    path = _write(tmp_path / "a.pdf", pdf_bytes([("", _FULL)], images=[jpeg_image(_JPEG, _SIZE)]))
    told: list[tuple[int, int]] = []
    scan = open_source(path).scan(on_progress=lambda done, total: told.append((done, total)))
    assert [_read(page) for page in scan.pages] == [_JPEG]
    assert told == [(0, 1), (1, 1)]


def _use_reader(monkeypatch: pytest.MonkeyPatch, folder: Path, text: str) -> None:
    """A program of shell in place of the reader."""
    monkeypatch.setattr(sys, "executable", str(write_script(folder / "reader", text)))


def test_a_reader_that_falls_leaves_the_pages_it_wrote(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = 'echo \'{"name": "0001.png", "size": 3}\'; printf abc'
    for text, words in (("kill -SEGV $$", "signal 11"), ("exit 0", "ended too early")):
        _use_reader(monkeypatch, tmp_path, f"echo '{{\"count\": 3}}'; {page}; {text}")
        scan = _scan(_write(tmp_path / f"{len(words)}.pdf", b"%PDF-1.7"))
        assert [page.size for page in scan.pages] == [3, 0, 0]
        assert [words in page.problem for page in scan.pages] == [False, True, True]
        _use_reader(monkeypatch, tmp_path, text)
        assert words in _refused(_write(tmp_path / f"{len(words)}b.pdf", b"%PDF-1.7")).title


def test_a_reader_that_never_comes_back_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _use_reader(monkeypatch, tmp_path, "echo '{\"count\": 9}'; while :; do sleep 60; done")
    path = _write(tmp_path / "a.pdf", b"%PDF-1.7")
    told: list[int] = []
    with pytest.raises(Cancelled):
        open_source(path).scan(on_progress=lambda done, _: told.append(done), cancelled=lambda: bool(told))
    assert told == [0]
