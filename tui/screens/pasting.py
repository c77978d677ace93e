"""A path that was pasted, or dropped on the terminal with the mouse, which pastes it too."""

from __future__ import annotations

import shlex
from pathlib import Path
from urllib.parse import unquote, urlsplit

_LONGEST = 4096
"""Characters; no path is longer."""


def pasted_path(text: str) -> Path | None:
    """The path in the first line of `text`: plain, quoted, with escaped blanks, or as a file:// address.

    None when it is none. It need not exist.
    """
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    if not line or len(line) > _LONGEST or "\0" in line:
        return None
    if line.startswith("file://"):
        parts = urlsplit(line)
        return Path(unquote(parts.path)) if parts.path else None
    plain = Path(line).expanduser()
    if plain.exists():
        return plain
    try:
        words = shlex.split(line)
    except ValueError:
        words = []
    word = words[0] if len(words) == 1 else line
    return Path(word).expanduser() if word.startswith(("/", "~", "./", "../")) else None
