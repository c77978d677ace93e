"""How far an upload is: a line of numbers, a bar, and every page as one cell."""

from __future__ import annotations

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from tui.text import fit, format_size, format_span, plural
from tui.upload.ledger_entry import PageState
from tui.upload.view import Phase, UploadView

_CELLS = {
    PageState.PLANNED: "·",
    PageState.SENDING: "▸",
    PageState.ACCEPTED: "■",
    PageState.REFUSED: "✗",
}
_MOST_GRID_LINES = 5


class UploadProgress(Widget):
    """Three parts: numbers, bar, grid of pages. Repaints only the lines whose text changed."""

    DEFAULT_CSS = """
    UploadProgress { height: 4; padding: 0 1; background: $surface; color: $foreground; }
    UploadProgress > .progress--done { color: $text-success; }
    UploadProgress > .progress--refused { color: $text-error; text-style: bold; }
    UploadProgress > .progress--quiet { color: $text-muted; }
    """
    COMPONENT_CLASSES = {"progress--done", "progress--refused", "progress--quiet"}
    auto_links = False

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._view = UploadView()
        self._lines: list[list[tuple[str, str]]] = []

    def show(self, view: UploadView) -> None:
        """Show this state."""
        self._view = view
        lines = self._made(self.content_size.width or 78)
        if len(lines) != len(self._lines):
            self._lines = lines
            self.styles.height = len(lines)
            self.refresh(layout=True)
            return
        changed = [y for y, (old, new) in enumerate(zip(self._lines, lines, strict=True)) if old != new]
        self._lines = lines
        if changed:
            left, top = self.gutter.left, self.gutter.top
            self.refresh(*(Region(left, top + y, self.content_size.width, 1) for y in changed))

    def on_resize(self) -> None:
        self._lines = []
        self.show(self._view)

    def _made(self, width: int) -> list[list[tuple[str, str]]]:
        """Lines of (text, look)."""
        view = self._view
        if view.plan is None:
            return [[("No upload is under way.", "quiet")]]
        return [[(fit(self._numbers(view), width), "")], self._bar(view, width), *self._grid(view, width)]

    def _numbers(self, view: UploadView) -> str:
        text = f"{view.accepted_count} of {plural(len(view.pages), 'page')}"
        text += f" · {format_size(view.sent_bytes)} of {format_size(view.total_bytes)}"
        if view.phase in (Phase.SENDING, Phase.PAUSED) and view.bytes_per_second > 0:
            text += f" · {format_size(view.bytes_per_second)}/s"
            if view.seconds_left is not None:
                text += f" · {format_span(view.seconds_left)} left"
        return text

    def _bar(self, view: UploadView, width: int) -> list[tuple[str, str]]:
        share = view.sent_bytes / view.total_bytes if view.total_bytes else 0.0
        room = max(10, width - 6)
        done = int(room * share)
        return [("━" * done, "done"), ("─" * (room - done), "quiet"), (f" {int(share * 100):>3} %", "")]

    def _grid(self, view: UploadView, width: int) -> list[list[tuple[str, str]]]:
        cells = [_CELLS[page.state] for page in view.pages]
        lines: list[list[tuple[str, str]]] = []
        for start in range(0, len(cells), width):
            if len(lines) == _MOST_GRID_LINES:
                break
            line: list[tuple[str, str]] = []
            for cell in cells[start : start + width]:
                look = {"■": "done", "✗": "refused", "·": "quiet"}.get(cell, "")
                if line and line[-1][1] == look:
                    line[-1] = (line[-1][0] + cell, look)
                else:
                    line.append((cell, look))
            lines.append(line)
        return lines

    def render_line(self, y: int) -> Strip:
        width = self.content_size.width
        if not self._lines:
            self._lines = self._made(width)
        parts = self._lines[y] if y < len(self._lines) else []
        segments = [Segment(text, self._style_of(look)) for text, look in parts]
        return Strip(segments).adjust_cell_length(width, self.rich_style)

    def _style_of(self, look: str) -> Style:
        return self.get_component_rich_style(f"progress--{look}") if look else self.rich_style
