import os
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from tests.support.chapters import image_bytes, write_files, write_zip
from tests.support.hostile import HOSTILE
from tests.support.screens import lines_of, press, until
from tui.chapter.cancel import Cancelled
from tui.chapter.hashing import hash_page
from tui.chapter.pages import Page
from tui.chapter.selection import ChapterSelection
from tui.chapter.sources import open_source
from tui.screens.chapter import ChapterScreen
from tui.screens.details_form import DetailsDraft
from tui.storage.memory import Memory
from tui.storage.paths import Paths
from tui.storage.settings import Settings
from tui.terminal import Capabilities, Colours
from tui.upload.known import Known
from tui.upload.view import UploadView
from tui.widgets.file_browser import FileBrowser
from tui.widgets.type_ahead import TypeAheadApp

SIZES = pytest.mark.parametrize("size", [(120, 40), (80, 24)])


class Shell(TypeAheadApp[None]):
    """An App with what the chapter screen needs of one."""

    ENABLE_COMMAND_PALETTE = False

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.services = SimpleNamespace(
            memory=Memory(folder / "memory.json"),
            settings=Settings(),
            account="someone",
            sandbox=None,
            engine=SimpleNamespace(view=UploadView()),
            paths=Paths.below(folder),
            known=Known,
        )
        self.selections: list[ChapterSelection] = []
        self.can = Capabilities()
        self.went_home = False

    def show_session(self) -> None:
        self.went_home = True

    def settle_soon(self) -> None:
        pass

    def show_details(self, selection: ChapterSelection, draft: DetailsDraft) -> None:
        self.selections.append(selection)


@dataclass
class Opened:
    """A chapter screen in an App."""

    pilot: Pilot[Any]
    shell: Shell
    screen: ChapterScreen = field(init=False)

    async def open(self, path: Path | None) -> None:
        self.screen = ChapterScreen(path)
        await self.shell.push_screen(self.screen)
        await self.pilot.pause()

    @property
    def text(self) -> str:
        return "\n".join(lines_of(self.shell))

    async def until(self, words: str | Callable[[], object]) -> None:
        await until(self.pilot, (lambda: words in self.text) if isinstance(words, str) else words)

    async def press(self, keys: str) -> None:
        await press(self.pilot, keys)

    @property
    def focus(self) -> str:
        return str(self.screen.focused.id) if self.screen.focused else ""

    @property
    def included(self) -> tuple[Page, ...]:
        order = self.screen.pages.order
        return order.included if order else ()

    @property
    def names(self) -> list[str]:
        order = self.screen.pages.order
        return [page.name for page in order.pages] if order else []


@asynccontextmanager
async def opened(
    tmp_path: Path, path: Path | None = None, size: tuple[int, int] = (120, 40)
) -> AsyncIterator[Opened]:
    shell = Shell(tmp_path)
    async with shell.run_test(size=size) as pilot:
        screen = Opened(pilot, shell)
        await screen.open(path)
        yield screen


@pytest.fixture
def chapter(tmp_path: Path) -> Path:
    """12 pages that plain sorting would put into the wrong order."""
    files = {f"{number}.png": image_bytes(seed=number) for number in range(1, 13)}
    return write_files(tmp_path / "shelf" / "Title v01 c005", files)


@pytest.fixture
def bad_chapter(tmp_path: Path) -> Path:
    """Pages 2 and 4 cannot be uploaded: one breaks off, one cannot even be read."""
    files = {f"{number}.png": image_bytes(seed=number) for number in range(1, 6)}
    files["2.png"] = files["2.png"][: len(files["2.png"]) // 2]
    del files["4.png"]
    folder = write_files(tmp_path / "shelf" / "bad", files)
    (folder / "4.png").symlink_to(tmp_path / "nowhere")
    return folder


@SIZES
async def test_a_chapter_is_read_checked_and_ready(
    tmp_path: Path, chapter: Path, size: tuple[int, int]
) -> None:
    async with opened(tmp_path, chapter, size) as screen:
        await screen.until("Ready: ctrl+n")
        assert screen.names[:3] == ["1.png", "2.png", "3.png"]
        assert screen.focus == "pages"
        assert "12 pages" in screen.text
        assert "natural order" in screen.text
        assert "No problems found" in screen.text
        assert screen.shell.services.memory.recent() == [chapter]


@SIZES
async def test_without_a_chapter_it_says_what_to_do(
    tmp_path: Path, chapter: Path, size: tuple[int, int]
) -> None:
    async with opened(tmp_path, None, size) as screen:
        assert screen.focus == "files"
        await screen.press("ctrl+n tab j J p")
        assert "Choose a folder or an archive first." in screen.text
        screen.shell.services.memory.remember_place(chapter)
    async with opened(tmp_path, None, size) as screen:
        await screen.until("Title v01 c005/")
        await screen.press("enter")
        await screen.until("Ready: ctrl+n")
        assert screen.focus == "pages"


async def test_the_file_browser_gives_way_in_80_columns_and_comes_back_with_tab(
    tmp_path: Path, chapter: Path
) -> None:
    async with opened(tmp_path, chapter, (80, 24)) as screen:
        await screen.until("Ready: ctrl+n")
        assert "../" not in screen.text
        await screen.press("tab")
        assert (screen.focus, "In plain order" in screen.text) == ("findings", True)
        await screen.press("tab")
        assert "../" in screen.text
        assert (screen.focus, "12 pages" in screen.text) == ("files", False)
        await screen.press("tab")
        assert (screen.focus, "../" in screen.text) == ("pages", False)
        await screen.press("b")
        assert screen.focus == "files"
        await screen.press("shift+tab")
        assert screen.focus == "findings"


@SIZES
async def test_the_order_is_handed_on_as_it_was_made(
    tmp_path: Path, chapter: Path, size: tuple[int, int]
) -> None:
    async with opened(tmp_path, chapter, size) as screen:
        await screen.until("Ready: ctrl+n")
        await screen.press("J J space space space K u ctrl+a ctrl+a G x ctrl+n")
        (selection,) = screen.shell.selections
        order = (2, 3, 1, 4, 5, 6, 7, 8, 9, 10, 11)
        assert [page.name for page in selection.pages] == [f"{number}.png" for number in order]
        assert selection.source == chapter
        assert all(page.sha256 for page in selection.pages)
        assert (selection.guess.details.chapter, selection.guess.details.volume) == ("5", "1")


@SIZES
async def test_errors_are_named_and_stop_the_way_on(
    tmp_path: Path, bad_chapter: Path, size: tuple[int, int]
) -> None:
    async with opened(tmp_path, bad_chapter, size) as screen:
        await screen.until("✗ 2 errors")
        await screen.press("ctrl+n")
        assert not screen.shell.selections
        assert "✗ 2 errors first: page 2, page 4." in screen.text
        assert screen.focus == "findings"
        assert screen.screen.pages.cursor_row == 1
        await screen.press("j")
        assert screen.screen.pages.cursor_row == 3
        await screen.press("x")
        await screen.until("✗ 1 error to mend")
        await screen.press("g x u")
        await screen.until("✗ 1 error to mend")
        await screen.press("ctrl+r")
        await screen.until("Ready: ctrl+n")
        await screen.until(lambda: screen.focus == "pages")  # nothing is left to be found
        await screen.press("ctrl+n")
        assert [page.name for page in screen.shell.selections[0].pages] == ["1.png", "3.png", "5.png"]


async def test_enter_on_a_finding_goes_to_its_page(tmp_path: Path, bad_chapter: Path) -> None:
    async with opened(tmp_path, bad_chapter) as screen:
        await screen.until("✗ 2 errors")
        await screen.press("tab j enter")
        assert (screen.focus, screen.screen.pages.cursor_row) == ("pages", 3)


async def test_the_way_on_waits_for_the_bytes_of_all_pages(
    tmp_path: Path, chapter: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()
    real = hash_page

    def slow(page: Page, cancelled: Callable[[], bool] | None = None) -> Page:
        while not go_on.wait(0.01):
            if cancelled is not None and cancelled():
                break
        return real(page, cancelled)

    monkeypatch.setattr("tui.widgets.chapter_reader.hash_page", slow)
    async with opened(tmp_path, chapter) as screen:
        await screen.until("12 pages")
        await screen.press("ctrl+n")
        assert "Still reading the pages: 0 of 12." in screen.text
        assert not screen.shell.selections
        await screen.press("J x u")
        go_on.set()
        await screen.until(lambda: all(page.sha256 for page in screen.screen.pages.order.pages))  # type: ignore[union-attr]
        assert screen.names[:2] == ["2.png", "1.png"]
        await screen.press("ctrl+n")
        assert len(screen.shell.selections) == 1


async def test_choosing_something_else_ends_the_reading(
    tmp_path: Path, chapter: Path, bad_chapter: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = threading.Event()
    real = open_source

    def endless(path: Path) -> object:
        if path != chapter:
            return real(path)

        def scan(*, on_progress: Callable[[int, int], None], cancelled: Callable[[], bool]) -> None:
            on_progress(120, 500)
            while not cancelled():
                threading.Event().wait(0.01)
            ended.set()
            raise Cancelled

        return SimpleNamespace(scan=scan)

    monkeypatch.setattr("tui.widgets.chapter_reader.open_source", endless)
    async with opened(tmp_path, chapter) as screen:
        await screen.until("Reading 120 of 500…")
        screen.screen.take(bad_chapter)
        await screen.until("✗ 2 errors")
        assert ended.wait(5)
        assert screen.names[0] == "1.png"
        assert len(screen.names) == 5


async def test_coming_back_finds_order_marks_and_cursor_as_they_were(tmp_path: Path, chapter: Path) -> None:
    async with opened(tmp_path, chapter, (80, 24)) as screen:
        await screen.until("Ready: ctrl+n")
        await screen.press("J J j j x space")
        left = screen.names
        await screen.shell.pop_screen()
        await screen.open(None)
        await screen.until("Ready: ctrl+n")
        assert screen.names == left
        assert "1 marked · 1 excluded" in screen.text
        assert screen.screen.pages.cursor_row == 5
        assert screen.focus == "pages"
        await screen.press("u u")
        assert screen.names == ["2.png", "1.png", *left[2:2], "3.png", *left[3:]]


async def test_reading_again_keeps_the_order_and_sees_what_changed(tmp_path: Path, chapter: Path) -> None:
    async with opened(tmp_path, chapter) as screen:
        await screen.until("Ready: ctrl+n")
        await screen.press("J")
        before = screen.screen.pages.order
        assert before is not None
        (chapter / "3.png").write_bytes(image_bytes(seed=77))
        os.utime(chapter / "3.png", ns=(1, 1))
        await screen.press("f5")
        await screen.until(lambda: screen.screen.pages.order.pages[2].modified_ns == 1)  # type: ignore[union-attr]
        await screen.until("Ready: ctrl+n")
        after = screen.screen.pages.order
        assert after is not None
        assert [page.key for page in after.pages] == [page.key for page in before.pages]
        assert after.pages[2].sha256 not in ("", before.pages[2].sha256)
        (chapter / "13.png").write_bytes(image_bytes(seed=78))
        (chapter / "5.png").unlink()
        await screen.press("j j j f5")
        await screen.until("1 page new: 13.png (page 12); 1 page gone: 5.png. The others keep their order.")
        assert screen.names == ["2.png", "1.png", "3.png", "4.png", *(f"{n}.png" for n in range(6, 14))]
        assert screen.screen.pages.cursor_page is not None
        assert screen.screen.pages.cursor_page.name == "6.png"
        await screen.press("u")
        assert screen.names == ["1.png", "2.png", "3.png", "4.png", *(f"{n}.png" for n in range(6, 14))]
        for name in screen.names:
            (chapter / name).unlink()
        (chapter / "other.png").write_bytes(image_bytes(seed=79))
        await screen.press("f5")
        await screen.until("the order starts anew")
        assert screen.names == ["other.png"]


async def test_what_cannot_be_a_chapter_is_refused_with_a_remedy(tmp_path: Path, chapter: Path) -> None:
    (chapter.parent / "broken.cbz").write_bytes(b"no zip at all")
    async with opened(tmp_path, chapter.parent / "broken.cbz", (80, 24)) as screen:
        await screen.until("✗")
        assert "b chooses another folder or archive." in screen.text
        await screen.press("J x space ctrl+n b")
        await screen.until("Title v01 c005/")
        assert screen.focus == "files"


async def test_a_folder_without_images_says_so(tmp_path: Path) -> None:
    write_files(tmp_path / "shelf" / "texts" / "inner", {"a.txt": b"x"})
    async with opened(tmp_path, None) as screen:
        screen.screen.take(tmp_path / "shelf" / "texts")
        await screen.until("There are no images here.")
        await screen.press("ctrl+n")
        assert not screen.shell.selections


async def test_an_archive_is_read(tmp_path: Path) -> None:
    write_zip(tmp_path / "vol1.cbz", {f"{number}.png": image_bytes(seed=number) for number in (1, 2, 10)})
    async with opened(tmp_path, tmp_path / "vol1.cbz") as screen:
        await screen.until("Ready: ctrl+n")
        assert screen.names == ["1.png", "2.png", "10.png"]


@SIZES
async def test_the_preview_follows_the_cursor(tmp_path: Path, chapter: Path, size: tuple[int, int]) -> None:
    async with opened(tmp_path, chapter, size) as screen:
        await screen.until("Ready: ctrl+n")
        assert "▀" not in screen.text
        await screen.press("p")
        await screen.until("▀")
        assert "1  1.png" in lines_of(screen.shell)[1]
        await screen.press("j j")
        await screen.until(lambda: "3  3.png" in lines_of(screen.shell)[1] and "▀" in screen.text)
        await screen.press("p")
        assert "▀" not in screen.text


async def test_without_colours_the_preview_says_so_and_takes_no_room(tmp_path: Path, chapter: Path) -> None:
    async with opened(tmp_path, chapter) as screen:
        await screen.until("Ready: ctrl+n")
        await screen.until(lambda: "12 images" in screen.text)  # the folder was looked into
        screen.shell.can = Capabilities(colours=Colours.NONE)
        before = lines_of(screen.shell)[:20]
        await screen.press("p")
        assert "This terminal shows no colours; a picture would be noise." in screen.text
        assert lines_of(screen.shell)[:20] == before


@SIZES
async def test_move_to_and_sort_ask_and_the_cursor_stays(
    tmp_path: Path, chapter: Path, size: tuple[int, int]
) -> None:
    async with opened(tmp_path, chapter, size) as screen:
        await screen.until("Ready: ctrl+n")
        await screen.press("j space m 1 0 enter")
        assert screen.names.index("2.png") == 9
        assert "manual order" in screen.text
        await screen.press("m 9 9 enter escape")
        assert screen.names.index("2.png") == 9
        await screen.press("s down enter")
        await screen.until("plain order")
        assert screen.names[:3] == ["1.png", "10.png", "11.png"]
        assert screen.screen.pages.cursor_page is not None
        assert screen.screen.pages.cursor_page.name == "3.png"
        await screen.press("s escape u u")
        assert "Title v01 c005" in lines_of(screen.shell)[0]
        assert "natural order" in screen.text


async def test_what_was_said_goes_when_the_cursor_moves_on(tmp_path: Path, chapter: Path) -> None:
    async with opened(tmp_path, chapter) as screen:
        await screen.until("Ready: ctrl+n")
        await screen.press("u")
        assert "Nothing to undo." in screen.text
        await screen.press("j")
        await screen.until(lambda: "Nothing to undo." not in screen.text and "Ready: ctrl+n" in screen.text)


async def test_escape_unmarks_before_it_leaves(tmp_path: Path, chapter: Path) -> None:
    async with opened(tmp_path, chapter) as screen:
        await screen.until("Ready: ctrl+n")
        await screen.press("space space")
        assert "●" in screen.text
        await screen.press("escape")
        assert "2 pages unmarked; esc again goes back." in screen.text
        assert "●  1" not in screen.text
        assert not screen.shell.went_home
        await screen.press("escape")
        assert screen.shell.went_home


async def test_move_to_counts_included_pages_only(tmp_path: Path, chapter: Path) -> None:
    async with opened(tmp_path, chapter) as screen:
        await screen.until("Ready: ctrl+n")
        await screen.press("x G m 3 enter")
        assert screen.screen.pages.number_of(screen.screen.pages.cursor_page.key) == 3  # type: ignore[union-attr]


@SIZES
async def test_the_filter_of_the_pages(tmp_path: Path, chapter: Path, size: tuple[int, int]) -> None:
    async with opened(tmp_path, chapter, size) as screen:
        await screen.until("Ready: ctrl+n")
        await screen.press("slash 1 enter")
        assert screen.focus == "pages"
        assert "4 shown by the filter" in screen.text
        await screen.press("slash escape")
        assert "shown by the filter" not in screen.text
        assert screen.focus == "pages"
        await screen.press("slash n o n e enter")
        assert "esc shows all pages." in screen.text
        await screen.press("escape")
        assert "shown by the filter" not in screen.text
        assert screen.focus == "pages"


async def test_60_by_16_is_usable(tmp_path: Path, bad_chapter: Path) -> None:
    async with opened(tmp_path, bad_chapter, (60, 16)) as screen:
        await screen.until("✗ 2 errors")
        await screen.press("J p")
        assert sum(f"{number}.png" in screen.text for number in range(1, 6)) == 5
        assert "Findings: 2 errors" in screen.text


@SIZES
async def test_hostile_names_change_nothing_but_their_cells(tmp_path: Path, size: tuple[int, int]) -> None:
    names = [name.replace("/", "∕")[:80] for name in HOSTILE.values() if name]
    folder = tmp_path / "shelf" / "[@click=app.quit]x[∕\x1b]0;owned\x07"
    write_files(folder, {name + ".png": image_bytes(size=(20, 30), seed=at) for at, name in enumerate(names)})
    async with opened(tmp_path, folder, size) as screen:
        await screen.until(f"{len(names)} pages")
        await screen.press("p G J tab j tab j tab slash x escape")
        strips = screen.shell.screen._compositor.render_strips()
        assert {strip.cell_length for strip in strips} == {size[0]}
        assert all(character.isprintable() for strip in strips for character in strip.text)
        assert screen.shell.is_running


async def test_a_filter_typed_in_one_go_is_no_row_of_commands(tmp_path: Path, chapter: Path) -> None:
    async with opened(tmp_path, chapter) as screen:
        await screen.until("Ready: ctrl+n")
        before = screen.screen.pages.order
        for key in ("slash", "x", "J", "backspace", "backspace", "1", "2", "enter"):
            screen.shell.simulate_key(key)
        await screen.until("1 shown by the filter")
        assert screen.screen.pages.order is before
        await until(screen.pilot, lambda: screen.focus == "pages")


async def test_f_does_what_a_doubt_suggests_and_u_takes_it_back(tmp_path: Path) -> None:
    files = {
        name: image_bytes(seed=seed) for seed, name in enumerate(["1.png", "2.png", "3.png", "cover.png"])
    }
    folder = write_files(tmp_path / "Title c001", files)
    async with opened(tmp_path, folder, (120, 40)) as screen:
        await screen.until("does not come first")
        assert screen.names == ["1.png", "2.png", "3.png", "cover.png"]
        await screen.press("G f")
        assert screen.names == ["cover.png", "1.png", "2.png", "3.png"]
        await screen.until("No problems found")
        assert "does not come first" not in screen.text
        await screen.press("u")
        assert screen.names == ["1.png", "2.png", "3.png", "cover.png"]
        await screen.until("does not come first")
        await screen.press("tab f")
        assert screen.names == ["cover.png", "1.png", "2.png", "3.png"]


async def test_the_order_is_found_again_in_a_later_run(tmp_path: Path, chapter: Path) -> None:
    async with opened(tmp_path, chapter, (120, 40)) as screen:
        await screen.until("Ready: ctrl+n")
        await screen.press("J j j x")
        wanted = screen.names
        assert wanted[:2] == ["2.png", "1.png"]
    async with opened(tmp_path, chapter, (120, 40)) as screen:
        await screen.until("in the order in which you left them")
        assert screen.names == wanted
        assert "1 excluded" in screen.text
    (chapter / "13.png").write_bytes(image_bytes(seed=99))
    async with opened(tmp_path, chapter, (120, 40)) as screen:
        await screen.until("1 page new: 13.png (page 12). The others keep their order.")
        assert screen.names == [*wanted, "13.png"]
        await screen.until("No problems found.")
    async with opened(tmp_path, chapter, (120, 40)) as screen:
        await screen.until("in the order in which you left them")
        assert screen.names == [*wanted, "13.png"]


async def test_f_mends_one_page_or_all_alike_on_copies(tmp_path: Path) -> None:
    files = {
        "1.png": image_bytes(),
        "2.webp": image_bytes("WEBP", seed=1),
        "3.webp": image_bytes("WEBP", seed=2),
    }
    folder = write_files(tmp_path / "Title c001", files)
    async with opened(tmp_path, folder, (120, 40)) as screen:
        await screen.until("2 errors")
        await screen.press("G f")
        await screen.until("all 2 pages with this finding")
        await screen.press("enter")
        await screen.until("Put the mended copy in place?")
        assert "3.webp: WebP 240×320" in screen.text
        await screen.press("y")
        await screen.until("u takes it back")
        assert screen.names == ["1.png", "2.webp", "3.jpg"]
        await screen.press("u")
        await screen.until("2 errors")
        await screen.press("g j f")
        await screen.until("all 2 pages with this finding")
        await screen.press("2")
        await screen.until("Put 2 mended copies in place?")
        await screen.until("2.webp: WebP 240×320")
        await screen.press("n")
        await screen.until("The pages stay as they are.")
        assert screen.names == ["1.png", "2.webp", "3.webp"]
        await screen.press("f")
        await screen.until("all 2 pages with this finding")
        await screen.press("2")
        await screen.until("Put 2 mended copies in place?")
        await screen.press("y")
        await screen.until("2 pages mended: ")
        assert screen.names == ["1.png", "2.jpg", "3.jpg"]
        await screen.until("No problems found")
        await screen.press("u")
        assert screen.names == ["1.png", "2.webp", "3.webp"]
        await screen.press("ctrl+r")
        await screen.until("No problems found")
    assert {name: (folder / name).read_bytes() for name in files} == files
    async with opened(tmp_path, folder, (120, 40)) as screen:
        await screen.until("in the order in which you left them")
        assert screen.names == ["1.png", "2.jpg", "3.jpg"]


async def test_the_mark_of_the_page_under_the_cursor_is_explained(tmp_path: Path, bad_chapter: Path) -> None:
    async with opened(tmp_path, bad_chapter, (80, 24)) as screen:
        await screen.until("✗ 2 errors to mend")
        await screen.press("j")
        await screen.until("✗ The image breaks off: no end mark")
        assert "→ f: Leave it out" in screen.text
        await screen.press("j")
        await screen.until("✗ 2 errors to mend")
        await screen.press("j")
        await screen.until("✗ Cannot be read: no such file or directory.")


async def test_the_browser_opens_in_the_folder_last_left(tmp_path: Path, chapter: Path) -> None:
    other = write_files(tmp_path / "elsewhere" / "one", {"1.png": image_bytes()})
    async with opened(tmp_path, None) as screen:
        screen.shell.services.memory.remember_place(chapter)
        screen.screen.query_one(FileBrowser).go_to(other.parent)
        await screen.until("one/")
    async with opened(tmp_path, None) as screen:
        await screen.until("one/")
    (other / "1.png").unlink()
    other.rmdir()
    other.parent.rmdir()
    async with opened(tmp_path, None) as screen:
        await screen.until("Title v01 c005/")


async def test_f_joins_a_sliver_to_its_neighbour(tmp_path: Path) -> None:
    files = {"1.png": image_bytes(size=(600, 900)), "2.png": image_bytes(size=(600, 100), seed=5)}
    folder = write_files(tmp_path / "Title c001", files)
    async with opened(tmp_path, folder, (80, 24)) as screen:
        await screen.until("sliver")
        await screen.press("G f")
        await screen.until("after   PNG 600×1000")
        await screen.press("y")
        await screen.until("u takes it back")
        assert screen.names == ["1.png"]
        await screen.press("u")
        assert screen.names == ["1.png", "2.png"]
    assert {name: (folder / name).read_bytes() for name in files} == files


async def test_v_looks_at_the_pages_and_the_list_follows(tmp_path: Path, chapter: Path) -> None:
    async with opened(tmp_path, chapter, (80, 24)) as screen:
        await screen.until("Ready: ctrl+n")
        await screen.press("j x v")
        await screen.until("page 1 of 11")
        await screen.press("c j j")
        await screen.until("page 3 of 11")
        await screen.press("escape")
        await screen.until("Ready: ctrl+n")
        assert screen.screen.pages.cursor_page is not None
        assert screen.screen.pages.cursor_page.name == "4.png"


async def test_a_folder_is_joined_and_a_page_replaced(tmp_path: Path, chapter: Path) -> None:
    extra = write_files(chapter.parent / "credits", {"zz.png": image_bytes(seed=70), "notes.txt": b"no page"})
    write_files(tmp_path / "better", {"5 redrawn.jpg": image_bytes("JPEG", seed=71)})
    async with opened(tmp_path, chapter, (120, 40)) as screen:
        await screen.until("Ready: ctrl+n")
        await screen.press("b ctrl+g")
        screen.screen.query_one("#files-path", Input).value = str(extra.parent)
        await screen.press("enter")
        await screen.until("credits/")
        await screen.press("home down A")
        await screen.until("1 page of credits added at the end")
        assert screen.names[-2:] == ["12.png", "zz.png"]
        await screen.press("tab g j j j j equals_sign")
        await screen.until("stands in the place of 5.png")
        screen.shell.screen.query_one(Input).value = str(tmp_path / "better" / "5 redrawn.jpg")
        await screen.press("enter")
        await screen.until("5 redrawn.jpg stands for 5.png now")
        wanted = screen.names
        assert wanted[4] == "5 redrawn.jpg"
        await screen.until(lambda: all(page.sha256 for page in screen.included))
        await screen.press("u")
        assert screen.names[4] == "5.png"
        await screen.press("ctrl+r f5")
        await screen.until("Ready: ctrl+n")
        assert screen.names == wanted
        await screen.press("equals_sign")
        await screen.until("stands in the place of")
        screen.shell.screen.query_one(Input).value = "/no/such/file.png"
        await screen.press("enter")
        await screen.until("file.png cannot be read")
    async with opened(tmp_path, chapter, (120, 40)) as screen:
        await screen.until("in the order in which you left them")
        await screen.until(lambda: screen.names == wanted)


async def test_the_browser_follows_the_disk_and_offers_starred_places(tmp_path: Path, chapter: Path) -> None:
    async with opened(tmp_path, chapter, (120, 40)) as screen:
        await screen.until("Ready: ctrl+n")
        await screen.press("b S")
        await screen.until("★ marked")
        await screen.until("★ Title v01 c005/")
        (chapter.parent / "Title v01 c006").mkdir()
        screen.screen.query_one(FileBrowser)._watch()
        await screen.until("Title v01 c006/")
        await screen.press("ctrl+o")
        await screen.until("★ Title v01 c005")
