"""Our way to a terminal: what leaves for it is what it can show, and it is left as it was found."""

from __future__ import annotations

import os
import re
import selectors
import sys
from codecs import getincrementaldecoder
from typing import TYPE_CHECKING, Any

from textual.drivers.linux_driver import LinuxDriver

from tui.glyphs import Glyphs
from tui.terminal import Capabilities
from tui.widgets.outside import RESET_PROGRESS, RESTORE_TITLE, SAVE_TITLE
from tui.widgets.painting import Painting
from tui.widgets.terminal_input import TerminalInput
from tui.widgets.terminal_output import TerminalOutput

if TYPE_CHECKING:
    from textual.app import App

_STANDARD_ERROR = 2
_POINTER = "\x1b]22;"
"""How Textual asks for another shape of the mouse pointer."""
_NO_USE = ("\x1b[?1004h", "\x1b[?1004l")
"""Reports of the window's focus: Textual would paint the screen anew whenever somebody looks elsewhere."""
_ALL_KEYS, _CLEAR_KEYS = re.compile(r"\x1b\[>\d+u"), "\x1b[>1u"
"""How Textual asks newer terminals for a sequence in place of every key, and what dexup needs of it: sequences for
those that could not be told apart. A letter stays one byte, and cannot be cut on its way."""
_KEYS_AS_BEFORE = "\x1b[<u"
_CLEAR = "\x1b[m\x1b[2J\x1b[H"


def driver_for(can: Capabilities) -> type[LinuxDriver]:
    """The driver for such a terminal."""
    return type("TerminalDriver", (_TerminalDriver,), {"can": can})


class _TerminalDriver(LinuxDriver):
    can: Capabilities

    def __init__(
        self,
        app: App[object],
        *,
        debug: bool = False,
        mouse: bool = True,
        size: tuple[int, int] | None = None,
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._glyphs = Glyphs(self.can.repertoire)
        self._painting = Painting(erases=self.can.erases)
        self._pointer = f"{_POINTER}default\x07"
        file = sys.__stderr__
        reconfigure = getattr(file, "reconfigure", None)
        if file is not None and reconfigure is not None and self.can.encoding != file.encoding:
            reconfigure(encoding=self.can.encoding, errors="backslashreplace")
        self._file: Any = TerminalOutput(os.dup(_STANDARD_ERROR), self.can.encoding)

    def write(self, data: str) -> None:
        if data in _NO_USE or (data == _KEYS_AS_BEFORE and not self.can.swallows):
            return
        if data.startswith(_POINTER):
            if not (self.can.swallows and self._mouse) or data == self._pointer:
                return
            self._pointer = data
        data = self._painting.update(self._glyphs.shown(_ALL_KEYS.sub(_CLEAR_KEYS, data)))
        if data:
            super().write(data)

    def _get_terminal_size(self) -> tuple[int, int]:
        """The terminal's own word. COLUMNS and LINES, which shells and libraries may have exported when the
        window had another size, would keep the screen at that size for ever."""
        for descriptor in (self.fileno, self._file.fileno()):
            try:
                columns, rows = os.get_terminal_size(descriptor)
            except OSError:
                continue
            if columns and rows:
                return columns, rows
        return super()._get_terminal_size()

    def forget_screen(self) -> None:
        """Something else may have written to the terminal: paint everything anew."""
        self._painting.forget(self._get_terminal_size()[0])

    @property
    def mouse_on(self) -> bool:
        """Whether the terminal reports the mouse; its own selection works while it does not."""
        return self._mouse

    def set_mouse(self, on: bool) -> None:
        """Have the terminal report the mouse, or not."""
        if on:
            self._mouse = True
            self._enable_mouse_support()
        else:
            self._disable_mouse_support()
            self._mouse = False

    def start_application_mode(self) -> None:
        self.forget_screen()
        self._silence()
        super().start_application_mode()  # type: ignore[no-untyped-call]
        if self.can.title and self._writer_thread is not None:
            self.write(SAVE_TITLE)

    def stop_application_mode(self) -> None:
        # Also after a fault of ours: nothing of dexup stays behind in the window's title or its task bar.
        if self.can.title:
            self.write(RESTORE_TITLE)
        if self.can.progress:
            self.write(RESET_PROGRESS)
        if not self.can.swallows:
            self.write(_CLEAR)
        super().stop_application_mode()
        os.dup2(self._file.fileno(), _STANDARD_ERROR)

    def _silence(self) -> None:
        """Libraries in C, decoders of damaged pages above all, write to standard error by themselves: while our
        screens are there, that goes nowhere."""
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, _STANDARD_ERROR)
        os.close(nowhere)

    def _request_terminal_sync_mode_support(self) -> None:
        """Not asked: it would frame each picture, also an empty one, and the answer may come as keys."""

    def _query_in_band_window_resize(self) -> None:
        """Not asked: the signal tells of it."""

    def run_input_thread(self) -> None:
        """Keys, in the terminal's own encoding; a byte that does not belong to it is no reason to end."""
        decode = getincrementaldecoder(self.can.encoding)(errors="replace").decode
        arriving = TerminalInput()
        with selectors.DefaultSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                if selector.select(min(0.1, arriving.left)):
                    data = self._read()
                    if not data:
                        self._lost()
                        return
                    text = decode(data)
                    for event in arriving.feed(text):
                        self.process_message(event)
                for event in arriving.tick():
                    self.process_message(event)

    def _read(self) -> bytes:
        """What was typed; nothing when the terminal is gone, which a signal need not have told before."""
        try:
            return os.read(self.fileno, 4096)
        except OSError:
            return b""

    def _lost(self) -> None:
        lost = getattr(self._app, "terminal_lost", None)
        if lost is not None:
            self._app.call_later(lost)
