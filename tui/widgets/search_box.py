"""Search as you type: a field whose results appear below it, chosen without leaving the field."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from textual import events, on, work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Input

from tui.mangadex.errors import MangaDexError
from tui.text import safe_text
from tui.widgets.field_row import FieldRow
from tui.widgets.search_results import Result, ResultList, SearchAnswer

_REST = 0.35
"""Seconds without a key after which the service is asked."""
_LATE = 3.0
"""Seconds after which it is said that no answer came yet: the service is slow, or its limits are waited for."""
_SHORTEST = 2
_CHOOSE = "↓ ↑ and enter choose"


class SearchBox(Vertical):
    """A field, its tag, and results.

    `search(text, fresh)` asks; what it raises is shown beside the field. An answer that comes after more was
    typed is thrown away, its request cancelled. `keep_text` leaves the chosen name in the field, where what is typed
    replaces it and escape brings it back; else the field is emptied for the next choice.
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
    class Edited(Message):
        """Something was typed: what was chosen before is not what stands in the field."""

        box: SearchBox

        @property
        def control(self) -> SearchBox:
            return self.box

    @dataclass
    class Restored(Message):
        """Escape brought back what stood in the field before anything was typed."""

        box: SearchBox

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
        search: Callable[[str, bool], Awaitable[SearchAnswer]],
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
        self._used: list[Result] = []
        self._timer: Timer | None = None
        self._answered = ""
        """The text that the results, or what stands beside the field, are for."""
        self._kept = ""
        """What stood in the field before anything was typed."""
        self.row.field.select_on_focus = keep_text

    def compose(self) -> ComposeResult:
        yield self.row
        yield self.results

    def offer_used(self, used: Sequence[Result]) -> None:
        """What was used before: offered while the field is empty, and before anybody is asked when it matches."""
        self._used = list(used)

    @property
    def text(self) -> str:
        """What stands in the field."""
        return self.row.field.value

    def set_text(self, text: str) -> None:
        """Put a text into the field without searching for it."""
        field = self.row.field
        with self.prevent(Input.Changed):
            field.value = text
        self._kept = text if self._keep_text else ""
        if self._keep_text and field.has_focus:
            field.select_all()
        self._answered = text.strip()
        self.results.show([])
        self.row.tag("")

    def keep(self, text: str) -> None:
        """Escape brings `text` back, in place of what stood in the field before."""
        self._kept = text

    def search_now(self, text: str) -> None:
        """Search for `text` as if it had been typed."""
        self.set_text(text)
        self._answered = ""
        self._ask(text)

    def _known(self, text: str) -> list[Result]:
        """What is offered for `text` without asking anybody."""
        return [*self._used, *self._first] if not text else [one for one in self._used if one.holds(text)]

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._stop()
        text = event.value.strip()
        self.post_message(self.Edited(self))
        known = self._known(text)
        self.results.show(known)
        self._say(_CHOOSE if known else "")
        if known or len(text) < _SHORTEST:
            self._answered = text
        if len(text) >= _SHORTEST:
            self._timer = self.set_timer(_REST, lambda: self._ask(text))

    @work(exclusive=True, group="search", exit_on_error=False)
    async def _ask(self, text: str, fresh: bool = False) -> None:
        self._timer = None
        known = self._known(text)
        if not known:
            self._say("Searching…")
        late = self.set_timer(_LATE, lambda: self._say("Still waiting for an answer…"))
        try:
            answer = await self._search(text, fresh)
        except MangaDexError as error:
            self._answered = text.strip()
            self.results.show(known, stay=True)
            self.row.tag(safe_text(error.in_short), wrong=True)
            return
        finally:
            late.stop()
        ids = {result.id for result in known}
        found = [*known, *(result for result in answer.results if result.id not in ids)]
        # The note first: of a narrow screen the end is cut off.
        said = f"{safe_text(answer.note)} · {_CHOOSE}" if answer.note else _CHOOSE
        self._say(said if found else "Nothing found", doubt=not found)
        self._answered = text.strip()
        if self.row.field.has_focus:
            self.results.show(found, stay=True)

    def _say(self, text: str, *, doubt: bool = False) -> None:
        back = "esc undoes" if self._kept and self.text != self._kept else ""
        self.row.tag(" · ".join(part for part in (text, back) if part), doubt=doubt)

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

    def _stop(self) -> None:
        """Ask nothing more for what was typed."""
        if self._timer is not None:
            self._timer.stop()
        self.workers.cancel_node(self)

    def _choose(self, result: Result) -> None:
        self._stop()
        self.set_text(result.name if self._keep_text else "")
        self.post_message(self.Chosen(self, result))

    def on_key(self, event: events.Key) -> None:
        text = self.row.field.value.strip()
        if event.key in ("down", "up") and self.results.results:
            self._taken(event)
            self.results.put_cursor(self.results.cursor_row + (1 if event.key == "down" else -1))
        elif event.key == "down" and not text and self._known(""):
            self._taken(event)
            self._answered = ""
            self.results.show(self._known(""))
        elif event.key == "f5" and len(text) >= _SHORTEST:
            self._taken(event)
            if self._timer is not None:
                self._timer.stop()
            self._ask(text, fresh=True)
        elif event.key == "escape" and self._kept and self.text != self._kept:
            self._taken(event)
            self._stop()
            self.set_text(self._kept)
            self.post_message(self.Restored(self))
        elif event.key == "escape" and self.results.results:
            self._taken(event)
            self.results.show([])
        elif event.key == "backspace" and not self.row.field.value:
            self.post_message(self.Emptied(self))

    def _taken(self, event: events.Key) -> None:
        event.stop()
        event.prevent_default()

    def on_descendant_blur(self) -> None:
        self.results.show([])
