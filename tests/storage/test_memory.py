"""What was used before: recent places and the choices of a series."""

from __future__ import annotations

import os
from pathlib import Path

from tui.storage.memory import Memory, SeriesMemory

CHOSEN = SeriesMemory("manga-id", "Title", ("g1", "g2"), ("One", ""), "en")


def test_recent_places_newest_first_once_each_and_bounded(tmp_path: Path) -> None:
    memory = Memory(tmp_path / "state" / "memory.json")
    assert memory.recent() == []
    for number in range(25):
        memory.remember_place(tmp_path / str(number))
    memory.remember_place(tmp_path / "20")
    recent = Memory(tmp_path / "state" / "memory.json").recent()
    assert recent[:3] == [tmp_path / "20", tmp_path / "24", tmp_path / "23"]
    assert len(recent) == 20
    assert len(set(recent)) == 20


def test_the_next_chapter_of_a_series_remembers(tmp_path: Path) -> None:
    memory = Memory(tmp_path / "memory.json")
    memory.remember_series(tmp_path / "Series" / "Chapter 1", CHOSEN)
    assert memory.series(tmp_path / "Series" / "Chapter 2.cbz") == CHOSEN
    assert memory.series(tmp_path / "Other" / "Chapter 1") is None


def test_names_that_are_no_text_survive(tmp_path: Path) -> None:
    memory = Memory(tmp_path / "memory.json")
    odd = Path(os.fsdecode(bytes(tmp_path) + b"/\xff\xfe \xe3\x81\x82"))
    memory.remember_place(odd)
    assert memory.recent() == [odd]


def test_a_broken_file_starts_empty_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "memory.json"
    for content in (b"{", b"[]", b"\xff"):
        path.write_bytes(content)
        memory = Memory(path)
        assert memory.recent() == []
        assert str(path) in memory.problem
    memory.remember_place(tmp_path)
    assert memory.recent() == [tmp_path]
    assert memory.problem == ""


def test_wrong_types_inside_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "memory.json"
    path.write_text(
        '{"recent": [1, "/a"], "series": {"/s": {"manga_id": 3, "group_ids": [1, "g"]}, "/t": 4}}'
    )
    memory = Memory(path)
    assert memory.recent() == [Path("/a")]
    assert memory.series(Path("/s/1")) == SeriesMemory("", group_ids=("g",))
    assert memory.series(Path("/t/1")) is None
