"""The columns of the page table, and which of them fit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tui.chapter.findings import Finding, Severity
from tui.chapter.order import PageOrder
from tui.chapter.page_checks import type_name
from tui.chapter.pages import ImageType, Page
from tui.text import cell_width, fit, fit_around, format_size
from tui.widgets.names import steady_text

_SIZE, _PIXELS, _TYPE = 9, 11, 5
_LEAST_NAME = 16


@dataclass(frozen=True, slots=True)
class Columns:
    """Widths in terminal columns; 0 for a column that is left out. A blank stands between two."""

    number: int
    name: int
    size: int
    pixels: int
    type: int
    marks: int

    @classmethod
    def of(cls, order: PageOrder | None, width: int) -> Columns:
        """The columns for a table `width` wide: the name gets what is left; type, pixels, size give way."""
        number = _number_width(order)
        marks = 24 if width >= 100 else 18 if width >= 70 else 12
        left = width - (2 + number) - 2 - (marks + 1)
        sizes: dict[str, int] = {}
        for column, wide in (("size", _SIZE), ("pixels", _PIXELS), ("type", _TYPE)):
            if left - (wide + 1) >= _LEAST_NAME:
                sizes[column] = wide
                left -= wide + 1
        return cls(
            number, max(1, left), sizes.get("size", 0), sizes.get("pixels", 0), sizes.get("type", 0), marks
        )

    @staticmethod
    def gutter(order: PageOrder | None) -> int:
        """Width of cursor, mark and number together."""
        return 2 + _number_width(order)

    def draw_gutter(self, here: bool, marked: bool, number: int | None) -> str:
        """Cursor, mark and number. A page that is left out has a dash for a number."""
        shown = "–" if number is None else str(number)
        return f"{'▸' if here else ' '}{'●' if marked else ' '}{shown:>{self.number}}"

    def draw_body(
        self, page: Page, telling: Callable[[str], tuple[int, int]], number: int | None = None
    ) -> str:
        """Everything between the number and the marks; with a number, the name that it makes first.

        `telling` says of a name what of it is cut last (PageView.telling_part).
        """
        text = steady_text(page.name)
        new = f"{number:03}{_ending_of(page)} ← " if number is not None else ""
        room = self.name - len(new)
        name = fit(text, room) if cell_width(text) <= room else fit_around(text, room, telling(text))
        parts = [f"  {new}{name}"]
        if self.size:
            parts.append(f"{format_size(page.size):>{self.size}}")
        if self.pixels:
            parts.append(f"{f'{page.width}×{page.height}' if page.width else '?':>{self.pixels}}")
        if self.type:
            parts.append(fit(_type_word(page.type), self.type))
        return " ".join(parts) + " "

    def draw_marks(self, marks: str) -> str:
        """The last column."""
        return fit(marks, self.marks)

    def title_at(self, column: int) -> str:
        """The title of the column at this place, from 0: "name", "size", "pixels", "type" or "marks"."""
        at = 2 + self.number + 2
        for title, width in (
            ("name", self.name),
            ("size", self.size),
            ("pixels", self.pixels),
            ("type", self.type),
            ("marks", self.marks),
        ):
            if width and column < at + width:
                return title if column >= at else ""
            at += width + 1 if width else 0
        return ""

    def titles(self) -> str:
        """The names of the columns, above them."""
        parts = [" " * 2 + f"{'№':>{self.number}}  " + fit("name", self.name)]
        if self.size:
            parts.append(f"{'size':>{self.size}}")
        if self.pixels:
            parts.append(f"{'pixels':>{self.pixels}}")
        if self.type:
            parts.append(fit("type", self.type))
        return " ".join(parts) + " " + fit("marks", self.marks)


def _ending_of(page: Page) -> str:
    """By content where that is known."""
    ending = {ImageType.UNKNOWN: "", ImageType.JPEG: ".jpg"}.get(page.type, f".{page.type.value}")
    return ending or page.name[len(page.name.rstrip("/").rpartition(".")[0]) :]


def _type_word(kind: ImageType) -> str:
    """Short enough for its column."""
    return {ImageType.UNKNOWN: "?", ImageType.JXL: "JXL"}.get(kind) or type_name(kind)


def marks_of(finding: Finding | None, *, excluded: bool, remote: bool = False) -> tuple[str, str]:
    """The words in the marks column, after a glyph, and their look: error, warning or "" (plain).

    `remote` says that the page is on the server already.
    """
    if excluded:
        return "– excluded", ""
    if finding is None:
        return ("on server", "quiet") if remote else ("", "")
    words = finding.rule.removeprefix("page-").replace("-", " ")
    return f"{GLYPHS[finding.severity]} {words}", LOOKS[finding.severity]


GLYPHS = {Severity.ERROR: "✗", Severity.WARNING: "!", Severity.NOTE: "·"}
"""One for each weight, so that nothing is told by colour alone."""
LOOKS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "quiet"}


def _number_width(order: PageOrder | None) -> int:
    return max(3, len(str(len(order.pages)))) if order is not None else 3
