"""Tar and cbt files, plain and packed: good, odd, damaged and hostile ones."""

from __future__ import annotations

import os
import resource
import sys
import tarfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.archives import CHANGED, open_files, pack, use_temporary, write_tar
from tests.support.chapters import image_bytes, write_files, write_zip
from tui.chapter.cancel import Cancelled
from tui.chapter.hashing import hash_pages
from tui.chapter.pages import Page
from tui.chapter.sources import READ_ERRORS, Scan, SourceError, open_page, open_source
from tui.chapter.sources import packings as packings_module
from tui.chapter.sources import tar as tar_module
from tui.chapter.sources import tar_entries as entries_module
from tui.chapter.sources import unpacked as unpacked_module

_LONG = "長い名前" * 20 + "/" + "p" * 120 + " ü.png"
_FILES = {
    "2.png": image_bytes("PNG", (300, 400)),
    "10.jpg": image_bytes("JPEG", (320, 480)),
    "1.gif": image_bytes("GIF", (200, 300)),
    "sub/0.png": image_bytes("PNG", (20, 30)),
    "notes.txt": b"hello",
}
_PNG = _FILES["sub/0.png"]
_PACKINGS = ("", "gz", "bz2", "xz")


def _scan(path: Path) -> Scan:
    return open_source(path).scan()


def _reasons(scan: Scan) -> dict[str, str]:
    return {skipped.name: skipped.reason for skipped in scan.skipped}


def _read(page: Page) -> bytes:
    with open_page(page.location) as stream:
        return stream.read()


def _refused(path: Path) -> SourceError:
    with pytest.raises(SourceError) as caught:
        _scan(path)
    assert caught.value.remedy
    return caught.value


def _link(name: str, kind: bytes, target: str = "2.png") -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, target
    return member


@pytest.mark.parametrize("packing", _PACKINGS)
def test_a_tar_reads_like_its_folder(tmp_path: Path, packing: str) -> None:
    folder = _scan(write_files(tmp_path / "chapter", _FILES))
    archive = _scan(write_tar(tmp_path / "chapter.cbt", _FILES, packing=packing))
    shapes = [
        [(page.name, page.size, page.type, page.width, page.height, page.complete) for page in scan.pages]
        for scan in (archive, folder)
    ]
    assert shapes[0] == shapes[1]
    assert archive.skipped == folder.skipped
    assert [_read(page) for page in archive.pages] == [_FILES[page.name] for page in archive.pages]
    assert [page.sha256 for page in hash_pages(archive.pages)] == [
        page.sha256 for page in hash_pages(folder.pages)
    ]
    assert {page.modified_ns for page in archive.pages} == {CHANGED * 10**9}


@pytest.mark.parametrize("form", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_long_names_in_every_script(tmp_path: Path, form: int) -> None:
    (page,) = _scan(write_tar(tmp_path / "a.tar", {_LONG: _PNG}, format=form)).pages
    assert page.name == _LONG
    assert _read(page) == _PNG


@pytest.mark.parametrize("packing", ["", "gz"])
def test_links_devices_and_junk_are_skipped_with_the_reason(tmp_path: Path, packing: str) -> None:
    more = [
        _link("link.png", tarfile.SYMTYPE, "/etc/passwd"),
        _link("same.png", tarfile.LNKTYPE),
        _link("null.png", tarfile.CHRTYPE),
        _link("pipe.png", tarfile.FIFOTYPE),
        _link("odd.png", b"Q"),
        _link("folder", tarfile.DIRTYPE),
    ]
    files = {"2.png": _PNG, "__MACOSX/._2.png": b"x", "../../up.png": _PNG, "inside.cbz": b"PK"}
    scan = _scan(write_tar(tmp_path / "a.cbt", files, packing=packing, more=more))
    assert [page.name for page in scan.pages] == ["2.png"]
    reasons = _reasons(scan)
    assert reasons["link.png"] == reasons["same.png"] == "a link, not a file"
    assert reasons["null.png"] == "a device, not a file"
    assert reasons["pipe.png"] == "a pipe, not a file"
    assert reasons["odd.png"] == "not a regular file"
    assert reasons["../../up.png"] == "its name leads outside the archive"
    assert reasons["inside.cbz"] == "an archive inside the source"
    assert "__MACOSX/._2.png" in reasons


@pytest.mark.parametrize("packing", ["", "gz"])
def test_nothing_is_ever_written_by_a_members_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, packing: str
) -> None:
    for folder in ("here", "temporary"):
        (tmp_path / folder).mkdir()
    monkeypatch.chdir(tmp_path / "here")
    use_temporary(monkeypatch, tmp_path / "temporary")
    names = ("/abs.png", "./in.png", "a//b.png", "C:\\x\\y.png", "-rf.png")
    path = write_tar(tmp_path / "a.cbt", dict.fromkeys(names, _PNG), packing=packing)
    scan = _scan(path)
    assert {page.name for page in scan.pages} == {"/abs.png", "in.png", "a/b.png", "C:/x/y.png", "-rf.png"}
    assert all(_read(page) == _PNG for page in scan.pages)
    assert sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")) == [
        "a.cbt",
        "here",
        "temporary",
    ]


def test_names_may_repeat(tmp_path: Path) -> None:
    other = image_bytes("PNG", (40, 50))
    path = write_tar(tmp_path / "a.cbt", {"1.png": _PNG, "2.png": other})
    path.write_bytes(path.read_bytes().replace(b"2.png", b"1.png").replace(b"2.png", b"1.png"))
    raw = bytearray(path.read_bytes())
    second = 512 + -(-len(_PNG) // 512) * 512
    raw[second : second + 512] = _with_sum(bytes(raw[second : second + 512]))
    path.write_bytes(raw)
    pages = _scan(path).pages
    assert [page.name for page in pages] == ["1.png", "1.png"]
    assert [_read(page) for page in pages] == [_PNG, other]


def _with_sum(header: bytes) -> bytes:
    total = sum(header[:148]) + 8 * 32 + sum(header[156:])
    return header[:148] + b"%06o\0 " % total + header[156:]


@pytest.mark.parametrize("packing", _PACKINGS)
def test_a_tar_cut_short_is_refused(tmp_path: Path, packing: str) -> None:
    path = write_tar(tmp_path / "a.cbt", _FILES, packing=packing)
    path.write_bytes(path.read_bytes()[:4000])
    assert "damaged" in _refused(path).title


@pytest.mark.parametrize("packing", ["gz", "bz2", "xz"])
def test_flipped_bytes_in_a_packed_tar_are_found(tmp_path: Path, packing: str) -> None:
    path = write_tar(tmp_path / "a.cbt", {"1.png": _FILES["2.png"]}, packing=packing)
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 0x10
    path.write_bytes(raw)
    assert "damaged" in _refused(path).title


def test_only_the_checksum_at_the_end_is_wrong(tmp_path: Path) -> None:
    path = write_tar(tmp_path / "a.tgz", {"1.png": _PNG}, packing="gz")
    raw = bytearray(path.read_bytes())
    raw[-6] ^= 1
    path.write_bytes(raw)
    assert "CRC" in _refused(path).title


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "it is empty"),
        (b"x" * 100, "it is no tar"),
        (b"x" * 2000, "it is no tar"),
        (b"\x1f\x8b\x08" + b"x" * 40, "damaged"),
        (pack(b"x" * 2000, "gz"), "it is no tar"),
    ],
    ids=["empty", "short", "long", "broken gzip", "gzip of something else"],
)
def test_what_is_no_tar_is_said_in_words(tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "a.cbt").write_bytes(content)
    assert words in _refused(tmp_path / "a.cbt").title


def _pax(content: bytes, *, claimed: int | None = None, kind: bytes = b"x") -> bytes:
    member = tarfile.TarInfo("head")
    member.type, member.size = kind, len(content) if claimed is None else claimed
    return member.tobuf(tarfile.USTAR_FORMAT) + content + bytes(-len(content) % 512)


@pytest.mark.parametrize(
    ("head", "words"),
    [
        (_pax(b"x", claimed=2**32), "longer than any system"),
        (_pax(b"", claimed=2**32, kind=b"L"), "longer than any system"),
        (_pax(b"9 path=a\n") * 20, "longer than any system"),
        (_pax(b"9 path=a\n", claimed=900) + b"", "damaged"),
        (_pax(b"9999 path=a\n"), "header of names in it is damaged"),
        (_pax(b"0 path=a\n"), "header of names in it is damaged"),
        (_pax(b"x path=a\n"), "header of names in it is damaged"),
        (_pax(b"11 size=-1\n"), "header of names in it is damaged"),
        (_pax(b"11 size=1x\n"), "header of names in it is damaged"),
        (_pax(b"25 size=9999999999999999\n"), "cut short"),
    ],
)
def test_headers_that_were_made_to_do_harm(tmp_path: Path, head: bytes, words: str) -> None:
    good = write_tar(tmp_path / "good.tar", {"1.png": _PNG}).read_bytes()
    (tmp_path / "a.cbt").write_bytes(head + good)
    assert words in _refused(tmp_path / "a.cbt").title


def test_impossible_times_are_none(tmp_path: Path) -> None:
    good = write_tar(tmp_path / "good.tar", {"1.png": _PNG}).read_bytes()
    for number, stated in enumerate(("nan", "inf", "1e300")):
        record = f"{len(stated) + 10} mtime={stated}\n".encode()
        assert len(record) in (len(stated) + 9, len(stated) + 10)
        record = (
            f"{len(record) if len(record) == len(stated) + 10 else len(stated) + 9} mtime={stated}\n".encode()
        )
        path = tmp_path / f"{number}.cbt"
        path.write_bytes(_pax(record) + good)
        assert [page.modified_ns for page in _scan(path).pages] == [0]


def test_a_crowd_of_members_or_of_folders_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tar_module, "MOST_FILES", 3)
    monkeypatch.setattr(unpacked_module, "MOST_FILES", 3)
    for packing in ("", "gz"):
        path = write_tar(tmp_path / f"a{packing}.cbt", dict.fromkeys("abcd", b"x"), packing=packing)
        assert "more than" in _refused(path).title
    monkeypatch.setattr(entries_module, "_MOST_BLOCKS", 10)
    folders = [_link(f"{number}", tarfile.DIRTYPE) for number in range(20)]
    assert "more folders" in _refused(write_tar(tmp_path / "b.cbt", {}, more=folders)).title


@pytest.mark.parametrize("packing", ["gz", "bz2", "xz"])
def test_a_bomb_is_refused_before_it_fills_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, packing: str
) -> None:
    monkeypatch.setattr(unpacked_module, "_ALWAYS_ALLOWED", 1_000_000)
    monkeypatch.setattr(unpacked_module, "_HIGHEST_RATIO", 2)
    written = 0
    write = unpacked_module.Spool.write

    def counted(self: unpacked_module.Spool, content: bytes) -> None:
        nonlocal written
        write(self, content)
        written += len(content)

    monkeypatch.setattr(unpacked_module.Spool, "write", counted)
    path = write_tar(tmp_path / "a.cbt", {"1.png": bytes(8_000_000)}, packing=packing)
    assert "unpacks to more than" in _refused(path).title
    assert written <= 1_000_000


def test_what_is_skipped_in_a_bomb_counts_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacked_module, "_ALWAYS_ALLOWED", 1_000_000)
    monkeypatch.setattr(tar_module, "HEADERS", 1_000_000)
    path = write_tar(tmp_path / "a.cbt", {"Thumbs.db": bytes(8_000_000)}, packing="bz2")
    assert "unpacks to more than" in _refused(path).title


def test_xz_gets_no_more_memory_than_it_may_have(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packings_module, "_XZ_MEMORY", 1_000_000)
    path = write_tar(tmp_path / "a.cbt", {"1.png": _PNG}, packing="xz")  # its dictionary alone has 8 MB
    assert "emory" in _refused(path).title


def test_xz_in_several_parts_with_zeros_between_and_behind(tmp_path: Path) -> None:
    plain = write_tar(tmp_path / "a.tar", {"1.png": _PNG}).read_bytes()
    parts = pack(plain[:700], "xz") + bytes(8) + pack(plain[700:], "xz") + bytes(4)
    (tmp_path / "b.txz").write_bytes(parts)
    (page,) = _scan(tmp_path / "b.txz").pages
    assert _read(page) == _PNG


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="this Python knows zstd")
def test_zstd_says_which_python_it_needs(tmp_path: Path) -> None:
    (tmp_path / "a.tar.zst").write_bytes(b"\x28\xb5\x2f\xfd" + bytes(100))
    assert "Python 3.14" in _refused(tmp_path / "a.tar.zst").title


def test_the_content_counts_and_not_the_ending(tmp_path: Path) -> None:
    tar = write_tar(tmp_path / "really a tar.cbz", {"1.png": _PNG})
    packed = write_zip(tmp_path / "really a zip.cbt", {"1.png": _PNG})
    for path in (tar, packed):
        (page,) = _scan(path).pages
        assert _read(page) == _PNG


def test_a_packed_tar_is_unpacked_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_tar(tmp_path / "a.cbt", _FILES, packing="gz")
    pages = _scan(path).pages

    def fail(*_: object) -> None:
        raise AssertionError("unpacked again")

    monkeypatch.setattr(tar_module, "spool_tar", fail)
    assert [_read(page) for page in pages] == [_FILES[page.name] for page in pages]
    assert _scan(path).pages == pages


@pytest.mark.parametrize("packing", ["", "gz"])
def test_an_archive_that_changes_is_noticed(tmp_path: Path, packing: str) -> None:
    path = write_tar(tmp_path / "a.cbt", {"1.png": _PNG, "2.png": _PNG}, packing=packing)
    pages = _scan(path).pages
    write_tar(path, {"0.png": _PNG, "1.png": _PNG}, packing=packing)
    with pytest.raises(OSError, match="no longer at its place"):
        _read(pages[0])
    path.unlink()
    with pytest.raises(READ_ERRORS):
        _read(pages[0])


def test_streams_are_independent_and_nothing_stays_open(tmp_path: Path) -> None:
    path = write_tar(tmp_path / "a.cbt", {"1.png": _PNG, "2.png": _FILES["2.png"]})
    pages = _scan(path).pages
    before = open_files() if sys.platform == "linux" else 0
    with open_page(pages[0].location) as one, open_page(pages[1].location) as other:
        assert one.read(10) == _PNG[:10]
        assert other.read(10) == _FILES["2.png"][:10]
        assert one.read() == _PNG[10:]
        assert one.seek(-4, os.SEEK_END) == len(_PNG) - 4
        assert one.read() == _PNG[-4:]
    if sys.platform == "linux":
        assert open_files() == before


@pytest.mark.skipif(sys.platform != "linux", reason="counts the files in /proc")
def test_unpacked_archives_are_let_go(tmp_path: Path) -> None:
    before = open_files()
    for number in range(12):
        _scan(write_tar(tmp_path / f"{number}.cbt", {"1.png": _PNG}, packing="gz"))
    assert open_files() <= before + 4


def test_no_room_and_no_folder_for_unpacking_are_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_tar(tmp_path / "a.cbt", {"1.png": _FILES["2.png"]}, packing="gz")
    use_temporary(monkeypatch, tmp_path / "missing")
    assert f"cannot be unpacked into {tmp_path / 'missing'}" in _refused(path).title
    use_temporary(monkeypatch, tmp_path)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8192, hard))
    try:
        found = _refused(path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert "too large" in found.title
    assert "TMPDIR" in found.remedy
    assert len(_scan(path).pages) == 1, "the next attempt starts anew"


@pytest.mark.parametrize("packing", ["", "gz"])
def test_progress_and_cancelling(tmp_path: Path, packing: str) -> None:
    path = write_tar(tmp_path / "a.cbt", dict.fromkeys(("1.png", "2.png", "3.png"), _PNG), packing=packing)
    told: list[tuple[int, int]] = []
    with pytest.raises(Cancelled):
        open_source(path).scan(cancelled=lambda: True)
    open_source(path).scan(on_progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (3, 3)
    assert all(done <= total for done, total in told)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(flips=st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 255)), min_size=1, max_size=6))
def test_flipped_bytes_end_in_pages_or_a_source_error(tmp_path: Path, flips: list[tuple[int, int]]) -> None:
    raw = bytearray(write_tar(tmp_path / "good.tar", {_LONG: _PNG, "2.png": _PNG}).read_bytes())
    for place, value in flips:
        raw[place] = value
    path = tmp_path / "a.cbt"
    path.write_bytes(raw)
    try:
        for page in _scan(path).pages:
            _read(page)
    except READ_ERRORS:
        pass
