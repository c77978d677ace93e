"""A crash report of our own: where it happened, never what the variables held."""

from __future__ import annotations

import os
import platform
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from tui import __version__


def write_crash_report(folder: Path, error: BaseException, redact: Callable[[str], str]) -> Path | None:
    """Write the traceback, without locals and with secrets taken out, to a private file in `folder`.

    None when it cannot be written; the crash itself counts more.
    """
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    text = "".join(traceback.format_exception(error))
    head = f"dexup {__version__}, Python {platform.python_version()}, {platform.system()}\n\n"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = folder / f"crash-{stamp}.txt"
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(redact(head + text))
    except OSError:
        return None
    return path
