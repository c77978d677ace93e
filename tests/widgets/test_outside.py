"""Title, task bar and bell."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.upload.test_pure import plan_of
from tui.terminal import Capabilities
from tui.upload.view import Phase, start_view
from tui.widgets.outside import Shown, copied, outside, sequences
from tui.widgets.terminal_app import TerminalApp

ALL = Capabilities(title=True, progress=True, notification="9")
VIEW = start_view(plan_of(4))


def test_pages_in_the_title_and_bytes_in_the_task_bar() -> None:
    view = replace(VIEW, phase=Phase.SENDING, accepted_count=3, sent_bytes=300, total_bytes=400)
    shown = outside(view)
    assert sequences(Shown(), shown, ALL, "bell") == "\x1b]0;dexup: 3/4 pages, uploading\x07\x1b]9;4;1;75\x07"
    assert sequences(shown, outside(view), ALL, "bell") == ""
    assert sequences(Shown(), shown, Capabilities(), "bell") == ""
    assert sequences(shown, outside(replace(view, phase=Phase.WAITING)), ALL, "bell") == (
        "\x1b]0;dexup: 3/4 pages, waiting\x07\x1b]9;4;4;75\x07"
    )
    assert outside(replace(VIEW, phase=Phase.COMMITTED)).progress == "0"  # nothing is under way any more


@pytest.mark.parametrize(
    ("when_done", "notification", "sent"),
    [
        ("bell", "9", "\x07"),
        ("off", "9", ""),
        ("notify", "9", "\x1b]9;dexup: 4/4 pages, ready to commit\x07"),
        ("notify", "777", "\x1b]777;notify;dexup;dexup: 4/4 pages, ready to commit\x07"),
        ("notify", "", "\x07"),
    ],
)
def test_it_calls_once_when_the_pages_are_in(when_done: str, notification: str, sent: str) -> None:
    can = Capabilities(notification=notification, notifies=True)
    ready = replace(VIEW, phase=Phase.READY, accepted_count=4)
    before = outside(replace(ready, phase=Phase.SENDING))
    assert sequences(before, outside(ready), can, when_done) == sent
    assert sequences(outside(ready), outside(ready), can, when_done) == ""
    unsure = replace(can, notifies=False)
    assert sequences(before, outside(ready), unsure, when_done) == (
        sent + "\x07" if when_done == "notify" and notification else sent
    )


async def test_a_terminal_that_would_paint_it_gets_nothing_for_a_clipboard() -> None:
    for can, words in (
        (Capabilities(), "Sent to the terminal's clipboard"),
        (Capabilities(swallows=False), "no clipboard"),
    ):
        app = TerminalApp[None](can)
        async with app.run_test():
            said = copied(app, "https://a", "https://a")
            assert words in said
            assert said.endswith(": https://a")
            assert app.clipboard == ("https://a" if can.swallows else "")
