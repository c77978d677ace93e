"""The files of an upload session, one a row."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.segment import Segment

from tui.mangadex.models import SessionFile
from tui.text import fit, format_size, safe_text
from tui.widgets.bindings import bindings
from tui.widgets.line_list import LineList


class SessionFiles(LineList):
    """Number, name, size, type and hash of every file."""

    BINDINGS = bindings("page.down", "page.up", "page.first", "page.last", "page.page-down", "page.page-up")

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._rows: list[tuple[str, str, str, str]] = []

    def show(self, files: Sequence[SessionFile], own_name: Callable[[SessionFile], str]) -> None:
        """Show these files; `own_name` is the local file behind one, or ""."""
        self._rows = []
        for file in files:
            own = own_name(file)
            name = safe_text(file.name or file.id) + (f"  ←  {safe_text(own)}" if own else "")
            size = format_size(file.size) if file.size is not None else "?"
            kind = safe_text(file.media_type.removeprefix("image/")) or "?"
            self._rows.append((name, size, kind, safe_text(file.hash[:12])))
        self.rows_changed()

    @property
    def row_count(self) -> int:
        return len(self._rows)

    @property
    def header_height(self) -> int:
        return 1 if self._rows else 0

    def header_state(self, line: int) -> int:
        return line

    def draw_header(self, line: int, width: int) -> list[Segment]:  # noqa: ARG002
        return [
            Segment(" " + self._line("  #", "File", "Size", "Type", "Hash", width - 1), self.look("header"))
        ]

    def body_state(self, row: int) -> tuple[str, ...]:
        return self._rows[row]

    def draw_row(self, row: int, width: int) -> list[Segment]:
        at_cursor = row == self.cursor_row
        text = ("▸" if at_cursor else " ") + self._line(f"{row + 1:>3}", *self._rows[row], width - 1)
        return [Segment(text, self.look("cursor" if at_cursor else ""))]

    def _line(self, number: str, name: str, size: str, kind: str, digest: str, width: int) -> str:
        tail = f"{size:>9}  {kind:<5}"
        if width >= 89:
            tail += f"  {digest:<12}"
        return fit(f"{number}  {fit(name, width - len(tail) - 8, keep_end=True)}  {tail}", width)
