"""One-line fields that appear above a list while something is typed: a filter, or a path."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Input

_STEPS = {"up": -1, "down": 1, "pageup": -10, "pagedown": 10}


class EntryBar(Input):
    """A field of one line, hidden until it is opened. Escape closes it, enter keeps what was typed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "Done"),
        Binding("escape", "leave", "Clear"),
    ]
    DEFAULT_CSS = """
    EntryBar, EntryBar:focus { display: none; height: 1; border: none; padding: 0 1; background: $boost; }
    EntryBar.-open { display: block; }
    """

    @dataclass
    class Typed(Message):
        """The text changed while the bar is open."""

        bar: EntryBar
        text: str

        @property
        def control(self) -> EntryBar:
            return self.bar

    @dataclass
    class Closed(Message):
        """The bar was closed: with enter (`kept`) or with escape."""

        bar: EntryBar
        text: str
        kept: bool

        @property
        def control(self) -> EntryBar:
            return self.bar

    @dataclass
    class Stepped(Message):
        """Up or down: the cursor of the list below is to move, by so many rows."""

        bar: EntryBar
        rows: int

        @property
        def control(self) -> EntryBar:
            return self.bar

    @dataclass
    class TabPressed(Message):
        """Tab asks to complete what was typed."""

        bar: EntryBar
        text: str

        @property
        def control(self) -> EntryBar:
            return self.bar

    def __init__(self, prompt: str, *, id: str | None = None, completes: bool = False) -> None:
        super().__init__(placeholder=prompt, id=id, select_on_focus=False)
        self.cursor_blink = False  # a blinking cursor is 2.5 kB a second on the line
        self._completes = completes

    @property
    def is_open(self) -> bool:
        """Shown, whether or not it has the focus."""
        return self.has_class("-open")

    def open(self, text: str = "") -> None:
        """Show the bar with `text` and type into it."""
        self.put(text)
        self.add_class("-open")
        self.screen.set_focus(self)

    def put(self, text: str) -> None:
        """Put `text` in the place of what is typed, if it is another one."""
        if text != self.value:
            self.value = text
            self.cursor_position = len(text)

    def close(self) -> None:
        """Hide the bar; says nothing."""
        self.remove_class("-open")
        with self.prevent(Input.Changed):
            self.value = ""

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        if self.is_open:
            self.post_message(self.Typed(self, event.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Closed(self, event.value, kept=True))

    def action_leave(self) -> None:
        self.post_message(self.Closed(self, self.value, kept=False))

    def on_key(self, event: events.Key) -> None:
        if event.key in _STEPS:
            event.stop()
            event.prevent_default()
            self.post_message(self.Stepped(self, _STEPS[event.key]))
        elif event.key == "tab" and self._completes:
            event.stop()
            event.prevent_default()
            self.post_message(self.TabPressed(self, self.value))
