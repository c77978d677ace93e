"""Questions and messages in front of a screen. Each is dismissed with a typed value and knows no caller.

The texts may be the service's or a file's: they pass safe_text() here and are never markup.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import ClassVar, TypeVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Button, Static

from tui.terminal import over_ssh
from tui.text import safe_text
from tui.widgets.bindings import bindings
from tui.widgets.outside import copied

T = TypeVar("T")

_STYLE = """
Dialog { align: center middle; background: $background 60%; }
Dialog.-undimmed { background: transparent; }
Dialog > Vertical {
    width: 72; max-width: 96%; height: auto; max-height: 96%;
    border: round $primary; background: $surface; padding: 0 1;
}
Dialog .dialog--title { text-style: bold; width: 100%; height: auto; max-height: 3; }
Dialog .dialog--body { height: auto; width: 100%; margin: 1 0 0 0; }
Dialog .dialog--body Static { width: 100%; height: auto; }
Dialog .dialog--buttons { height: 1; margin: 1 0 0 0; align-horizontal: right; }
Dialog .dialog--buttons Button { margin: 0 0 0 2; min-width: 10; }
Dialog .dialog--problem { color: $text-error; height: auto; width: 100%; }
Dialog Input { width: 100%; margin: 1 0 0 0; }
Dialog LineList { height: auto; max-height: 16; margin: 1 0 0 0; }
"""


class Dialog(ModalScreen[T]):
    """A box in the middle of the screen.

    Over a slow line keys arrive before the dialog that they were meant for is up. A prompt takes them, in their
    order; a confirmation drops them, since nobody has read its question yet.
    """

    DEFAULT_CSS = _STYLE
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "scroll_body(-1)", "Up", show=False, tooltip="Scroll the text up."),
        Binding("down", "scroll_body(1)", "Down", show=False, tooltip="Scroll the text down."),
        Binding("pageup", "scroll_body(-8)", "Page up", show=False),
        Binding("pagedown", "scroll_body(8)", "Page down", show=False),
        *bindings("app.help"),
    ]
    OTHER_LINES: ClassVar[int] = 10
    """Lines that a dialog takes at most besides its text."""
    TAKES_EARLY_KEYS: ClassVar[bool] = False

    def __init__(self, title: str, lines: Sequence[str] = ()) -> None:
        super().__init__()
        self._title = safe_text(title)
        self._lines = [safe_text(line) for line in lines]
        self.open_since: float | None = None
        """When everything was there and had its focus, by the clock of events; keys from before are early."""
        # What is behind would be sent twice in other colours: dimmed, and as it was.
        self.set_class(over_ssh(os.environ), "-undimmed")

    def open_at(self, widget: Widget) -> None:
        """Everything is mounted: `widget` has the focus from now on."""
        self.set_focus(widget)
        self.open_since = events.Event().time

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(Content(self._title), classes="dialog--title")
            if self._lines:
                with VerticalScroll(classes="dialog--body", can_focus=False):
                    yield Static(Content("\n".join(self._lines)))
            yield from self.compose_rest()

    def compose_rest(self) -> ComposeResult:
        """What a kind of dialog has below the text."""
        yield from ()

    def on_resize(self, event: events.Resize) -> None:
        self.fit_height(event.size.height * 96 // 100)

    def fit_height(self, height: int) -> None:
        """Share `height` lines out: the text scrolls, so that what is below it is always in view."""
        for body in self.query(".dialog--body"):
            body.styles.max_height = max(2, min(14, height - self.OTHER_LINES))

    @property
    def question(self) -> str:
        """The title; safe."""
        return self._title

    async def action_help(self) -> None:
        await self.run_action("app.show_help")

    def action_scroll_body(self, lines: int) -> None:
        for body in self.query(".dialog--body"):
            body.scroll_relative(y=lines, animate=False, immediate=True)


class Confirm(Dialog[bool]):
    """A yes or no before something that cannot be taken back. The safe answer has the focus."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", "Yes", show=False, tooltip="Yes: do it."),
        Binding("n,escape", "answer(False)", "No", show=False, tooltip="No: nothing is done."),
        Binding(
            "left,right", "other", "Other button", show=False, tooltip="To the other answer; enter gives it."
        ),
    ]
    OTHER_LINES = 8

    def __init__(
        self,
        title: str,
        lines: Sequence[str] = (),
        *,
        yes: str = "Yes",
        no: str = "No",
        dangerous: bool = True,
    ) -> None:
        super().__init__(title, lines)
        self._yes, self._no, self._dangerous = yes, no, dangerous

    def compose_rest(self) -> ComposeResult:
        with Horizontal(classes="dialog--buttons"):
            yield Button(Content(f"{self._no} (n)"), id="no", variant="primary", compact=True)
            yes = Button(Content(f"{self._yes} (y)"), id="yes", compact=True)
            yes.variant = "error" if self._dangerous else "default"
            yield yes

    def on_mount(self) -> None:
        self.open_at(self.query_one("#no"))

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self.dismiss(event.button.id == "yes")

    def action_answer(self, yes: bool) -> None:
        self.dismiss(yes)

    def action_other(self) -> None:
        self.focus_next()


class Message(Dialog[None]):
    """Something to read that stays until it is dismissed: an error with its remedy, a link."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter", "close", "Close", show=False, tooltip="Close it."),
        Binding("y", "copy", "Copy", show=False, tooltip="Send the link, if there is one, to the clipboard."),
    ]

    def __init__(self, title: str, lines: Sequence[str] = (), *, copy: str = "") -> None:
        """`copy` is what `y` sends to the terminal's clipboard."""
        super().__init__(title, lines)
        self._copy = copy

    def compose_rest(self) -> ComposeResult:
        said = Static("", classes="dialog--problem")
        said.display = False
        yield said
        with Horizontal(classes="dialog--buttons"):
            if self._copy:
                yield Button(Content("Copy (y)"), id="copy", compact=True)
            yield Button(Content("Close (esc)"), id="close", variant="primary", compact=True)

    def on_mount(self) -> None:
        self.open_at(self.query_one("#close"))

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        if event.button.id == "copy":
            self.action_copy()
        else:
            self.dismiss(None)

    def action_copy(self) -> None:
        if self._copy:
            said = self.query_one(".dialog--problem", Static)
            said.update(Content(copied(self.app, self._copy)))
            said.display = True

    def action_close(self) -> None:
        self.dismiss(None)
