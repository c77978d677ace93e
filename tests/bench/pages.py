"""How fast pages are listed, moved about and drawn, beside the least that could be done.

Both sides of each ratio are measured in turn, the best of each counts; where nothing is waited for, in time of the
processor, so that what else the machine does counts little. Needs 1.3 GB of disk.
"""

from __future__ import annotations

import asyncio
import gc
import io
import os
import random
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

from PIL import Image
from textual.geometry import Region
from textual.strip import Strip

from tests.bench.ground import ROOT, scratch
from tests.bench.painted import Cost, Painted
from tests.bench.report import Row

_EDGE = 64 * 1024
_PAGES = 500
_BYTES = 1_200_000_000
_ENTRIES = 10_000
_COLUMNS, _ROWS = 120, 40

BARE_LIST = """
from textual.app import App
from textual.widgets import OptionList

class Shown(App):
    ENABLE_COMMAND_PALETTE = False
    def compose(self):
        yield OptionList(*(f"page {number:03}.png" for number in range(1, 501)))

Shown().run(mouse=False)
"""
PAGE_LIST = """
from textual.app import App
from tests.support.chapters import make_page
from tui.chapter.order import PageOrder
from tui.widgets.page_table import PageTable

class Shown(App):
    ENABLE_COMMAND_PALETTE = False
    def compose(self):
        yield PageTable()
    def on_mount(self):
        pages = [make_page(f"page {number:03}.png") for number in range(1, 501)]
        self.query_one(PageTable).show(PageOrder.from_pages(pages))

Shown().run(mouse=False)
"""


class Ratios:
    """Keeps each ratio as a row."""

    def __init__(self) -> None:
        self.rows: list[Row] = []

    def tell(self, what: str, ours: float, bare: float, bound: float, unit: str) -> None:
        """One row."""
        self.rows.append(
            Row("pages", what, ours / bare, bound, "x", f"{bare:,.1f} {unit}", f"{ours:,.1f} {unit}")
        )


def rows(quick: bool) -> list[Row]:
    """Everything; with `quick` in fewer rounds."""
    ratios = Ratios()
    with scratch() as folder:
        scanning(folder, ratios, 5 if quick else 25)
        keys(ratios, 30 if quick else 100)
        asyncio.run(opening(folder, ratios))
        asyncio.run(drawing(folder, ratios))
    return ratios.rows


def best_of(
    rounds: int, *jobs: Callable[[], object], clock: Callable[[], float] = time.process_time
) -> list[float]:
    """Milliseconds of the fastest round of each job, the jobs taking turns."""
    best = [float("inf")] * len(jobs)
    for _ in range(rounds):
        for index, job in enumerate(jobs):
            gc.collect()
            start = clock()
            job()
            best[index] = min(best[index], (clock() - start) * 1000)
    return best


def large_jpeg(size: tuple[int, int], seed: int = 1, least: int = 0) -> bytes:
    """A page in grey, at least so many bytes large, with as much noise as that takes."""
    noise = Image.frombytes("L", size, random.Random(seed).randbytes(size[0] * size[1]))
    drawn = Image.radial_gradient("L").resize(size)
    content = b""
    for amount in range(10, 101, 5):
        stream = io.BytesIO()
        Image.blend(drawn, noise, amount / 100).save(stream, "JPEG", quality=90)
        content = stream.getvalue()
        if len(content) >= least:
            break
    return content


def scanning(folder: Path, ratios: Ratios, rounds: int) -> None:
    """500 pages listed, sorted and checked for everything but hashes and pixels."""
    from tui.chapter.checks import check_order
    from tui.chapter.natural import page_key
    from tui.chapter.order import PageOrder
    from tui.chapter.page_numbers import stem_of
    from tui.chapter.sources import open_source

    content = large_jpeg((1600, 2400), least=_BYTES // _PAGES)
    chapter = folder / "chapter"
    chapter.mkdir()
    for number in range(1, _PAGES + 1):
        (chapter / f"page {number}.jpg").write_bytes(content)

    os.sync()  # or what was just written is written to the disk meanwhile

    def bare() -> None:
        for entry in os.scandir(chapter):
            with open(entry.path, "rb", buffering=0) as stream:  # noqa: PTH123  # the least there is
                length = os.fstat(stream.fileno()).st_size
                stream.read(_EDGE)
                stream.seek(max(0, length - _EDGE))
                stream.read(_EDGE)

    def ours() -> None:
        stem_of.cache_clear()
        page_key.cache_clear()
        scan = open_source(chapter).scan()
        found = check_order(PageOrder.from_pages(scan.pages), scan.skipped)
        assert len(scan.pages) == _PAGES, scan
        assert any(finding.rule == "chapter-too-large" for finding in found)

    least, mine = best_of(rounds, bare, ours)
    total = len(content) * _PAGES / 1e9
    ratios.tell(f"{_PAGES} pages ({total:.1f} GB) listed, sorted, checked", mine, least, 1.5, "ms")


def keys(ratios: Ratios, rounds: int) -> None:
    """A cursor key and a move key in a list of 500 pages, beside a cursor key in a bare Textual list."""

    def started(program: str, word: str) -> Painted:
        terminal = Painted([sys.executable, "-c", program], columns=_COLUMNS, rows=_ROWS, folder=ROOT)
        terminal.wait_for(word)
        terminal.settle(0.5)
        return terminal

    costs: dict[str, list[Cost]] = {"bare": [], "cursor": [], "move": []}
    with started(BARE_LIST, "page 030") as bare, started(PAGE_LIST, "500 pages") as ours:
        for _ in range(rounds):
            for name, terminal, key in (("bare", bare, "down"), ("cursor", ours, "j"), ("move", ours, "J")):
                costs[name].append(terminal.cost(key, quiet=0.04))
    time_of = {name: statistics.median(cost.milliseconds for cost in found) for name, found in costs.items()}
    bytes_of = {name: statistics.mean(cost.bytes for cost in found) for name, found in costs.items()}
    for name, what in (("cursor", "a cursor key"), ("move", "a move key")):
        ratios.tell(
            f"{what} in {_PAGES} pages to a bare list's: time", time_of[name], time_of["bare"], 1.5, "ms"
        )
        ratios.tell(f"{what}: bytes to the terminal", bytes_of[name], bytes_of["bare"], 1.5, "bytes")


async def opening(folder: Path, ratios: Ratios) -> None:
    """A folder of 10,000 entries, from the wish for it until its rows are painted."""
    from tests.support.screens import Host, lines_of, until
    from tui.widgets import file_browser
    from tui.widgets.file_browser import FileBrowser
    from tui.widgets.file_list import FileList

    crowd = folder / "crowd"
    crowd.mkdir()
    for number in range(_ENTRIES):
        name = f"Harbour chapter {number:05}"
        (crowd / name).mkdir() if number % 4 else (crowd / f"{name}.cbz").write_bytes(b"PK")

    def bare() -> None:
        with os.scandir(crowd) as entries:
            sorted(entries, key=lambda entry: entry.name)

    painted = asyncio.Event()

    class Watched(FileList):
        """Tells when its last row is painted and it holds the crowd."""

        def render_line(self, y: int) -> Strip:
            if self.row_count >= _ENTRIES and y == self.size.height - 1:
                painted.set()
            return super().render_line(y)

    setattr(file_browser, "FileList", Watched)  # noqa: B010  # only its drawing is watched
    browser = FileBrowser(recent=list)
    app = Host(browser)
    least = mine = float("inf")
    async with app.run_test(size=(_COLUMNS, _ROWS)) as pilot:
        for _ in range(15):
            browser.go_to(folder)
            await until(pilot, lambda: browser.files.listing and browser.files.listing.folder == folder)
            await pilot.pause(0.3)
            least = min(least, best_of(1, bare, clock=time.perf_counter)[0])
            gc.collect()
            painted.clear()
            start = time.perf_counter()
            browser.go_to(crowd)
            await painted.wait()
            mine = min(mine, (time.perf_counter() - start) * 1000)
        assert any("Harbour chapter 00001" in line for line in lines_of(app))
    ratios.tell(f"{_ENTRIES:,} entries to first paint to scandir and sort", mine, least, 3, "ms")


async def drawing(folder: Path, ratios: Ratios) -> None:
    """A page of 1600 x 2400 on the screen, beside Pillow's own draft thumbnail; then memory over 500 pages."""
    from tests.support.screens import Host
    from tui.chapter.sources import open_source
    from tui.widgets.preview import Preview

    pages_folder = folder / "drawn"
    pages_folder.mkdir()
    kinds = [large_jpeg((1600, 2400), seed) for seed in range(4)]
    for number in range(_PAGES):
        (pages_folder / f"{number}.jpg").symlink_to(
            _written(folder / f"kind{number % 4}.jpg", kinds[number % 4])
        )
    pages = open_source(pages_folder).scan().pages
    painted = asyncio.Event()

    class Watched(Preview):
        """Tells when its last line is painted, with the picture that was asked for."""

        def render_lines(self, crop: Region) -> list[Strip]:
            strips = super().render_lines(crop)
            if crop.bottom == _ROWS and self.is_drawn:
                painted.set()
            return strips

    preview = Watched()
    app = Host(preview)
    least = mine = float("inf")
    memory: list[int] = []
    async with app.run_test(size=(64, _ROWS)) as pilot:
        await pilot.pause(0.2)
        columns, rows = preview.size.width, preview.size.height - 1

        def bare() -> None:
            with Image.open(pages_folder / pages[0].name) as image:
                image.draft("RGB", (columns, rows * 2))
                image.thumbnail((columns, rows * 2))

        for number, page in enumerate(pages):
            measured = number < 40
            if measured:
                least = min(least, best_of(1, bare)[0])
                gc.collect()
            start = time.process_time()
            painted.clear()
            preview.draw_now(page)
            await painted.wait()
            if measured:
                mine = min(mine, (time.process_time() - start) * 1000)
            if number in (99, _PAGES - 1):
                gc.collect()
                memory.append(_resident())
    ratios.tell("a 1600 x 2400 JPEG on the screen to a draft thumbnail", mine, least, 1.3, "ms")
    ratios.tell("memory after 500 previews to that after 100", memory[1], memory[0], 1.05, "kB")


def _written(path: Path, content: bytes) -> Path:
    if not path.exists():
        path.write_bytes(content)
    return path


def _resident() -> int:
    """Kilobytes of memory that this process has. Linux."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024
