"""Rar and cbr files of both versions, opened by each program that can."""

from __future__ import annotations

import struct
import sys
import zlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.archives import (
    BSDTAR,
    CHANGED,
    UNAR,
    needs,
    only_programs,
    rar4_bytes,
    rar5_bytes,
    use_temporary,
    write_script,
)
from tests.support.chapters import image_bytes, write_files, write_zip
from tui.chapter.cancel import Cancelled
from tui.chapter.pages import Page
from tui.chapter.places import Facts, look_into
from tui.chapter.sources import READ_ERRORS, Scan, SourceError, open_page, open_source
from tui.chapter.sources import joined as joined_module
from tui.chapter.sources import rar as rar_module
from tui.chapter.sources import unpacked as unpacked_module

_FILES = {
    "2.png": image_bytes("PNG", (300, 400)),
    "10.jpg": image_bytes("JPEG", (320, 480)),
    "sub/-o.gif": image_bytes("GIF", (200, 300)),
    "notes.txt": b"hello",
    "Thumbs.db": b"x" * 3000,
}
_PNG = image_bytes("PNG", (20, 30))
_ODD = "長い/@list *?[1] ü.png"

_OPENERS = [
    pytest.param(UNAR, id="unar", marks=needs(UNAR, "unar")),
    pytest.param(BSDTAR, id="bsdtar", marks=needs(BSDTAR, "bsdtar")),
]
_ANY = needs(UNAR or BSDTAR, "unar or bsdtar")


def _scan(path: Path) -> Scan:
    return open_source(path).scan()


def _read(page: Page) -> bytes:
    with open_page(page.location) as stream:
        return stream.read()


def _refused(path: Path) -> SourceError:
    with pytest.raises(SourceError) as caught:
        _scan(path)
    return caught.value


def _write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("program", _OPENERS)
@pytest.mark.parametrize("version", [4, 5])
def test_a_rar_reads_like_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str, version: int
) -> None:
    files = _FILES if version == 4 else _FILES | {_ODD: _PNG}
    path = _write(tmp_path / "-x @a *.cbr", rar4_bytes(files) if version == 4 else rar5_bytes(files))
    (tmp_path / "temporary").mkdir()
    use_temporary(monkeypatch, tmp_path / "temporary")
    only_programs(monkeypatch, tmp_path / "bin", program)
    scan, like = _scan(path), _scan(write_files(tmp_path / "chapter", files))
    assert [(page.name, page.size, page.type, page.width, page.problem) for page in scan.pages] == [
        (page.name, page.size, page.type, page.width, page.problem) for page in like.pages
    ]
    assert scan.skipped == like.skipped
    assert [_read(page) for page in scan.pages] == [files[page.name] for page in scan.pages]
    changed = CHANGED - CHANGED % 86400 if version == 4 else CHANGED
    assert {page.modified_ns for page in scan.pages} == {changed * 10**9}
    assert list((tmp_path / "temporary").iterdir()) == []
    assert look_into(path) == Facts(images=len(scan.pages))


@_ANY
def test_links_and_names_that_lead_outside_are_skipped(tmp_path: Path) -> None:
    files = {"1.png": _PNG, "../../up.png": _PNG, "/abs.png": _PNG}
    path = _write(tmp_path / "a.cbr", rar5_bytes(files, links={"2.png": "/etc/passwd"}))
    scan = _scan(path)
    assert [(page.name, _read(page)) for page in scan.pages] == [("/abs.png", _PNG), ("1.png", _PNG)]
    assert {skipped.name: skipped.reason for skipped in scan.skipped} == {
        "2.png": "a link, not a file",
        "../../up.png": "its name leads outside the archive",
    }


def test_what_needs_a_password_or_other_parts_is_refused(tmp_path: Path) -> None:
    locked = _refused(_write(tmp_path / "a.cbr", rar5_bytes({"1.png": _PNG}, locked=True)))
    assert locked.title == "This archive is locked with a password."
    part = _refused(_write(tmp_path / "b.cbr", rar5_bytes({"1.png": _PNG}, main_flags=1)))
    assert part.title == "This archive is one of several parts."
    assert "Unpack all parts" in part.remedy


@_ANY
def test_damage_is_told_for_the_page_that_has_it(tmp_path: Path) -> None:
    files = {"1.png": _PNG, "2.png": _PNG, "3.png": _PNG}
    scan = _scan(_write(tmp_path / "a.cbr", rar5_bytes(files, wrong_sums=["2.png"])))
    assert [page.problem for page in scan.pages[::2]] == ["", ""]
    assert scan.pages[1].problem
    with pytest.raises(READ_ERRORS):
        _read(scan.pages[1])
    assert _read(scan.pages[2]) == _PNG


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (rar5_bytes(_FILES)[:-2000], "damaged"),
        (b"Rar!\x1a\x07\x01\x00", "damaged"),
        (b"GIF89a", "it begins like something else"),
    ],
)
def test_what_is_cut_short_or_no_rar_is_refused(tmp_path: Path, content: bytes, words: str) -> None:
    found = _refused(_write(tmp_path / "a.cbr", content))
    assert words in found.title
    assert found.remedy


@_ANY
def test_an_old_rar_that_is_cut_short_says_where(tmp_path: Path) -> None:
    """Nothing marks the end of those, but the cut is inside of a file."""
    files = {"1.png": _PNG, "2.png": _FILES["2.png"]}
    scan = _scan(_write(tmp_path / "a.cbr", rar4_bytes(files)[:-2000]))
    assert [bool(page.problem) for page in scan.pages] == [False, True]


def test_the_library_that_is_missing_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As after `pip install dexup` without extras."""
    path = _write(tmp_path / "a.cbr", rar5_bytes(_FILES))
    monkeypatch.setitem(sys.modules, "rarfile", None)
    found = _refused(path)
    assert found.title == "Opening a .cbr needs the library rarfile, which is not installed."
    assert found.remedy == "Install it with: pip install 'dexup[cbr]'"
    assert look_into(path) == Facts(uncounted=True)
    zipped = write_zip(tmp_path / "b.cbr", {"1.png": _PNG})
    assert len(_scan(zipped).pages) == 1, "a cbr that is a zip needs nothing"


def test_no_program_is_said_with_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = _write(tmp_path / "a.rar", rar5_bytes(_FILES))
    monkeypatch.setenv("PATH", "")
    found = _refused(path)
    assert (
        found.title
        == "Opening a .rar needs one of the programs unrar, unar, 7zip or bsdtar, and none is installed."
    )
    assert "packages unar or libarchive-tools" in found.remedy


def test_a_program_that_cannot_is_not_taken_for_a_broken_archive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """7-Zip comes without rar in some systems."""
    path = _write(tmp_path / "a.cbr", rar5_bytes(_FILES))
    write_script(tmp_path / "bin" / "7zz", "echo 'ERROR: Cannot open the file as archive' >&2; exit 2")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    found = _refused(path)
    assert found.title.startswith("This archive cannot be unpacked by 7zz: ")
    assert found.remedy.startswith("Install unrar or unar")


@needs(UNAR, "unar")
def test_the_next_program_is_tried_when_one_writes_something_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _write(tmp_path / "a.cbr", rar5_bytes({"1.png": _PNG, "2.png": _PNG}))
    folder = only_programs(monkeypatch, tmp_path / "bin", UNAR)
    write_script(folder / "unrar", "printf 'something else altogether'")
    scan = _scan(path)
    assert [page.problem for page in scan.pages] == ["", ""]
    (folder / "unar").unlink()
    write_script(folder / "unar", f'{UNAR} "$@" | {{ /usr/bin/head -c {len(_PNG)}; }}')
    other = _write(tmp_path / "b.cbr", rar5_bytes({"1.png": _PNG, "2.png": _FILES["2.png"]}))
    scan = _scan(other)
    assert [bool(page.problem) for page in scan.pages] == [False, True], "the best attempt counts"


def test_more_than_a_chapter_may_hold_is_refused_before_anything_is_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_script(tmp_path / "bin" / "unar", "exit 1")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr(rar_module, "Program", None)
    large = bytes(3_000_000)
    path = _write(tmp_path / "a.cbr", rar5_bytes({"1.png": large}))
    monkeypatch.setattr(unpacked_module, "_ALWAYS_ALLOWED", 1_000_000)
    monkeypatch.setattr(unpacked_module, "_HIGHEST_RATIO", 0)
    assert "unpacks to more than" in _refused(path).title
    monkeypatch.setattr(unpacked_module, "_ALWAYS_ALLOWED", 10_000_000)
    monkeypatch.setattr(joined_module, "MOST_FILES", 1)
    crowd = _write(tmp_path / "b.cbr", rar5_bytes({"1.png": _PNG, "2.png": _PNG}))
    assert "more than" in _refused(crowd).title
    monkeypatch.setattr(rar_module, "_MOST_READS", 20)
    folders = b"".join(_empty_block() for _ in range(50))
    endless = _write(tmp_path / "c.cbr", rar5_bytes({})[:-8] + folders + rar5_bytes({})[-8:])
    assert "more than" in _refused(endless).title
    number = _write(tmp_path / "d.cbr", b"Rar!\x1a\x07\x01\x00" + b"\x80" * 300_000)
    assert "more than" in _refused(number).title, "a number that does not end"
    monkeypatch.undo()
    assert rar_module.table_names(endless) == []


def _empty_block() -> bytes:
    """A header of a folder in a rar of version 5."""
    body = bytes([2, 0, 1, 0, 0, 0, 1, 1]) + b"d"
    head = bytes([len(body)]) + body
    return struct.pack("<I", zlib.crc32(head)) + head


@_ANY
def test_progress_and_cancelling(tmp_path: Path) -> None:
    path = _write(tmp_path / "a.cbr", rar5_bytes({f"{number}.png": _PNG for number in range(5)}))
    with pytest.raises(Cancelled):
        open_source(path).scan(cancelled=lambda: True)
    told: list[tuple[int, int]] = []
    open_source(path).scan(on_progress=lambda done, total: told.append((done, total)))
    assert told[0] == (0, 5)
    assert told[-1] == (5, 5)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    version=st.sampled_from([4, 5]),
    flips=st.lists(st.tuples(st.integers(7, 200), st.integers(0, 255)), min_size=1, max_size=6),
)
def test_a_table_with_flipped_bytes_is_names_or_a_source_error(
    tmp_path: Path, version: int, flips: list[tuple[int, int]]
) -> None:
    """Only what dexup reads itself; a program would be started for each."""
    files = {"1.png": b"x" * 10, "sub/2.png": b"y" * 20, "3.png": b""}
    raw = bytearray(rar4_bytes(files) if version == 4 else rar5_bytes(files, links={"l": "1.png"}))
    for place, value in flips:
        raw[place % len(raw)] = value
    path = _write(tmp_path / "a.cbr", bytes(raw))
    try:
        names = rar_module.table_names(path)
    except SourceError:
        return
    assert names is not None
    assert len(names) <= 4
