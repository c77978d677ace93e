from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.support.chapters import write_zip
from tests.support.hostile import HOSTILE
from tests.support.screens import Host, Messages, lines_of, press, until
from tui.widgets.file_browser import FileBrowser


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    files = (
        "c2/1.png",
        "c2/2.png",
        "c10/1.png",
        "Series/c1/1.png",
        "Series/c2/1.png",
        "empty/x.txt",
        ".dot/1.png",
    )
    for name in files:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    write_zip(tmp_path / "vol1.cbz", {"1.png": b"x", "2.png": b"x", "3.png": b"x", "ComicInfo.xml": b"x"})
    return tmp_path


@asynccontextmanager
async def opened(
    folder: Path, size: tuple[int, int] = (60, 24), recent: tuple[Path, ...] = ()
) -> AsyncIterator[tuple[Pilot[Any], FileBrowser, Messages]]:
    browser = FileBrowser(recent=lambda: list(recent))
    seen = Messages()
    async with Host(browser).run_test(size=size, message_hook=seen) as pilot:
        browser.go_to(folder)
        browser.files.focus()
        await until(pilot, lambda: browser.files.listing is not None)
        await pilot.pause()
        yield pilot, browser, seen


def here(browser: FileBrowser) -> str:
    place = browser.files.cursor_place
    return place.name if place else ""


async def test_folders_and_archives_are_listed_with_what_is_inside(shelf: Path) -> None:
    async with opened(shelf) as (pilot, _, _seen):
        await until(pilot, lambda: "3 images" in "\n".join(lines_of(pilot.app)))
        rows = [" ".join(line.split()) for line in lines_of(pilot.app)[1:7]]
        assert rows[:3] == ["../ folder up", "▸ c2/ 2 images", "c10/ 1 image"]
        assert rows[3:] == ["empty/ empty", "Series/ 2 folders", "vol1.cbz 3 images"]


async def test_all_that_is_shown_is_marked_for_the_queue_at_a_key(shelf: Path) -> None:
    async with opened(shelf) as (pilot, browser, _):
        await press(pilot, "ctrl+a")
        assert {path.name for path in browser.files.marked} == {"c2", "c10", "empty", "Series", "vol1.cbz"}
        await until(pilot, lambda: "5 chapters marked" in "\n".join(lines_of(pilot.app)))
        await press(pilot, "ctrl+a")
        assert not browser.files.marked


async def test_an_archive_that_is_broken_or_must_be_unpacked_to_be_counted(shelf: Path) -> None:
    (shelf / "vol2.cbz").write_bytes(b"12345")
    (shelf / "vol3.tar.gz").write_bytes(b"\x1f\x8b\x08abc")
    async with opened(shelf) as (pilot, _, seen):
        await until(pilot, lambda: "✗ broken" in "\n".join(lines_of(pilot.app)))
        rows = [" ".join(line.split()) for line in lines_of(pilot.app)]
        assert "vol2.cbz ✗ broken" in rows
        assert "vol3.tar.gz 6 B" in rows
        await press(pilot, "G k o")
        taken = [message.path for message in seen.of(FileBrowser.Taken)]
        assert taken == [shelf / "vol2.cbz"], "the scan says what is wrong with it, and what to do"


@pytest.mark.parametrize("size", [(120, 40), (36, 24)])
async def test_enter_takes_a_folder_of_images_and_the_hint_says_so(
    shelf: Path, size: tuple[int, int]
) -> None:
    async with opened(shelf, size) as (pilot, _, seen):
        await until(pilot, lambda: "enter takes this folder: 2 images" in " ".join(lines_of(pilot.app)[-2:]))
        await press(pilot, "enter")
        assert [message.path for message in seen.of(FileBrowser.Taken)] == [shelf / "c2"]


async def test_enter_opens_a_folder_of_chapters_and_o_takes_it_whole(shelf: Path) -> None:
    async with opened(shelf) as (pilot, browser, seen):
        await press(pilot, "j j j")
        await until(pilot, lambda: "enter opens · o takes it whole" in lines_of(pilot.app)[-2])
        await press(pilot, "o")
        assert [message.path for message in seen.of(FileBrowser.Taken)] == [shelf / "Series"]
        await press(pilot, "enter")
        await until(pilot, lambda: here(browser) == "c1")
        await press(pilot, "backspace")
        await until(pilot, lambda: here(browser) == "Series")


async def test_enter_before_anything_is_known_looks_first(shelf: Path) -> None:
    async with opened(shelf) as (pilot, _, seen):
        await press(pilot, "enter")
        await until(pilot, lambda: seen.of(FileBrowser.Taken))
        assert seen.of(FileBrowser.Taken)[0].path == shelf / "c2"


async def test_an_archive_is_taken(shelf: Path) -> None:
    async with opened(shelf) as (pilot, _, seen):
        await press(pilot, "G enter")
        assert [message.path for message in seen.of(FileBrowser.Taken)] == [shelf / "vol1.cbz"]


async def test_inside_a_folder_with_images_the_folder_itself_can_be_taken(shelf: Path) -> None:
    async with opened(shelf / "c2") as (pilot, _, seen):
        assert "./ this folder" in lines_of(pilot.app)[2]
        await press(pilot, "enter")
        assert [message.path for message in seen.of(FileBrowser.Taken)] == [shelf / "c2"]


async def test_a_filter_narrows_as_it_is_typed_and_escape_shows_all(shelf: Path) -> None:
    async with opened(shelf) as (pilot, browser, _):
        await press(pilot, "slash C 1")
        assert browser.files.row_count == 1
        assert here(browser) == "c10"
        await press(pilot, "escape")
        assert browser.files.row_count == 6
        assert browser.files.has_focus
        await press(pilot, "slash z z enter")
        assert "No name contains this." in "\n".join(lines_of(pilot.app))
        await press(pilot, "down up escape j k")
        assert browser.files.row_count == 6


async def test_enter_in_the_filter_opens_what_the_arrows_chose(shelf: Path) -> None:
    async with opened(shelf) as (pilot, browser, seen):
        await press(pilot, "slash c down enter")
        await until(pilot, lambda: seen.of(FileBrowser.Taken))
        assert seen.of(FileBrowser.Taken)[0].path == shelf / "c10"
        assert browser.files.has_focus
        assert browser.files.row_count == 6


async def test_hidden_names_come_with_a_key(shelf: Path) -> None:
    async with opened(shelf) as (pilot, browser, _):
        await press(pilot, "full_stop")
        await until(pilot, lambda: browser.files.row_count == 7)
        assert ".dot/" in "\n".join(lines_of(pilot.app))
        assert here(browser) == "c2"


async def test_a_typed_path_is_completed_and_gone_to(shelf: Path) -> None:
    async with opened(shelf, (160, 24)) as (pilot, browser, _):
        await press(pilot, "ctrl+g S e r tab")
        await until(pilot, lambda: f"{shelf}/Series/" in lines_of(pilot.app)[1])
        await press(pilot, "c tab")
        await until(pilot, lambda: "2: c1/  c2/" in lines_of(pilot.app)[-2])
        await press(pilot, "1 enter")
        await until(pilot, lambda: browser.folder == shelf / "Series" / "c1")
        assert browser.files.has_focus
        # The whole path, as one types it without looking at what stands there.
        await press(pilot, ["ctrl+g", *str(shelf), "enter"])
        await until(pilot, lambda: browser.folder == shelf)


async def test_a_typed_path_that_is_not_there_stays_to_be_mended(shelf: Path) -> None:
    async with opened(shelf) as (pilot, browser, _):
        await press(pilot, "ctrl+g x y enter")
        await until(pilot, lambda: "There is nothing at this path." in lines_of(pilot.app)[-2])
        await press(pilot, "escape")
        assert browser.files.has_focus
        assert browser.folder == shelf


async def test_a_path_given_at_the_start_is_taken_when_it_has_images(shelf: Path) -> None:
    async with opened(shelf / "empty") as (pilot, browser, seen):
        browser.open_path(shelf / "c10")
        await until(pilot, lambda: seen.of(FileBrowser.Taken))
        await until(pilot, lambda: here(browser) == "c10")
        browser.open_path(shelf / "Series")
        await until(pilot, lambda: browser.folder == shelf / "Series")
        assert len(seen.of(FileBrowser.Taken)) == 1


async def test_it_opens_at_the_place_used_last(shelf: Path) -> None:
    async with opened(shelf / "empty", recent=(shelf / "gone", shelf / "c10", shelf / "c2")) as (
        pilot,
        browser,
        _,
    ):
        browser.go_to_last()
        await until(pilot, lambda: browser.folder == shelf and here(browser) == "c10")


async def test_recent_places_are_offered(shelf: Path) -> None:
    async with opened(shelf / "empty", recent=(shelf / "c10", shelf / "c2")) as (pilot, browser, _):
        await press(pilot, "ctrl+o")
        await until(pilot, lambda: "c2" in "\n".join(lines_of(pilot.app)))
        await press(pilot, "down enter")
        await until(pilot, lambda: browser.folder == shelf and here(browser) == "c2")


async def test_without_recent_places_it_says_so(shelf: Path) -> None:
    async with opened(shelf) as (pilot, _, _seen):
        await press(pilot, "ctrl+o")
        await until(pilot, lambda: "No recent places yet." in lines_of(pilot.app)[-2])


async def test_a_folder_that_cannot_be_read_says_so(shelf: Path) -> None:
    async with opened(shelf / "vol1.cbz") as (pilot, browser, _):
        assert browser.folder == shelf  # the nearest folder above
        (shelf / "c2" / "1.png").unlink()
        (shelf / "c2" / "2.png").unlink()
        (shelf / "c2").rmdir()
        await press(pilot, "g j enter")
        await until(pilot, lambda: "This folder is gone." in lines_of(pilot.app)[-2])


async def test_ten_thousand_entries_are_no_widgets(tmp_path: Path) -> None:
    for number in range(10_000):
        (tmp_path / f"v{number}.cbz").touch()
    async with opened(tmp_path) as (pilot, browser, _):
        assert browser.files.row_count == 10_001
        before = len(pilot.app.screen.walk_children())
        await press(pilot, "G")
        assert here(browser) == "v9999.cbz"
        assert len(pilot.app.screen.walk_children()) == before < 20


async def test_hostile_names_stay_in_their_row(tmp_path: Path) -> None:
    names = [name.replace("/", "∕")[:80] for name in HOSTILE.values() if name]
    for name in names:
        (tmp_path / name).mkdir()
    async with opened(tmp_path, (60, 40)) as (pilot, browser, _):
        await until(pilot, lambda: browser.files.row_count == len(names) + 1)
        strips = pilot.app.screen._compositor.render_strips()
        assert {strip.cell_length for strip in strips} == {60}
        assert all(character.isprintable() for strip in strips for character in strip.text)
        for _ in names:
            await press(pilot, "j")
        assert pilot.app.is_running


@pytest.mark.parametrize("name", ["[@click=app.quit]x[", "\x1b]0;owned\x07", "caf\udce9"])
async def test_a_hostile_folder_can_be_entered_and_left(tmp_path: Path, name: str) -> None:
    (tmp_path / name / "inner").mkdir(parents=True)
    async with opened(tmp_path / name) as (pilot, browser, _):
        await press(pilot, "ctrl+g tab escape backspace")
        await until(pilot, lambda: browser.folder == tmp_path)
        text = "".join(strip.text for strip in pilot.app.screen._compositor.render_strips())
        assert all(character.isprintable() for character in text)
