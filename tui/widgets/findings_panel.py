"""What is wrong with the chapter, one line a finding, the heaviest first."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

from rich.segment import Segment
from textual.message import Message

from tui.chapter.findings import Finding, Severity
from tui.text import cell_width, fit, plural
from tui.widgets.bindings import bindings
from tui.widgets.line_list import LineList
from tui.widgets.names import steady_text
from tui.widgets.page_columns import GLYPHS, LOOKS

_GUTTER = 22
"""Columns for glyph, weight and page: an order that changes draws only these anew."""


class FindingsPanel(LineList):
    """A list of findings; the cursor on one shows its page in the page table."""

    BINDINGS = bindings(
        "findings.open",
        "findings.fix",
        "page.exclude",
        "page.undo",
        "page.redo",
        "page.down",
        "page.up",
        "page.first",
        "page.last",
        "page.page-down",
        "page.page-up",
    )

    @dataclass
    class Pointed(Message):
        """The cursor is on this finding; with `entered`, enter was pressed on it."""

        finding: Finding
        entered: bool

    @dataclass
    class ExcludeWanted(Message):
        """The page (key) of the finding is to be left out."""

        key: str

    @dataclass
    class FixWanted(Message):
        """What this finding suggests is to be done."""

        finding: Finding

    @dataclass
    class UndoWanted(Message):
        """The last change of the order is to be taken back; with `again`, to be done again."""

        again: bool = False

    def __init__(self, number_of: Callable[[str], int | None], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._number_of = number_of
        self._findings: tuple[Finding, ...] | None = None
        self._state = ""

    def show(self, findings: Sequence[Finding] | None, state: str = "") -> None:
        """Show these findings in this order; None while nothing was checked yet, `state` says why."""
        before = self._findings
        self._state = state
        self._findings = None if findings is None else tuple(findings)
        if before is None or self._findings is None or len(before) != len(self._findings):
            self.rows_changed()
        else:
            self.refresh_changed()

    def renumber(self) -> None:
        """The order changed: page numbers may be others."""
        self.refresh_changed()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is shown, in that order."""
        return self._findings or ()

    @property
    def only_notes(self) -> bool:
        """Nothing here asks for anything."""
        return all(finding.severity is Severity.NOTE for finding in self.findings)

    @property
    def cursor_finding(self) -> Finding | None:
        """The finding under the cursor."""
        return self.findings[self.cursor_row] if self.findings else None

    @property
    def summary(self) -> str:
        """ "Findings: 2 errors, 1 warning", "No problems found."."""
        if self._findings is None:
            return f"Findings: {self._state}" if self._state else "Findings"
        if not self._findings:
            return "No problems found."
        counts = [
            plural(count, word)
            for severity, word in (
                (Severity.ERROR, "error"),
                (Severity.WARNING, "warning"),
                (Severity.NOTE, "note"),
            )
            if (count := sum(finding.severity is severity for finding in self._findings))
        ]
        start = "No problems found; " if self.only_notes else "Findings: "
        return start + ", ".join(counts) + (f" · {self._state}" if self._state else "")

    # Rows

    @property
    def row_count(self) -> int:
        return len(self.findings)

    @property
    def header_height(self) -> int:
        return 1

    @property
    def gutter_width(self) -> int:
        return _GUTTER

    def gutter_state(self, row: int) -> Hashable:
        return self.where(self.findings[row])

    def body_state(self, row: int) -> Hashable:
        return self.findings[row]

    def header_state(self, line: int) -> Hashable:  # noqa: ARG002  # there is one
        return self.summary

    def draw_header(self, line: int, width: int) -> list[Segment]:  # noqa: ARG002  # there is one
        return [Segment(fit(" " + self.summary, width), self.look("header"))]

    def draw_row(self, row: int, width: int) -> list[Segment]:
        finding = self.findings[row]
        here = row == self.cursor_row
        glyphs = f"{'▸' if here else ' '}{GLYPHS[finding.severity]}"
        start = fit(f"{glyphs} {finding.severity.value:<7}  {self.where(finding)}", _GUTTER)
        text = self.sentence(finding, width - _GUTTER)
        if here:
            return [Segment(start, self.look("cursor")), Segment(text, self.look("cursor"))]
        return [Segment(start, self.look(LOOKS[finding.severity])), Segment(text, self.look(""))]

    def where(self, finding: Finding) -> str:
        """ "page 7", "chapter", or "excluded"."""
        if finding.page is None:
            return "chapter"
        number = self._number_of(finding.page)
        return f"page {number}" if number is not None else "excluded"

    def sentence(self, finding: Finding, width: int) -> str:
        """Message and remedy; the message gives way first, since the remedy says what to do."""
        message, remedy = steady_text(finding.message), steady_text(finding.remedy)
        if not remedy:
            return fit(message, width)
        tail = f" → {remedy}"
        room = width - cell_width(tail)
        if room >= cell_width(message) or room < width // 2:
            return fit(message + tail, width)
        return fit(message, room).rstrip() + tail

    def sentence_of(self, findings: Sequence[Finding], width: int) -> str:
        """The first of the findings about one page in `width` columns, how many more there are, and what the key
        for it does."""
        first = findings[0]
        more = f" ({len(findings) - 1} more)" if len(findings) > 1 else ""
        label = f" → f: {first.fix.label}" if first.fix is not None else f" → {steady_text(first.remedy)}"
        message = f"{GLYPHS[first.severity]} {steady_text(first.message)}{more}"
        room = width - cell_width(label)
        if room >= cell_width(message) or room < width // 2:
            return fit(message + label, width).rstrip()
        return fit(message, room).rstrip() + label

    # Keys

    def put_cursor(self, row: int) -> None:
        super().put_cursor(row)
        if self.has_focus:
            self._point(entered=False)

    def on_focus(self) -> None:
        self._point(entered=False)

    def action_open(self) -> None:
        self._point(entered=True)

    def action_exclude(self) -> None:
        finding = self.cursor_finding
        if finding is not None and finding.page is not None:
            self.post_message(self.ExcludeWanted(finding.page))

    def action_fix(self) -> None:
        finding = self.cursor_finding
        if finding is not None:
            self.post_message(self.FixWanted(finding))

    def action_undo(self) -> None:
        self.post_message(self.UndoWanted())

    def action_redo(self) -> None:
        self.post_message(self.UndoWanted(again=True))

    def _point(self, *, entered: bool) -> None:
        finding = self.cursor_finding
        if finding is not None:
            self.post_message(self.Pointed(finding, entered))
