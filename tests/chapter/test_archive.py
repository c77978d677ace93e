"""Zip and cbz files: good, odd, damaged and hostile ones."""

from __future__ import annotations

import io
import os
import stat
import struct
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.chapters import image_bytes, write_files, write_zip
from tui.chapter.cancel import Cancelled
from tui.chapter.checks import check_pages
from tui.chapter.hashing import hash_page, hash_pages
from tui.chapter.pages import ImageType, Page, PageLocation
from tui.chapter.sources import READ_ERRORS, Scan, SourceError, open_page, open_source
from tui.chapter.sources import zip_directory as directory_module
from tui.chapter.sources.zip_directory import directory_size

_FILES = {
    "2.png": image_bytes("PNG", (300, 400)),
    "10.jpg": image_bytes("JPEG", (640, 960)),
    "1.gif": image_bytes("GIF", (200, 300)),
    "notes.txt": b"hello",
    "003": image_bytes("PNG", (20, 30)),
}


def _scan(path: Path) -> Scan:
    return open_source(path).scan()


def _reasons(scan: Scan) -> dict[str, str]:
    return {skipped.name: skipped.reason for skipped in scan.skipped}


def _read(page: Page) -> bytes:
    with open_page(page.location) as stream:
        return stream.read()


@pytest.mark.parametrize("packed", [False, True])
def test_an_archive_reads_like_its_folder(tmp_path: Path, packed: bool) -> None:
    folder = _scan(write_files(tmp_path / "chapter", _FILES))
    archive = _scan(write_zip(tmp_path / "chapter.cbz", _FILES, packed=packed))
    shape = [
        (page.name, page.size, page.type, page.width, page.height, page.complete) for page in folder.pages
    ]
    assert [
        (page.name, page.size, page.type, page.width, page.height, page.complete) for page in archive.pages
    ] == shape
    assert archive.skipped == folder.skipped
    assert [_read(page) for page in archive.pages] == [_FILES[page.name] for page in archive.pages]
    assert [page.sha256 for page in hash_pages(archive.pages)] == [
        page.sha256 for page in hash_pages(folder.pages)
    ]


@pytest.mark.parametrize("packed", [False, True])
def test_cut_images_inside_are_found(tmp_path: Path, packed: bool) -> None:
    cut = {name: content[: len(content) // 2] for name, content in _FILES.items() if "." in name}
    pages = _scan(write_zip(tmp_path / "a.zip", cut, packed=packed)).pages
    assert [page.complete for page in pages] == [False] * 3


def test_junk_folders_links_and_archives_inside(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.mkdir("ch1")
        for name in ("ch1/1.png", "__MACOSX/ch1/._1.png", "ch1/.x.png", "Thumbs.db", "ch1\\2.png"):
            archive.writestr(name, _FILES["2.png"])
        archive.writestr("inner.zip", b"PK\x05\x06" + bytes(18))
        link = zipfile.ZipInfo("3.png")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    scan = _scan(path)
    assert [page.name for page in scan.pages] == ["ch1/1.png", "ch1/2.png"]
    assert _reasons(scan) == {
        "__MACOSX/ch1/._1.png": "macOS leftovers",
        "ch1/.x.png": "hidden",
        "Thumbs.db": "left there by the operating system",
        "inner.zip": "an archive inside the source",
        "3.png": "a link, not a file",
    }


def test_nothing_is_ever_written_by_a_members_name(tmp_path: Path) -> None:
    names = ["../1.png", "/tmp/dexup-was-here.png", "..\\..\\2.png", "C:\\3.png", "a/../../4.png"]
    path = write_zip(tmp_path / "a.zip", dict.fromkeys(names, _FILES["2.png"]))
    scan = _scan(path)
    pages = hash_pages(scan.pages)
    assert all(page.sha256 for page in pages)
    notes = [finding.page for finding in check_pages(pages) if finding.rule == "absolute-name"]
    assert notes == [page.key for page in pages]
    assert _reasons(scan) == dict.fromkeys(
        ("../1.png", "../../2.png", "a/../../4.png"), "its name leads outside the archive"
    )
    assert sorted(tmp_path.rglob("*")) == [path]
    assert not Path("/tmp/dexup-was-here.png").exists()


def test_names_may_repeat(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("1.png", _FILES["2.png"])
        archive.writestr("1.png", _FILES["003"])
    pages = _scan(path).pages
    assert [_read(page) for page in pages] == [_FILES["2.png"], _FILES["003"]]
    assert len({page.key for page in pages}) == 2


def _rename(path: Path, old: bytes, new: bytes) -> None:
    """Another name of the same length, in both headers, without the UTF-8 mark."""
    path.write_bytes(path.read_bytes().replace(old, new))


@pytest.mark.parametrize("name", ["ページ1.png", "é1.png"])
def test_names_in_utf8_without_the_mark(tmp_path: Path, name: str) -> None:
    raw = name.encode()
    path = write_zip(tmp_path / "a.zip", {"x" * len(raw): _FILES["2.png"]})
    _rename(path, b"x" * len(raw), raw)
    page = _scan(path).pages[0]
    assert page.name == name
    assert _read(page) == _FILES["2.png"]


def test_japanese_names_from_windows(tmp_path: Path) -> None:
    raw = "表紙１.png".encode("cp932")
    path = write_zip(tmp_path / "a.zip", {"x" * len(raw): _FILES["2.png"]})
    _rename(path, b"x" * len(raw), raw)
    assert _scan(path).pages[0].name == "表紙１.png"


def test_a_wrong_checksum_is_an_entry(tmp_path: Path) -> None:
    for packed in (False, True):
        path = write_zip(
            tmp_path / f"{packed}.zip", {"1.png": _FILES["2.png"], "2.png": _FILES["2.png"]}, packed=packed
        )
        content = bytearray(path.read_bytes())
        with zipfile.ZipFile(path) as archive:
            place = archive.infolist()[0].header_offset + 30 + 5
        if packed:
            # The checksum in the table, so that the bytes still unpack.
            place = content.index(b"PK\x01\x02") + 16
        else:
            place += 200
        content[place] ^= 0xFF
        path.write_bytes(content)
        hashed = hash_pages(_scan(path).pages)
        assert [bool(page.problem) for page in hashed] == [True, False]
        assert "checksum" in hashed[0].problem
        assert hashed[0].sha256 == ""


@pytest.mark.parametrize("packing", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_packed_bytes_that_are_damaged_are_an_entry(tmp_path: Path, packing: int) -> None:
    """Each packing has errors of its own; that of xz comes only where its stream contradicts itself."""
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", packing) as archive:
        archive.writestr("1.png", _FILES["2.png"])
        archive.writestr("2.png", _FILES["2.png"])
    content = bytearray(path.read_bytes())
    content[30 + 5 + 9 : 30 + 5 + 60] = b"\xff" * 51
    path.write_bytes(content)
    first, second = hash_pages(_scan(path).pages)
    assert (first.sha256, second.problem) == ("", "")
    assert first.problem


def test_locked_members_are_entries(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", {"1.png": _FILES["2.png"], "2.png": _FILES["2.png"]})
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    pages = _scan(path).pages
    assert [page.problem for page in pages] == ["it is locked with a password", ""]
    assert "password" in hash_page(pages[0]).problem
    content[content.rindex(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    with pytest.raises(SourceError, match="locked with a password"):
        _scan(path)


def test_an_unknown_packing_is_an_entry(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", {"1.png": _FILES["2.png"]}, packed=True)
    content = bytearray(path.read_bytes())
    struct.pack_into("<H", content, content.index(b"PK\x01\x02") + 10, 9)
    path.write_bytes(content)
    assert "not supported" in _scan(path).pages[0].problem


@pytest.mark.parametrize("claimed", [3_000_000_000, 5_000_000])
def test_a_bomb_is_never_unpacked(tmp_path: Path, claimed: int) -> None:
    path = write_zip(tmp_path / "a.zip", {"1.png": bytes(100), "2.png": _FILES["2.png"]}, packed=True)
    content = bytearray(path.read_bytes())
    struct.pack_into("<I", content, content.index(b"PK\x01\x02") + 24, claimed)
    path.write_bytes(content)
    pages = _scan(path).pages
    assert [bool(page.problem) for page in pages] == [True, False]
    assert "more than is possible" in pages[0].problem


def test_members_that_lie_about_their_size_are_bounded(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", {"1.png": _FILES["2.png"]}, packed=True)
    content = bytearray(path.read_bytes())
    struct.pack_into("<I", content, content.index(b"PK\x01\x02") + 24, 100)
    path.write_bytes(content)
    page = _scan(path).pages[0]
    assert page.problem
    assert page.size == 100


def test_more_than_any_chapter_is_refused(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", {"1.png": bytes(10), "2.png": bytes(10)}, packed=True)
    content = bytearray(path.read_bytes())
    for found in range(2):
        place = content.index(b"PK\x01\x02", 0 if found == 0 else content.index(b"PK\x01\x02") + 4)
        struct.pack_into("<I", content, place + 24, 3_000_000_000)
    path.write_bytes(content)
    with pytest.raises(SourceError, match=r"unpacks to 6\.0 GB"):
        _scan(path)


def test_overlapping_members_are_refused(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", {f"{number}.png": _FILES["2.png"] for number in range(3)})
    content = bytearray(path.read_bytes())
    place = -1
    for _ in range(3):
        place = content.index(b"PK\x01\x02", place + 1)
        struct.pack_into("<III", content, place + 16, 0, len(content), len(content))
    path.write_bytes(content)
    with pytest.raises(SourceError, match="overlap"):
        _scan(path)


def test_a_crowd_of_members_is_refused_before_the_table_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_zip(tmp_path / "a.zip", {f"{number}.png": b"" for number in range(50)})
    monkeypatch.setattr(directory_module, "_LARGEST_DIRECTORY", 50 * 40)
    monkeypatch.setattr(zipfile, "ZipFile", None)
    with pytest.raises(SourceError, match="more than 20,000"):
        _scan(path)


def test_a_crowd_of_short_members_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_zip(tmp_path / "a.zip", {f"{number}.png": b"" for number in range(50)})
    monkeypatch.setattr(directory_module, "MOST_FILES", 49)
    with pytest.raises(SourceError, match="more than 49"):
        _scan(path)


@pytest.mark.parametrize("comment", [b"", b"a comment", b"x" * 65535])
@pytest.mark.parametrize("large", [False, True])
def test_the_size_of_the_table_is_found_as_zipfile_finds_it(
    tmp_path: Path, comment: bytes, large: bool
) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        if large:
            archive.writestr("0.png", b"x")
            # More members than the plain end record can count make zipfile write the large one.
            info = archive.infolist()[0]
            archive.filelist.extend([info] * 0xFFFF)
        else:
            archive.writestr("0.png", b"x")
        archive.comment = comment
    with path.open("rb") as raw:
        end = zipfile._EndRecData(raw)  # type: ignore[attr-defined]
        assert directory_size(raw) == end[5]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "this is an empty file."),
        (b"<!DOCTYPE html>", "this is a web page (HTML)."),
        (b"\xff\xfe", "File is not a zip file."),
        (b"PK\x03\x04" + bytes(200), "it was cut short"),
        (b"PK\x05\x06" + b"\xff" * 18, ""),
    ],
)
def test_what_is_no_zip_is_said_in_words(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "a.cbz"
    path.write_bytes(content)
    with pytest.raises(SourceError) as caught:
        _scan(path)
    assert "damaged" in caught.value.title
    assert words in caught.value.title
    assert "\n" not in caught.value.title


def test_an_archive_cut_short(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.cbz", _FILES)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(SourceError, match="damaged"):
        _scan(path)


def test_comic_info_at_the_root_counts(tmp_path: Path) -> None:
    files = {
        "sub/ComicInfo.xml": b"<ComicInfo/>",
        "comicinfo.XML": b"<ComicInfo><Number>3</Number></ComicInfo>",
    }
    assert _scan(write_zip(tmp_path / "a.zip", files | _FILES)).comic_info == files["comicinfo.XML"]


def test_a_giant_comic_info_is_skipped(tmp_path: Path) -> None:
    files = {"ComicInfo.xml": b"<ComicInfo>" + os.urandom(1024 * 1024) + b"</ComicInfo>"}
    scan = _scan(write_zip(tmp_path / "a.zip", files | _FILES, packed=True))
    assert scan.comic_info is None
    assert "larger than 1 MiB" in _reasons(scan)["ComicInfo.xml"]


def test_an_archive_that_changes_is_noticed(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.cbz", _FILES)
    pages = _scan(path).pages
    with pytest.raises(READ_ERRORS):
        open_page(PageLocation(path, "2.png", 4))
    write_zip(path, {"other.png": _FILES["2.png"]} | _FILES)
    assert "no longer at its place" in hash_page(pages[0]).problem
    path.unlink()
    assert "cannot be read" in hash_page(pages[0]).problem


def test_streams_are_independent_and_close_their_file(tmp_path: Path) -> None:
    pages = _scan(write_zip(tmp_path / "a.cbz", _FILES, packed=True)).pages
    before = len(list(Path("/proc/self/fd").iterdir()))
    first, second = open_page(pages[0].location), open_page(pages[1].location)
    halves = first.read(10), second.read(10)
    assert halves[0] + first.read() == _FILES[pages[0].name]
    assert halves[1] + second.read() == _FILES[pages[1].name]
    first.close()
    second.close()
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_times_are_those_of_the_directory(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(zipfile.ZipInfo("1.png", (2024, 5, 6, 7, 8, 10)), _FILES["2.png"])
        archive.writestr(zipfile.ZipInfo("2.png", (1980, 0, 0, 0, 0, 0)), _FILES["2.png"])
    assert [page.modified_ns for page in _scan(path).pages] == [1_714_979_290 * 10**9, 0]


def test_progress_and_cancelling(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", {"1.png": _FILES["2.png"], "2.png": _FILES["2.png"]})
    told: list[tuple[int, int]] = []
    open_source(path).scan(on_progress=lambda done, total: told.append((done, total)))
    assert told == [(0, 2), (1, 2), (2, 2)]
    with pytest.raises(Cancelled):
        open_source(path).scan(cancelled=lambda: True)
    with pytest.raises(Cancelled):
        hash_pages(open_source(path).scan().pages, cancelled=lambda: True)


def test_large_packed_members_are_looked_at_without_unpacking_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tui.chapter.sources import archive as archive_module

    monkeypatch.setattr(archive_module, "_LARGEST_READ", 1000)
    page = _scan(write_zip(tmp_path / "a.zip", {"1.png": _FILES["2.png"]}, packed=True)).pages[0]
    assert (page.type, page.width, page.complete) == (ImageType.PNG, 300, True)


_BASE = io.BytesIO()
with zipfile.ZipFile(_BASE, "w", zipfile.ZIP_DEFLATED) as _archive:
    _archive.writestr("1.png", image_bytes("PNG", (20, 20)))
    _archive.writestr("ComicInfo.xml", b"<ComicInfo/>")
    _archive.writestr("2.jpg", image_bytes("JPEG", (20, 20)))


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), min_size=1, max_size=8))
def test_flipped_bytes_end_in_pages_or_a_source_error(tmp_path: Path, flips: list[tuple[int, int]]) -> None:
    content = bytearray(_BASE.getvalue())
    for place, value in flips:
        content[place % len(content)] = value
    path = tmp_path / "a.cbz"
    path.write_bytes(content)
    try:
        scan = _scan(path)
    except SourceError as error:
        assert error.title
        return
    for page in hash_pages(scan.pages):
        assert page.sha256 or page.problem
