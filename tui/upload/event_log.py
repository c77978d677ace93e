"""The log file: one line an event or request, private and of bounded size."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

_LARGEST = 2_000_000
"""Bytes after which the file becomes `dexup.log.1` and a new one begins."""


class EventLog:
    """Appends lines. A log that cannot be written never stops an upload: `problem` says why it is silent.

    `redact` takes secrets out of every line.
    """

    def __init__(self, path: Path, redact: Callable[[str], str] = str) -> None:
        self._path = path
        self._redact = redact
        self._file: TextIO | None = None
        self.problem = ""

    def write(self, text: str, at: float) -> None:
        """One line with its time (epoch second)."""
        if self.problem:
            return
        stamp = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
        line = self._redact(text).replace("\n", " ").replace("\r", " ")
        try:
            file = self._opened()
            file.write(f"{stamp}Z {line}\n")
            file.flush()
            if file.tell() > _LARGEST:
                self.close()
                self._path.replace(self._path.with_name(self._path.name + ".1"))
        except OSError as error:
            self.problem = self._not_written(error)

    def close(self) -> None:
        """Close the file; the next line opens it again."""
        file, self._file = self._file, None
        if file is not None:
            try:
                file.close()
            except OSError as error:  # a full disk: what could not be written before cannot be now
                self.problem = self.problem or self._not_written(error)

    def _not_written(self, error: OSError) -> str:
        return f"The log {self._path} is not written: {error.strerror or error}"

    def _opened(self) -> TextIO:
        if self._file is None:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            self._file = os.fdopen(descriptor, "a", encoding="utf-8", errors="backslashreplace")
        return self._file
