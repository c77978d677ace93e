"""A list that draws its own rows, for lists that must stay fast and cheap on a slow line.

Textual's own lists repaint themselves whole for every cursor key. This one keeps the cursor outside the
reactive repaint and refreshes only the rows that changed. It holds no data: a subclass answers how many rows
there are and draws one row at a time.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.text import fit
from tui.widgets.own_look import OwnLook


class LineList(OwnLook, ScrollView, can_focus=True, inherit_bindings=False):
    """Rows with a cursor, under header lines that do not scroll."""

    DEFAULT_CSS = """
    LineList {
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-size-vertical: 1;
        scrollbar-gutter: stable;
        scrollbar-background: $surface;
        scrollbar-background-hover: $surface;
        scrollbar-background-active: $surface;
        background: $surface;
        color: $foreground;
    }
    LineList > .list--cursor { background: $primary-muted; color: $foreground; }
    LineList:focus > .list--cursor {
        background: $block-cursor-background; color: $block-cursor-foreground; text-style: bold;
    }
    LineList > .list--header { color: $foreground; text-style: bold; }
    LineList > .list--quiet { color: $text-muted; }
    LineList > .list--marked { color: $text-accent; text-style: bold; }
    LineList > .list--error { color: $text-error; }
    LineList > .list--warning { color: $text-warning; }
    """
    COMPONENT_CLASSES = {
        "list--cursor",
        "list--header",
        "list--quiet",
        "list--marked",
        "list--error",
        "list--warning",
    }

    auto_links = False  # a link under the mouse would repaint the whole list

    @dataclass
    class CursorMoved(Message):
        """The cursor is on another row, or another thing is under it."""

        lines: LineList
        row: int

        @property
        def control(self) -> LineList:
            return self.lines

        def can_replace(self, message: Message) -> bool:
            """Only the newest place counts: a fast run down the list is one message."""
            return isinstance(message, LineList.CursorMoved) and message.lines is self.lines

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._cursor_row = 0
        self._drawn: dict[int, tuple[Hashable, Hashable]] = {}
        self._drawn_header: dict[int, Hashable] = {}

    # What a subclass answers

    @property
    def row_count(self) -> int:
        """Rows below the header."""
        raise NotImplementedError

    @property
    def header_height(self) -> int:
        """Lines above the rows that stay where they are."""
        return 0

    def draw_row(self, row: int, width: int) -> list[Segment]:
        """The row, at most `width` columns."""
        raise NotImplementedError

    def gutter_state(self, row: int) -> Hashable:  # noqa: ARG002  # for subclasses
        """All that the first `gutter_width` columns of the row depend on, besides the cursor."""
        return None

    def body_state(self, row: int) -> Hashable:
        """All that the rest of the row depends on, besides the cursor."""
        raise NotImplementedError

    @property
    def gutter_width(self) -> int:
        """Columns at the start of a row that are drawn as segments of their own."""
        return 0

    def header_state(self, line: int) -> Hashable:  # noqa: ARG002  # for subclasses
        """All that a header line depends on."""
        return None

    def draw_header(self, line: int, width: int) -> list[Segment]:
        """Header line `line`, from 0."""
        raise NotImplementedError

    def empty_lines(self) -> list[str]:
        """What stands in place of the rows when there are none."""
        return []

    # The cursor

    @property
    def cursor_row(self) -> int:
        """The row the cursor is on; 0 in an empty list."""
        return self._cursor_row

    @property
    def body_height(self) -> int:
        """Rows that fit below the header."""
        return max(1, self.size.height - self.header_height)

    @property
    def first_row(self) -> int:
        """The topmost row in view."""
        return round(self.scroll_y)

    def put_cursor(self, row: int) -> None:
        """Cursor to `row` (the nearest there is), scrolled into view; repaints two rows unless it scrolls."""
        row = max(0, min(row, self.row_count - 1))
        old, self._cursor_row = self._cursor_row, row
        if old != row:
            self.refresh_changed()
            self.post_message(self.CursorMoved(self, row))
        self.keep_in_view()

    def keep_in_view(self) -> None:
        """Scroll so far that the cursor's row is in view.

        A cursor that runs over an edge scrolls by a third of the rows, so that holding a key down repaints
        the list once in many presses and not at each.
        """
        if self.size.height <= self.header_height:
            return
        height, top, row = self.body_height, self.first_row, self._cursor_row
        slack = min(height // 3, 12)
        if row < top:
            top = row - slack
        elif row >= top + height:
            top = row - height + 1 + slack
        top = max(0, min(top, self.row_count - height))
        if top != self.first_row:
            # Forced: the bar that allows scrolling comes only with the next layout.
            self.scroll_to(y=top, animate=False, immediate=True, force=True)

    def rows_changed(self) -> None:
        """Anything may have changed, the number of rows included: draw all anew."""
        self._cursor_row = max(0, min(self._cursor_row, self.row_count - 1))
        size = Size(1, self.header_height + self.row_count)
        if size != self.virtual_size:
            self.virtual_size = size
        self._drawn.clear()
        self.refresh()

    def rows_added(self) -> None:
        """Rows were added at the end and nothing else changed: draw only those that are in view."""
        size = Size(1, self.header_height + self.row_count)
        if not self._drawn or size.height <= self.virtual_size.height:
            self.rows_changed()
            return
        with self.app.batch_update():
            self.virtual_size = size
        self.refresh_changed()

    def refresh_changed(self) -> None:
        """Draw anew what differs from what was last drawn, row by row, and nothing else."""
        top, offset, width = self.first_row, self.header_height, self.scrollable_content_region.width
        regions = [
            Region(0, line, width, 1)
            for line in range(offset)
            if self._drawn_header.get(line, self) != self.header_state(line)
        ]
        for row in range(top, min(top + self.body_height, self.row_count)):
            drawn, now = self._drawn.get(row), self._row_state(row)
            if drawn is None or drawn[1] != now[1]:
                regions.append(Region(0, offset + row - top, width, 1))
            elif drawn[0] != now[0]:
                regions.append(Region(0, offset + row - top, self.gutter_width, 1))
        if regions:
            self.refresh(*regions)

    def _row_state(self, row: int) -> tuple[Hashable, Hashable]:
        return self.gutter_state(row), (row == self._cursor_row, self.body_state(row))

    # Drawing

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        if y < self.header_height:
            self._drawn_header[y] = self.header_state(y)
            segments = self.draw_header(y, width)
        elif self.row_count == 0:
            lines = self.empty_lines()
            index = y - self.header_height - 1
            text = lines[index] if 0 <= index < len(lines) else ""
            segments = [Segment(fit("  " + text, width), self.look("quiet"))]
        else:
            row = self.first_row + y - self.header_height
            if row < self.row_count:
                self._drawn[row] = self._row_state(row)
                segments = self.draw_row(row, width)
            else:
                segments = [Segment(" " * width, self.look(""))]
        return Strip(segments).adjust_cell_length(width, self.look(""))

    def look(self, name: str) -> Style:
        """The style of a part: cursor, header, quiet, marked, error, warning; "" is the list's own."""
        return self.get_component_rich_style(f"list--{name}") if name else self.own_look

    # Size, wheel and mouse

    def on_resize(self) -> None:
        self.rows_changed()
        self.call_after_refresh(self.keep_in_view)

    def row_at(self, y: int) -> int | None:
        """The row drawn at line `y` of the widget, or None."""
        row = self.first_row + y - self.header_height
        return row if y >= self.header_height and 0 <= row < self.row_count else None

    def on_mouse_down(self, event: events.MouseDown) -> None:
        offset = event.get_content_offset_capture(self)
        row = self.row_at(offset.y)
        if event.button == 1 and row is not None:
            self.clicked(row, event)
        elif event.button == 1 and 0 <= offset.y < self.header_height:
            self.header_clicked(offset.y, offset.x)

    def header_clicked(self, line: int, column: int) -> None:
        """The left button went down on header line `line`."""

    def clicked(self, row: int, event: events.MouseDown) -> None:  # noqa: ARG002  # for subclasses
        """The left button went down on `row`."""
        self.put_cursor(row)

    # Actions that every list has

    def action_cursor(self, offset: int) -> None:
        self.put_cursor(self._cursor_row + offset)

    def action_first(self) -> None:
        self.put_cursor(0)

    def action_last(self) -> None:
        self.put_cursor(self.row_count - 1)

    def action_screenful(self, direction: int) -> None:
        self.put_cursor(self._cursor_row + direction * max(1, self.body_height - 1))
