"""7z and cb7 files, opened by each program that can."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.support.archives import (
    BSDTAR,
    CHANGED,
    SEVEN_ZIP,
    needs,
    only_programs,
    use_temporary,
    write_script,
    write_seven_zip,
)
from tests.support.chapters import image_bytes, write_files
from tui.chapter.cancel import Cancelled
from tui.chapter.hashing import hash_pages
from tui.chapter.pages import Page
from tui.chapter.places import Facts, look_into
from tui.chapter.sources import READ_ERRORS, Scan, SourceError, open_page, open_source
from tui.chapter.sources import joined as joined_module
from tui.chapter.sources import unpacked as unpacked_module

pytestmark = needs(SEVEN_ZIP, "7zip, which makes the archives,")

_FILES = {
    "2.png": image_bytes("PNG", (300, 400)),
    "10.jpg": image_bytes("JPEG", (320, 480)),
    "-o.gif": image_bytes("GIF", (200, 300)),
    "長い/@list *?[1] ü.png": image_bytes("PNG", (20, 30)),
    "empty.png": b"",
    "notes.txt": b"hello",
    "Thumbs.db": b"x" * 3000,
    "ComicInfo.xml": b"<ComicInfo><Number>5</Number></ComicInfo>",
}
_PNG = image_bytes("PNG", (20, 30))

_OPENERS = [
    pytest.param(SEVEN_ZIP, id="7zip", marks=needs(SEVEN_ZIP, "7zip")),
    pytest.param(BSDTAR, id="bsdtar", marks=needs(BSDTAR, "bsdtar")),
]


def _scan(path: Path) -> Scan:
    return open_source(path).scan()


def _read(page: Page) -> bytes:
    with open_page(page.location) as stream:
        return stream.read()


def _refused(path: Path) -> SourceError:
    with pytest.raises(SourceError) as caught:
        _scan(path)
    return caught.value


@pytest.mark.parametrize("program", _OPENERS)
@pytest.mark.parametrize("solid", ["-ms=on", "-ms=off"])
def test_a_7z_reads_like_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str, solid: str
) -> None:
    folder = write_files(tmp_path / "chapter", _FILES)
    path = write_seven_zip(tmp_path / "-x @a *.cb7", folder, solid)
    (tmp_path / "temporary").mkdir()
    use_temporary(monkeypatch, tmp_path / "temporary")
    only_programs(monkeypatch, tmp_path / "bin", program)
    scan, like = _scan(path), _scan(folder)
    assert [(page.name, page.size, page.type, page.width, page.problem) for page in scan.pages] == [
        (page.name, page.size, page.type, page.width, page.problem) for page in like.pages
    ]
    assert (scan.skipped, scan.comic_info) == (like.skipped, like.comic_info)
    assert [_read(page) for page in scan.pages] == [_FILES[page.name] for page in scan.pages]
    assert [page.sha256 for page in hash_pages(scan.pages)] == [
        page.sha256 for page in hash_pages(like.pages)
    ]
    assert list((tmp_path / "temporary").iterdir()) == []


@pytest.mark.parametrize("program", _OPENERS)
def test_pages_are_counted_where_seven_zip_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    folder = write_files(tmp_path / "chapter", {"1.png": _PNG, "2.png": _PNG, "notes.txt": b"x"})
    path = write_seven_zip(tmp_path / "a.7z", folder)
    locked = write_seven_zip(tmp_path / "b.7z", folder, "-psecret", "-mhe=on")
    only_programs(monkeypatch, tmp_path / "bin", program)
    if program == BSDTAR:
        assert look_into(path) == Facts(uncounted=True)
    else:
        assert look_into(path) == Facts(images=2)
        assert "locked with a password" in look_into(locked).problem


@pytest.mark.parametrize("program", _OPENERS)
def test_links_are_skipped_and_times_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    folder = write_files(tmp_path / "chapter", {"1.png": _PNG, "3.png": _PNG})
    (folder / "2.png").symlink_to("/etc/passwd")
    subprocess.run(["touch", "-d", f"@{CHANGED}", "1.png", "3.png"], cwd=folder, check=True)
    path = write_seven_zip(tmp_path / "a.7z", folder)
    only_programs(monkeypatch, tmp_path / "bin", program)
    scan = _scan(path)
    assert [page.name for page in scan.pages] == ["1.png", "3.png"]
    assert [_read(page) for page in scan.pages] == [_PNG, _PNG]
    assert {page.modified_ns for page in scan.pages} == {CHANGED * 10**9}
    assert [(skipped.name, skipped.reason) for skipped in scan.skipped] == [("2.png", "a link, not a file")]


@pytest.mark.parametrize("program", _OPENERS)
@pytest.mark.parametrize("names", ["-mhe=off", "-mhe=on"])
def test_a_password_is_never_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str, names: str
) -> None:
    folder = write_files(tmp_path / "chapter", {"1.png": _PNG})
    path = write_seven_zip(tmp_path / "a.cb7", folder, "-psecret", names)
    only_programs(monkeypatch, tmp_path / "bin", program)
    found = _refused(path)
    if program == BSDTAR and names == "-mhe=off":
        # libarchive does not say what is wrong with members that it cannot read.
        assert found.title.startswith("This archive is damaged, or no 7z at all: bsdtar: ")
        assert "null" not in found.title
    else:
        assert found.title == "This archive is locked with a password."
        assert "Unpack it" in found.remedy


def test_damage_is_told_for_the_page_that_has_it(tmp_path: Path) -> None:
    folder = write_files(tmp_path / "chapter", {"1.png": _PNG, "2.png": _FILES["2.png"], "3.png": _PNG})
    path = write_seven_zip(tmp_path / "a.cb7", folder, "-mx0", "-ms=off")
    raw = bytearray(path.read_bytes())
    raw[raw.index(_FILES["2.png"]) + 100] ^= 1
    path.write_bytes(raw)
    scan = _scan(path)
    assert [page.problem for page in scan.pages] == [
        "",
        "its checksum is wrong: the bytes are damaged",
        "",
    ]
    with pytest.raises(READ_ERRORS, match="checksum"):
        _read(scan.pages[1])
    assert _read(scan.pages[2]) == _PNG


@pytest.mark.parametrize("program", _OPENERS)
def test_what_is_cut_short_or_no_7z_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    path = write_seven_zip(tmp_path / "a.cb7", write_files(tmp_path / "chapter", {"1.png": _PNG}))
    only_programs(monkeypatch, tmp_path / "bin", program)
    path.write_bytes(path.read_bytes()[:-40])
    found = _refused(path)
    assert found.title.startswith("This archive is damaged, or no 7z at all: ")
    assert "/dexup-archive" not in found.title
    (tmp_path / "b.cb7").write_bytes(b"GIF89a")
    assert "it begins like something else" in _refused(tmp_path / "b.cb7").title


def test_no_program_is_said_with_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_seven_zip(tmp_path / "a.CB7", write_files(tmp_path / "chapter", {"1.png": _PNG}))
    monkeypatch.setenv("PATH", "")
    found = _refused(path)
    assert found.title == "Opening a .cb7 needs the program 7zip or bsdtar, and neither is installed."
    assert "packages 7zip and libarchive-tools" in found.remedy


@pytest.mark.parametrize("program", _OPENERS)
def test_more_than_a_chapter_may_hold_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    folder = write_files(tmp_path / "chapter", {"1.png": bytes(3_000_000), "2.png": _PNG})
    path = write_seven_zip(tmp_path / "a.cb7", folder)
    only_programs(monkeypatch, tmp_path / "bin", program)
    monkeypatch.setattr(unpacked_module, "_ALWAYS_ALLOWED", 1_000_000)
    monkeypatch.setattr(unpacked_module, "_HIGHEST_RATIO", 2)
    assert "unpacks to more than" in _refused(path).title
    for module in (joined_module, unpacked_module):
        monkeypatch.setattr(module, "MOST_FILES", 1)
    monkeypatch.setattr(unpacked_module, "_ALWAYS_ALLOWED", 10_000_000)
    assert "more than 1 files" in _refused(path).title


def test_a_program_that_writes_too_little_leaves_problems_and_no_wrong_pages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_files(tmp_path / "chapter", {"1.png": _PNG, "2.png": _PNG})
    path = write_seven_zip(tmp_path / "a.cb7", folder)
    short = len(_PNG) + 9
    fake = f'case "$1" in l) exec {SEVEN_ZIP} "$@";; esac; {SEVEN_ZIP} "$@" | head -c {short}; exit 2'
    write_script(tmp_path / "bin" / "7zz", fake)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    scan = _scan(path)
    assert [page.problem for page in scan.pages] == ["", "it cannot be unpacked (its bytes end too early)"]
    assert scan.pages[1].size == len(_PNG)
    assert _read(scan.pages[0]) == _PNG


def test_progress_and_cancelling(tmp_path: Path) -> None:
    files = {f"{number}.png": _PNG for number in range(5)}
    path = write_seven_zip(tmp_path / "a.cb7", write_files(tmp_path / "chapter", files))
    with pytest.raises(Cancelled):
        open_source(path).scan(cancelled=lambda: True)
    told: list[tuple[int, int]] = []
    open_source(path).scan(on_progress=lambda done, total: told.append((done, total)))
    assert told[0] == (0, 5)
    assert told[-1] == (5, 5)
