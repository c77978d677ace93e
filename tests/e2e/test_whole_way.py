"""The main job in a real terminal with keys only, and the bytes that come out of it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.support.terminal import Terminal


@pytest.fixture
def places(tmp_path: Path) -> tuple[Path, Path]:
    """Where the sandbox keeps committed chapters, and where dexup puts its temporary files."""
    data, temporary = tmp_path / "data", tmp_path / "temporary"
    temporary.mkdir()
    return data, temporary


def start(data: Path, temporary: Path, columns: int, rows: int) -> Terminal:
    return Terminal(
        [sys.executable, "-m", "tui", "--sandbox", "--sandbox-data", str(data), "--uplink", "0"],
        columns=columns,
        rows=rows,
        environ={"TMPDIR": str(temporary), "XDG_CONFIG_HOME": str(temporary / "config")},
    )


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (160, 50)])
def test_a_chapter_goes_up_in_the_order_chosen_with_keys(
    places: tuple[Path, Path], columns: int, rows: int
) -> None:
    data, temporary = places
    with start(data, temporary, columns, rows) as terminal:
        terminal.wait_for("No upload session is open")
        terminal.press("n")
        terminal.wait_for("Low Tide")
        terminal.press("enter")
        terminal.wait_for("24 pages")
        terminal.wait_for("ctrl+n goes on")
        # One page moves: 1 2 4 5 3.
        terminal.press("j", "j", "J", "J")
        # Three marked pages move to the tenth place, one more page goes wrong and comes back by undo.
        terminal.press("g", "space", "space", "space", "m")
        terminal.wait_for("Move")
        terminal.type("10")
        terminal.press("enter")
        terminal.wait_for("3 marked")
        terminal.press("K", "u")
        terminal.press("ctrl+n")
        terminal.wait_for("Ready: ctrl+n starts the upload")
        assert "Example Scans" in terminal.text
        assert "Low Tide" in terminal.text

        (sources,) = temporary.glob("dexup-sandbox-*/samples/*Harbour*Low Tide*")
        pages = {int(path.stem): path.read_bytes() for path in sources.glob("*.png")}
        assert len(pages) == 24

        terminal.press("ctrl+n")
        terminal.wait_for("Nothing is published yet: c commits", 40)
        assert not (data / "chapters").exists() or not list((data / "chapters").iterdir())
        terminal.press("c")
        terminal.wait_for("Publish this chapter?")
        terminal.press("enter")  # the safe answer
        terminal.wait_for(lambda shown: "Publish this chapter?" not in shown)
        terminal.press("c")
        terminal.wait_for("Publish this chapter?")
        terminal.press("y")
        terminal.wait_for("Committed", 40)
        terminal.press("ctrl+q")
        assert terminal.wait_end() == 0

    (chapter,) = (data / "chapters").iterdir()
    committed = [page.read_bytes() for page in sorted(chapter.glob("*.png"))]
    order = [5, 3, 6, 7, 8, 9, 10, 11, 12, 1, 2, 4, *range(13, 25)]
    assert committed == [pages[number] for number in order]
    assert not list(temporary.glob("dexup-sandbox-*"))


def test_keys_that_come_in_one_packet_go_where_they_were_meant_for(places: tuple[Path, Path]) -> None:
    """As over a slow line: fields, questions and screens open while what is typed into them is there already."""
    with start(*places, 80, 24) as terminal:
        terminal.wait_for("No upload session is open")
        terminal.type("n/low\r")
        terminal.wait_for("24 pages")
        terminal.type("jm10\rx/7\r")
        terminal.wait_for("2 shown by the filter")
        assert "manual order" in terminal.text
        terminal.type("/\x7f2.p\r")
        terminal.wait_for("3 shown by the filter")
        assert any(line.split()[:2] == ["–", "2.png"] and "excluded" in line for line in terminal.lines)
