"""The rows of the list of chapters that can be edited."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from rich.segment import Segment

from tui.mangadex.models import Chapter
from tui.screens.edit_words import name_of
from tui.screens.history_rows import chapter_name
from tui.text import fit, format_age, plural, safe_text
from tui.upload.receipts import Receipt
from tui.widgets.line_list import LineList


@dataclass(frozen=True, slots=True)
class PickRow:
    """One chapter. All texts are safe to show."""

    chapter_id: str
    when: datetime | None
    what: str
    more: str

    @property
    def search_text(self) -> str:
        return f"{self.what} {self.more} {self.chapter_id}"


def row_of(chapter: Chapter, ours: frozenset[str]) -> PickRow:
    """A chapter of the server; `ours` are those that this machine has committed."""
    pairs = zip(chapter.group_names, chapter.group_ids, strict=True)
    names = ", ".join(safe_text(name or group_id) for name, group_id in pairs) or "no group"
    pages = plural(chapter.pages, "page") if chapter.pages is not None else "? pages"
    here = " · from here" if chapter.id in ours else ""
    return PickRow(chapter.id, chapter.created_at, name_of(chapter), f"{pages} · {names}{here}")


def row_of_receipt(receipt: Receipt) -> PickRow:
    """A chapter that this machine has committed and the server does not list yet."""
    what = chapter_name(
        receipt.manga_title or receipt.manga_id,
        receipt.volume,
        receipt.chapter,
        receipt.title,
        receipt.language,
    )
    return PickRow(receipt.chapter_id, receipt.committed_at, what, "committed here, not in the server's list")


class PickList(LineList):
    """One chapter a row. The keys come from the field above, which keeps the focus."""

    can_focus = False

    def __init__(self) -> None:
        super().__init__(id="edit-chapters")
        self.rows: list[PickRow] = []
        self.waiting = "Asking the server for your chapters…"

    def show(self, rows: list[PickRow], waiting: str) -> None:
        """Show these rows, or `waiting` when there are none."""
        self.rows, self.waiting = rows, waiting
        self.rows_changed()
        self.keep_in_view()

    @property
    def row_count(self) -> int:
        return len(self.rows)

    def empty_lines(self) -> list[str]:
        return self.waiting.split("\n")

    def body_state(self, row: int) -> PickRow:
        return self.rows[row]

    def draw_row(self, row: int, width: int) -> list[Segment]:
        shown = self.rows[row]
        here = row == self.cursor_row
        age = format_age((datetime.now(UTC) - shown.when).total_seconds()) if shown.when else "?"
        head = f"{'▸' if here else ' '}{fit(age, 12)} "
        more = f"  {shown.more}" if width >= 100 else ""
        room = width - len(head) - min(len(more), width // 3)
        return [Segment(fit(head + fit(shown.what, room) + more, width), self.look("cursor" if here else ""))]
