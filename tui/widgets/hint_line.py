"""A line or two of plain text that repaints only when the text changes."""

from __future__ import annotations

from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

from tui.text import cell_width, fit


class HintLine(Widget):
    """Plain text in as many lines as the widget has, broken at blanks. The text must be safe to show."""

    DEFAULT_CSS = """
    HintLine { height: 1; padding: 0 1; background: $surface; color: $text-muted; }
    """
    auto_links = False

    def __init__(self, text: str = "", *, id: str | None = None, keep_end: bool = False) -> None:
        super().__init__(id=id)
        self._text = text
        self._keep_end = keep_end

    @property
    def text(self) -> str:
        """What is shown."""
        return self._text

    def show(self, text: str, *, most_lines: int = 0, least_lines: int = 1) -> None:
        """Show `text`; with `most_lines`, in as many lines as it needs, between these numbers."""
        if most_lines and self.size.width:
            needed = max(least_lines, len(broken(text, self.size.width, most_lines)))
            if needed != self.size.height:
                self.styles.height = needed
        if text != self._text:
            self._text = text
            self.refresh()

    def render_line(self, y: int) -> Strip:
        width, height = self.size
        lines = broken(self._text, width, height)
        text = lines[y] if y < len(lines) else ""
        return Strip([Segment(fit(text, width, keep_end=self._keep_end), self.rich_style)])


def broken(text: str, width: int, height: int) -> list[str]:
    """The text in at most `height` lines; what does not fit stays on the last, to be cut."""
    if height <= 1 or cell_width(text) <= width:
        return [text]
    lines: list[str] = []
    line = ""
    words = text.split(" ")
    for index, word in enumerate(words):
        longer = f"{line} {word}" if line else word
        if cell_width(longer) <= width or not line:
            line = longer
        elif len(lines) + 1 == height:
            return [*lines, " ".join([line, *words[index:]])]
        else:
            lines.append(line)
            line = word
    return [*lines, line]
