"""`dexup queue`: filled, corrected, saved and run without a screen."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.support.headless import Dexup, png
from tui.commands.queue import read_numbers


def write_chapters(folder: Path, *numbers: int) -> Path:
    for number in numbers:
        below = folder / f"Harbour Lights - c{number} (en)"
        below.mkdir(parents=True)
        for page in (1, 2):
            (below / f"{page}.png").write_bytes(png(number * 10 + page, 1))
    return folder


def listed(dexup: Dexup) -> list[dict[str, Any]]:
    return [json.loads(line) for line in dexup.run("queue", "list", "--json").out.splitlines()]


def test_a_queue_is_filled_corrected_and_emptied(dexup: Dexup, tmp_path: Path) -> None:
    folder = write_chapters(tmp_path / "in", 81, 82, 83)
    assert dexup.run("queue", "add", folder, "--manga", dexup.manga, "--group", dexup.group).code == 0
    assert "in the queue already" in dexup.run("queue", "add", folder).err
    assert dexup.run("queue", "set", "2-", "volume=4", "chapter=+10", "title=a = b").code == 0
    assert dexup.run("queue", "move", "3", "1").code == 0
    assert dexup.run("queue", "pause", "1").code == 0
    assert dexup.run("queue", "pause", "1").code == 2  # it is already
    told = [(e["number"], e["chapter"], e["volume"], e["title"], e["state"]) for e in listed(dexup)]
    assert told == [
        (3, "93", "4", "a = b", "waiting"), (1, "81", None, None, "paused"), (2, "92", "4", "a = b", "waiting"),
    ]  # fmt: skip
    assert dexup.run("queue", "remove", "2").code == 0
    assert dexup.run("queue", "clear").code == 0
    assert "The queue is empty" in dexup.run("queue", "list").out
    assert not dexup.server.requests


def test_a_file_is_run_and_a_second_run_of_it_does_nothing_more(dexup: Dexup, tmp_path: Path) -> None:
    folder = write_chapters(tmp_path / "in", 91, 92)
    dexup.run("queue", "add", folder, "--manga", dexup.manga, "--group", dexup.group)
    assert dexup.run("queue", "export", tmp_path / "q.toml").code == 0
    assert dexup.run("queue", "export", tmp_path / "q.toml").code == 2  # never over a file that is there
    # As somebody writes it by hand.
    named = re.sub(r"\{ id = [^}]*\}", '"Example Scans"', (tmp_path / "q.toml").read_text())
    (tmp_path / "q.toml").write_text(named.replace('manga = "Example Scans"', 'manga = "Harbour Lights"'))
    dexup.run("queue", "clear")
    dexup.run(
        "queue", "add", write_chapters(tmp_path / "other", 99), "--manga", dexup.manga, "--group", "none"
    )
    arguments = ("upload", "--queue", tmp_path / "q.toml", "--accept-terms", "--json")
    done = dexup.run(*arguments)
    assert done.code == 0, done.err
    ended = [record for record in done.records if record["event"] == "queue-entry-ended"]
    assert [(record["state"], record["problem"]) for record in ended] == [("committed", "")] * 2
    assert done.records[-1] == {"event": "result", "exit": 0}
    assert len(dexup.committed()) == 2
    assert dexup.run(*arguments).code == 0
    assert len(dexup.committed()) == 2
    assert {e["chapter"]: e["state"] for e in listed(dexup)} == {
        "91": "committed", "92": "committed", "99": "waiting",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["queue", "run"], "--accept-terms"),
        (["upload", "--queue", "q.csv"], "--accept-terms"),
        (["upload", "--queue", "q.csv", "--chapter", "5", "--accept-terms"], "--chapter"),
        (["upload", "--accept-terms"], "--queue"),
        (["queue", "add", ".", "--manga", "One Piece"], "manga"),
        (["queue", "set", "1", "colour=red"], "colour"),
        (["queue", "set", "7", "volume=1"], "no entry 7"),
        (["queue", "import", "none.csv"], "none.csv"),
    ],
)
def test_a_wrong_command_line_exits_2_in_words_and_asks_nobody(
    dexup: Dexup, arguments: list[str], said: str
) -> None:
    done = dexup.run(*arguments)
    assert done.code == 2, done.err
    assert said in done.err
    assert not [
        entry for entry in dexup.server.requests if entry.method == "POST" and "/upload" in entry.path
    ]


@pytest.mark.parametrize(
    ("text", "numbers"), [("3", [3]), ("2-5", [5, 3]), ("9,3", [9, 3]), ("5-", [5, 9]), ("all", [5, 9, 3])]
)
def test_numbers_are_read_in_the_queues_order(text: str, numbers: list[int]) -> None:
    assert read_numbers(text, [5, 9, 3]) == numbers


@pytest.mark.parametrize("text", ["", "x", "1", "3 9", "-3", "5-2"])
def test_numbers_that_name_nothing_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"entry"):
        read_numbers(text, [5, 9, 3])
