"""An App that fits itself to its terminal: characters, colours, size, mouse, and what shows outside of it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from typing import Any, Protocol, TypeVar, runtime_checkable

from textual import events
from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.driver import Driver
from textual.filter import LineFilter
from textual.notifications import Notification
from textual.screen import Screen
from textual.widgets import Static

from tui.glyphs import Glyphs
from tui.terminal import SMALLEST, Capabilities, Colours
from tui.upload.view import UploadView
from tui.widgets.few_colours import EightColours, NoColours
from tui.widgets.outside import Shown, outside, sequences
from tui.widgets.themes import ADAPTED_THEMES, OWN_THEMES, theme_for
from tui.widgets.type_ahead import TypeAheadApp
from tui.widgets.worker_threads import WorkerThreads

T = TypeVar("T")


@runtime_checkable
class _Mouse(Protocol):
    """A driver that can turn the mouse off and on."""

    mouse_on: bool

    def set_mouse(self, on: bool) -> None: ...


class TooSmall(Screen[None]):
    """Stands in front of everything while the terminal is too small to draw anything of use."""

    CSS = """
    TooSmall { align: center middle; }
    TooSmall Static { width: auto; max-width: 100%; text-align: center; }
    """

    def compose(self) -> ComposeResult:
        yield Static(id="too-small")

    def on_mount(self) -> None:
        self._say()

    def on_resize(self) -> None:
        self._say()

    def on_screen_resume(self) -> None:
        if not is_too_small(self.app):
            self.dismiss()

    def _say(self) -> None:
        width, height = self.app.size
        least = f"{SMALLEST[0]}x{SMALLEST[1]}"
        text = f"This terminal is {width}x{height}.\ndexup needs {least}.\nMake it larger; nothing stops meanwhile."
        self.query_one(Static).update(Content(text))


def is_too_small(app: App[Any]) -> bool:
    """Whether the terminal is smaller than dexup can use."""
    return app.size.width < SMALLEST[0] or app.size.height < SMALLEST[1]


class TerminalApp(TypeAheadApp[T]):
    """The App as its terminal sees it."""

    def __init__(self, can: Capabilities | None = None, *, when_done: str = "bell") -> None:
        self.can = can or Capabilities()
        self._when_done = when_done
        self._notes_seen: list[Notification] = []
        """Those that were on the screen when the last key was pressed."""
        self._glyphs = Glyphs(self.can.repertoire)
        self._outside = Shown()
        super().__init__()
        self._few: list[LineFilter] = []
        if self.can.colours is Colours.NONE:
            self._few = [NoColours()]
        elif self.can.colours is Colours.EIGHT:
            self._few = [EightColours()]
        for theme in (*OWN_THEMES, *ADAPTED_THEMES):
            self.register_theme(theme)

    def get_driver_class(self) -> type[Driver]:
        if sys.platform == "win32":
            return super().get_driver_class()
        from tui.widgets.driver import driver_for  # late: it needs the terminal calls of POSIX

        return driver_for(self.can)

    def get_line_filters(self) -> Sequence[LineFilter]:
        if not self._few:
            return super().get_line_filters()
        if self.can.colours is Colours.NONE:
            return self._few  # in place of the library's own way with NO_COLOR, which loses what is marked
        return [*super().get_line_filters(), *self._few]

    def get_key_display(self, binding: Binding) -> str:
        return self._glyphs.shown_key(super().get_key_display(binding))

    def use_theme(self, wanted: str) -> bool:
        """Use the theme of that name, as far as this terminal can show it; false when there is none."""
        name = theme_for(wanted, self.available_themes, self.can.colours)
        if name:
            self.theme = name
        return bool(name)

    def action_redraw(self) -> None:
        """Something else has written to the terminal."""
        self._forget_screen()
        self.refresh(layout=True)

    def _forget_screen(self) -> None:
        forget = getattr(self._driver, "forget_screen", None)
        if forget is not None:
            forget()

    # Notes

    def on_mount(self) -> None:
        asyncio.get_running_loop().set_default_executor(WorkerThreads())
        self.screen_change_signal.subscribe(self, self._screen_changed)

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key | events.MouseDown) and not event.is_forwarded:
            self._notes_seen = list(self._notifications)
        await super().on_event(event)

    def _screen_changed(self, _: Screen[Any]) -> None:
        """What was said on the screen before has been read by who pressed a key there; errors stay their time. What
        the same key led to is said on the new screen."""
        for note in self._notes_seen:
            if note.severity != "error" and note in self._notifications:
                self._unnotify(note)

    # Size

    def on_resize(self, event: events.Resize) -> None:  # noqa: ARG002  # the App's size is what counts
        self._forget_screen()  # a terminal wraps or cuts its lines when its size changes
        self.call_later(self._cover)

    def _cover(self) -> None:
        covers = [screen for screen in self.screen_stack if isinstance(screen, TooSmall)]
        if is_too_small(self):
            if not covers:
                self.push_screen(TooSmall())
        elif covers and self.screen is covers[0]:
            covers[0].dismiss()

    # Mouse

    def action_toggle_mouse(self) -> None:
        driver = self._driver
        if not isinstance(driver, _Mouse):
            self.notify("The mouse cannot be turned off here.", markup=False)
            return
        driver.set_mouse(not driver.mouse_on)
        text = (
            "The mouse works in dexup." if driver.mouse_on else "The terminal has the mouse: select and copy."
        )
        self.notify(f"{text} {self.mouse_key} changes it.", markup=False, timeout=4)

    @property
    def mouse_key(self) -> str:
        """The key of the action, as it is shown."""
        for active in self.screen.active_bindings.values():
            if active.binding.id == "app.mouse":
                return self.get_key_display(active.binding)
        return "F8"

    # Outside of the screen

    def show_outside(self, view: UploadView) -> None:
        """Title, task bar and bell for this upload; sends nothing when nothing changed."""
        now = outside(view)
        sent = sequences(self._outside, now, self.can, self._when_done)
        self._outside = now
        if sent and self._driver is not None and not self._driver.is_headless:
            self._driver.write(sent)
            self._driver.flush()
