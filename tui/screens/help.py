"""Every key that works in the place one came from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import zip_longest

from rich.segment import Segment
from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.keys import REPLACED_KEYS, key_to_character
from textual.widgets import Static

from tui.screens.base import DexupScreen
from tui.text import fit
from tui.widgets.bindings import bindings
from tui.widgets.hint_line import broken
from tui.widgets.key_line import KeyLine
from tui.widgets.line_list import LineList

_KEYS_WIDTH = 27
"""Columns for the keys, with the blanks around them."""
_NAMES = {"escape": "esc", "pagedown": "page down", "pageup": "page up"}


class KeyList(LineList):
    """Keys on the left, what they do on the right, in as many lines as that needs."""

    BINDINGS = bindings("page.down", "page.up", "page.first", "page.last", "page.page-down", "page.page-up")

    def __init__(self, rows: Sequence[tuple[str, str]]) -> None:
        super().__init__(id="keys")
        self._rows = list(rows)
        self._lines: list[tuple[str, str]] = []

    def on_resize(self) -> None:
        """Break the rows anew; the base class draws them."""
        self._lines = [
            line for row in self._rows for line in row_lines(*row, self.scrollable_content_region.width)
        ]

    @property
    def row_count(self) -> int:
        return len(self._lines)

    def body_state(self, row: int) -> tuple[str, str]:
        return self._lines[row]

    def draw_row(self, row: int, width: int) -> list[Segment]:
        keys, what = self._lines[row]
        at_cursor = row == self.cursor_row
        if not keys:
            return [Segment(fit(f" {what}", width), self.look("cursor" if at_cursor else "header"))]
        text = f"{fit(keys, _KEYS_WIDTH)}{what}"
        return [Segment(fit(text, width), self.look("cursor" if at_cursor else ""))]


def row_lines(keys: str, what: str, width: int) -> list[tuple[str, str]]:
    """One row of the help as lines of `width` columns; (what the key column says, what it does)."""
    if not keys:
        return [("", what)]
    left = broken(keys, _KEYS_WIDTH - 5, len(keys))
    right = broken(what, max(1, width - _KEYS_WIDTH), len(what))
    lines = zip_longest(left, right, fillvalue="")
    return [(("     " if at else "   ") + key, text) for at, (key, text) in enumerate(lines)]


class HelpScreen(DexupScreen):
    """The keys of a screen and of the widget that had the focus, read from their bindings."""

    PLACE = "Help"
    CSS = """
    HelpScreen #about { height: auto; padding: 1 1; max-width: 110; }
    HelpScreen #keys { height: 1fr; }
    """

    def __init__(
        self, place: str, about: str, sections: Sequence[tuple[str, Sequence[tuple[str, str]]]]
    ) -> None:
        super().__init__()
        self.PLACE = f"Help: {place}" if place else "Help"
        self._about = about
        rows: list[tuple[str, str]] = []
        for title, keys in sections:
            rows += [("", title), *keys]
        self._list = KeyList(rows)

    def compose(self) -> ComposeResult:
        yield from self.compose_title()
        if self._about:
            yield Static(Content(self._about), id="about")
        yield self._list
        yield KeyLine(keep=("app.back",))

    def on_mount(self) -> None:
        self._list.focus()

    def action_help(self) -> None:
        self.app.pop_screen()

    def action_back(self) -> None:
        self.app.pop_screen()


def key_rows(found: Iterable[Binding]) -> list[tuple[str, str]]:
    """(keys, what they do) for bindings, one row an action, in their order."""
    by_action: dict[str, tuple[list[str], str]] = {}
    for binding in found:
        what = binding.tooltip or binding.description
        if what:
            keys = by_action.setdefault(what, ([], what))[0]
            name = key_name(binding.key)
            if name not in keys:
                keys.append(name)
    return [(", ".join(keys), what) for keys, what in by_action.values()]


def key_name(key: str) -> str:
    """A key as people write it: "?", "ctrl+n", "alt+down", "J"."""
    start, _, last = key.rpartition("+")
    character = key_to_character(REPLACED_KEYS.get(last, last)) or ""
    plain = character.isprintable() and character.strip()
    shown = character if plain else _NAMES.get(last, last)
    return f"{start}+{shown}" if start else shown
