"""The rows of the file browser: folders and archives, with what is inside them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from pathlib import Path

from rich.segment import Segment
from textual.message import Message

from tui.chapter.places import Facts, Kind, Listing, Place, Places
from tui.text import cell_width, fit, fit_around, format_size, plural
from tui.widgets.bindings import bindings
from tui.widgets.line_list import LineList
from tui.widgets.names import steady_text, telling_part

_INSIDE = 13
"""Columns for what is inside."""


class FileList(LineList):
    """One folder. Keys only move the cursor and say what is wanted; the browser around it reads the disk."""

    BINDINGS = bindings(
        "files.open",
        "files.choose",
        "files.parent",
        "files.filter",
        "files.go-to",
        "files.recent",
        "files.star",
        "files.add",
        "files.mark",
        "files.mark-all",
        "files.queue",
        "files.hidden",
        "page.down",
        "page.up",
        "page.first",
        "page.last",
        "page.page-down",
        "page.page-up",
    )

    ALLOW_SELECT = False  # places for a selection with the mouse cost as much as drawing the rows

    class Opened(Message):
        """Enter was pressed on the row under the cursor, or it was clicked twice."""

    class Chosen(Message):
        """The row under the cursor is to be taken as a chapter."""

    class ParentWanted(Message):
        """Go to the folder above."""

    class HiddenToggled(Message):
        """Show, or leave out, hidden names."""

    class StarWanted(Message):
        """The row under the cursor is to be marked, or not any more."""

    class AddWanted(Message):
        """The row under the cursor is to be added to the chapter."""

    class QueueWanted(Message):
        """The marked rows, or the one under the cursor, are to be put into the queue."""

    class ViewChanged(Message):
        """Other rows are in view."""

    class RecentWanted(Message):
        """The user wants to choose a recent place."""

    def __init__(
        self, *, open_filter: Callable[[], None], open_path: Callable[[], None], id: str | None = None
    ) -> None:
        super().__init__(id=id)
        self._open_filter = open_filter
        self._open_path = open_path
        self.listing: Listing | None = None
        """The folder shown; None while it is being read."""
        self.filter = ""
        self.taken: Path | None = None
        """The folder or archive whose pages are shown beside; it has a glyph here."""
        self.marked: frozenset[Path] = frozenset()
        """Folders and archives of the folder shown that are marked for the queue."""
        self._starred: frozenset[Path] = frozenset()
        self._facts: dict[str, Facts] = {}
        """By name: a path for each row would take as long as drawing it."""
        self._above: tuple[Place, ...] = ()
        """Rows before the places of the folder: up, and the folder itself."""
        self._places: Places | None = None
        """Those that the filter lets through."""

    def show(
        self, listing: Listing | None, *, cursor: Path | None = None, starred: frozenset[Path] = frozenset()
    ) -> None:
        """Show another folder, or the same one read again, with the cursor on `cursor` if it is there, and stars
        on places among `starred`."""
        if listing is None or self.listing is None or listing.folder != self.listing.folder:
            self.marked = frozenset()
        self.listing, self.filter, self._facts, self._starred = listing, "", {}, starred
        self._take()
        self._cursor_row = self._row_of(cursor, self._first_useful())
        self.scroll_to(y=0, animate=False, immediate=True)
        self.rows_changed()
        self.call_after_refresh(self.keep_in_view)
        self.post_message(self.CursorMoved(self, self.cursor_row))

    def set_filter(self, text: str) -> None:
        """Show only names that contain `text`, whatever the case."""
        place = self.cursor_place
        self.filter = text
        self._take()
        self._cursor_row = self._row_of(place.path if place else None, self._first_useful())
        self.rows_changed()
        self.keep_in_view()
        self.post_message(self.CursorMoved(self, self.cursor_row))

    def add_facts(self, facts: Mapping[Path, Facts]) -> None:
        """Show what was found inside some places."""
        folder = self.listing.folder if self.listing is not None else None
        self._facts.update({path.name: found for path, found in facts.items() if path.parent == folder})
        self.refresh_changed()

    def facts_of(self, place: Place) -> Facts | None:
        """What is inside, once it is known."""
        return self._facts.get(place.name) if place.kind in (Kind.FOLDER, Kind.ARCHIVE) else None

    def set_starred(self, places: frozenset[Path]) -> None:
        """Stars on these places, and no others."""
        self._starred = places
        self.refresh_changed()

    def set_taken(self, path: Path | None) -> None:
        """Mark the place whose pages are shown beside."""
        self.taken = path
        self.refresh_changed()

    @property
    def cursor_place(self) -> Place | None:
        """The place under the cursor."""
        return self._place(self.cursor_row) if self.row_count else None

    def _place(self, row: int) -> Place:
        above = len(self._above)
        assert self._places is not None
        return self._above[row] if row < above else self._places[row - above]

    def unknown_in_view(self) -> list[Path]:
        """Places in view about whose inside nothing is known yet, the one under the cursor first."""
        rows = range(self.first_row, min(self.first_row + self.body_height, self.row_count))
        places = [self._place(row) for row in sorted(rows, key=lambda row: abs(row - self.cursor_row))]
        wanted = [place for place in places if place.kind in (Kind.FOLDER, Kind.ARCHIVE)]
        return [place.path for place in wanted if place.name not in self._facts]

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self.post_message(self.ViewChanged())

    def on_resize(self) -> None:
        self.post_message(self.ViewChanged())

    # Rows

    @property
    def row_count(self) -> int:
        return len(self._above) + len(self._places or ())

    def empty_lines(self) -> list[str]:
        if self.listing is None:
            return ["Reading the folder…"]
        if self.filter:
            return ["No name contains this.", "esc shows all."]
        return ["No folders here.", "backspace goes up."]

    def body_state(self, row: int) -> Hashable:
        place = self._place(row)
        return place, self.facts_of(place), self._is_taken(place), self._is_marked(place), self._star(place)

    def _is_taken(self, place: Place) -> bool:
        return self.taken is not None and place.name == self.taken.name and place.path == self.taken

    def _is_marked(self, place: Place) -> bool:
        return bool(self.marked) and place.path in self.marked

    def draw_row(self, row: int, width: int) -> list[Segment]:
        place = self._place(row)
        here = row == self.cursor_row
        glyph = "▸" if here else " "
        marked = self._is_marked(place)
        taken = "●" if marked else "■" if self._is_taken(place) else " "
        inside, kind = self._inside(place)
        name_width = max(1, width - 3 - _INSIDE)
        text = f"{glyph}{taken}{self._fitted_name(row, place, name_width)} "
        right = f"{inside:>{_INSIDE}}"[-_INSIDE:]
        if here:
            return [Segment(text + right, self.look("cursor"))]
        return [Segment(text, self.look("marked" if marked else "")), Segment(right, self.look(kind))]

    def _star(self, place: Place) -> str:
        return "★ " if self._starred and place.path in self._starred else ""

    def _fitted_name(self, row: int, place: Place, width: int) -> str:
        """Its name in this many columns; what tells it from those above and below is cut last."""
        name, star = self._shown_name(place), self._star(place)
        width -= len(star)
        if cell_width(name) <= width:
            return star + fit(name, width)
        beside = [self._place(other) for other in (row - 1, row + 1) if 0 <= other < self.row_count]
        return star + fit_around(name, width, telling_part(name, [self._shown_name(one) for one in beside]))

    def _shown_name(self, place: Place) -> str:
        if place.kind is Kind.PARENT:
            return "../"
        if place.kind is Kind.HERE:
            return "./ this folder"
        return steady_text(place.name) + ("/" if place.kind is Kind.FOLDER else "")

    def _inside(self, place: Place) -> tuple[str, str]:
        """What the right column says, and its look."""
        if place.kind is Kind.PARENT:
            return "folder up", "quiet"
        if place.kind is Kind.HERE:
            return plural(self.listing.images if self.listing else 0, "image"), "quiet"
        facts = self.facts_of(place)
        if facts is None:
            return "", "quiet"
        if facts.uncounted:
            return format_size(facts.size), "quiet"
        if facts.problem:
            return "✗ broken" if place.kind is Kind.ARCHIVE else "✗ closed", "error"
        for count, what in ((facts.images, "image"), (facts.archives, "archive"), (facts.folders, "folder")):
            if count:
                return f"{count}+ {what}s" if facts.more else plural(count, what), "quiet"
        return "empty", "quiet"

    def _take(self) -> None:
        listing = self.listing
        self._above, self._places = (), None
        if listing is None:
            return
        self._places = listing.places.containing(self.filter)
        if not self.filter:
            if listing.folder != listing.folder.parent:
                self._above = (Place.at(Kind.PARENT, listing.folder.parent),)
            if listing.images:
                self._above += (Place.at(Kind.HERE, listing.folder),)

    def _first_useful(self) -> int:
        """The row to start at: not the parent, when there is something else."""
        up = bool(self._above) and self._above[0].kind is Kind.PARENT
        return 1 if up and self.row_count > 1 else 0

    def _row_of(self, path: Path | None, otherwise: int) -> int:
        if path is None or self._places is None:
            return otherwise
        here = next(
            (row for row, place in enumerate(self._above) if place.kind is Kind.HERE and place.path == path),
            None,
        )
        found = self._places.find(path)
        return len(self._above) + found if found is not None else otherwise if here is None else here

    # Keys

    def action_open(self) -> None:
        self.post_message(self.Opened())

    def action_choose(self) -> None:
        self.post_message(self.Chosen())

    def action_parent(self) -> None:
        self.post_message(self.ParentWanted())

    def action_hidden(self) -> None:
        self.post_message(self.HiddenToggled())

    def action_filter(self) -> None:
        self._open_filter()

    def action_go_to(self) -> None:
        self._open_path()

    def action_star(self) -> None:
        self.post_message(self.StarWanted())

    def action_add(self) -> None:
        self.post_message(self.AddWanted())

    def action_mark(self) -> None:
        place = self.cursor_place
        if place is not None and place.kind in (Kind.FOLDER, Kind.ARCHIVE):
            self.marked ^= {place.path}
            if self.cursor_row + 1 < self.row_count:
                self.put_cursor(self.cursor_row + 1)
            else:
                self.post_message(self.CursorMoved(self, self.cursor_row))  # the hint counts the marks
            self.refresh_changed()

    def action_mark_all(self) -> None:
        """Those that the filter lets through."""
        every = {place.path for place in self._places or () if place.kind in (Kind.FOLDER, Kind.ARCHIVE)}
        self.marked = self.marked - every if every <= self.marked else self.marked | every
        self.refresh_changed()
        self.post_message(self.CursorMoved(self, self.cursor_row))  # the hint counts the marks

    def action_queue(self) -> None:
        self.post_message(self.QueueWanted())

    def take_marked(self) -> tuple[Path, ...]:
        """The marked places in the order of the list; they are not marked any more."""
        places = self.listing.places if self.listing is not None else ()
        found = tuple(place.path for place in places if place.path in self.marked)
        self.marked = frozenset()
        self.refresh_changed()
        return found

    def action_recent(self) -> None:
        self.post_message(self.RecentWanted())

    def on_click(self, event: object) -> None:
        if getattr(event, "chain", 1) == 2 and self.row_count:
            self.post_message(self.Opened())
