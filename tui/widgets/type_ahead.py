"""Keys that were typed before the dialog that they are meant for is up, as happens over a slow line.

Textual looks a key's binding up when the key has bubbled through the screen that had it, and then asks the screen
that is in front by now: a key typed ahead would be lost, or answer a question that nobody has read yet.
"""

from __future__ import annotations

from collections import deque
from typing import Any, TypeVar

from textual import events
from textual.app import App
from textual.screen import Screen
from textual.widget import Widget

T = TypeVar("T")

_KEPT = 64
"""Keys that may be on their way through a screen at once."""


class EarlyKeys:
    """What a dialog does with them: takes them, in the order of typing, or drops them."""

    def __init__(self, *, taken: bool) -> None:
        self._taken = taken
        self._waiting: list[events.Key] = []
        self._focus: Widget | None = None

    @property
    def opened(self) -> bool:
        """Keys go their usual way from now on."""
        return self._focus is not None

    def add(self, event: events.Key) -> None:
        """A key that was typed before the dialog opened."""
        if not self._taken:
            return
        if self._focus is not None:
            self._focus._forward_event(_unused(event))
        else:
            self._waiting.append(event)

    def open_at(self, screen: Screen[Any], widget: Widget) -> None:
        """Everything is mounted: focus `widget` and give it the keys that wait. Nothing may come between, or a
        later key would overtake them."""
        screen.set_focus(widget)
        self._focus = widget
        for event in sorted(self._waiting, key=lambda key: key.time):
            widget._forward_event(_unused(event))
        self._waiting.clear()


def _unused(event: events.Key) -> events.Key:
    """The same key; an event that has been through a screen is not handled again."""
    return events.Key(event.key, event.character)


class TypeAheadApp(App[T]):
    """An App that brings such keys to the dialog in front, and to nothing else of it."""

    _typed: deque[tuple[events.Key, Screen[Any]]]

    def __init__(self) -> None:
        super().__init__()
        self._typed = deque(maxlen=_KEPT)

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key):
            if not event.is_forwarded:
                self._typed.append((event, self.screen))
            elif self._was_early(event):
                return
        await super().on_event(event)

    def _was_early(self, event: events.Key) -> bool:
        front = self.screen
        early = getattr(front, "early_keys", None)
        typed_at = next((screen for typed, screen in self._typed if typed is event), front)
        if typed_at is front or not isinstance(early, EarlyKeys):
            return False
        early.add(event)
        return True
