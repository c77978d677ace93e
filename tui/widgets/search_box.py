"""Search as you type: a field whose results appear below it, chosen without leaving the field."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from rich.segment import Segment
from textual import events, on, work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Input

from tui.mangadex.errors import MangaDexError
from tui.text import fit, safe_text
from tui.widgets.field_row import FieldRow
from tui.widgets.line_list import LineList

_REST = 0.35
"""Seconds without a key after which the service is asked."""
_SHORTEST = 2
_MOST_ROWS = 6


@dataclass(frozen=True, slots=True)
class Result:
    """One thing found. The texts need not be safe."""

    id: str
    name: str
    note: str = ""


class ResultList(LineList):
    """The results below the field. The keys come from the field, which keeps the focus."""

    can_focus = False

    def __init__(self) -> None:
        super().__init__()
        self.results: list[Result] = []

    def show(self, results: Sequence[Result]) -> None:
        """Show these, the cursor on the first."""
        self.results = list(results)
        self._cursor_row = 0
        self.styles.height = min(len(self.results), _MOST_ROWS)
        self.display = bool(self.results)
        self.scroll_to(y=0, animate=False, immediate=True)
        self.rows_changed()

    @property
    def row_count(self) -> int:
        return len(self.results)

    def body_state(self, row: int) -> Result:
        return self.results[row]

    def draw_row(self, row: int, width: int) -> list[Segment]:
        found = self.results[row]
        at_cursor = row == self.cursor_row
        text = f"{'▸' if at_cursor else ' '} {safe_text(found.name)}"
        if found.note:
            text += f"  ({safe_text(found.note)})"
        indent = " " * 11
        return [Segment(fit(indent + text, width), self.look("cursor" if at_cursor else "quiet"))]


class SearchBox(Vertical):
    """A field, its tag, and results.

    `search(text)` asks the service; what it raises is shown beside the field. `keep_text` leaves the chosen
    name in the field, else the field is emptied for the next choice.
    """

    DEFAULT_CSS = """
    SearchBox { height: auto; }
    SearchBox ResultList { height: 0; display: none; }
    """

    @dataclass
    class Chosen(Message):
        """Something was chosen."""

        box: SearchBox
        result: Result

        @property
        def control(self) -> SearchBox:
            return self.box

    @dataclass
    class Emptied(Message):
        """Backspace was pressed in the empty field."""

        box: SearchBox

        @property
        def control(self) -> SearchBox:
            return self.box

    def __init__(
        self,
        name: str,
        label: str,
        search: Callable[[str], Awaitable[Sequence[Result]]],
        *,
        placeholder: str = "",
        keep_text: bool = True,
        first: Sequence[Result] = (),
    ) -> None:
        """`first` is offered, without asking anybody, while the field is empty."""
        super().__init__(id=f"search-{name}")
        self.row = FieldRow(name, label, placeholder=placeholder)
        self.results = ResultList()
        self._search = search
        self._keep_text = keep_text
        self._first = list(first)
        self._timer: Timer | None = None
        self._answered = ""
        """The text that the results, or what stands beside the field, are for."""

    def compose(self) -> ComposeResult:
        yield self.row
        yield self.results

    def set_text(self, text: str) -> None:
        """Put a text into the field without searching for it."""
        with self.prevent(Input.Changed):
            self.row.field.value = text
        self._answered = text.strip()
        self.results.show([])

    def search_now(self, text: str) -> None:
        """Search for `text` as if it had been typed."""
        self.set_text(text)
        self._answered = ""
        self._ask(text)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if self._timer is not None:
            self._timer.stop()
        text = event.value.strip()
        if len(text) < _SHORTEST:
            self.workers.cancel_node(self)
            self._answered = text
            self.results.show(self._first if not text else [])
            self.row.tag("")
        else:
            self._timer = self.set_timer(_REST, lambda: self._ask(text))

    @work(exclusive=True, group="search", exit_on_error=False)
    async def _ask(self, text: str) -> None:
        self._timer = None
        self.row.tag("Searching…")
        try:
            found = await self._search(text)
        except MangaDexError as error:
            self._answered = text.strip()
            self.results.show([])
            self.row.tag(safe_text(error.detail or error.title), wrong=True)
            return
        self.row.tag("↓ ↑ and enter choose" if found else "Nothing found.", doubt=not found)
        self._answered = text.strip()
        if self.row.field.has_focus:
            self.results.show(found)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        results = self.results.results
        text = event.value.strip()
        if self._answered != text and len(text) >= _SHORTEST:
            # What was found for another text must not be taken for this one: enter asks at once.
            event.stop()
            if self._timer is not None:
                self._timer.stop()
                self._ask(text)
        elif results:
            event.stop()
            self._choose(results[self.results.cursor_row])

    def _choose(self, result: Result) -> None:
        if self._timer is not None:
            self._timer.stop()
        self.set_text(result.name if self._keep_text else "")
        self.post_message(self.Chosen(self, result))

    def on_key(self, event: events.Key) -> None:
        if event.key in ("down", "up") and self.results.results:
            event.stop()
            event.prevent_default()
            self.results.put_cursor(self.results.cursor_row + (1 if event.key == "down" else -1))
        elif event.key == "down" and not self.row.field.value and self._first:
            event.stop()
            event.prevent_default()
            self._answered = ""
            self.results.show(self._first)
        elif event.key == "escape" and self.results.results:
            event.stop()
            event.prevent_default()
            self.results.show([])
        elif event.key == "backspace" and not self.row.field.value:
            self.post_message(self.Emptied(self))

    def on_descendant_blur(self) -> None:
        self.results.show([])
