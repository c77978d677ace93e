"""Looking at pages: one, enlarged, two that face each other, all at a glance."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from tests.support.chapters import make_page, write_files
from tests.support.screens import Host, lines_of, press, until
from tui.chapter.pages import Page, PageLocation
from tui.chapter.preview import Part, render_preview
from tui.widgets.page_viewer import Mode, PageViewer


def flat(grey: int, size: tuple[int, int] = (200, 300)) -> bytes:
    stream = io.BytesIO()
    Image.new("L", size, grey).save(stream, "PNG")
    return stream.getvalue()


@pytest.fixture
def pages(tmp_path: Path) -> list[Page]:
    """Nine pages, each darker than the one before."""
    names = [f"{number}.png" for number in range(1, 10)]
    write_files(tmp_path, {name: flat(255 - 17 * place) for place, name in enumerate(names)})
    return [replace(make_page(name), location=PageLocation(tmp_path, name)) for name in names]


def colours(viewer: PageViewer, y: int) -> list[int]:
    """Greys of the cells of one line; -1 where no picture is."""
    found = []
    for segment in viewer.render_line(y):
        colour = segment.style.bgcolor if segment.style else None
        drawn = colour is not None and colour.triplet is not None and colour.triplet[0] == colour.triplet[1]
        grey = colour.triplet[0] if drawn and colour is not None and colour.triplet else -1
        found += [grey] * segment.cell_length
    return found


async def test_two_pages_face_each_other_from_right_to_left(pages: list[Page]) -> None:
    viewer = PageViewer(pages, 2)
    async with Host(viewer).run_test(size=(80, 24)) as pilot:
        await press(pilot, "t")
        await until(pilot, lambda: viewer.mode is Mode.TWO and viewer.is_drawn)
        line = colours(viewer, 12)
        assert max(line[:40]) == 255 - 17 * 3
        assert max(line[40:]) == 255 - 17 * 2
        assert lines_of(pilot.app)[0].split() == ["4", "4.png", "3", "3.png"]
        await press(pilot, "j")
        assert viewer.index == 4
        await press(pilot, "G")
        await until(pilot, lambda: viewer.is_drawn)
        assert lines_of(pilot.app)[0].split() == ["9", "9.png"]


async def test_a_contact_sheet_shows_all_in_order_and_arrows_move_on_it(pages: list[Page]) -> None:
    viewer = PageViewer(pages)
    async with Host(viewer).run_test(size=(80, 24)) as pilot:
        await press(pilot, "c")
        await until(pilot, lambda: viewer.is_drawn)
        await pilot.pause()
        lines = lines_of(pilot.app)
        assert lines[0].split() == [word for number in range(1, 6) for word in (f"{number}", f"{number}.png")]
        assert lines[12].split() == [
            word for number in range(6, 10) for word in (f"{number}", f"{number}.png")
        ]
        await press(pilot, "down right")
        assert viewer.index == 6
        await press(pilot, "c")
        assert viewer.mode is Mode.ONE


async def test_a_sheet_scrolls_to_where_the_cursor_is(pages: list[Page]) -> None:
    viewer = PageViewer(pages)
    async with Host(viewer).run_test(size=(34, 13)) as pilot:
        await press(pilot, "c G")
        await until(pilot, lambda: viewer.is_drawn)
        await pilot.pause()
        assert lines_of(pilot.app)[0].split() == ["9", "9.png"]


async def test_zoom_and_arrows_move_inside_the_page(tmp_path: Path) -> None:
    picture = Image.new("L", (400, 400), 255)
    picture.paste(0, (200, 0, 400, 200))
    stream = io.BytesIO()
    picture.save(stream, "PNG")
    write_files(tmp_path, {"1.png": stream.getvalue()})
    page = replace(make_page("1.png"), location=PageLocation(tmp_path, "1.png"))
    viewer = PageViewer([page, page])
    async with Host(viewer).run_test(size=(60, 31)) as pilot:
        await press(pilot, "plus plus right right up up")
        assert (viewer.zoom, viewer.index) == (4, 0)
        await until(pilot, lambda: viewer.is_drawn)
        assert set(colours(viewer, 15)) == {0}
        await press(pilot, "left left left left down down down down")
        await until(pilot, lambda: viewer.is_drawn)
        assert set(colours(viewer, 15)) == {255}
        await press(pilot, "minus minus")
        assert viewer.zoom == 1
        await press(pilot, "right")
        assert viewer.index == 1


def test_a_part_is_as_large_as_the_cells_allow(tmp_path: Path) -> None:
    write_files(tmp_path, {"1.png": flat(90, (100, 400))})
    page = replace(make_page("1.png"), location=PageLocation(tmp_path, "1.png"))
    whole = render_preview(page, 40, 20)
    assert (len(whole[0]), len(whole)) == (10, 20)
    part = render_preview(page, 40, 20, Part(8, 0.0, 1.0))
    assert (len(part[0]), len(part)) == (40, 20)


async def test_what_cannot_be_drawn_and_no_colours_are_said(tmp_path: Path) -> None:
    write_files(tmp_path, {"1.png": b"no image"})
    page = replace(make_page("1.png"), location=PageLocation(tmp_path, "1.png"))
    viewer = PageViewer([page])
    async with Host(viewer).run_test(size=(70, 12)) as pilot:
        await until(pilot, lambda: "cannot be drawn" in "\n".join(lines_of(pilot.app)))
    host = Host(PageViewer([page]))
    host.no_color = True
    async with host.run_test(size=(70, 12)) as pilot:
        await until(pilot, lambda: "shows no colours" in "\n".join(lines_of(pilot.app)))
