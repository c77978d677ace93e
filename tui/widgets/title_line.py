"""The one line at the top of a screen: where one is, and as whom."""

from __future__ import annotations

from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

from tui.text import cell_width, fit

_LEAST = 20
"""Columns of the place, before the account is cut."""
_WORTH = 12
"""Columns in which the account says something."""


class TitleLine(Widget):
    """Place on the left, account on the right. Both texts must be safe to show."""

    DEFAULT_CSS = """
    TitleLine { height: 1; dock: top; background: $primary-muted; color: $foreground; text-style: bold; }
    TitleLine.-sandbox { background: $warning-muted; }
    TitleLine:ansi { background: ansi_blue; color: ansi_white; }
    TitleLine.-sandbox:ansi { background: ansi_yellow; color: ansi_black; text-style: none; }
    """
    auto_links = False

    def __init__(self, place: str) -> None:
        super().__init__()
        self._place = place
        self._right = ""

    def show(self, place: str, right: str) -> None:
        """Repaints only when something changed."""
        if (place, right) != (self._place, self._right):
            self._place, self._right = place, right
            self.refresh()

    def render_line(self, y: int) -> Strip:  # noqa: ARG002
        width = self.size.width
        left = f" dexup · {self._place}"
        right = f"  {self._right} " if self._right else ""
        room = width - cell_width(right)
        if room < _LEAST:
            room = max(_LEAST, cell_width(left))
            left_over = width - room - 3
            right = f"  {fit(self._right, left_over)} " if left_over >= _WORTH else ""
            room = width - cell_width(right)
        return Strip([Segment(fit(left, room) + right, self.rich_style)])
