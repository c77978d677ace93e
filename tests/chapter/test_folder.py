"""Folders as they are found in the wild."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from tests.support.chapters import image_bytes, write_files
from tui.chapter.cancel import Cancelled
from tui.chapter.pages import ImageType, PageLocation
from tui.chapter.sources import Scan, SourceError, archive_ending, is_archive, open_page, open_source
from tui.chapter.sources import base as source_base
from tui.chapter.sources import folder as folder_module

_PNG = image_bytes("PNG", (300, 400))


def _names(scan: Scan) -> list[str]:
    return [page.name for page in scan.pages]


def _reasons(scan: Scan) -> dict[str, str]:
    return {skipped.name: skipped.reason for skipped in scan.skipped}


def test_pages_come_with_everything_the_headers_tell(tmp_path: Path) -> None:
    jpeg = image_bytes("JPEG", (640, 960))
    write_files(tmp_path, {"2.png": _PNG, "10.jpg": jpeg, "1.gif": image_bytes("GIF")})
    os.utime(tmp_path / "2.png", ns=(5, 1_700_000_000_123_456_789))
    scan = open_source(tmp_path).scan()
    assert _names(scan) == ["1.gif", "2.png", "10.jpg"]
    page = scan.pages[1]
    assert (page.type, page.width, page.height, page.size) == (ImageType.PNG, 300, 400, len(_PNG))
    assert page.modified_ns == 1_700_000_000_123_456_789
    assert page.location == PageLocation(tmp_path, "2.png")
    assert page.sha256 == ""
    with open_page(page.location) as stream:
        assert stream.read() == _PNG


def test_sub_folders_are_part_of_the_order(tmp_path: Path) -> None:
    write_files(tmp_path, {"ch10/1.png": _PNG, "ch2/10.png": _PNG, "ch2/9.png": _PNG, "cover.png": _PNG})
    assert _names(open_source(tmp_path).scan()) == ["ch2/9.png", "ch2/10.png", "ch10/1.png", "cover.png"]


def test_junk_is_listed_with_its_reason(tmp_path: Path) -> None:
    files = ["._1.png", "Thumbs.db", "desktop.ini", ".DS_Store", ".hidden.png", "notes.txt", "extra.zip"]
    write_files(tmp_path, {name: _PNG if name.endswith("png") else b"x" for name in files} | {"1.png": _PNG})
    write_files(tmp_path, {"__MACOSX/2.png": _PNG})
    scan = open_source(tmp_path).scan()
    assert _names(scan) == ["1.png"]
    assert _reasons(scan) == {
        "__MACOSX": "macOS leftovers",
        "._1.png": "macOS leftovers",
        "Thumbs.db": "left there by the operating system",
        "desktop.ini": "left there by the operating system",
        ".DS_Store": "left there by the operating system",
        ".hidden.png": "hidden",
        "notes.txt": "not an image",
        "extra.zip": "an archive inside the source",
    }


def test_what_is_an_image_is_told_by_content(tmp_path: Path) -> None:
    write_files(
        tmp_path,
        {
            "001": _PNG,
            "2.jpg": _PNG,
            "3.PNG": _PNG,
            "4.png": b"<html>",
            "5.png": b"",
            "6": b"",
            "7.png": b"\xfe\1",
        },
    )
    scan = open_source(tmp_path).scan()
    assert [(page.name, page.type) for page in scan.pages] == [
        ("001", ImageType.PNG),
        ("2.jpg", ImageType.PNG),
        ("3.PNG", ImageType.PNG),
        ("4.png", ImageType.UNKNOWN),
        ("5.png", ImageType.UNKNOWN),
        ("7.png", ImageType.UNKNOWN),
    ]
    assert [page.problem for page in scan.pages[3:]] == [
        "a web page (HTML), not an image",
        "the file is empty",
        "not an image of a known kind",
    ]
    assert _reasons(scan) == {"6": "not an image"}


def test_pipes_sockets_and_links_never_hold_up_a_scan(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = write_files(tmp_path / "outside", {"real.png": _PNG})
    folder = write_files(tmp_path / "chapter", {"1.png": _PNG})
    os.mkfifo(folder / "2.png")
    monkeypatch.chdir(folder)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("3.png")
        (folder / "4.png").symlink_to(outside / "real.png")
        (folder / "5.png").symlink_to("nowhere.png")
        (folder / "6.png").symlink_to("/dev/zero")
        (folder / "loop").symlink_to(folder)
        (folder / "self.png").symlink_to("self.png")
        scan = open_source(folder).scan()
    assert [(page.name, bool(page.problem)) for page in scan.pages] == [
        ("1.png", False),
        ("4.png", False),
        ("5.png", True),
        ("self.png", True),
    ]
    assert _reasons(scan) == {
        "2.png": "a pipe, not a file",
        "3.png": "a socket, not a file",
        "6.png": "a device, not a file",
        "loop": "a link to a folder",
    }


def test_a_pipe_that_took_a_pages_place_is_an_error_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "1.png")
    with pytest.raises(OSError, match="not a regular file"):
        open_page(PageLocation(tmp_path, "1.png"))


@pytest.mark.parametrize("member", ["../secret.png", "/etc/passwd", "a/../../b.png"])
def test_a_location_outside_its_folder_is_refused(tmp_path: Path, member: str) -> None:
    with pytest.raises(OSError, match="outside"):
        open_page(PageLocation(tmp_path, member))


def test_unreadable_files_are_entries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_files(tmp_path, {"1.png": _PNG, "2.png": _PNG, "notes": b"x"})
    real = folder_module.open_handle

    def refuse(path: str) -> tuple[int, os.stat_result]:
        if path.endswith(("2.png", "notes")):
            raise PermissionError(13, "Permission denied")
        return real(path)

    # Tests may run as root, whom no permission stops.
    monkeypatch.setattr(folder_module, "open_handle", refuse)
    scan = open_source(tmp_path).scan()
    assert [(page.name, page.problem) for page in scan.pages] == [
        ("1.png", ""),
        ("2.png", "permission denied"),
    ]
    assert _reasons(scan) == {"notes": "cannot be read: permission denied"}


def test_names_that_are_no_text_survive(tmp_path: Path) -> None:
    name = os.fsdecode(b"p\xff\xfe1.png")
    write_files(tmp_path, {name: _PNG, "ページ２.png": _PNG, "[31m\x1b.png": _PNG, " .png": _PNG})
    scan = open_source(tmp_path).scan()
    assert set(_names(scan)) == {name, "ページ２.png", "[31m\x1b.png", " .png"}
    for page in scan.pages:
        with open_page(page.location) as stream:
            assert stream.read() == _PNG


def test_comic_info_is_taken_when_it_can_be_parsed(tmp_path: Path) -> None:
    content = b"<?xml version='1.0'?><ComicInfo><Number>5</Number></ComicInfo>"
    write_files(tmp_path, {"1.png": _PNG, "ComicInfo.xml": content})
    scan = open_source(tmp_path).scan()
    assert scan.comic_info == content
    assert not scan.skipped
    write_files(tmp_path, {"ComicInfo.xml": b"<ComicInfo>"})
    scan = open_source(tmp_path).scan()
    assert scan.comic_info is None
    assert _reasons(scan)["ComicInfo.xml"].startswith("cannot be read: it is not well-formed XML")


def test_progress_and_cancelling(tmp_path: Path) -> None:
    write_files(tmp_path, {f"{number}.png": _PNG for number in range(3)})
    told: list[tuple[int, int]] = []
    open_source(tmp_path).scan(on_progress=lambda done, total: told.append((done, total)))
    assert told == [(0, 3), (1, 3), (2, 3), (3, 3)]
    with pytest.raises(Cancelled):
        open_source(tmp_path).scan(cancelled=lambda: True)


def test_a_folder_of_everything_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert source_base.MOST_FILES == 20_000
    monkeypatch.setattr(folder_module, "MOST_FILES", 5)
    write_files(tmp_path, {f"a/{number}.png": _PNG for number in range(6)})
    with pytest.raises(SourceError, match="more than 5 files"):
        open_source(tmp_path).scan()


def test_folders_too_deep_are_listed(tmp_path: Path) -> None:
    write_files(tmp_path, {"/".join("d" * 20) + "/1.png": _PNG, "1.png": _PNG})
    scan = open_source(tmp_path).scan()
    assert _names(scan) == ["1.png"]
    assert list(_reasons(scan).values()) == ["more than 16 folders deep"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("nothing", "There is no file or folder"),
        ("notes.txt", "not an archive"),
        ("a.epub", "cannot open .epub"),
        ("pipe.zip", "neither a folder nor a file"),
        ("bad\0name", "cannot be read"),
    ],
)
def test_what_cannot_be_a_chapter_is_said_in_words(tmp_path: Path, name: str, words: str) -> None:
    write_files(tmp_path, {"notes.txt": b"x", "a.epub": b"PK"})
    os.mkfifo(tmp_path / "pipe.zip")
    with pytest.raises(SourceError) as caught:
        open_source(tmp_path / name)
    assert words in caught.value.title
    assert caught.value.remedy


def test_a_relative_path_becomes_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_files(tmp_path / "c", {"1.png": _PNG})
    monkeypatch.chdir(tmp_path)
    source = open_source(Path("c"))
    assert source.path == tmp_path / "c"
    assert source.scan().pages[0].location.source == tmp_path / "c"


@pytest.mark.parametrize(
    ("name", "ending"),
    [
        ("a.CBZ", ".cbz"),
        ("a.zip", ".zip"),
        ("a.cbr", ".cbr"),
        ("a.Cb7", ".cb7"),
        ("a.cbt", ".cbt"),
        ("Vol. 1 Ch. 2.tar.GZ", ".tar.gz"),
        ("a.pdf", ".pdf"),
        ("zip", ""),
        (".cbz", ""),
        ("a.gz", ""),
        ("a.cbz.part", ""),
    ],
)
def test_archives_are_told_by_name(name: str, ending: str) -> None:
    assert archive_ending(Path(name)) == ending
    assert is_archive(Path(name)) is bool(ending)
