"""Paths that are pasted, or dropped on the terminal."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual import events

from tests.support.screens import lines_of, until
from tui.app import DexupApp
from tui.screens.chapter import ChapterScreen
from tui.screens.pasting import pasted_path


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("/scans/ch 12\n", "/scans/ch 12"),
        ("\n  '/scans/ch 12' ", "/scans/ch 12"),
        ("/scans/ch\\ 12", "/scans/ch 12"),
        ("file:///scans/ch%2012.cbz\r\nfile:///b", "/scans/ch 12.cbz"),
        ("https://mangadex.org/title/x", None),
        ("some words", None),
        ("", None),
        ("/a\0b", None),
        ("/" + "a" * 5000, None),
    ],
)
def test_the_path_in_a_paste(text: str, path: str | None) -> None:
    assert pasted_path(text) == (Path(path) if path else None)


async def test_a_path_pasted_on_the_start_screen_or_over_another_chapter_opens(
    app: DexupApp, harbour: Path, samples: Path
) -> None:
    other = samples / "[Example Scans] Harbour Lights - Vol.02 Ch.013 - Undertow (en).cbz"
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await until(pilot, lambda: "No upload session is open" in "\n".join(lines_of(app)))
        app.post_message(events.Paste("/no/such\x1b[2J/chapter"))
        await until(pilot, lambda: "nothing at /no/such␛[2J" in "\n".join(lines_of(app)))
        app.post_message(events.Paste(f"'{harbour}'\n"))
        await until(pilot, lambda: isinstance(app.screen, ChapterScreen) and app.screen.pages.row_count == 24)
        app.post_message(events.Paste(str(other)))
        await until(pilot, lambda: "p001.jpg" in "\n".join(lines_of(app)))
