"""The queue as a table: a cursor that goes from cell to cell, marks, and few bytes for a key."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

from rich.segment import Segment
from textual import events
from textual.message import Message

from tui.text import fit
from tui.widgets.bindings import bindings
from tui.widgets.line_list import LineList
from tui.widgets.queue_columns import EDITABLE, Column, laid_out
from tui.widgets.queue_rows import QueueRow

_GUTTER = 2


class QueueTable(LineList):
    """One line a chapter. It holds rows to show; what keys want, the screen around it does."""

    DEFAULT_CSS = """
    QueueTable > .list--cell { text-style: bold reverse; }
    QueueTable:focus > .list--cell { background: $accent; color: $text; text-style: bold; }
    QueueTable:ansi:focus > .list--cell { color: ansi_black; text-style: none; }
    """
    COMPONENT_CLASSES = {"list--cell"}
    BINDINGS = bindings(
        "queue.edit",
        "queue.mark",
        "queue.mark-all",
        "queue.left",
        "queue.right",
        "queue.move-down",
        "queue.move-up",
        "page.down",
        "page.up",
        "page.first",
        "page.last",
        "page.page-down",
        "page.page-up",
    )

    @dataclass
    class MoveWanted(Message):
        """The chosen entries are to go up (-1) or down (1)."""

        by: int

    class ChoiceChanged(Message):
        """Other entries are marked, or another cell is under the cursor."""

    def __init__(self, *, open_cell: Callable[[], None], id: str | None = None) -> None:
        super().__init__(id=id)
        self._open_cell = open_cell
        self.rows: list[QueueRow] = []
        self.marked: frozenset[int] = frozenset()
        self.column = "chapter"
        """The column that the cursor is in."""
        self.typed: str | None = None
        """What is being typed into the cell under the cursor."""
        self.waiting = ""

    # What is shown

    def show(self, rows: Sequence[QueueRow], *, waiting: str = "") -> None:
        """Show these rows. The cursor stays on its entry, wherever that is now."""
        number = self.cursor_number
        same_length = len(rows) == len(self.rows)
        self.rows, self.waiting = list(rows), waiting
        numbers = {row.number: place for place, row in enumerate(self.rows)}
        self.marked &= numbers.keys()
        place = numbers.get(number or 0, self.cursor_row)
        if same_length and rows:
            if place != self.cursor_row:
                self.put_cursor(place)
            self.refresh_changed()
        else:
            self._cursor_row = place
            self.rows_changed()
            self.keep_in_view()

    def mark(self, numbers: Sequence[int]) -> None:
        """Mark exactly these entries."""
        self.marked = frozenset(numbers)
        self.refresh_changed()
        self.post_message(self.ChoiceChanged())

    @property
    def cursor_entry(self) -> QueueRow | None:
        """The row under the cursor."""
        return self.rows[self.cursor_row] if self.rows else None

    @property
    def cursor_number(self) -> int | None:
        """The number of the entry under the cursor."""
        row = self.cursor_entry
        return row.number if row is not None else None

    @property
    def chosen(self) -> list[int]:
        """What a key works on: the marked entries, or else the one under the cursor; in the queue's order."""
        if self.marked:
            return [row.number for row in self.rows if row.number in self.marked]
        number = self.cursor_number
        return [number] if number is not None else []

    def type_into_cell(self, text: str | None) -> None:
        """Show `text` in the cell under the cursor while it is being typed; None ends it."""
        self.typed = text
        self.refresh_changed()

    # Drawing

    @property
    def row_count(self) -> int:
        return len(self.rows)

    @property
    def header_height(self) -> int:
        return 1 if self.rows else 0

    @property
    def gutter_width(self) -> int:
        return _GUTTER

    def empty_lines(self) -> list[str]:
        return self.waiting.split("\n")

    def gutter_state(self, row: int) -> Hashable:
        return self.rows[row].number in self.marked

    def body_state(self, row: int) -> Hashable:
        at_cursor = row == self.cursor_row
        return self.rows[row], self._layout_key, (self.column, self.typed) if at_cursor else None

    def header_state(self, line: int) -> Hashable:  # noqa: ARG002
        return self._layout_key, self.column

    @property
    def _layout_key(self) -> Hashable:
        """Changes only when other columns are shown."""
        return tuple(column.name for column, _ in self._columns(self.scrollable_content_region.width))

    def _columns(self, width: int) -> list[tuple[Column, int]]:
        return laid_out(width - _GUTTER, self.column)

    def draw_header(self, line: int, width: int) -> list[Segment]:  # noqa: ARG002
        segments = [Segment(" " * _GUTTER, self.look("header"))]
        for column, own in self._columns(width):
            here = column.name == self.column
            label = f"{column.label:>{own}}" if column.right else column.label
            segments.append(Segment(fit(label, own), self.look("marked" if here else "header")))
            segments.append(Segment(" ", self.look("header")))
        return segments[:-1]

    def draw_row(self, row: int, width: int) -> list[Segment]:
        entry = self.rows[row]
        at_cursor = row == self.cursor_row
        marked = entry.number in self.marked
        base = self.look("cursor" if at_cursor else "marked" if marked else "")
        segments = [Segment(("▸" if at_cursor else " ") + ("●" if marked else " "), base)]
        for column, own in self._columns(width):
            text = entry.text(column.name)
            look = base
            if at_cursor and column.name == self.column:
                look = self.look("cell")
                if self.typed is not None:
                    text = f"{self.typed}▏"
            elif not at_cursor and column.name == "state" and entry.look:
                look = self.look(entry.look)
            elif not at_cursor and column.name == "found":
                look = self.look(entry.found_look)
            whole_name = column.name == "source" and not text.startswith("…")
            keep_end = whole_name or (self.typed is not None and at_cursor)
            shown = f"{text:>{own}}" if column.right and len(text) < own else text
            segments.append(Segment(fit(shown, own, keep_end=keep_end), look))
            segments.append(Segment(" ", base))
        return segments[:-1]

    # Keys

    def action_edit(self) -> None:
        self._open_cell()

    def action_mark(self) -> None:
        number = self.cursor_number
        if number is not None:
            self.marked ^= {number}
            self.post_message(self.ChoiceChanged())
            if self.cursor_row + 1 < self.row_count:
                self.put_cursor(self.cursor_row + 1)
            self.refresh_changed()

    def action_mark_all(self) -> None:
        every = frozenset(row.number for row in self.rows)
        self.mark(() if self.marked == every else tuple(every))

    def action_column(self, by: int) -> None:
        place = max(0, min(EDITABLE.index(self.column) + by, len(EDITABLE) - 1))
        if EDITABLE[place] != self.column:
            self.column = EDITABLE[place]
            self.refresh_changed()
            self.post_message(self.ChoiceChanged())

    def action_move(self, by: int) -> None:
        self.post_message(self.MoveWanted(by))

    def clicked(self, row: int, event: events.MouseDown) -> None:
        super().clicked(row, event)
        at = event.get_content_offset_capture(self).x - _GUTTER
        for column, own in self._columns(self.scrollable_content_region.width):
            if 0 <= at < own and column.name in EDITABLE:
                self.column = column.name
                self.refresh_changed()
                self.post_message(self.ChoiceChanged())
                return
            at -= own + 1
