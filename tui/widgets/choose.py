"""A question that one of several answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from tui.text import fit, safe_text
from tui.widgets.bindings import bindings
from tui.widgets.dialogs import Dialog
from tui.widgets.line_list import LineList


class ChoiceList(LineList):
    """The rows of a Choose dialog."""

    BINDINGS = bindings("page.down", "page.up", "page.first", "page.last", "page.page-down", "page.page-up")

    def __init__(self, labels: Sequence[str]) -> None:
        super().__init__(id="choices")
        self._labels = [safe_text(label) for label in labels]
        self.styles.height = max(1, min(len(self._labels), 16))

    @property
    def row_count(self) -> int:
        return len(self._labels)

    def body_state(self, row: int) -> str:
        return self._labels[row]

    def draw_row(self, row: int, width: int) -> list[Segment]:
        at_cursor = row == self.cursor_row
        mark = "▸" if at_cursor else " "
        number = f"{row + 1}" if row < 9 else " "
        return [
            Segment(
                fit(f"{mark} {number}  {self._labels[row]}", width), self.look("cursor" if at_cursor else "")
            )
        ]


class Choose(Dialog[str | None]):
    """One of several things; None when it was left with escape. Digits choose at once."""

    TAKES_EARLY_KEYS = True
    OTHER_LINES = 8

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Cancel", show=False, tooltip="Leave it as it is."),
        Binding(
            "enter", "take", "Take", show=False, tooltip="Take the row under the cursor; its digit does, too."
        ),
        *(Binding(str(number), f"number({number})", show=False) for number in range(1, 10)),
    ]

    def __init__(self, title: str, choices: Sequence[tuple[str, str]], lines: Sequence[str] = ()) -> None:
        """`choices` are (value, label) pairs."""
        super().__init__(title, lines)
        self._choices = list(choices)
        self._list = ChoiceList([label for _, label in self._choices])

    def compose_rest(self) -> ComposeResult:
        yield self._list
        yield Static(Content("enter takes it, esc leaves it"), classes="dialog--hint")

    def on_mount(self) -> None:
        self._list.rows_changed()
        self.open_at(self._list)

    def fit_height(self, height: int) -> None:
        text = 2 if self._lines else 0
        rows = max(3, min(16, len(self._choices), height - self.OTHER_LINES - text))
        self._list.styles.max_height = rows
        for body in self.query(".dialog--body"):
            body.styles.max_height = max(text, min(14, height - self.OTHER_LINES - rows))

    def action_take(self) -> None:
        self.dismiss(self._choices[self._list.cursor_row][0] if self._choices else None)

    def action_number(self, number: int) -> None:
        if number <= len(self._choices):
            self.dismiss(self._choices[number - 1][0])

    def action_cancel(self) -> None:
        self.dismiss(None)
