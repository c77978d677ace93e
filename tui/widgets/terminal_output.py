"""Where Textual's writing thread writes: a terminal that may stall, be slow to take bytes, or go away."""

from __future__ import annotations

import os
import selectors


class TerminalOutput:
    """The part of a text file that the writing thread uses, for a terminal's descriptor.

    Textual's thread dies of any error, and then whoever draws waits for ever on its full queue. This raises
    nothing: when the terminal is gone, what is written goes nowhere.
    """

    def __init__(self, descriptor: int, encoding: str) -> None:
        self._descriptor = descriptor
        self._encoding = encoding
        self._pending = bytearray()
        self.gone = False

    def write(self, text: str) -> int:
        """Keep it for the next flush."""
        if not self.gone:
            self._pending += text.encode(self._encoding, "backslashreplace")
        return len(text)

    def flush(self) -> None:
        """Write all of it, however long the terminal takes."""
        data, self._pending = memoryview(bytes(self._pending)), bytearray()
        while data and not self.gone:
            try:
                data = data[os.write(self._descriptor, data) :]
            except BlockingIOError:  # a descriptor that somebody has set to O_NONBLOCK
                with selectors.DefaultSelector() as selector:
                    selector.register(self._descriptor, selectors.EVENT_WRITE)
                    selector.select()
            except OSError:
                self.gone = True

    def fileno(self) -> int:
        return self._descriptor

    def isatty(self) -> bool:
        return os.isatty(self._descriptor)
