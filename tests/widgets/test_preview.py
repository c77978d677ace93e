from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from rich.color import Color
from textual.strip import Strip

from tests.support.chapters import image_bytes, make_page, write_files
from tests.support.screens import Host, lines_of, until
from tui.chapter.pages import Page, PageLocation
from tui.chapter.preview import render_preview
from tui.widgets.half_blocks import strips_of
from tui.widgets.preview import Preview


def page(folder: Path, name: str) -> Page:
    return replace(make_page(name), location=PageLocation(folder, name))


async def test_a_page_is_drawn_in_half_blocks_as_large_as_fits(tmp_path: Path) -> None:
    write_files(tmp_path, {"1.png": image_bytes(size=(200, 300))})
    preview = Preview()
    async with Host(preview).run_test(size=(40, 21)) as pilot:
        preview.show(page(tmp_path, "1.png"), "1  1.png")
        await until(pilot, lambda: preview.is_drawn)
        await pilot.pause()
        lines = lines_of(pilot.app)
        assert lines[0] == "1  1.png"
        assert sum("▀" in line for line in lines) == 20
        assert max(line.count("▀") for line in lines) <= 27


Cell = tuple[str, tuple[int, int, int] | None, tuple[int, int, int] | None]
"""A character, its colour unless it is a blank, and that of its ground."""


def cells_of(strips: Sequence[Strip]) -> list[list[Cell]]:
    def colour(of: Color | None) -> tuple[int, int, int] | None:
        return of.triplet if of is not None else None

    return [
        [
            (character, None if character == " " else colour(style.color), colour(style.bgcolor))
            for text, style, control in strip
            if style is not None and not control
            for character in text
        ]
        for strip in strips
    ]


class Padded(Host):
    CSS = "Preview { padding: 0 1; }"


@pytest.mark.parametrize("size", [(40, 21), (41, 12)])
async def test_the_picture_is_in_the_middle_and_all_else_is_the_ground(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    write_files(tmp_path, {"1.png": image_bytes(size=(200, 300))})
    preview = Preview()
    app = Padded(preview)
    async with app.run_test(size=size) as pilot:
        preview.show(page(tmp_path, "1.png"), "1  1.png")
        await until(pilot, lambda: preview.is_drawn)
        await pilot.pause()
        painted = cells_of(app.screen._compositor.render_strips())
    ground = preview.background_colors[1].rgb
    columns, rows = size[0] - 2, size[1] - 1
    drawn = cells_of(strips_of(render_preview(page(tmp_path, "1.png"), columns, rows)))
    above, before = 1 + (rows - len(drawn)) // 2, 1 + (columns - len(drawn[0])) // 2
    expected: list[list[Cell]] = [[(" ", None, ground)] * size[0] for _ in range(size[1])]
    for y, line in enumerate(drawn, above):
        expected[y][before : before + len(line)] = line
    assert "".join(character for character, _, _ in painted[0]) == " 1  1.png".ljust(size[0])
    assert painted[1:] == expected[1:]


async def test_it_follows_to_the_page_where_the_cursor_rests(tmp_path: Path) -> None:
    write_files(tmp_path, {f"{number}.png": image_bytes(seed=number) for number in range(1, 6)})
    preview = Preview()
    async with Host(preview).run_test(size=(30, 20)) as pilot:
        for number in range(1, 6):
            preview.show(page(tmp_path, f"{number}.png"), f"{number}")
        await until(pilot, lambda: preview.is_drawn)
        assert preview.kept == 1
        preview.show(page(tmp_path, "1.png"), "1")
        assert not preview.is_drawn
        await until(pilot, lambda: preview.is_drawn)
        assert preview.kept == 2


async def test_a_page_that_cannot_be_drawn_says_why(tmp_path: Path) -> None:
    write_files(tmp_path, {"1.png": b"not an image"})
    preview = Preview()
    async with Host(preview).run_test(size=(70, 20)) as pilot:
        preview.show(page(tmp_path, "1.png"), "\x1b]0;x\x07[/")
        await until(pilot, lambda: preview.problem)
        await pilot.pause()
        text = "\n".join(lines_of(pilot.app))
        assert "This page cannot be drawn" in text
        assert "\x1b" not in text
        preview.show(page(tmp_path, "gone.png"), "gone.png")
        await until(pilot, lambda: preview.problem)


async def test_without_colours_it_says_so(tmp_path: Path) -> None:
    write_files(tmp_path, {"1.png": image_bytes()})
    preview = Preview()
    host = Host(preview)
    host.no_color = True
    async with host.run_test(size=(70, 20)) as pilot:
        preview.show(page(tmp_path, "1.png"), "1")
        await pilot.pause()
        assert "no colours" in "\n".join(lines_of(pilot.app))


async def test_pictures_are_kept_up_to_a_number(tmp_path: Path) -> None:
    write_files(tmp_path, {f"{number}.png": image_bytes(size=(20, 30)) for number in range(60)})
    preview = Preview()
    async with Host(preview).run_test(size=(20, 10)) as pilot:
        for number in range(60):
            preview.draw_now(page(tmp_path, f"{number}.png"))
            await until(pilot, lambda: preview.is_drawn)
        assert preview.kept == 48
