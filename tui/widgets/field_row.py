"""One line of a form: label, field, and where its value came from or what is wrong with it."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Input, Static

from tui.widgets.hint_line import HintLine


class FieldRow(Horizontal):
    """A label, an input and a tag. The tag's text must be safe to show."""

    DEFAULT_CSS = """
    FieldRow { height: 1; }
    FieldRow .label { width: 11; color: $text-muted; }
    FieldRow Input { width: 2fr; max-width: 64; }
    FieldRow HintLine { width: 2fr; padding: 0; margin: 0 0 0 1; background: transparent; }
    FieldRow.-wrong HintLine { color: $text-error; }
    FieldRow.-doubt HintLine { color: $text-warning; }
    """

    def __init__(
        self, name: str, label: str, *, value: str = "", placeholder: str = "", hidden: bool = False
    ) -> None:
        """`hidden` shows dots in place of what is typed."""
        super().__init__(id=f"row-{name}")
        self._label = label
        self.field = Input(
            value, placeholder=placeholder, id=name, password=hidden, compact=True, select_on_focus=False
        )
        self.field.cursor_blink = False
        self._tag = HintLine()

    def compose(self) -> ComposeResult:
        yield Static(Content(self._label), classes="label")
        yield self.field
        yield self._tag

    def tag(self, text: str, *, wrong: bool = False, doubt: bool = False) -> None:
        """Say where the value came from, or what is wrong."""
        self.set_class(wrong, "-wrong")
        self.set_class(doubt and not wrong, "-doubt")
        self._tag.show(f"✗ {text}" if wrong else text)
