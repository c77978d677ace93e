"""A real pseudo-terminal with an emulated screen, for tests that use dexup as a person does."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self, cast

import pexpect
import pyte

from tests.support.leaks import check_no_secret

KEYS = {
    "enter": "\r",
    "escape": "\x1b",
    "tab": "\t",
    "space": " ",
    "backspace": "\x7f",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "f1": "\x1bOP",
    "f2": "\x1bOQ",
    "f3": "\x1bOR",
    "f5": "\x1b[15~",
    "f8": "\x1b[19~",
    **{f"ctrl+{chr(letter)}": chr(letter - 96) for letter in range(ord("a"), ord("z") + 1)},
}
"""Key name -> the bytes that a terminal sends for it."""


class Terminal:
    """A program in a pseudo-terminal of `columns` x `rows`, its screen kept by an emulator."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        columns: int = 80,
        rows: int = 24,
        environ: Mapping[str, str] | None = None,
        folder: Path | None = None,
    ) -> None:
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self.received = 0
        """Bytes that the program has written so far."""
        self.raw = bytearray()
        """Every byte that the program has written."""
        variables = {key: value for key, value in os.environ.items() if not key.startswith("DEXUP_")}
        variables |= {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}
        variables |= dict(environ or {})
        self.process = pexpect.spawn(
            command[0],
            list(command[1:]),
            dimensions=(rows, columns),
            env=variables,
            cwd=str(folder) if folder else None,
            timeout=5,
            preexec_fn=_hear_interrupts,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.close(force=True)
        if kind is None:
            check_no_secret(bytes(self.raw))

    def read(self, seconds: float = 0.05) -> bool:
        """Take in what the program wrote within `seconds`; false when it wrote nothing."""
        try:
            # Bytes, since no encoding was given; the stubs only know text.
            data = cast("bytes", self.process.read_nonblocking(65536, timeout=seconds))
        except pexpect.TIMEOUT:
            return False
        except pexpect.EOF:
            return False
        self.take(data)
        return True

    def take(self, data: bytes) -> None:
        """Count and show what was read from the program."""
        self.received += len(data)
        self.raw += data
        self._stream.feed(data)

    @property
    def lines(self) -> list[str]:
        """The rows of the screen as it is now, without trailing blanks."""
        return [line.rstrip() for line in self._screen.display]

    @property
    def text(self) -> str:
        """The whole screen as it is now."""
        return "\n".join(self.lines)

    @property
    def title(self) -> str:
        """The window's title as it was last set."""
        return str(self._screen.title)

    def colours(self) -> set[int]:
        """The colours that were sent, as numbers of SGR; 38 and 48 stand for those of more than sixteen."""
        codes = re.findall(rb"\x1b\[([\d;]*)m", self.raw)
        numbers = {int(number) for code in codes for number in code.split(b";") if number}
        return {number for number in numbers if 30 <= number <= 49 or 90 <= number <= 107}

    def resize(self, columns: int, rows: int) -> None:
        """The window gets another size."""
        self._screen.resize(rows, columns)
        self.process.setwinsize(rows, columns)

    def press(self, *keys: str) -> None:
        """Press keys by name ("ctrl+s", "down") or, for one character, as itself.

        Each key is sent when the program is quiet after the one before, as a person would wait.
        """
        for key in keys:
            self.process.send(KEYS.get(key, key))
            self.settle(0.06)

    def type(self, text: str) -> None:
        """Type `text` in one go."""
        self.process.send(text)
        self.settle(0.1)

    def settle(self, quiet: float = 0.3, limit: float = 5.0) -> None:
        """Read until the program has been quiet for `quiet` seconds, at most `limit`."""
        end = time.monotonic() + limit
        while self.read(quiet) and time.monotonic() < end:
            pass

    def wait_for(self, wanted: str | Callable[[str], bool], seconds: float = 20.0) -> str:
        """Read until the screen shows `wanted`; the screen's text. AssertionError when it never does."""
        test = wanted if callable(wanted) else (lambda text: wanted in text)
        end = time.monotonic() + seconds
        while True:
            if test(self.text):
                return self.text
            if time.monotonic() > end or not (self.read(0.1) or self.process.isalive()):
                self.read(0.3)
                if test(self.text):
                    return self.text
                raise AssertionError(f"never on the screen: {wanted!r}\n{self.text}")

    def wait_end(self, seconds: float = 15.0) -> int:
        """Read until the program ends; its exit status, or minus the signal that ended it."""
        end = time.monotonic() + seconds
        while self.process.isalive():
            self.read(0.1)
            assert time.monotonic() < end, f"still running:\n{self.text}"
        while self.read(0.05):
            pass
        if self.process.exitstatus is not None:
            return self.process.exitstatus
        return -(self.process.signalstatus or 0)


def _hear_interrupts() -> None:
    """What a terminal starts hears Ctrl-C, also when these tests run in the background of a script."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
