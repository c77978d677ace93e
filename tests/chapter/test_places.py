import os
import sys
from pathlib import Path

import pytest

from tests.support.chapters import write_zip
from tui.chapter.places import (
    Facts,
    Kind,
    common_start,
    complete_path,
    is_there,
    list_folder,
    look_into,
    nearest_folder,
)
from tui.chapter.typed_paths import begun_anew


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    for name in ("c10", "c2", ".hidden", "Series/c1"):
        (tmp_path / name).mkdir(parents=True)
    for name in ("c2/1.png", "c2/2.JPG", "c2/._1.png", "c2/notes.txt", "Series/c1/1.webp", "cover.png"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "vol1.cbz").write_bytes(b"12345")
    (tmp_path / "readme.txt").write_bytes(b"")
    return tmp_path


def test_folders_come_before_archives_in_natural_order(shelf: Path) -> None:
    listing = list_folder(shelf)
    assert [place.name for place in listing.places] == ["c2", "c10", "Series", "vol1.cbz"]
    assert [place.kind for place in listing.places][-2:] == [Kind.FOLDER, Kind.ARCHIVE]
    assert look_into(listing.places[-1].path).size == 5
    assert (listing.images, listing.hidden) == (1, 1)


def test_hidden_names_are_listed_on_request(shelf: Path) -> None:
    assert ".hidden" in [place.name for place in list_folder(shelf, hidden=True).places]


def test_a_folder_of_images_alone_is_a_chapter(shelf: Path) -> None:
    facts = look_into(shelf / "c2")
    assert (facts.images, facts.is_chapter) == (2, True)


def test_a_folder_with_images_further_down_is_to_be_opened(shelf: Path) -> None:
    facts = look_into(shelf / "Series")
    assert (facts.images, facts.folders, facts.nested, facts.is_chapter) == (0, 1, True, False)
    assert not look_into(shelf).is_chapter


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_may_not_be_read_says_so(shelf: Path) -> None:
    (shelf / "c10").chmod(0)
    try:
        assert look_into(shelf / "c10").problem == "You may not read this folder."
        assert list_folder(shelf / "c10").problem == "You may not read this folder."
    finally:
        (shelf / "c10").chmod(0o700)


def test_a_folder_that_is_gone_and_a_file_say_so(shelf: Path) -> None:
    assert list_folder(shelf / "gone").problem == "This folder is gone."
    assert look_into(shelf / "readme.txt").problem == "This is not a folder."


def test_pages_of_an_archive_are_counted_where_its_table_tells_them(shelf: Path) -> None:
    names = ("1.png", "2.jpg", "__MACOSX/2.jpg", "notes.txt")
    write_zip(shelf / "a.cbz", dict.fromkeys(names, b"x"))
    assert look_into(shelf / "a.cbz") == Facts(images=2)
    assert "damaged" in look_into(shelf / "vol1.cbz").problem
    assert look_into(shelf / "gone.cbz").problem
    (shelf / "a.pdf").write_bytes(b"%PDF-1.7")
    assert "damaged" in look_into(shelf / "a.pdf").problem
    (shelf / "folder.cbz").mkdir()
    assert look_into(shelf / "folder.cbz") == Facts()


def test_reading_stops_when_it_is_cancelled(shelf: Path) -> None:
    assert list_folder(shelf, cancelled=lambda: True).images == 0


def test_a_path_is_completed_as_far_as_it_is_clear(shelf: Path) -> None:
    assert complete_path(f"{shelf}/Ser", shelf) == (f"{shelf}/Series/", ("Series/",))
    text, names = complete_path(f"{shelf}/c", shelf)
    assert (text, names) == (f"{shelf}/c", ("c2/", "c10/"))
    (shelf / "c9.jpg").write_bytes(b"")
    assert "c9.jpg" not in complete_path("c", shelf)[1]
    assert "c9.jpg" in complete_path("c", shelf, images=True)[1]
    assert complete_path("vol", shelf, images=True) == ("vol", ())
    assert complete_path("vol", shelf) == ("vol1.cbz", ("vol1.cbz",))
    assert complete_path(f"{shelf}/nothing", shelf) == (f"{shelf}/nothing", ())
    assert complete_path(f"{shelf}/.h", shelf)[1] == (".hidden/",)


def test_the_home_folder_can_be_typed(shelf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(shelf))
    assert complete_path("~/Ser", Path("/")) == (f"{shelf}/Series/", ("Series/",))


def test_the_nearest_folder_that_is_still_there(shelf: Path) -> None:
    assert nearest_folder(shelf / "gone" / "further") == shelf
    assert is_there(shelf / "vol1.cbz")
    assert not is_there(shelf / "vol1.cbz", folder=True)


def test_the_common_start_of_names() -> None:
    assert common_start(["abc", "abd", "ab"]) == "ab"
    assert common_start(["漢字", "漢"]) == "漢"
    assert common_start(["x"]) == "x"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("/home/me/", "/home/me/"),
        ("/home/me//", "/"),
        ("/home/me//srv/raws", "/srv/raws"),
        ("/home/me//srv//raws", "/srv/raws"),  # a pasted one
        ("//", "/"),
        ("//srv", "/srv"),
        ("/home/me/~/raws", "~/raws"),
        ("/home/me/~old", "/home/me/~old"),
        ("a", "a"),
    ],
)
def test_a_path_typed_behind_another_one(typed: str, meant: str) -> None:
    assert begun_anew(typed) == meant
