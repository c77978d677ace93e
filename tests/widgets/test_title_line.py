"""The first line of a screen."""

from __future__ import annotations

import pytest
from textual.app import App, ComposeResult

from tui.widgets.title_line import TitleLine


@pytest.mark.parametrize(
    ("width", "line"),
    [
        (80, " dexup · Upload                           me · SANDBOX, nothing real is touched "),
        (60, f"{' dexup · Upload':<20}  me · SANDBOX, nothing real is touched "),
        (50, " dexup · Upload       me · SANDBOX, nothing real… "),
        (30, " dexup · Upload               "),
    ],
)
async def test_the_account_is_cut_where_it_has_no_place(width: int, line: str) -> None:
    class Shown(App[None]):
        def compose(self) -> ComposeResult:
            yield TitleLine("Upload")

    app = Shown()
    async with app.run_test(size=(width, 16)):
        title = app.query_one(TitleLine)
        title.show("Upload", "me · SANDBOX, nothing real is touched")
        assert title.render_line(0).text == line
