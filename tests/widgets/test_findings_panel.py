from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.support.hostile import HOSTILE
from tests.support.screens import Host, Messages, lines_of, press
from tui.chapter.findings import Finding, Severity
from tui.widgets.findings_panel import FindingsPanel

FOUND = (
    Finding(
        Severity.ERROR, "file-too-large", "22.1 MB; the limit is 20.0 MB.", "Save it as JPEG.", page="k7"
    ),
    Finding(Severity.WARNING, "same-content", "Pages 3 and 9 are the same.", "Leave one out.", page="k9"),
    Finding(Severity.NOTE, "skipped", "1 file skipped: Thumbs.db.", ""),
)
NUMBERS = {"k7": 7, "k9": 9}


@asynccontextmanager
async def shown(
    findings: tuple[Finding, ...] | None = FOUND, size: tuple[int, int] = (120, 8)
) -> AsyncIterator[tuple[Pilot[Any], FindingsPanel, Messages]]:
    panel = FindingsPanel(NUMBERS.get)
    seen = Messages()
    async with Host(panel).run_test(size=size, message_hook=seen) as pilot:
        panel.show(findings, "checking…")
        await pilot.pause()
        yield pilot, panel, seen


async def test_each_finding_is_a_line_with_weight_page_message_and_remedy() -> None:
    async with shown() as (pilot, _, _seen):
        lines = lines_of(pilot.app)
        assert lines[0] == " Findings: 1 error, 1 warning, 1 note · checking…"
        assert " ".join(lines[1].split()) == (
            "▸✗ error page 7 22.1 MB; the limit is 20.0 MB. → Save it as JPEG."
        )
        assert lines[2].split()[:4] == ["!", "warning", "page", "9"]
        assert lines[3].split()[:3] == ["·", "note", "chapter"]


async def test_in_little_room_the_remedy_stays() -> None:
    async with shown(size=(66, 8)) as (pilot, _, _seen):
        assert lines_of(pilot.app)[1].endswith("… → Save it as JPEG.")


async def test_the_cursor_points_to_the_finding_and_enter_goes_there() -> None:
    async with shown() as (pilot, _, seen):
        await press(pilot, "j enter")
        pointed = [(message.finding.page, message.entered) for message in seen.of(FindingsPanel.Pointed)]
        assert pointed == [("k9", False), ("k9", True)]


async def test_x_asks_to_leave_the_page_out() -> None:
    async with shown() as (pilot, panel, seen):
        panel.focus()
        await press(pilot, "x G x")
        assert [message.key for message in seen.of(FindingsPanel.ExcludeWanted)] == ["k7"]


async def test_nothing_found_nothing_checked_yet_and_excluded_pages_have_words() -> None:
    async with shown(()) as (pilot, panel, _):
        assert "No problems found." in "\n".join(lines_of(pilot.app))
        panel.show(None, "checking…")
        await pilot.pause()
        assert lines_of(pilot.app)[0] == " Findings: checking…"
        panel.show((Finding(Severity.ERROR, "x", "m", "r", page="left out"),))
        await pilot.pause()
        assert "excluded" in lines_of(pilot.app)[1]


async def test_new_numbers_after_a_move_are_shown() -> None:
    numbers = {"k7": 7, "k9": 9}
    panel = FindingsPanel(numbers.get)
    async with Host(panel).run_test(size=(100, 8)) as pilot:
        panel.show(FOUND)
        await pilot.pause()
        numbers["k7"] = 8
        panel.renumber()
        await pilot.pause()
        assert "page 8" in lines_of(pilot.app)[1]


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_texts_are_made_safe(text: str) -> None:
    panel = FindingsPanel(NUMBERS.get)
    line = panel.sentence(Finding(Severity.ERROR, "rule", text, text), 60)
    assert all(character.isprintable() for character in line)
