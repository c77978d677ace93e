from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from rich.cells import cell_len
from rich.segment import Segment
from textual import events
from textual.pilot import Pilot

from tests.support.chapters import make_page
from tests.support.hostile import HOSTILE
from tests.support.screens import Host, Messages, lines_of, press
from tui.chapter.findings import Finding, Severity
from tui.chapter.order import PageOrder
from tui.chapter.pages import ImageType, Page
from tui.widgets.page_table import PageTable

SIZES = pytest.mark.parametrize("size", [(120, 40), (80, 24)])


class Recording(PageTable):
    """Keeps which rows and header lines are drawn."""

    def __init__(self) -> None:
        super().__init__()
        self.drawn: list[int] = []
        self.headers: list[int] = []

    def draw_row(self, row: int, width: int) -> list[Segment]:
        self.drawn.append(row)
        return super().draw_row(row, width)

    def draw_header(self, line: int, width: int) -> list[Segment]:
        self.headers.append(line)
        return super().draw_header(line, width)


def pages(count: int = 24) -> list[Page]:
    return [make_page(f"{number}.png") for number in range(1, count + 1)]


@asynccontextmanager
async def shown(
    what: list[Page] | None = None, size: tuple[int, int] = (120, 40)
) -> AsyncIterator[tuple[Pilot[Any], Recording, Messages]]:
    table = Recording()
    seen = Messages()
    async with Host(table).run_test(size=size, message_hook=seen) as pilot:
        table.show(PageOrder.from_pages(pages() if what is None else what))
        table.focus()
        await pilot.pause()
        table.drawn.clear()
        table.headers.clear()
        yield pilot, table, seen


def names(table: PageTable, count: int = 5) -> list[str]:
    assert table.order is not None
    return [page.name.removesuffix(".png") for page in table.order.pages[:count]]


def here(table: PageTable) -> str:
    assert table.cursor_page is not None
    return table.cursor_page.name.removesuffix(".png")


@SIZES
async def test_a_page_moves_down_and_up_under_the_cursor(size: tuple[int, int]) -> None:
    async with shown(size=size) as (pilot, table, seen):
        await press(pilot, "j J J")
        assert names(table) == ["1", "3", "4", "2", "5"]
        assert here(table) == "2"
        await press(pilot, "K")
        assert names(table) == ["1", "3", "2", "4", "5"]
        assert len(seen.of(PageTable.OrderChanged)) == 3


async def test_marked_pages_move_together_and_the_cursor_stays_on_its_page() -> None:
    async with shown() as (pilot, table, _):
        await press(pilot, "space j space j j J")
        assert names(table, 6) == ["2", "1", "4", "3", "5", "6"]
        assert here(table) == "6"
        assert "2 marked" in lines_of(pilot.app)[0]


async def test_the_first_page_does_not_move_up_and_it_is_said() -> None:
    async with shown() as (pilot, table, seen):
        await press(pilot, "K")
        assert names(table) == ["1", "2", "3", "4", "5"]
        assert [message.text for message in seen.of(PageTable.Said)] == ["Already at the start."]
        assert not seen.of(PageTable.OrderChanged)


async def test_marks_step_down_and_can_be_set_for_all() -> None:
    async with shown(pages(3)) as (pilot, table, _):
        await press(pilot, "space space")
        assert len(table.marked) == 2
        assert here(table) == "3"
        assert [line[1] for line in lines_of(pilot.app)[2:5]] == ["●", "●", " "]
        await press(pilot, "ctrl+a")
        assert len(table.marked) == 3
        await press(pilot, "ctrl+a")
        assert not table.marked


@SIZES
async def test_an_excluded_page_has_a_dash_and_a_word_and_no_number(size: tuple[int, int]) -> None:
    async with shown(size=size) as (pilot, table, _):
        await press(pilot, "j x")
        lines = lines_of(pilot.app)
        assert "–  2.png" in lines[3]
        assert "– excluded" in lines[3]
        assert " 2  3.png" in lines[4]
        assert "23 pages" in lines[0]
        assert "1 excluded" in lines[0]
        await press(pilot, "x")
        assert " 2  2.png" in lines_of(pilot.app)[3]
        assert here(table) == "2"


async def test_undo_and_redo_keep_the_cursor_on_its_page() -> None:
    async with shown() as (pilot, table, seen):
        await press(pilot, "J J x u u")
        assert names(table) == ["2", "1", "3", "4", "5"]
        assert here(table) == "1"
        await press(pilot, "u")
        assert names(table) == ["1", "2", "3", "4", "5"]
        assert "natural order" in lines_of(pilot.app)[0]
        await press(pilot, "ctrl+r ctrl+r")
        assert names(table) == ["2", "3", "1", "4", "5"]
        assert here(table) == "1"
        await press(pilot, "u u u")
        assert [message.text for message in seen.of(PageTable.Said)] == ["Nothing to undo."]


@SIZES
async def test_the_cursor_reaches_both_ends_and_stays_in_view(size: tuple[int, int]) -> None:
    async with shown(pages(100), size) as (pilot, table, _):
        await press(pilot, "G")
        assert here(table) == "100"
        assert any(line.startswith("▸") and "100.png" in line for line in lines_of(pilot.app))
        await press(pilot, "pageup pageup k g")
        assert here(table) == "1"
        assert lines_of(pilot.app)[2].startswith("▸")


async def test_a_resized_terminal_keeps_the_cursor_in_view() -> None:
    async with shown(pages(100)) as (pilot, table, _):
        table.action_cursor(35)
        await pilot.resize_terminal(80, 16)
        await pilot.pause()
        assert any(line.startswith("▸") and "36.png" in line for line in lines_of(pilot.app))


async def test_a_filter_shows_only_what_fits_and_moving_passes_the_hidden_pages() -> None:
    async with shown() as (pilot, table, _):
        table.set_filter("1.")
        await press(pilot, "g J")
        assert [page.name for page in table.view.pages] == ["11.png", "1.png", "21.png"]
        assert names(table, 11)[-2:] == ["11", "1"]
        table.set_filter("nothing like this")
        await press(pilot, "J x space j")
        assert "No page's name contains" in "\n".join(lines_of(pilot.app))
        assert names(table, 11)[-2:] == ["11", "1"]


async def test_only_the_rows_that_changed_are_drawn() -> None:
    async with shown(pages(100)) as (pilot, table, _):
        await press(pilot, "j")
        assert (sorted(table.drawn), table.headers) == ([0, 1], [])
        table.drawn.clear()
        await press(pilot, "J")
        assert (sorted(table.drawn), table.headers) == ([1, 2], [0])
        table.drawn.clear()
        table.headers.clear()
        await press(pilot, "J")
        assert (sorted(table.drawn), table.headers) == ([2, 3], [])
        table.drawn.clear()
        await press(pilot, "space")
        assert (sorted(table.drawn), table.headers) == ([3, 4], [0])


async def test_hashes_that_arrive_draw_nothing() -> None:
    async with shown(pages(30)) as (pilot, table, _):
        await press(pilot, "j")
        table.drawn.clear()
        table.replace_pages([make_page(f"{number}.png", sha256="f" * 64) for number in range(1, 31)])
        await pilot.pause()
        assert table.drawn == []
        assert table.order is not None
        assert all(page.sha256 == "f" * 64 for page in table.order.pages)


async def test_a_held_key_scrolls_in_leaps() -> None:
    async with shown(pages(200)) as (pilot, table, _):
        for _ in range(97):
            table.action_cursor(1)
            await pilot._wait_for_screen()
        in_view = 38
        assert len(table.drawn) < 97 * 2 + 6 * in_view


async def test_findings_are_shown_with_glyph_and_words() -> None:
    found = pages(3)
    async with shown(found) as (pilot, table, _):
        table.show_findings(
            [
                Finding(Severity.ERROR, "file-too-large", "22 MB", "Smaller", page=found[1].key),
                Finding(Severity.WARNING, "page-tiny", "small", "Look", page=found[1].key),
                Finding(Severity.WARNING, "page-tiny", "small", "Look", page=found[2].key),
                Finding(Severity.NOTE, "animated", "moves", "", page=found[0].key),
            ]
        )
        await pilot.pause()
        lines = lines_of(pilot.app)[2:5]
        assert lines[0].endswith("· animated")
        assert lines[1].endswith("✗ file too large")
        assert lines[2].endswith("! tiny")


@pytest.mark.parametrize("width", [120, 48, 30])
async def test_hostile_names_keep_the_columns_straight(width: int) -> None:
    hostile = [make_page(name) for name in HOSTILE.values()]
    async with shown(hostile, (width, 40)) as (pilot, _, _seen):
        strips = pilot.app.screen._compositor.render_strips()
        assert {strip.cell_length for strip in strips} == {width}
        rows = [strip.text for strip in strips[2 : 2 + len(hostile)]]
        assert all(character.isprintable() for row in rows for character in row)
        if width >= 48:
            assert len({cell_len(row[: row.index("1.0 kB")]) for row in rows}) == 1
        await press(pilot, "J space x G x K")
        assert pilot.app.is_running


async def test_narrow_tables_give_up_type_then_pixels_then_size() -> None:
    def columns(lines: list[str]) -> str:
        return " ".join(lines[1].split())

    fits = {80: "size pixels type marks", 64: "size pixels marks", 48: "size marks", 30: "marks"}
    for width, wanted in fits.items():
        async with shown(size=(width, 24)) as (pilot, _, _seen):
            assert columns(lines_of(pilot.app)) == f"№ name {wanted}"


async def test_empty_and_waiting_say_what_to_do() -> None:
    async with shown([]) as (pilot, table, _):
        table.show(None, waiting="No chapter yet.\nChoose a folder.")
        await press(pilot, "j k J K x space m s slash u ctrl+a G g pagedown")
        text = "\n".join(lines_of(pilot.app))
        assert "No chapter yet." in text
        assert "Choose a folder." in text


async def test_a_click_moves_the_cursor_and_the_mark_column_marks() -> None:
    async with shown() as (pilot, table, _):
        await pilot.click(table, offset=(10, 5))
        assert here(table) == "4"
        await pilot.click(table, offset=(1, 6))
        await pilot.click(table, offset=(10, 8), control=True)
        assert len(table.marked) == 2
        assert here(table) == "7"
        await pilot.click(table, offset=(10, 10), shift=True)
        assert len(table.marked) == 4
        await pilot.click(table, offset=(10, 0))
        assert here(table) == "9"


async def test_a_dragged_row_moves_and_one_undo_takes_it_back() -> None:
    async with shown() as (pilot, table, seen):
        await pilot.mouse_down(table, offset=(10, 3))
        for y in (4, 5, 6):
            await pilot.hover(table, offset=(10, y))
        await pilot.mouse_up(table, offset=(10, 6))
        await pilot.pause()
        assert names(table) == ["1", "3", "4", "5", "2"]
        assert len(seen.of(PageTable.OrderChanged)) == 1
        await press(pilot, "u")
        assert names(table) == ["1", "2", "3", "4", "5"]


async def test_marked_pages_are_dragged_together_and_past_the_edge() -> None:
    async with shown(pages(60), size=(80, 24)) as (pilot, table, _):
        await press(pilot, "space space")
        await pilot.mouse_down(table, offset=(10, 3))
        await pilot.hover(table, offset=(10, 5))
        assert names(table, 6) == ["3", "4", "1", "2", "5", "6"]
        bottom = table.size.height - 1
        for y in (bottom - 1, bottom, bottom - 1):
            await pilot.hover(table, offset=(10, y))
        await pilot.mouse_up(table, offset=(10, bottom))
        await press(pilot, "u")
        assert names(table) == ["1", "2", "3", "4", "5"]


async def test_a_click_on_a_title_sorts_and_another_turns_the_order_round() -> None:
    many = [
        make_page(f"{number}.png", size=1000 * (7 - number), width=number * 100) for number in range(1, 7)
    ]
    async with shown(many, size=(80, 24)) as (pilot, table, _):
        titles = lines_of(pilot.app)[1]
        for title, wanted in (("size", "654321"), ("size", "123456"), ("pixels", "123456"), ("pixels", "654321"),
                              ("name", "123456"), ("type", "123456"), ("№", "123456")):  # fmt: skip
            await pilot.click(table, offset=(titles.index(title), 1))
            assert "".join(names(table, 6)) == wanted, title
        await press(pilot, "u")
        assert "".join(names(table, 6)) == "654321"


async def test_names_are_shown_as_the_numbers_make_them() -> None:
    many = [make_page("b.jpg", type=ImageType.PNG), make_page("a.png"), make_page("c.png")]
    async with shown(many, size=(80, 24)) as (pilot, _table, _):
        await press(pilot, "j x number_sign")
        rows = lines_of(pilot.app)
        assert "001.png ← a.png" in rows[2]
        assert "– " in rows[3]
        assert "←" not in rows[3]
        assert "002.png ← c.png" in rows[4]
        await press(pilot, "x")
        assert "002.png ← b.jpg" in lines_of(pilot.app)[3]
        await press(pilot, "number_sign")
        assert "←" not in "".join(lines_of(pilot.app))


async def test_the_wheel_scrolls_and_leaves_the_cursor() -> None:
    async with shown(pages(100)) as (pilot, table, _):
        await pilot._post_mouse_events([events.MouseScrollDown], table, (10, 10))
        await pilot.pause()
        assert table.first_row > 0
        assert here(table) == "1"


async def test_top_end_and_turning_round() -> None:
    async with shown(pages(6)) as (pilot, table, _):
        await press(pilot, "j j greater_than_sign")
        assert names(table, 6) == ["1", "2", "4", "5", "6", "3"]
        await press(pilot, "less_than_sign")
        assert names(table, 6) == ["3", "1", "2", "4", "5", "6"]
        await press(pilot, "g j space space R")
        assert names(table, 6) == ["3", "2", "1", "4", "5", "6"]
        await press(pilot, "u u u")
        assert names(table, 6) == ["1", "2", "3", "4", "5", "6"]
