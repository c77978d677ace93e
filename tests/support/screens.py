"""Running widgets and screens without a terminal, and reading what they show."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from textual.app import App, ComposeResult
from textual.message import Message
from textual.pilot import Pilot
from textual.widget import Widget

from tui.widgets.type_ahead import TypeAheadApp

Kind = TypeVar("Kind", bound=Message)


class Host(TypeAheadApp[None]):
    """One widget on an empty screen."""

    ENABLE_COMMAND_PALETTE = False

    def __init__(self, widget: Widget) -> None:
        super().__init__()
        self.widget = widget

    def compose(self) -> ComposeResult:
        yield self.widget


class Messages:
    """A message hook that keeps each message once, though it bubbles through several widgets."""

    def __init__(self) -> None:
        self._seen: list[Message] = []

    def __call__(self, message: Message) -> None:
        if not any(message is other for other in self._seen[-200:]):
            self._seen.append(message)

    def of(self, kind: type[Kind]) -> list[Kind]:
        """The messages of one kind, in the order in which they were handled."""
        return [message for message in self._seen if isinstance(message, kind)]


def lines_of(app: App[Any], widget: Widget | None = None) -> list[str]:
    """The rows of the screen as text, or those of one widget."""
    strips = app.screen._compositor.render_strips()
    rows = ["".join(segment.text for segment in strip if not segment.control) for strip in strips]
    if widget is None:
        return [row.rstrip() for row in rows]
    region = widget.region
    return [strips[y].crop(region.x, region.right).text.rstrip() for y in region.line_range]


async def until(pilot: Pilot[Any], true: Callable[[], object], seconds: float = 10.0) -> None:
    """Let the app run until `true()`; AssertionError with what is on the screen when that never comes."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while not true():
        if loop.time() > end:
            raise AssertionError(f"never: {true}\n" + "\n".join(lines_of(pilot.app)))
        await pilot.pause(0.01)


async def press(pilot: Pilot[Any], keys: Sequence[str] | str) -> None:
    """Press keys, separated by blanks, and let the app come to rest."""
    for key in keys.split() if isinstance(keys, str) else keys:
        pilot.app.simulate_key(key)
        await _quiet(pilot.app)
    await pilot.pause()


async def _quiet(app: App[Any]) -> None:
    """Wait until no message waits anywhere. Pilot.press() waits for an idle processor, 60 ms at each key."""
    rounds = 0
    end = time.monotonic() + 30
    while rounds < 10:
        await asyncio.sleep(0)
        assert time.monotonic() < end, f"the app does not come to rest: {app._exception!r}"
        pumps = (app, app.screen, *app.screen.walk_children(Widget))
        rounds = rounds + 1 if all(pump._message_queue.empty() for pump in pumps) else 0
