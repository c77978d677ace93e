"""What a headless command prints: plain lines or one JSON object a line, without secrets."""

from __future__ import annotations

import errno
import json
import sys
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TextIO

from tui.mangadex.errors import MangaDexError, UnsafeAddress
from tui.secret import Redactor
from tui.storage.consent import TERMS
from tui.storage.errors import CredentialsError, StorageError
from tui.text import safe_text
from tui.upload.exit_codes import exit_code_of
from tui.upload.exits import Exit

LINK = "https://mangadex.org/chapter/"


__all__ = ["LINK", "TERMS", "Console", "exit_of"]


class Console:
    """Standard output for results, standard error for what went wrong. Every line passes the redactor."""

    def __init__(self, *, json_lines: bool) -> None:
        self.json_lines = json_lines
        self.redact: Callable[[str], str] = Redactor()
        """Replaced by the services' own as soon as there are services."""
        self._deserted = False
        """Whether the terminal has hung up."""

    @property
    def live(self) -> bool:
        """True when a person watches the lines as they come."""
        return not self.json_lines and sys.stdout.isatty()

    def line(self, text: str) -> None:
        """One line for a person; nothing with --json."""
        if not self.json_lines:
            self._print(safe_text(text))

    def record(self, values: Mapping[str, object]) -> None:
        """One JSON object; nothing without --json."""
        if self.json_lines:
            # ASCII escapes keep names that are not valid Unicode, and control characters, off the terminal.
            self._print(json.dumps(values, default=_plain))

    def warn(self, text: str) -> None:
        """One line on standard error."""
        self._write(self.redact(safe_text(text)), sys.stderr)

    def fail(
        self,
        title: str,
        *,
        detail: str = "",
        remedy: str = "",
        status: int | None = None,
        request_id: str = "",
        exit_code: Exit = Exit.USAGE,
    ) -> Exit:
        """Say that and why the command failed; the exit code is given back."""
        facts = [f"status {status}"] if status else []
        facts += [f"request {request_id}"] if request_id else []
        self.warn(
            f"dexup: {title}"
            + (f": {detail}" if detail else "")
            + (f" ({', '.join(facts)})" if facts else "")
        )
        if remedy:
            self.warn(f"       {remedy}")
        self.record(
            {
                "event": "error",
                "title": title,
                "detail": detail,
                "remedy": remedy,
                "status": status,
                "request_id": request_id,
                "exit": int(exit_code),
            }
        )
        return exit_code

    def fail_with(self, error: MangaDexError | StorageError) -> Exit:
        """The same for an error of the service or of a file of ours."""
        if isinstance(error, StorageError):
            code = Exit.LOGIN if isinstance(error, CredentialsError) else Exit.USAGE
            return self.fail(error.title, remedy=error.remedy, exit_code=code)
        details = [str(entry) for entry in error.errors]
        return self.fail(
            error.title,
            detail=error.detail or "; ".join(details),
            remedy=error.remedy,
            status=error.status,
            request_id=error.request_id,
            exit_code=exit_of(error),
        )

    def _print(self, text: str) -> None:
        self._write(self.redact(text), sys.stdout)

    def _write(self, text: str, stream: TextIO) -> None:
        if self._deserted:
            return
        try:
            print(text, file=stream, flush=True)
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            # The terminal is gone, and with it whoever read this: the log has it all, and the command must end
            # in its own order.
            self._deserted = True


def exit_of(error: MangaDexError) -> Exit:
    """The exit code that tells a script what kind of failure it was."""
    return Exit.USAGE if isinstance(error, UnsafeAddress) else exit_code_of(error)


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
