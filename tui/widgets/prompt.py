"""A question that one line of text answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Input, Static

from tui.chapter.typed_paths import begun_anew
from tui.text import safe_text
from tui.widgets.dialogs import Dialog

_OFFERED = 12
"""Names that tab lists."""


class Prompt(Dialog[str | None]):
    """One line of text; None when it was left with escape."""

    TAKES_EARLY_KEYS = True

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Cancel", show=False, tooltip="Leave it as it is."),
    ]

    def __init__(
        self,
        title: str,
        lines: Sequence[str] = (),
        *,
        value: str = "",
        placeholder: str = "",
        validate: Callable[[str], str] | None = None,
        complete: Callable[[str], tuple[str, Sequence[str]]] | None = None,
    ) -> None:
        """`validate` says what is wrong with a text, "" when nothing is. `complete`, called in a thread for tab,
        gives the text as far as it is unambiguous, and what it can go on with."""
        super().__init__(title, lines)
        self._value, self._placeholder, self._validate = value, placeholder, validate
        self._complete = complete

    def compose_rest(self) -> ComposeResult:
        field = Input(self._value, placeholder=self._placeholder, compact=True)
        field.cursor_blink = False
        yield field
        yield Static("", classes="dialog--problem")
        tab = "tab completes, " if self._complete is not None else ""
        yield Static(Content(f"{tab}enter takes it, esc leaves it"), classes="dialog--hint")

    def on_mount(self) -> None:
        self.open_at(self.query_one(Input))

    def on_key(self, event: events.Key) -> None:
        if event.key == "tab" and self._complete is not None:
            event.stop()
            event.prevent_default()
            self._look_up(self.query_one(Input).value)

    @work(thread=True, exclusive=True, group="complete")
    def _look_up(self, typed: str) -> None:
        assert self._complete is not None
        text, names = self._complete(typed)
        self.app.call_from_thread(self._completed, typed, text, names)

    def _completed(self, typed: str, text: str, names: Sequence[str]) -> None:
        if not self.is_attached:
            return  # answered meanwhile
        field = self.query_one(Input)
        if field.value != typed:
            return
        with self.prevent(Input.Changed):
            field.value = text
        field.cursor_position = len(text)
        listed = "  ".join(names[:_OFFERED]) + ("  …" if len(names) > _OFFERED else "")
        told = listed if len(names) > 1 else "" if names else "Nothing begins like this."
        self.query_one(".dialog--problem", Static).update(Content(safe_text(told)))

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        if self._complete is not None and (anew := begun_anew(event.value)) != event.value:
            event.input.value = anew
            event.input.cursor_position = len(anew)
            return
        self.query_one(".dialog--problem", Static).update(
            Content(self._problem(event.value) if event.value else "")
        )

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        problem = self._problem(event.value)
        if problem:
            self.query_one(".dialog--problem", Static).update(Content(problem))
        else:
            self.dismiss(event.value)

    def action_cancel(self) -> None:
        self.dismiss(None)

    def _problem(self, text: str) -> str:
        return safe_text(self._validate(text)) if self._validate is not None else ""
